"""uvicorn's HTTP/1.1, with unambiguous ends of requests and graceful closing."""

from __future__ import annotations

import os
import socket
from asyncio import BaseTransport
from http import HTTPStatus
from typing import Any

import httptools
from httptools.parser.errors import HttpParserCallbackError, HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from transport.protocols.connections import CONNECTIONS, Connections
from transport.protocols.error_responses import refusal
from transport.protocols.framing import (
    FramingError,
    check_framing,
    head_without_upgrade,
    is_socket_handshake,
    split_target,
)
from transport.protocols.slow_clients import SlowClientCutoff
from transport.protocols.websocket import SocketProtocol

IDLE_CLOSE_DELAY = 0.2
"""Seconds that an idle connection of HTTP stays open after the end of listening."""
HEAD_MAX = 65_536
"""Bytes of the request line and headers, and of everything else outside a body. The parser has no limit of its own, and
uses ten times the size of a large header, or of many small ones.
"""
LINGER_SECONDS = 1.0
"""How long a peer whose request was refused may go on sending, unread. Closed at once the connection would be reset,
and the refusal lost (RFC 9112, 9.6)."""


class HttpProtocol(SlowClientCutoff, HttpToolsProtocol):
    """HTTP/1.1 that ends its streams and completes pending responses when the server stops.

    uvicorn closes an idle connection as soon as it stops. A connection that was accepted a millisecond ago counts as
    idle, and so does one whose next request waits in the socket: their clients would see a reset.

    uvicorn leaves the bytes after a head with ``Upgrade`` to the next reader: a body in a packet of its own was
    executed as a request. Here an offer that is not accepted is ignored. uvicorn also lets an error response overtake
    pending responses; the client would read it as the first of them.
    """

    url = b""  # until a message begins
    _unused = 0
    """Bytes received since the last complete event: a request, or a part of its body."""
    _is_whole = True
    """Whether no message has begun that has not ended."""
    _refused: bytes | None = None
    """The error response to invalid bytes, sent after the pending responses."""

    address = ""
    registry: Connections

    def connection_made(self, transport: BaseTransport) -> None:
        """Register the connection, or respond that there are too many."""
        super().connection_made(transport)
        self.address = self.client[0] if self.client else ""
        self.registry = self.app_state.get(CONNECTIONS) or self.app_state.setdefault(CONNECTIONS, Connections())
        reason = self.registry.admit(self)
        if reason is not None:
            self._refused = b""
            self.transport.write(refusal(HTTPStatus.SERVICE_UNAVAILABLE, reason, (b"retry-after", b"10")))
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Count it out."""
        self.registry.forget(self)
        super().connection_lost(exc)

    def take_leave(self, reason: str) -> None:
        """Close, with an error response if the peer has begun to send a request."""
        if reason == "body" or (reason == "head" and self._unused):
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"Timeout while reading the {reason} of the request.")
        else:
            self._refused = b""
            self.transport.close()

    def is_peer_late(self) -> bool:
        """Whether it is not the application that reads no more for now."""
        return not self.flow.read_paused

    def data_received(self, data: bytes) -> None:
        """Read on, unless what has come leads nowhere."""
        if self._refused is not None:
            return
        self._unused += len(data)
        self._parse(data)
        if not self._is_whole:
            if not self.cycle.response_complete:
                self.registry.await_body(self)
        elif self._unused and self in self.registry.idle:
            self.registry.stop_waiting(self)
            self.registry.await_head(self)
        if self._unused > HEAD_MAX and not self.transport.is_closing():
            self._refuse(self._too_long(), f"The head of a request must have at most {HEAD_MAX:,} bytes.")

    def _too_long(self) -> HTTPStatus:
        if not self._is_whole:  # beside the size of a chunk, or behind the last one
            return HTTPStatus.BAD_REQUEST
        is_line = len(self.url) > HEAD_MAX // 2
        return HTTPStatus.REQUEST_URI_TOO_LONG if is_line else HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            self._go_on(data[upgrade.args[0] :])
        except HttpParserCallbackError as error:
            if not isinstance(error.__context__, FramingError | HttpParserError):
                raise
            self._refuse(HTTPStatus.BAD_REQUEST, f"This is not HTTP/1.1: {error.__context__}")
        except HttpParserError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, f"This is not HTTP/1.1: {error}")

    def _go_on(self, rest: bytes) -> None:
        """The parser stands at the end of a head that offers an upgrade; ``rest`` has come after it."""
        method, version = self.parser.get_method(), self.parser.get_http_version()
        try:
            is_socket = is_socket_handshake(method, self.url, version, self.headers)
        except FramingError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
            return
        if not is_socket:
            again = head_without_upgrade(method, self.url, version, self.headers)
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            self._parse(again + rest)
        elif self._is_answering():
            self._refuse(HTTPStatus.BAD_REQUEST, "Open a WebSocket on a connection without requests in progress.")
        else:
            self._open_socket(rest)

    def _open_socket(self, rest: bytes) -> None:
        self.scope["method"] = "GET"
        self.handle_websocket_upgrade()
        socket = self.transport.get_protocol()
        if not isinstance(socket, SocketProtocol):
            return
        socket.registry, socket.address = self.registry, self.address
        self.registry.hand_over(self, socket)
        if self.transport.is_closing():
            return
        if not socket.handshake_initiated:  # too many or too long headers for the library, which gives no reason
            self.transport.write(refusal(HTTPStatus.BAD_REQUEST, "Invalid WebSocket request."))
            self.transport.close()
        elif rest:
            socket.data_received(rest)

    def on_headers_complete(self) -> None:
        """Take a request whose head is complete. Raises FramingError."""
        self._unused = 0
        method = self.parser.get_method()
        if not self.url.startswith(b"/"):
            self._resolve_target()
        check_framing(method, self.parser.get_http_version(), self.headers)
        if self.parser.should_upgrade():
            return
        self._is_whole = False
        self.registry.stop_waiting(self)
        super().on_headers_complete()
        self.headers = []  # the headers of the request stay: a trailer is not a header (RFC 9110, 6.5.1)

    def _resolve_target(self) -> None:
        """A target in absolute form names the host (RFC 9112, 3.2.2)."""
        parts = split_target(self.url)
        if parts is not None:
            host, self.url = parts
            self.headers[:] = [(b"host", host), *(each for each in self.headers if each[0] != b"host")]

    def on_body(self, body: bytes) -> None:
        """There is a part of its body."""
        self._unused = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """There is all of it."""
        if self._is_whole:  # an upgrade, of which there is the head alone
            return
        self._is_whole = True
        self.registry.bodies.pop(self, None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Handle the next request, wait for one, or send the error that ends the connection."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self._refused is not None or (not self._is_whole and self.expect_100_continue):
            self._hang_up()  # in the second case it is unknown whether a body follows (RFC 9110, 10.1.1)
        elif self._is_whole:
            self.registry.rest(self)
        else:  # the rest of an unread body has the timeout of a head
            self.registry.stop_waiting(self)
            self.registry.await_head(self)

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete and not cycle.disconnected

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        """Stop reading; send the error after the pending responses."""
        self._refused = refusal(status, message)
        is_answering = self._is_answering()
        if not self._is_whole:
            is_answering = self._abandon(self.cycle)
        if not is_answering:
            self._hang_up()

    def _abandon(self, cycle: RequestResponseCycle) -> bool:
        """Drop a request whose body is invalid. Returns whether an earlier one is still in progress."""
        if self.pipeline and self.pipeline[0][0] is cycle:
            self.pipeline.popleft()
            return True
        if cycle.response_started:  # another response would be read as that to the next request
            self._refused = b""
        cycle.disconnected = True
        cycle.message_event.set()
        return False

    def _hang_up(self) -> None:
        """Send the last response, and close when it has been read or after a timeout."""
        self.registry.stop_waiting(self)
        if self.transport.is_closing():
            return
        self._refused = self._refused or b""
        self.transport.write(self._refused)
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.flow.resume_reading()
            self.loop.call_later(LINGER_SECONDS, self.transport.close)
        else:
            self.transport.close()

    def shutdown(self) -> None:
        """Close after the response or, without a request, after a short time."""
        self._drain_application()
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]  # None before the first
            self.loop.call_later(IDLE_CLOSE_DELAY, self._close_idle)
        else:
            super().shutdown()

    def _close_idle(self) -> None:
        """Close after the response, or now, unless a part of a request has come: its client would see a reset.

        The part may not even be read, as timers run before the poll. The timeout of a head limits the wait.
        """
        if self.transport.is_closing():
            return
        is_idle = not self._is_answering() and self._is_whole
        if is_idle and (self._unused or has_unread(self.transport.get_extra_info("socket"))):
            self.loop.call_later(IDLE_CLOSE_DELAY, self._close_idle)
        else:
            super().shutdown()


def has_unread(wire: Any) -> bool:
    """Whether the kernel has bytes of the peer that were not read. ``wire``: the socket of a transport."""
    with socket.socket(fileno=os.dup(wire.fileno())) as view:
        try:
            return bool(view.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except OSError:  # nothing there, or the connection is gone
            return False
