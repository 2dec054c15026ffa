"""The processes that are measured, each with a port of its own."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.environment import BenchEnvironment

READY_SECONDS = 60.0
NOT_PASSED_ON = ("GATEWAY_", "OTEL_", "PYTHONDONTWRITEBYTECODE")
"""What the environment of the benchmark says to servers. As where they are used, the compiled sources are kept: each
start would compile 900 modules otherwise, half a second."""
LAST_WORDS = 2_000
"""Bytes of what a server wrote that go with a failure."""


@dataclass(frozen=True, slots=True)
class Server:
    """A process that answers HTTP."""

    name: str
    pid: int
    port: int


class NotServingError(Exception):
    """A server ended, or did not listen in time; what it wrote is a note on it."""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def serving(
    name: str, command: Sequence[str], environment: Mapping[str, str], port: int | None = None
) -> AsyncGenerator[Server]:
    """``command`` with the port in place of ``{port}``, until the end. Raises NotServingError."""
    port = port or _free_port()
    kept = {key: value for key, value in os.environ.items() if not key.startswith(NOT_PASSED_ON)}
    with tempfile.TemporaryFile() as written:
        process = await asyncio.create_subprocess_exec(
            *(part.format(port=port) for part in command), env={**kept, **environment}, stdout=written, stderr=written
        )
        try:
            if not await _listens(process, port):
                raise NotServingError(name)
            yield Server(name, process.pid, port)
        except Exception as error:
            written.seek(0)
            error.add_note(f"{name} wrote: {written.read()[-LAST_WORDS:].decode(errors='replace')}")
            raise
        finally:
            if process.returncode is None:
                process.terminate()
            await asyncio.wait_for(process.wait(), 60)


async def _listens(process: asyncio.subprocess.Process, port: int) -> bool:
    loop = asyncio.get_running_loop()
    until = loop.time() + READY_SECONDS
    while process.returncode is None and loop.time() < until:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return True
    return False


def shop_environment(stand: BenchEnvironment) -> dict[str, str]:
    """What the contestants that are not the gateway read."""
    return {"BENCH_DATABASE_URL": stand.database_url, "BENCH_STORE": str(stand.store.number)}


def gateway_environment(stand: BenchEnvironment) -> dict[str, str]:
    """What the gateway reads; it drains without delay."""
    key = base64.b64encode(b"thirty-two bytes of no secret...").decode()
    return {
        "GATEWAY_DATABASE_URL": stand.database_url,
        "GATEWAY_ENCRYPTION_KEYS": f"k1:{key}",
        "GATEWAY_DRAIN_DELAY": "0",
        "GATEWAY_CONNECTIONS": "50000",  # every client is on this machine
        "GATEWAY_CONNECTIONS_PER_ADDRESS": "50000",
    }


GATEWAY = (sys.executable, "-m", "gateway", "serve", "--port", "{port}")
