"""What a test can see of a server, and of the processes that use it."""

import asyncio
import contextlib
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

ROOT = Path(__file__).parents[3]
AS_ROOT = os.geteuid() == 0
WAIT_SECONDS = 20.0

# What a second process does: use the server, say so, and stay until its input ends.
_HOLD = """
import sys
from pathlib import Path
from gateway.embedded_postgres import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1])) as url:
    print(url, flush=True)
    sys.stdin.read()
"""


class Holder:
    """Another process that uses the server, in a process group of its own, as a terminal would have it."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", _HOLD, data_dir],
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path[1:]])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def url(self) -> str:
        """The URL it got; waits until it uses the server."""
        assert self.process.stdout is not None
        url = self.process.stdout.readline().strip()
        assert url, self.process.communicate(timeout=WAIT_SECONDS)
        return url

    def leave(self) -> None:
        """Let it release the server, and wait for its end."""
        _, said = self.process.communicate(timeout=WAIT_SECONDS)
        assert self.process.returncode == 0, said

    def end_by(self, signal: int) -> None:
        """Send a signal to it and all it started that shares its terminal, and wait for its end."""
        os.killpg(self.process.pid, signal)
        self.process.communicate(timeout=WAIT_SECONDS)


def server_pids(data_dir: Path) -> list[int]:
    """Every living process that works in the database's directory: the server and its children."""
    found = []
    for each in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if each.name.isdigit() and (each / "cwd").readlink() == data_dir / "postgres":
                found.append(int(each.name))
    return found


def postmaster_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def opened_by(pid: int) -> list[str]:
    """What the process's file descriptors point to."""
    with contextlib.suppress(OSError):
        return [os.readlink(each) for each in Path(f"/proc/{pid}/fd").iterdir()]
    return []


def identity(pid: int) -> dict[str, str]:
    """The user, the groups and so on of a process, by the kernel's names; empty when it has ended."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return {name: " ".join(value.split()) for name, _, value in (line.partition(":") for line in lines)}
    return {}


def socket_dir(url: str) -> Path:
    return Path(parse_qs(urlsplit(url).query)["host"][0])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.001)


def ask(url: str, query: str, **options: Any) -> Any:
    """One value, on a connection of its own."""

    async def fetch() -> Any:
        connection = await asyncpg.connect(url, timeout=WAIT_SECONDS, **options)
        try:
            return await connection.fetchval(query, timeout=WAIT_SECONDS)
        finally:
            await connection.close()

    return _run(fetch())


def ask_sqlalchemy(url: str, query: str) -> Any:
    """One value, by way of SQLAlchemy's engine."""

    async def fetch() -> Any:
        engine = create_async_engine(make_url(url).set(drivername="postgresql+asyncpg"))
        try:
            async with engine.connect() as connection:
                return (await connection.execute(text(query))).scalar_one()
        finally:
            await engine.dispose()

    return _run(fetch())


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    # A loop factory, or the loop that other tests share would no longer be the current one.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(work)
