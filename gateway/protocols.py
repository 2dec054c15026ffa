"""uvicorn's protocols, with what they lack for connections that stay: patience that ends, and leave to say goodbye.

Both are half private to uvicorn: its version is pinned, and only this file knows them.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from asyncio import BaseTransport, Protocol, TimerHandle, Transport
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.protocol import State

STALL_SECONDS = 30.0
"""A peer that does not take BUFFERED bytes in this time (some 400 bytes a second) is cut off."""
FAREWELL_SECONDS = 5.0
"""How long it then has to take the words of goodbye."""
LINGER_SECONDS = 2.0
"""How long a peer may take to answer a close. Closed at once, while it is still sending, the connection would be reset
and the close code lost; uvicorn's own 10 s would hold up every restart."""
LAST_WORDS = 0.2
"""Seconds that an idle connection of HTTP stays open after the end of listening."""
BUFFERED = 16_384
"""Bytes that wait in this process for one peer, and as many that the kernel has not sent; beyond that, whoever writes
waits. The default of the loop is 64 KiB, that of the kernel megabytes: too much for ten thousand slow readers."""
FRAGMENTS = 1_000
"""Frames that a message may come in."""
HEAD_MAX = 65_536
"""Bytes of a request's first line and headers, and of whatever else is part of no body. The parser has no limit of its
own, and keeps a header of many bytes, or many headers of few, in ten times their size."""
_TEXT = b"\x81"
"""The first byte of a text message in one frame."""
SIZE_16, SIZE_64 = 126, 127
"""In place of a size: it follows in as many bits."""
LIVE = "live"
"""Where the application's lifespan leaves the connections that stay: see ``gateway.graphql.live``."""

log = logging.getLogger(__name__)
log.setLevel(logging.WARNING)
"""uvicorn writes three lines for each socket, and in debugging all that is said, keys too."""

if TYPE_CHECKING:
    from uvicorn._types import ASGIReceiveEvent, ASGISendEvent

    _Below = Protocol
else:
    _Below = object


