"""Servers of a test's own that can be killed with -9 and started again where they were."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path

from redis.asyncio import Redis

from gateway.embedded_postgres import EmbeddedPostgres
from tests.gateway.embedded_postgres.processes import server_pids
from tests.gateway.server_process import Server, serving
from tests.redis_server import free_port, running_redis


class OwnPostgres:
    """A PostgreSQL in a directory of its own; it writes to disk as in earnest (``fsync`` is on)."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._server = EmbeddedPostgres(data_dir)
        self.url = ""

    async def start(self) -> None:
        """Start it, after a kill too: it reads its log again, and has what was committed."""
        self.url = await asyncio.to_thread(self._server.acquire)

    async def kill(self) -> None:
        """End every process of it at once, as a power cut would."""
        for pid in server_pids(self._data_dir):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def stop(self) -> None:
        """For good."""
        await asyncio.to_thread(self._server.release)


class OwnRedis:
    """A Redis that forgets everything when it dies."""

    def __init__(self) -> None:
        self._port = free_port()
        self._pid = 0
        self._held = ExitStack()
        self.url = f"redis://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Returns when it takes connections. Skips the test where the program is missing."""
        await asyncio.to_thread(self._held.enter_context, running_redis(self._port))

    async def kill(self) -> None:
        """End it with -9."""
        await asyncio.to_thread(self._held.close)

    async def freeze(self) -> None:
        """Let it stay silent: connections stay open, and nothing is answered."""
        async with Redis.from_url(self.url) as redis:
            self._pid = int((await redis.info("server"))["process_id"])
        os.kill(self._pid, signal.SIGSTOP)

    async def thaw(self) -> None:
        """Let it go on."""
        os.kill(self._pid, signal.SIGCONT)


class OwnGateway:
    """A ``gateway serve`` with one address for all its lives."""

    def __init__(self, database_url: str, *arguments: str, **settings: str) -> None:
        self._database_url = database_url
        self._arguments = arguments
        self._settings = settings
        self._port = free_port()
        self._held = AsyncExitStack()
        self.written: list[str] = []
        """What each ended life of it wrote to stderr."""
        self.server: Server

    @property
    def base(self) -> str:
        """Its address, whether anybody listens there or not."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Returns when it is ready."""
        life = serving(self._database_url, *self._arguments, port=self._port, **self._settings)
        self.server = await self._held.enter_async_context(life)

    async def kill(self) -> None:
        """End it with -9."""
        await self.server.kill()
        await self.stop()

    async def stop(self) -> None:
        """End it in good order, where it still runs."""
        if self.server.process.poll() is None:
            await self.server.stop()
        self.written.append(self.server.written)
        await self._held.aclose()


@asynccontextmanager
async def running(*gateways: OwnGateway) -> AsyncGenerator[None]:
    """They run inside; those that still do at the end are stopped in good order."""
    await asyncio.gather(*(each.start() for each in gateways))
    try:
        yield
    finally:
        await asyncio.gather(*(each.stop() for each in gateways))
