"""uvicorn's WebSocket, with less memory, closed by the application."""

from __future__ import annotations

import logging
from asyncio import BaseTransport
from typing import TYPE_CHECKING

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.protocol import State

from transport.protocols.connections import Connections
from transport.protocols.single_waiter import SingleReaderQueue, SingleWaiterEvent
from transport.protocols.slow_clients import SlowClientCutoff

LINGER_SECONDS = 2.0
"""The time for the peer to respond to a close. If the connection were closed at once while the peer is sending, it
would be reset and the close code lost; uvicorn's own 10 s would delay every restart.
"""
FRAGMENTS = 1_000
"""Frames that a message may come in."""
_TEXT = b"\x81"
"""The first byte of a text message in one frame."""
SIZE_16, SIZE_64 = 126, 127
"""In place of a size: the size follows in as many bits."""

log = logging.getLogger("gateway.connections")
log.setLevel(logging.WARNING)
"""uvicorn logs three lines for each socket and, at level debug, all messages, including keys."""

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent


def text_frame(data: bytes) -> bytes:
    """One whole text message from a server, which masks nothing (RFC 6455, 5.2)."""
    size = len(data)
    if size < SIZE_16:
        return _TEXT + bytes((size,)) + data
    if size < 1 << 16:
        return _TEXT + bytes((SIZE_16,)) + size.to_bytes(2) + data
    return _TEXT + bytes((SIZE_64,)) + size.to_bytes(8) + data


class SocketProtocol(SlowClientCutoff, WebSocketsSansIOProtocol):
    """WebSocket, closed by the application, which knows from which cursor a client may resume."""

    registry: Connections | None = None
    address = ""

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it out."""
        if self.registry is not None:
            self.registry.forget(self)
        super().connection_lost(exc)

    def take_leave(self, reason: str) -> None:
        """Never used: the transport awaits a WebSocket itself."""
        self.transport.abort()

    def is_peer_late(self) -> bool:
        """See ``take_leave``."""
        return False

    def connection_made(self, transport: BaseTransport) -> None:
        """A handshake begins."""
        super().connection_made(transport)
        self.logger = self.conn.logger = log
        self.queue = SingleReaderQueue()  # type: ignore[assignment]  # all that is used of a queue
        self.writable = SingleWaiterEvent()  # type: ignore[assignment]  # and of an event
        self.close_timeout = LINGER_SECONDS

    def shutdown(self) -> None:
        """The server stops. uvicorn's own would close with 1012 and no word of where to resume."""
        self._drain_application()
        if not self.handshake_complete or self.close_sent:
            super().shutdown()

    async def send(self, message: ASGISendEvent) -> None:
        """See ASGI. uvicorn's own method keeps the headers of the handshake for good, 6 KB in three places, and logs an
        error for a refused handshake as if it had been forgotten. Most messages are text and are framed here: the
        state machine of websockets takes four times as long.
        """
        text = message.get("text")
        if text is not None and self.writable.is_set() and self._is_open():
            self.transport.write(text_frame(text.encode()))  # type: ignore[attr-defined]  # the text of a send
            return
        await super().send(message)
        if message["type"] == "websocket.accept":
            for kept in (self.request, self.response):
                kept.headers.clear()
            self.scope["headers"].clear()  # type: ignore[attr-defined]  # the list that uvicorn created
            del self.request, self.response
        elif message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True

    def _is_open(self) -> bool:
        """Whether a frame may be sent directly; everything else is left to uvicorn and websockets."""
        return (
            self.handshake_complete
            and not self.close_sent
            and not self.disconnected
            and not self.conn.extensions
            and self.conn.state is State.OPEN
        )

    def keepalive_timeout(self) -> None:
        """The peer has not responded to a ping. uvicorn's own method closes with 1011, after which clients of
        graphql-ws give up for good; a laptop that wakes up should reconnect.
        """
        self.pong_timer = None
        self.transport.abort()

    def handle_ping(self) -> None:
        """Respond, unless responses pile up: a peer that pings and never reads would fill the memory (RFC 6455, 5.5.3,
        allows some pings without a response).
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
        close = self.conn.close_sent
        code, reason = (close.code, close.reason) if close is not None else (CloseCode.ABNORMAL_CLOSURE, "")
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
            reason = "The client reads too slowly. Reconnect and resume after the last event received."
            self.queue.put_nowait({"type": "websocket.disconnect", "code": CloseCode.TRY_AGAIN_LATER, "reason": reason})
            self.conn.send_close(CloseCode.TRY_AGAIN_LATER, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
        self._stalled = self.loop.call_later(self.farewell_seconds, self.transport.abort)