class _Impatient(_Below):
    """Cuts off a peer that reads too slowly to be served, so that it holds memory for a bounded time only."""

    stall_seconds = STALL_SECONDS
    farewell_seconds = FAREWELL_SECONDS
    transport: Transport
    loop: asyncio.AbstractEventLoop
    app_state: dict[str, Any]
    _stalled: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Keep the buffers of this connection small."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=BUFFERED)
        wire = transport.get_extra_info("socket")
        if wire.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_NOTSENT_LOWAT"):
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, BUFFERED)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over, one way or another."""
        self._be_patient()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The peer takes less than it is given: the clock runs."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.stall_seconds, self._give_up)

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self._be_patient()
        super().resume_writing()

    def _be_patient(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _give_up(self) -> None:
        self.transport.abort()

    def _tell_all(self) -> None:
        """The server stops: let the application end what would not end by itself. It may be told many times."""
        live = self.app_state.get(LIVE)
        if live is not None:
            live.drain()


class HttpProtocol(_Impatient, HttpToolsProtocol):
    """HTTP/1.1 that, when the server stops, ends its streams and answers what is already on its way.

    uvicorn closes an idle connection the moment it stops. One that was accepted a millisecond ago counts as idle, and
    so does one whose next request waits in the socket: their clients would see a reset.
    """

    url = b""  # until a message begins
    _unused = 0
    """Bytes that have come since there was last something to hand on: a request, or a part of its body."""

    def data_received(self, data: bytes) -> None:
        """Read on, unless what has come leads nowhere."""
        self._unused += len(data)
        super().data_received(data)
        if self._unused > HEAD_MAX and not self.transport.is_closing():
            self._refuse()

    def on_headers_complete(self) -> None:
        """There is a request."""
        self._unused = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """There is a part of its body."""
        self._unused = 0
        super().on_body(body)

    def _refuse(self) -> None:
        """Say what is too long where no answer is under way, and read no more."""
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]  # None before the first
            is_line = len(self.url) > HEAD_MAX // 2
            status = b"414 URI Too Long" if is_line else b"431 Request Header Fields Too Large"
            self.transport.write(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        self.transport.close()

    def shutdown(self) -> None:
        """Close after the answer, or, without a request, in a moment."""
        self._tell_all()
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]  # None before the first
            self.loop.call_later(LAST_WORDS, super().shutdown)
        else:
            super().shutdown()


class _Inbox:
    """What asyncio.Queue does for one reader, in a twentieth of its memory: that one is made of three deques, each with
    room for 64.
    """

    __slots__ = ("_events", "_reader")

    def __init__(self) -> None:
        self._events: list[ASGIReceiveEvent] = []
        self._reader: asyncio.Future[None] | None = None

    def put_nowait(self, event: ASGIReceiveEvent) -> None:
        self._events.append(event)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def empty(self) -> bool:
        return not self._events

    async def get(self) -> ASGIReceiveEvent:
        while not self._events:
            self._reader = asyncio.get_running_loop().create_future()
            await self._reader
        return self._events.pop(0)


class _Gate:
    """What asyncio.Event does for one who waits: without a deque, 760 bytes a socket."""

    __slots__ = ("_is_open", "_waiting")

    def __init__(self) -> None:
        self._is_open = True
        self._waiting: list[asyncio.Future[None]] = []

    def is_set(self) -> bool:
        return self._is_open

    def clear(self) -> None:
        self._is_open = False

    def set(self) -> None:
        self._is_open = True
        waiting, self._waiting = self._waiting, []
        for each in waiting:
            if not each.done():
                each.set_result(None)

    async def wait(self) -> None:
        while not self._is_open:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            await waiting


def text_frame(data: bytes) -> bytes:
    """One whole text message from a server, which masks nothing (RFC 6455, 5.2)."""
    size = len(data)
    if size < SIZE_16:
        return _TEXT + bytes((size,)) + data
    if size < 1 << 16:
        return _TEXT + bytes((SIZE_16,)) + size.to_bytes(2) + data
    return _TEXT + bytes((SIZE_64,)) + size.to_bytes(8) + data


class SocketProtocol(_Impatient, WebSocketsSansIOProtocol):
    """WebSocket, closed by the application, which knows from where a client may resume."""

    def connection_made(self, transport: BaseTransport) -> None:
        """A handshake begins."""
        super().connection_made(transport)
        self.logger = self.conn.logger = log
        self.queue = _Inbox()  # type: ignore[assignment]  # all that is used of a queue
        self.writable = _Gate()  # type: ignore[assignment]  # and of an event
        self.close_timeout = LINGER_SECONDS

    def shutdown(self) -> None:
        """The server stops. uvicorn's own would close with 1012 and no word of where to resume."""
        self._tell_all()
        if not self.handshake_complete or self.close_sent:
            super().shutdown()

    async def send(self, message: ASGISendEvent) -> None:
        """See ASGI. uvicorn's own keeps the headers of the handshake for good, 6 KB in three places; and it takes a
        handshake that was refused for one that was forgotten, and logs an error. Text is what is sent most, and is
        framed here: through the state machine of websockets it takes four times as long.
        """
        text = message.get("text")
        if text is not None and self.writable.is_set() and self._is_open():
            self.transport.write(text_frame(text.encode()))  # type: ignore[attr-defined]  # the text of a send
            return
        await super().send(message)
        if message["type"] == "websocket.accept":
            for kept in (self.request, self.response):
                kept.headers.clear()
            self.scope["headers"].clear()  # type: ignore[attr-defined]  # the list that uvicorn has made
            del self.request, self.response
        elif message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True

    def _is_open(self) -> bool:
        """Whether a frame may be sent as it is; everything else is left to uvicorn and websockets."""
        return (
            self.handshake_complete
            and not self.close_sent
            and not self.disconnected
            and not self.conn.extensions
            and self.conn.state is State.OPEN
        )

    def keepalive_timeout(self) -> None:
        """The peer has not answered a ping. uvicorn's own closes with 1011, on which clients of graphql-ws give up
        for good; a laptop that wakes up should connect again.
        """
        self.pong_timer = None
        self.transport.abort()

    def handle_ping(self) -> None:
        """Answer, unless answers pile up: a peer that pings and never reads would fill the memory (RFC 6455, 5.5.3,
        lets some go unanswered).
        """
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_cont(self, event: Frame) -> None:
        """Take the next part of a message; parts may be empty, so their number needs a limit of its own."""
        if len(self.frames) >= FRAGMENTS:
            self.conn.fail(CloseCode.MESSAGE_TOO_BIG, f"more than {FRAGMENTS} frames in a message")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def handle_parser_exception(self) -> None:
        """The peer broke the rules of WebSocket: a message too large (1009), invalid UTF-8 (1007), …"""
        if self.close_sent:
            return
        said = self.conn.close_sent
        code, reason = (said.code, said.reason) if said is not None else (CloseCode.ABNORMAL_CLOSURE, "")
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _give_up(self) -> None:
        """Say goodbye behind what is unsent: who is merely slow will read it."""
        if not self.close_sent and self.handshake_complete and not self.transport.is_closing():
            reason = "You read too slowly. Connect again, and resume after the last event seen."
            self.queue.put_nowait({"type": "websocket.disconnect", "code": CloseCode.TRY_AGAIN_LATER, "reason": reason})
            self.conn.send_close(CloseCode.TRY_AGAIN_LATER, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        self._stalled = self.loop.call_later(self.farewell_seconds, self.transport.abort)
