"""Smaller answers: gzip where the client takes it and it pays, never on a stream of events.

Starlette's middleware does the work; what it lacks is added here. It takes ``gzip;q=0`` for a wish, and it leaves a
strong ETag on what it has compressed, though the bytes differ (RFC 9110, 8.8.3): ours is made weak, as proxies do.

Secrets beside words of an attacker's choice can be guessed from the length of a compressed answer (BREACH), if a
victim's browser can be made to ask again and again with the victim's rights. It cannot be: see ``gateway.web.cors``.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.graphql.negotiation import preferred

LEAST_BYTES = 1_024
"""A packet holds this much anyway."""
LEVEL = 4
"""Of 9: a page of products shrinks nearly as much as at 9, in a third of the time."""
INLINE_BYTES = 32 * 1_024
"""Larger answers are compressed in a thread: 1 ms is what the event loop may be held up."""


class Compression:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request, and compress its answer where the client takes that."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_weakly(message: Message) -> None:
            if message["type"] == "http.response.start":
                _weaken(MutableHeaders(scope=message))
            await send(message)

        async def send_unmeasured(message: Message) -> None:
            if message["type"] == "http.response.start":
                del MutableHeaders(scope=message)["content-length"]  # GET's would be another, were it compressed
            await send(message)

        takes_gzip = any(name == b"accept-encoding" and _takes_gzip(value) for name, value in scope["headers"])
        if scope["method"] == "HEAD" and takes_gzip:
            await IdentityResponder(self._app, LEAST_BYTES)(scope, receive, send_unmeasured)
        elif takes_gzip:
            squeezed = GZipResponder(self._app, LEAST_BYTES, LEVEL, thread_minimum_size=INLINE_BYTES)
            await squeezed(scope, receive, send_weakly)
        elif scope["method"] in ("GET", "HEAD"):  # says in Vary what caches must know
            await IdentityResponder(self._app, LEAST_BYTES)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _takes_gzip(accepted: bytes) -> bool:
    return accepted.strip() != b"" and preferred([accepted.decode("latin-1")], ["gzip"]) is not None


def _weaken(headers: MutableHeaders) -> None:
    tag = headers.get("etag", "")
    if "content-encoding" in headers and tag.startswith('"'):
        headers["ETag"] = f"W/{tag}"
