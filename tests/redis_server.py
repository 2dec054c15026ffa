"""A Redis server of a test's own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager

import pytest


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_redis(port: int) -> Generator[str]:
    """The URL of a server that keeps nothing on disk and ends with the context. Skips, and says so, without one."""
    program = shutil.which("redis-server")
    if program is None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("REDIS TESTS SKIPPED: the program redis-server is not installed", stacklevel=2)
        pytest.skip("redis-server is not installed")
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(10)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"no Redis on port {port}")
