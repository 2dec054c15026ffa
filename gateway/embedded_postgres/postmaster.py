"""The running server: start it, check whether it responds, stop it.

Every function here except `is_there` is called by the one process that holds the start lock.
"""

import contextlib
import os
import signal
import socket
import struct
import time
from pathlib import Path

from gateway.embedded_postgres.binaries import PostgresBinaries
from gateway.embedded_postgres.file_lock import POLL_SECONDS, FileLock
from gateway.embedded_postgres.os_user import OsUser
from gateway.embedded_postgres.paths import PORT, EmbeddedPostgresError, ServerPaths

_LAUNCH_SECONDS = 10.0
_READY_SECONDS = 120.0  # long enough to recover from a crash: at most max_wal_size, 1 GB, is read again
_FAST_SECONDS = 60.0
_IMMEDIATE_SECONDS = 15.0
_REPLY_SECONDS = 5.0
_TLS_REQUEST = struct.pack("!ii", 8, 80877103)  # length and code, from PostgreSQL's protocol
_LOG_BYTES = 10_000_000
_LOG_LINES_SHOWN = 12

_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "fsync": "on",
    "password_encryption": "scram-sha-256",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "cluster_name": "commerce-gateway",
}


def is_alive(place: ServerPaths) -> bool:
    """Whether any process of the server, or of the programs that create its files, is left.

    They hold the server lock themselves. A process id in a file could by now belong to another process, or to a zombie.
    """
    with FileLock(place.server_lock) as lock:
        return not lock.try_exclusive()


def is_there(place: ServerPaths) -> bool:
    """Whether the process that the files name works in them: a cheap look, without a lock."""
    pid = _pid(place)
    return pid is not None and _runs_in(place.files, pid)


def accepts_connections(place: ServerPaths) -> bool:
    """Whether the server accepts connections."""
    return _said(place)[-1:] == ["ready"] and _replies(place.socket)


def launch(place: ServerPaths, programs: PostgresBinaries, account: OsUser, server_lock: int) -> None:
    """Start the server, which inherits `server_lock`, and return without waiting for it."""
    account.private_dir(place.socket_dir)
    _clear_remains(place)
    settings = _SETTINGS | {"unix_socket_directories": str(place.socket_dir)}
    arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    if place.log.exists() and place.log.stat().st_size > _LOG_BYTES:
        place.log.replace(place.log.with_suffix(".log.1"))
    opened = os.open(place.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with open(opened, "ab") as log:
        command: list[str | Path] = [programs.postgres, "-D", place.files, *arguments]
        account.launch(command, seconds=_LAUNCH_SECONDS, log=log, keeps=server_lock)


def wait_until_it_answers(place: ServerPaths) -> bool:
    """True if the server accepts connections, False if it ended instead. Raises after two minutes of neither."""
    deadline = time.monotonic() + _READY_SECONDS
    while not accepts_connections(place):
        if not is_alive(place):
            return False
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"The embedded PostgreSQL did not become ready within {_READY_SECONDS:.0f} seconds. "
                f"The end of {place.log}:\n{log_end(place)}"
            )
        time.sleep(POLL_SECONDS)
    return True


def stop(place: ServerPaths) -> None:
    """Stop the server and wait for its end: open transactions are rolled back, a checkpoint is written.

    After a minute it is stopped without the checkpoint. Raises if it does not end even then (75 seconds in all).
    """
    if not is_alive(place):
        return
    if _end_by(place, signal.SIGINT, _FAST_SECONDS) or _end_by(place, signal.SIGQUIT, _IMMEDIATE_SECONDS):
        with contextlib.suppress(OSError):
            place.socket_dir.rmdir()
        return
    raise EmbeddedPostgresError(f"The embedded PostgreSQL (process {_pid(place)}) does not stop. See {place.log}.")


def log_end(place: ServerPaths) -> str:
    """The last lines of the server's log."""
    try:
        lines = place.log.read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return "(empty)"
    return "\n".join(lines[-_LOG_LINES_SHOWN:])


def _end_by(place: ServerPaths, order: signal.Signals, seconds: float) -> bool:
    """Give the server the order, and whether it ended within `seconds`."""
    deadline = time.monotonic() + seconds
    signalled = False
    while is_alive(place):
        # One that is just starting has not written its number yet. One that was killed is not there to be told (its
        # number may be a stranger's), and what it left behind ends by itself.
        pid = _pid(place)
        if pid and not signalled and _runs_in(place.files, pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, order)
            signalled = True
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _clear_remains(place: ServerPaths) -> None:
    """Remove the pid file and the socket's files of a killed server. Only called when no server of ours lives.

    PostgreSQL itself would refuse to start when the number in them is a zombie's, or has become some other process of
    the same user, as it does in containers. Somebody's own `postgres` on these files must be left alone, though.
    """
    pid = _pid(place)
    if pid and _runs_in(place.files, pid):
        raise EmbeddedPostgresError(
            f"Process {pid} seems to be a PostgreSQL on {place.files} that was not started by the gateway. Stop it "
            f"first. If it is another program, remove {place.pid_file}."
        )
    for left in (place.pid_file, place.socket, place.socket.with_name(place.socket.name + ".lock")):
        left.unlink(missing_ok=True)


def _runs_in(files: Path, pid: int) -> bool:
    """Whether the process works in `files`, as a postmaster does; if that is unknown, whether it exists."""
    if Path("/proc/self/cwd").exists():
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == files
        except OSError:  # gone, a zombie, or another user's: that user can't have opened the files
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return False
    return True


def _said(place: ServerPaths) -> list[str]:
    """The lines of `postmaster.pid`: first the process id, last the state."""
    try:
        return [line.strip() for line in place.pid_file.read_text(errors="replace").splitlines()]
    except FileNotFoundError:
        return []


def _pid(place: ServerPaths) -> int | None:
    first = _said(place)[:1]
    # Negative in the files of a single-user run.
    return int(first[0]) if first and first[0].isdigit() else None


def _replies(path: Path) -> bool:
    """Ask on the socket whether TLS is supported, to see whether there is any response.

    Connecting alone proves nothing: the kernel still accepts for a server that was just killed.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_REPLY_SECONDS)
        try:
            probe.connect(os.fsencode(path))
            probe.sendall(_TLS_REQUEST)
            return probe.recv(1) in (b"S", b"N")
        except OSError:
            return False
