"""Which file of the embedded server is where."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path


class EmbeddedPostgresError(Exception):
    """The embedded server can't be used; the message is written for the person at the terminal."""


# Root's part of the file system: the programs for an unprivileged user, and by default the data.
ROOT_HOME = Path("/var/lib/commerce-gateway")

PORT = 5432  # only a part of the socket's file name: no TCP port is opened

# sun_path has 104 bytes on macOS and 108 on Linux, including the closing zero; "/.s.PGSQL.5432" needs 14.
_LONGEST_SOCKET_DIR = 103 - len(f"/.s.PGSQL.{PORT}")

# Commas and colons separate hosts in a database URL and directories in PostgreSQL's own setting; spaces and percent
# signs are escaped differently by different clients. Such a path is replaced by a short plain one.
_PLAIN = re.compile(rb"[A-Za-z0-9/._-]+")


def default_data_dir(as_root: bool) -> Path:
    """`.data` below the working directory; for root a directory that an unprivileged user can reach."""
    return ROOT_HOME / "data" if as_root else Path(".data")


@dataclass(frozen=True)
class ServerPaths:
    """The files of one embedded server. `data_dir` is absolute, without symbolic links."""

    data_dir: Path

    @property
    def files(self) -> Path:
        """PostgreSQL's own directory; it exists only when complete."""
        return self.data_dir / "postgres"

    @property
    def unfinished(self) -> Path:
        """The directory where `files` are created before it is renamed; if it exists, a creation was interrupted."""
        return self.data_dir / "postgres.unfinished"

    @property
    def passwords(self) -> Path:
        return self.data_dir / "postgres.passwords"

    @property
    def log(self) -> Path:
        return self.data_dir / "postgres.log"

    @property
    def start_lock(self) -> Path:
        """Held alone while starting or stopping."""
        return self.data_dir / "postgres.start.lock"

    @property
    def users_lock(self) -> Path:
        """Shared by everyone who uses the server."""
        return self.data_dir / "postgres.users.lock"

    @property
    def server_lock(self) -> Path:
        """Held by the server's processes themselves: it is free when not one of them lives."""
        return self.data_dir / "postgres.server.lock"

    @property
    def pid_file(self) -> Path:
        return self.files / "postmaster.pid"

    @property
    def socket_dir(self) -> Path:
        """Below the data directory, or below /tmp if that path is too long or not plain.

        Not below XDG_RUNTIME_DIR or TMPDIR: every process must find the same path, whatever its session.
        """
        inside = self.data_dir / "socket"
        encoded = os.fsencode(inside)
        if len(encoded) <= _LONGEST_SOCKET_DIR and _PLAIN.fullmatch(encoded):
            return inside
        return Path("/tmp") / f"commerce-gateway-{hashlib.sha256(encoded).hexdigest()[:20]}"  # noqa: S108 - see private_dir

    @property
    def socket(self) -> Path:
        return self.socket_dir / f".s.PGSQL.{PORT}"
