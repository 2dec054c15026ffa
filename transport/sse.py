"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): a response that goes on, with
the cursors to resume from, heartbeats, and an end when its key works no more or the server stops.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from starlette.types import Receive, Send

from domain.kernel.principal import Principal
from transport.response_parts import parts_of

EVENT_STREAM = "text/event-stream"
HEARTBEAT_SECONDS = 12.0
"""Seconds between heartbeats. They keep proxies from closing a quiet stream, most of which wait 30 or 60 s."""
LAST_WORDS_SECONDS = 2.0
"""For a client that reads nothing: the stream of a revoked key must end, too."""
HEADERS = {
    "Content-Type": f"{EVENT_STREAM}; charset=utf-8",
    "Cache-Control": "no-cache, no-store, no-transform",  # some proxies know only the first header, some compress
    "X-Accel-Buffering": "no",  # nginx would wait for more
}


class CloseReason(Enum):
    """Why a connection is ended from here."""

    REVOKED = auto()
    """Its credential works no more."""
    RESTARTING = auto()
    """The server stops; clients may connect again at once, and resume."""


ENDED = "The API key was revoked or has expired."
"""The message to clients that are connected with it."""


@dataclass(frozen=True, slots=True)
class SseFrame:
    """An event to be sent; without text, only a position."""

    text: bytes
    cursor: str | None = None


def format_event(name: str, data: bytes, cursor: str | None = None) -> bytes:
    """An event. ``data`` has no line breaks, as JSON has none."""
    return b"event: " + name.encode() + b"\n" + _id(cursor) + b"data: " + data + b"\n\n"


def heartbeat(cursor: str | None) -> bytes:
    """No event, for it has no data; but its id is remembered by the browser, to resume from."""
    return b":\n" + _id(cursor) + b"\n"


def _id(cursor: str | None) -> bytes:
    return b"" if cursor is None else b"id: " + cursor.encode() + b"\n"


class StreamRegistry(Protocol):
    """Watches connections that stay: ``end`` is called when their credential works no more, or the server stops."""

    def admit(self, principal: Principal) -> None:
        """Before a connection begins. Raises RateLimited when its key has too many."""

    def add(self, connection: SseResponse) -> None:
        """From now on it is watched."""

    def remove(self, connection: SseResponse) -> None:
        """It is over."""


class SseResponse:
    """One response, until its source ends, its client disconnects, or it is told to end.

    A slow client delays only its own source: the next event is read after this one was sent.
    """

    def __init__(
        self,
        principal: Principal,
        source: AsyncGenerator[SseFrame],
        *,
        endless: bool = True,
        revoked: Callable[[], bytes] = bytes,
    ) -> None:
        """``endless``: whether it must be cut off when told to end; a short stream ends by itself. ``revoked``: the
        last events of a stream whose key was revoked, with the reason.
        """
        self.principal = principal
        self._revoked = revoked
        self._source = source
        self._endless = endless
        self._turn = asyncio.Lock()
        self._passed: str | None = None
        """A cursor that was not sent to the client yet."""
        self._pump: asyncio.Task[None] | None = None
        self._ended: CloseReason | None = None

    def end(self, why: CloseReason) -> None:
        """End the stream soon. At a server stop nothing is sent: the client reconnects. May be called repeatedly."""
        self._ended = self._ended or why
        if self._pump is not None and self._endless:
            self._pump.cancel()

    async def respond(
        self, live: StreamRegistry, receive: Receive, send: Send, heartbeat_seconds: float = HEARTBEAT_SECONDS
    ) -> None:
        """Send it all, watched by ``live``; the source is closed in the end."""
        live.add(self)
        try:
            headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await self._run(receive, send, heartbeat_seconds)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            live.remove(self)
            await self._source.aclose()

    async def _run(self, receive: Receive, send: Send, heartbeat_seconds: float) -> None:
        pump = self._pump = asyncio.create_task(self._pass_on(send))
        gone = asyncio.create_task(_disconnected(receive))
        if self._ended is not None:
            self.end(self._ended)
        try:
            both: set[asyncio.Task[None]] = {pump, gone}
            while not (await asyncio.wait(both, timeout=heartbeat_seconds, return_when=asyncio.FIRST_COMPLETED))[0]:
                await self._write(b"", send)
        finally:
            left = gone.done()
            pump.cancel()
            gone.cancel()
            await asyncio.wait((pump, gone))
        if not pump.cancelled():
            pump.result()  # unexpected errors are raised
        elif self._ended is CloseReason.REVOKED and not left:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_SECONDS):
                    await self._write(self._revoked() or b":\n\n", send)

    async def _pass_on(self, send: Send) -> None:
        sent_cursor = False
        async for frame in self._source:
            if frame.text:
                self._passed = None
                await self._write(frame.text, send)
            else:
                self._passed = frame.cursor  # sent with the next heartbeat; the first at once
                if not sent_cursor:
                    await self._write(b"", send)
            sent_cursor = True
            await asyncio.sleep(0)  # while one catches up, the others have their turn

    async def _write(self, event: bytes, send: Send) -> None:
        """Send an event, or a heartbeat if there is none, after the client has read the earlier ones."""
        async with self._turn:
            if not event:
                event, self._passed = heartbeat(self._passed), None
            for part in parts_of(event):
                await send({"type": "http.response.body", "body": part, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    """Wait until the reader is gone."""
    with suppress(asyncio.CancelledError):
        while (await receive())["type"] != "http.disconnect":
            pass
