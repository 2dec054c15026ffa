"""The operating system's user that PostgreSQL runs as: oneself, or an unprivileged one when oneself is root."""

import os
import pwd
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from gateway.embedded_postgres.paths import EmbeddedPostgresError

# Users for root, in this order: one created for the gateway, PostgreSQL's own, and one that every system has.
_UNPRIVILEGED = ("commerce-gateway", "postgres", "nobody")

_PROBE_SECONDS = 10.0


@dataclass(frozen=True)
class OsUser:
    """A user that runs the PostgreSQL binaries. `switched`: the gateway is root, and this is another user."""

    uid: int
    gid: int
    name: str
    switched: bool

    def run(
        self, command: Sequence[str | Path], *, seconds: float, given: str = "", keeps: int | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end, with `given` as its input, and return its output.

        `keeps` is a file descriptor that the program inherits. Raises TimeoutExpired after `seconds`; the program is
        then killed.
        """
        options = self._options(keeps)
        return subprocess.run(  # noqa: S603 - our own commands, no shell
            command, input=given, capture_output=True, text=True, timeout=seconds, check=False, **options
        )

    def launch(self, command: Sequence[str | Path], *, seconds: float, log: IO[bytes], keeps: int) -> None:
        """Start a program that outlives the gateway, with its output in `log`; returns at once.

        A shell starts it in the background and ends, so it has no parent in the gateway, and leaves no zombie in a
        gateway that outlives it. It has its own session: Ctrl-C in the terminal of the gateway does not reach it.
        """
        shell = ["/bin/sh", "-c", '"$@" &', "sh", *command]
        options = self._options(keeps)
        subprocess.run(  # noqa: S603 - our own command, given as arguments and not as shell text
            shell, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=seconds, check=True, **options
        )

    def must_reach(self, directory: Path) -> None:
        """Raises EmbeddedPostgresError, naming the first closed directory, when the account can't get there."""
        if not self.switched:
            return
        parents = [str(each) for each in reversed([directory, *directory.parents])]
        script = 'for each do test -x "$each" || { printf %s "$each"; exit 1; }; done'
        answer = self.run(["/bin/sh", "-c", script, "sh", *parents], seconds=_PROBE_SECONDS)
        if answer.returncode:
            raise EmbeddedPostgresError(
                f"PostgreSQL refuses to run as root, so it runs as the user {self.name}, who cannot enter "
                f"{answer.stdout or directory}. Choose a data directory that this user can reach, such as one below "
                f"/var/lib, or start the gateway as an ordinary user."
            )

    def private_dir(self, path: Path) -> None:
        """Create `path` as a directory that only the user can access, or check that it is one.

        The path may be in /tmp, where another user could have created it first: then it is refused.
        """
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            self._must_be_private(path)
        else:
            self.give(path)

    def give(self, path: Path) -> None:
        """Change the owner of a file or directory that was just created to the user."""
        if self.switched:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def _must_be_private(self, path: Path) -> None:
        found = path.lstat()
        private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        # Root may have been stopped between creating the directory and changing its owner.
        if private and self.switched and found.st_uid == 0:
            self.give(path)
        elif not private or found.st_uid != self.uid:
            raise EmbeddedPostgresError(
                f"{path} must be a directory of the user {self.name} with mode 0700, but is not. "
                f"Remove it, or choose another data directory."
            )

    def _options(self, keeps: int | None) -> dict[str, Any]:
        switch = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switched else {}
        return {
            # Nothing of ours: PG* variables would steer it, and secrets would be readable in /proc for its user.
            "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            "cwd": "/",
            "umask": 0o077,
            "start_new_session": True,
            "pass_fds": () if keeps is None else (keeps,),
            **switch,
        }


def account_for(files: Path) -> OsUser:
    """Who runs PostgreSQL on `files`, which need not exist yet. Raises when they are another user's."""
    owner = files.lstat().st_uid if files.exists() else None
    if os.geteuid():
        mine = OsUser(os.geteuid(), os.getegid(), _name(os.geteuid()), switched=False)
        if owner not in (None, mine.uid):
            raise EmbeddedPostgresError(f"{files} belongs to the user {_name(owner or 0)}, not to {mine.name}.")
        return mine
    # Files keep their user, even if a preferred one exists by now.
    record = _record(owner) if owner else _first_unprivileged()
    return OsUser(record.pw_uid, record.pw_gid, record.pw_name, switched=True)


def _first_unprivileged() -> pwd.struct_passwd:
    for name in _UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EmbeddedPostgresError(
        f"PostgreSQL refuses to run as root, and none of the users {', '.join(_UNPRIVILEGED)} exists to run it as."
    )


def _record(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedPostgresError(
            f"PostgreSQL needs a user with a name, but user {uid} has none in /etc/passwd."
        ) from None


def _name(uid: int) -> str:
    return _record(uid).pw_name
