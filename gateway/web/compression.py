"""Compression: zstd, Brotli or gzip if the client accepts one and it pays, never on a stream of events.

Measured on pages of products, CPU per byte and remaining size (2, 23 and 182 KB):

    gzip -4    27, 5, 10 ns    35, 25, 24 %
    Brotli 3    9, 4,  6 ns    36, 24, 23 %
    zstd 3      7, 3,  2 ns    35, 23, 23 %

So of codings with equal weight, a client gets zstd before Brotli before gzip, in whatever order it lists them: the
order of ``Accept-Encoding`` means nothing (RFC 9110, 12.5.3), and browsers list gzip first. Brotli 5 would save a
twentieth more for three times the CPU.

Starlette's middleware does the work; what it lacks is added here. It reads ``gzip;q=0`` as a wish, and it leaves a
strong ETag on a compressed response, though the bytes differ (RFC 9110, 8.8.3): ours is made weak, as proxies do.

Secrets beside text of an attacker can be guessed from the length of a compressed response (BREACH), if the browser of a
victim can be made to send repeated requests with the victim's rights. It cannot: see ``gateway.web.cors``.
"""

from __future__ import annotations

import re
from functools import lru_cache

import brotli
import zstandard
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MIN_BYTES = 1_024
"""Minimum size in bytes: a packet has this much anyway."""
GZIP_LEVEL = 4
"""Of 9: a page of products shrinks nearly as much as at 9, in a third of the time."""
BROTLI_QUALITY = 3
"""Of 11."""
ZSTD_LEVEL = 3
"""Level, of 22; its window of 2 MB is within what browsers accept (RFC 9659)."""
INLINE_BYTES = 32 * 1_024
"""Larger responses are compressed in a thread: 1 ms is the longest that the event loop may be blocked."""
SHRUNK_TYPES = ("application/json", "text/csv", "image/svg+xml")
"""What REST returns with an ETag and is compressed: of a HEAD, the type alone tells whether GET's would be."""
MAX_ACCEPT_BYTES = 1_000
"""Of ``Accept-Encoding``; a longer one is not read."""
NO_TRANSFORM = "no-transform"
"""In ``Cache-Control`` (RFC 9111, 5.2.2.6)."""
IDENTITY, ANY = "identity", "*"

_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


class _Gzip(GZipResponder):
    _is_final = False

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, MIN_BYTES, GZIP_LEVEL, thread_minimum_size=INLINE_BYTES)

    async def send_with_compression(self, message: Message) -> None:
        """As of the base; a response that must not be transformed is sent as it is: its ranges are of these bytes."""
        if message["type"] == "http.response.start":
            self._is_final = NO_TRANSFORM in Headers(raw=message["headers"]).get("cache-control", "")
        await (self.send(message) if self._is_final else super().send_with_compression(message))


class _Brotli(_Gzip):
    content_encoding = "br"
    _brotli: brotli.Compressor | None = None

    def _compress_body(self, body: bytes, more_body: bool) -> bytes:
        if self._brotli is None:
            self._brotli = brotli.Compressor(quality=BROTLI_QUALITY)
        squeezed: bytes = self._brotli.process(body)
        squeezed += self._brotli.flush() if more_body else self._brotli.finish()
        return squeezed


class _Zstd(_Gzip):
    content_encoding = "zstd"
    _zstd: zstandard.ZstdCompressionObj | None = None

    def _compress_body(self, body: bytes, more_body: bool) -> bytes:
        if self._zstd is None and not more_body:
            return zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body)
        if self._zstd is None:
            self._zstd = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compressobj()
        end = zstandard.COMPRESSOBJ_FLUSH_BLOCK if more_body else zstandard.COMPRESSOBJ_FLUSH_FINISH
        return self._zstd.compress(body) + self._zstd.flush(end)


CODINGS: dict[str, type[_Gzip]] = {"zstd": _Zstd, "br": _Brotli, "gzip": _Gzip}
"""In the order of what they cost."""


class Compression:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle the request, and compress its response if the client accepts that."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        coding = coding_of(b",".join(value for name, value in scope["headers"] if name == b"accept-encoding"))
        is_read = scope["method"] in ("GET", "HEAD")

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                _complete(MutableHeaders(scope=message), scope, message["status"], coding, is_read)
            await send(message)

        if coding is None or scope["method"] == "HEAD":
            await self._app(scope, receive, send_on if is_read else send)
        else:
            await CODINGS[coding](self._app)(scope, receive, send_on)


def _complete(headers: MutableHeaders, scope: Scope, status: int, coding: str | None, is_read: bool) -> None:
    """Set ``Vary`` for caches, the same for every status (RFC 9110, 15.4.5)."""
    is_stream = headers.get("content-type", "").startswith("text/event-stream")
    if is_read and not is_stream and "accept-encoding" not in headers.get("vary", "").lower():
        headers.add_vary_header("Accept-Encoding")
    is_shrunk = "content-encoding" in headers
    if coding is not None and status == 304:
        is_shrunk = scope["state"].get("unsent_bytes", 0) >= MIN_BYTES
    elif coding is not None and scope["method"] == "HEAD" and headers.get("content-type", "").startswith(SHRUNK_TYPES):
        is_shrunk = int(headers.get("content-length", "0")) >= MIN_BYTES
        del headers["content-length"]  # GET's would be another, were it compressed
    tag = headers.get("etag", "")
    if is_shrunk and tag.startswith('"'):
        headers["ETag"] = f"W/{tag}"


def coding_of(accepted: bytes) -> str | None:
    """The coding with the highest weight in ``Accept-Encoding``, of equals the cheapest; None if it accepts none, or
    prefers identity. ``*`` stands for gzip, which clients that send it can read.
    """
    return _coding_of(accepted) if 0 < len(accepted) <= MAX_ACCEPT_BYTES else None


@lru_cache(maxsize=200)
def _coding_of(accepted: bytes) -> str | None:
    liked = dict(_entry(each) for each in reversed(accepted.decode("latin-1").lower().split(",")))
    liked.setdefault("gzip", liked.get("x-gzip", liked.get(ANY, 0.0)))
    best = max(CODINGS, key=lambda coding: liked.get(coding, 0.0))  # the first of equals
    quality = liked.get(best, 0.0)
    return best if quality > 0 and quality >= liked.get(IDENTITY, 0.0) else None


def _entry(entry: str) -> tuple[str, float]:
    coding, *parameters = (part.strip() for part in entry.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            quality = float(value) if _QUALITY.fullmatch(value.strip()) else 0.0
    return coding, quality
