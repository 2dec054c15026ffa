"""HTTP/1.1 as uvicorn speaks it, with an end to request heads, and leave to say goodbye."""

from __future__ import annotations

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.protocols.patience import Impatient

LAST_WORDS = 0.2
"""Seconds that an idle connection of HTTP stays open after the end of listening."""
HEAD_MAX = 65_536
"""Bytes of a request's first line and headers, and of whatever else is part of no body. The parser has no limit of its
own, and keeps a header of many bytes, or many headers of few, in ten times their size."""


class HttpProtocol(Impatient, HttpToolsProtocol):
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
