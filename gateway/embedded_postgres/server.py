"""Who may use the embedded server, and who stops it."""

import contextlib
import os
import subprocess
from pathlib import Path
from urllib.parse import quote

from gateway.embedded_postgres import cluster, postmaster
from gateway.embedded_postgres.binaries import PostgresBinaries, choose_binaries, copy_binaries
from gateway.embedded_postgres.file_lock import FileLock
from gateway.embedded_postgres.os_user import OsUser, account_for
from gateway.embedded_postgres.paths import PORT, ROOT_HOME, EmbeddedPostgresError, ServerPaths

# Longer than the slowest start: creating files, then a server that needs its two minutes.
_TURN_SECONDS = 330.0


class EmbeddedPostgres:
    """A PostgreSQL of the gateway, shared by every process with the same data directory.

    The first user starts the server, others attach to it, the last stops it. A user is a process with a shared lock,
    which the kernel releases when the process dies: after `kill -9` the server stays, and its next user stops it when
    leaving. The `gateway` parent uses it for as long as it runs; workers and the CLI attach.

    No TCP port is opened. The login is the role `gateway`: not a superuser, but it creates roles and databases, and
    owns the database `gateway`. Not for use by several threads at once; a process forked from a user is one, too, until
    it ends, but stops nothing.
    """

    def __init__(self, data_dir: Path) -> None:
        # Resolved, so that two names of one directory mean the same socket.
        self._place = ServerPaths(data_dir.resolve())
        self._use: FileLock | None = None
        self._process = 0

    def acquire(self) -> str:
        """Start the server or attach to it; returns its URL, for asyncpg and for SQLAlchemy's `make_url`.

        Blocks: some milliseconds to attach, about a second to start, minutes after a crash at worst or while another
        process starts. Called again, it checks that the server still runs. Raises EmbeddedPostgresError; no lock is
        then held.
        """
        try:
            return self._acquire()
        except BaseException as error:
            # Also after Ctrl-C: otherwise an unused server would stay.
            self._give_up()
            if isinstance(error, OSError | subprocess.SubprocessError):
                raise EmbeddedPostgresError(f"The embedded PostgreSQL cannot be used: {error}") from error
            raise

    def is_running(self) -> bool:
        """Whether the main process of the server exists; it may be starting or stopping. Takes no lock."""
        return postmaster.is_there(self._place)

    def release(self) -> None:
        """Release the server; the last user stops it and waits for its end. Does nothing if no lock is held.

        Blocks: about 0.1 seconds to stop, at most 75 and, while another process starts or stops it, five minutes.
        Raises EmbeddedPostgresError if the server does not stop.
        """
        use, self._use = self._use, None
        if use is None:
            return
        with use:
            if self._process != os.getpid():
                return  # forked: the lock is still our parent's, and so is the server
            try:
                with FileLock(self._place.start_lock) as turn:
                    turn.wait_exclusive(_TURN_SECONDS)
                    if use.try_exclusive():
                        postmaster.stop(self._place)
            except OSError as error:
                raise EmbeddedPostgresError(f"The embedded PostgreSQL was not stopped: {error}") from error

    def __enter__(self) -> str:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _acquire(self) -> str:
        account = account_for(self._place.files)
        _make_data_dir(self._place.data_dir, account)
        with FileLock(self._place.start_lock) as turn:
            turn.wait_exclusive(_TURN_SECONDS)
            self._hold()
            # A server that is starting, stopping, or dying of a kill is waited for; it may end instead.
            if not postmaster.wait_until_it_answers(self._place):
                self._start(account)
        password = cluster.password_of(self._place, cluster.LOGIN)
        where = f"host={quote(str(self._place.socket_dir))}&port={PORT}"  # the port, or PGPORT would be believed
        return f"postgresql://{cluster.LOGIN}:{quote(password)}@/{cluster.LOGIN}?{where}"

    def _hold(self) -> None:
        if self._use is None:
            self._use, self._process = FileLock(self._place.users_lock), os.getpid()
        # Never refused: only a holder of the start lock, as this process is, holds it exclusively.
        self._use.try_shared()

    def _start(self, account: OsUser) -> None:
        with FileLock(self._place.server_lock) as lock:
            lock.try_exclusive()
            programs = _programs_for(self._place, account)
            cluster.prepare(self._place, programs, account, lock.fd)
            postmaster.launch(self._place, programs, account, lock.fd)
        if not postmaster.wait_until_it_answers(self._place):
            log_tail = postmaster.log_end(self._place)
            raise EmbeddedPostgresError(
                f"The embedded PostgreSQL did not start. The end of {self._place.log}:\n{log_tail}"
            )

    def _give_up(self) -> None:
        with contextlib.suppress(EmbeddedPostgresError):
            self.release()


def _programs_for(place: ServerPaths, account: OsUser) -> PostgresBinaries:
    programs = choose_binaries(cluster.existing_major(place))
    return copy_binaries(ROOT_HOME, programs) if account.switched else programs


def _make_data_dir(data_dir: Path, account: OsUser) -> None:
    """Create the directory and its missing parents; existing ones keep their modes.

    For root it contains files of root, which another owner of the directory could replace; and PostgreSQL's user must
    be able to enter it, but need not list it.
    """
    chain = [data_dir, *data_dir.parents]
    existing = next(each for each in chain if each.exists())
    account.must_reach(existing)
    for missing in reversed(chain[: chain.index(existing)]):
        missing.mkdir(exist_ok=True)
        missing.chmod(0o711 if account.switched else 0o700)
    if account.switched and data_dir.stat().st_uid:
        raise EmbeddedPostgresError(
            f"{data_dir} belongs to another user. If started as root, the gateway needs a data directory of root. "
            f"Choose another directory, or start the gateway as that user."
        )
