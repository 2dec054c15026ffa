"""What the kernel knows of a server's processes."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from tests.gateway.server_process import Server

LISTENING, ESTABLISHED = "0A", "01"
"""States in ``/proc/net/tcp``."""


def every_worker_serves(server: Server) -> bool:
    """Whether each worker of the server holds a connection of some client."""
    listening, taken = (_sockets(server.port, state) for state in (LISTENING, ESTABLISHED))
    workers = [opened for opened in map(_opened, _children(server.process.pid)) if opened & listening]
    return bool(workers) and all(opened & taken for opened in workers)


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _sockets(port: int, state: str) -> set[str]:
    """The sockets at the server's side of its port, by inode."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {line[9] for line in lines if line[1].endswith(f":{port:04X}") and line[3] == state}


def _opened(pid: int) -> set[str]:
    """The sockets that a process has, by inode."""
    found = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            found.add(os.readlink(each).removeprefix("socket:[").removesuffix("]"))
    return found
