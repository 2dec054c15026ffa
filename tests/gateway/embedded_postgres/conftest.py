"""Directories for servers, and processes that use them."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
from tests.gateway.embedded_postgres.processes import Holder, server_pids


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A directory that every user can reach; pytest's own is closed to the user that root runs PostgreSQL as."""
    path = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def data_dir(open_dir: Path) -> Iterator[Path]:
    """A data directory that does not exist yet. A server left running in it is stopped; a failed test may leave one."""
    path = open_dir / "data"
    yield path
    if server_pids(path):
        with contextlib.suppress(EmbeddedPostgresError), EmbeddedPostgres(path):
            pass
    for pid in server_pids(path):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def hold(data_dir: Path) -> Iterator[Callable[[], Holder]]:
    """Starts processes that use the server; those still there at the end are killed."""
    started: list[Holder] = []

    def start() -> Holder:
        started.append(Holder(data_dir))
        return started[-1]

    yield start
    for holder in started:
        with holder.process:
            holder.process.kill()
