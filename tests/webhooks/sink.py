"""A receiver of webhooks that checks both signatures of whatever comes, and behaves as its path says.

``/ok`` answers 200, ``/slow/…`` does so after a while, ``/status/503`` answers that, ``/gone`` 410, ``/limit/3`` 429
with Retry-After, ``/redirect`` leads to ``/secret``, ``/hang`` never answers, ``/turning/…`` does until ``turned`` is
set, ``/drip`` sends a byte a second, ``/huge`` 200 MB, ``/reset`` hangs up, ``/flaky/2`` fails the first two tries of
an id, ``/nul`` answers what no database can hold, ``/echo`` what came.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError


@dataclass(frozen=True, slots=True)
class Hit:
    """One request."""

    path: str
    id: str
    """The header ``webhook-id``."""
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    def standard(self, secret: str) -> bool:
        """Whether somebody else's library takes the Standard Webhooks signature."""
        try:
            Webhook(secret).verify(self.body, dict(self.headers))
        except WebhookVerificationError:
            return False
        return True

    def platform(self, secret: str) -> bool:
        """Whether ``X-Webhook-Signature`` is by this secret."""
        expected = hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, self.headers["x-webhook-signature"])


@dataclass(slots=True)
class Sink:
    """What came, in order."""

    port: int = 0
    hits: list[Hit] = field(default_factory=list)
    turned: bool = False

    def url(self, path: str = "/ok", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def at(self, path: str) -> list[Hit]:
        return [hit for hit in self.hits if hit.path == path]

    @property
    def tries(self) -> Counter[str]:
        """How often each id came."""
        return Counter(hit.id for hit in self.hits)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._one(reader, writer):
                await writer.drain()
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        hit = Hit(head[0].split()[1], headers.get("webhook-id", ""), headers, body)
        self.hits.append(hit)
        behaviour, *arguments = hit.path.strip("/").split("/")
        answer = getattr(self, f"_{behaviour}", self._ok)
        return bool(await answer(writer, hit, arguments))

    async def _ok(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        return _reply(writer, 200)

    async def _status(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        return _reply(writer, int(arguments[0]))

    async def _slow(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        await asyncio.sleep(0.2)
        return _reply(writer, 200)

    async def _gone(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        return _reply(writer, 410)

    async def _limit(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        return _reply(writer, 429, f"Retry-After: {arguments[0]}\r\n")

    async def _redirect(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        return _reply(writer, 302, f"Location: {self.url('/secret')}\r\n")

    async def _hang(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        await asyncio.sleep(600)
        return False

    async def _turning(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        return await (self._hang if self.turned else self._ok)(writer, hit, arguments)

    async def _drip(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n")
        for _ in range(600):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(1)
        return False

    async def _huge(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n")
        for _ in range(200):
            writer.write(b"x" * 1_000_000)
            await writer.drain()
        return False

    async def _reset(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        writer.transport.abort()
        return False

    async def _flaky(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        return _reply(writer, 500 if self.tries[hit.id] <= int(arguments[0]) else 200)

    async def _echo(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(hit.body), hit.body))
        return True

    async def _nul(self, writer: asyncio.StreamWriter, hit: Hit, arguments: Sequence[str]) -> bool:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na\x00\xff")
        return True


def _reply(writer: asyncio.StreamWriter, status: int, headers: str = "") -> bool:
    writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n{headers}\r\nok".encode())
    return True


@asynccontextmanager
async def sinking(port: int = 0) -> AsyncGenerator[Sink]:
    """A sink that listens on loopback."""
    sink = Sink()
    talks: set[asyncio.Task[None]] = set()

    def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(sink.handle(reader, writer))
        talks.add(task)
        task.add_done_callback(talks.discard)

    server = await asyncio.start_server(talk, "127.0.0.1", port)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
        for task in set(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
