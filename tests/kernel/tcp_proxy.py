"""A cable to the database server that a test can cut, or hold so that nothing passes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import URL, make_url

PIECE = 65_536


class Cable:
    """Listens on a local port and passes everything on, unless it is cut (refuses) or held (stays silent)."""

    def __init__(self, url: str) -> None:
        self._server = make_url(url)
        self._listener: asyncio.Server | None = None
        self._port = 0
        self._open = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self._fuse: int | None = None

    @property
    def url(self) -> str:
        """The database's URL through this cable."""
        query = {name: value for name, value in self._server.query.items() if name not in {"host", "port"}}
        through: URL = self._server.set(host="127.0.0.1", port=self._port, query=query)
        return through.render_as_string(hide_password=False)

    async def join(self) -> None:
        """Let everything through, old connections and new ones."""
        self._open.set()
        if self._listener is None:
            self._listener = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
            self._port = self._listener.sockets[0].getsockname()[1]

    def hold(self) -> None:
        """Say nothing more, and break nothing off either."""
        self._open.clear()

    async def cut(self) -> None:
        """Break off every connection and refuse new ones."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    def burn(self, pieces: int) -> None:
        """Pass on so many pieces of what clients say, and be cut at the next."""
        self._fuse = pieces

    @property
    def burnt(self) -> bool:
        """Whether it was cut since ``burn``."""
        return self._fuse is not None and self._fuse < 0

    async def interject(self, words: bytes) -> None:
        """Say something to every client as if the server had said it."""
        for writer in self._clients:
            writer.write(words)
        await asyncio.sleep(0.05)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host = self._server.host or str(self._server.query.get("host", "127.0.0.1"))
        port = self._server.port or int(str(self._server.query.get("port", 5432)))
        if host.startswith("/"):
            far_reader, far_writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        else:
            far_reader, far_writer = await asyncio.open_connection(host, port)
        self._clients.add(writer)
        try:
            await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer))
        finally:
            self._clients.discard(writer)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            with suppress(ConnectionError):
                while piece := await reader.read(PIECE):
                    await self._open.wait()
                    if self._fuse is not None and writer not in self._clients:
                        self._fuse -= 1
                        if self._fuse < 0:
                            await self.cut()
                            return
                    writer.write(piece)
                    await writer.drain()
        finally:
            self._writers.discard(writer)
            writer.close()


@asynccontextmanager
async def cable_to(url: str) -> AsyncGenerator[Cable]:
    """A cable that works, and is gone afterwards."""
    cable = Cable(url)
    await cable.join()
    try:
        yield cable
    finally:
        cable._open.set()
        await cable.cut()
