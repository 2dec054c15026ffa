"""A real ``gateway serve`` on the database of the test run, and what it wrote to stderr."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

READY_SECONDS = 60.0
ENCRYPTION_KEY = "c2VjcmV0LW9mLXRoaXJ0eS10d28tYnl0ZXMtZXhhY3Q="


@dataclass(slots=True)
class Server:
    """The process and where it listens."""

    process: subprocess.Popen[bytes]
    port: int
    errors: Path

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def written(self) -> str:
        return self.errors.read_text()

    def lines(self, **having: Any) -> list[dict[str, Any]]:
        """The JSON lines that have these members."""
        every = [json.loads(line) for line in self.written.splitlines() if line.startswith("{")]
        return [line for line in every if all(line.get(name) == value for name, value in having.items())]

    def client(self, key: str) -> httpx.AsyncClient:
        """A client of it that sends one API key."""
        return httpx.AsyncClient(base_url=self.base, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    async def stop(self) -> int:
        self.process.terminate()
        return await asyncio.to_thread(self.process.wait, 60)

    async def kill(self) -> None:
        """End it with -9: nothing of it is drained, rolled back or said."""
        self.process.kill()
        await asyncio.to_thread(self.process.wait, 60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def serving(
    database_url: str | None,
    *arguments: str,
    port: int | None = None,
    secured_by: ssl.SSLContext | None = None,
    **settings: str,
) -> AsyncGenerator[Server]:
    """``secured_by``: what a client needs where it serves by TLS.

    ``settings`` are variables of its environment; it drains without delay unless one says otherwise."""
    port = port or free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GATEWAY_", "OTEL_"))}
    given = {"GATEWAY_ENCRYPTION_KEYS": f"k1:{ENCRYPTION_KEY}"}
    given["GATEWAY_REQUEST_WAIT"] = "30"  # a busy machine refuses nothing
    given |= {} if database_url is None else {"GATEWAY_DATABASE_URL": database_url}  # else its own, in its data_dir
    command = [sys.executable, "-m", "gateway", "serve", "--port", str(port), *arguments]
    with tempfile.TemporaryDirectory() as directory:
        errors = Path(directory) / "stderr"
        with errors.open("wb") as sink:
            quiet = {"GATEWAY_DRAIN_DELAY": "0", "GATEWAY_DATABASE_CONNECTIONS": "6"}  # see shared_pools.py
            environment = {**kept, **given, **quiet, **settings}
            process = subprocess.Popen(command, env=environment, stdout=sink, stderr=sink)  # noqa: ASYNC220 - at once
        server = Server(process, port, errors)
        try:
            await _until_ready(server, secured_by)
            yield server
        finally:
            if process.poll() is None:
                process.terminate()
            await asyncio.to_thread(process.wait, 60)


async def _until_ready(server: Server, secured_by: ssl.SSLContext | None) -> None:
    base = server.base if secured_by is None else server.base.replace("http", "https", 1)
    async with httpx.AsyncClient(verify=secured_by or False) as client, asyncio.timeout(READY_SECONDS):
        while server.process.poll() is None:
            try:
                if (await client.get(f"{base}/readyz")).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
    raise AssertionError(server.written)
