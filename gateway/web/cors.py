"""CORS: the origins whose pages may call the gateway, and why pages of other origins can do no harm.

Every caller of the API is identified by ``Authorization: Bearer`` only: no cookie, no client certificate, no password
that a browser would add by itself (the pages of users have cookies; see ``gateway/oauth/browser.py``). So a request
that another site makes in the user's browser has no rights of the user. A script that has a key and sends it needs a
preflight, since ``Authorization`` is not a header of simple requests; so does a POST of ``application/json``, and other
types are refused (415). Without a key every request is refused (401) before its body is read. That is why neither GET
nor POST requires a header such as ``Apollo-Require-Preflight`` in addition.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VARY = (b"vary", b"Origin")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
MAX_REQUESTED_HEADERS, MAX_REQUESTED_BYTES = 50, 2_000
"""Maximum characters of the headers in a preflight; browsers send the names of a few."""
ANSWER_HEADERS = (
    "ETag",
    "Location",
    "X-Request-Id",
    "Retry-After",
    "Idempotent-Replayed",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "WWW-Authenticate",
    "Deprecation",
    "Sunset",
    "Link",
)
"""Headers that a page of another origin may read, in addition to the few that every page may."""
PREFLIGHT_SECONDS = 7_200
"""How long a browser may remember a preflight; Chromium's own limit."""


class OriginLookup(Protocol):
    """Origins that are allowed besides those of the settings."""

    def __contains__(self, origin: str) -> bool:
        """Whether an origin was among them when they were last looked up."""

    async def includes(self, origin: str) -> bool:
        """Whether an origin is among them."""


def for_browsers(app: ASGIApp, origins: Sequence[str], others: OriginLookup) -> ASGIApp:
    """The application, open to pages of these origins; ``*`` stands for all. ``others``: more origins.

    Credentials in the sense of CORS (cookies) are never allowed, since there are none; that makes ``*`` safe. A page of
    an allowed origin may send any header (those of Apollo's client awareness, tracing, …): the API key decides about
    rights, and no header here changes them. So preflights echo the requested headers, if they are a list of names; with
    ``*`` alone browsers would leave out ``Authorization``.

    Starlette's middleware responds to preflights itself and sets ``Vary: Origin`` on every response, allowed or not, so
    that no cache returns to one origin the response to another.
    """
    return _ListedOrigins(
        app,
        others,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=["*"],
        allow_credentials=False,
        expose_headers=ANSWER_HEADERS,
        max_age=PREFLIGHT_SECONDS,
    )


class _ListedOrigins(CORSMiddleware):
    """Starlette's method would echo any content of the header, and to origins that are not allowed, too."""

    def __init__(self, app: ASGIApp, others: OriginLookup, **options: Any) -> None:
        super().__init__(app, **options)
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Most are sent by no page: they are passed on, and caches told."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        origin = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"), None)
        if origin is None:
            await self.app(scope, receive, _telling_caches(send))
            return
        if not super().is_allowed_origin(origin):
            await self._others.includes(origin)
        await super().__call__(scope, receive, send)

    def is_allowed_origin(self, origin: str) -> bool:
        """Whether the pages of an origin may call, by the settings or by what stores have listed."""
        return super().is_allowed_origin(origin) or origin in self._others

    def preflight_response(self, request_headers: Headers) -> Response:
        """Allow the requested headers, for allowed origins, if they are names (RFC 9110, 5.1) and not too many."""
        requested = ", ".join(request_headers.getlist("access-control-request-headers"))
        names = [name.strip() for name in requested.split(",") if name.strip()]
        if not self.is_allowed_origin(request_headers["origin"]):
            vary = {"Vary": self.preflight_headers["Vary"]}
            message = "This origin is not allowed. List it in a publishable key, or in GATEWAY_CORS_ORIGINS."
            return PlainTextResponse(message, 400, headers=vary)
        response = super().preflight_response(request_headers)
        if len(requested) > MAX_REQUESTED_BYTES or len(names) > MAX_REQUESTED_HEADERS or not all(map(_is_name, names)):
            message = "Access-Control-Request-Headers must be a short list of header names."
            response = PlainTextResponse(message, 400, headers=_without_length(response.headers))
            names = []
        del response.headers["Access-Control-Allow-Headers"]
        if names:
            response.headers["Access-Control-Allow-Headers"] = ", ".join(names)
        return response


def _telling_caches(send: Send) -> Send:
    """``send`` with ``Vary: Origin`` for the response."""

    async def send_with_vary(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], _VARY]
        await send(message)

    return send_with_vary


def _without_length(headers: Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if not name.startswith("content-")}


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None
