"""Which other origins' pages may call the gateway, and why a page that may not can do no harm.

Every caller is known by ``Authorization: Bearer`` alone: no cookie, no client certificate, no password that a browser
would add by itself. So a request that another site makes in the user's browser carries nothing of the user's. A script
that has a key and sends it needs a preflight, since ``Authorization`` is not a header of simple requests; so does a
POST of ``application/json``, and other types are refused (415). Without a key everything is refused (401) before its
body is read. That is why neither GET nor POST asks for a header such as ``Apollo-Require-Preflight`` besides.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "X-Query-Cost",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "Cache-Control",  # sent by clients of event streams
    "Apollo-Require-Preflight",  # not asked for here, but sent by clients made for servers that do
    "X-Requested-With",
    "Traceparent",
    "Tracestate",
)
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
"""What a page of another origin may read, beside the few that every page may."""
PREFLIGHT_SECONDS = 7_200
"""How long a browser may remember a preflight; Chromium's own limit."""


def for_browsers(app: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """The application, open to pages of these origins; ``*`` stands for all. As it is when there are none.

    Credentials in the sense of CORS (cookies) are never allowed, since there are none; that is what makes ``*`` safe.
    Starlette's middleware answers preflights itself and sets ``Vary: Origin`` on every answer, allowed or not, so that
    no cache hands one origin what was made for another.
    """
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=REQUEST_HEADERS,
        allow_credentials=False,
        expose_headers=ANSWER_HEADERS,
        max_age=PREFLIGHT_SECONDS,
    )
