"""A server whose application writes down what it saw, and raw connections to it whose packets end where a test says."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Receive, Scope, Send

from tests.gateway.conftest import Serving, serving
from transport.protocols import HttpProtocol

SECONDS = 10.0
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as the application saw it."""

    method: str
    target: str
    body: bytes | None
    """None when the client was gone before the end of it."""
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(slots=True)
class Recorder:
    """An application that reads every request to its end and answers 200."""

    seen: list[Seen] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the lifespan."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] == "websocket":
            self.seen.append(Seen("WS", scope["path"], None))
            await receive()
            await send({"type": "websocket.accept"})
            return
        body: bytes | None = b""
        more = True
        while more and body is not None:
            message = await receive()
            body = body + message["body"] if message["type"] == "http.request" else None
            more = message.get("more_body", False)
        self.seen.append(Seen(scope["method"], scope["path"], body, tuple(scope["headers"])))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


async def _live(receive: Receive, send: Send) -> None:
    for stage in ("startup", "shutdown"):
        assert (await receive())["type"] == f"lifespan.{stage}"
        await send({"type": f"lifespan.{stage}.complete"})


class Counting(HttpProtocol):
    """Tells how many bytes have come, so that a test can let a packet end where it likes."""

    received = 0
    arrived = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        """Read on, and say so."""
        super().data_received(data)
        Counting.received += len(data)
        Counting.arrived.set()


@dataclass(frozen=True, slots=True)
class Wire:
    """A raw connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *parts: bytes) -> None:
        """Send each part when the server has read the one before."""
        for part in parts:
            expected = Counting.received + len(part)
            self.writer.write(part)
            async with asyncio.timeout(SECONDS):
                while part and Counting.received < expected:
                    Counting.arrived.clear()
                    await Counting.arrived.wait()

    async def read_all(self) -> bytes:
        """All that is answered until the server closes."""
        async with asyncio.timeout(SECONDS):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    async def statuses(self) -> list[int]:
        """The status of every answer until the server closes."""
        return [int(each) for each in _STATUS.findall(await self.read_all())]


@dataclass(frozen=True, slots=True)
class RecordingServer:
    """A server that runs, and what its application saw."""

    running: Serving
    app: Recorder

    @asynccontextmanager
    async def wire(self) -> AsyncGenerator[Wire]:
        """A connection of its own; what was seen before is forgotten."""
        self.app.seen.clear()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.running.port)
        try:
            yield Wire(reader, writer)
        finally:
            writer.close()


@asynccontextmanager
async def recording(**options: Any) -> AsyncGenerator[RecordingServer]:
    """Serve the recorder as ``gateway serve`` serves the gateway."""
    app = Recorder()
    async with serving(app, http=options.pop("http", Counting), **options) as running:
        yield RecordingServer(running, app)
