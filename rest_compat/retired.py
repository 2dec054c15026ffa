"""v1, which was never served here: every path of it says where v2 is."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rest_compat.endpoint import ROOT
from rest_compat.errors import render

HEADERS = {
    "Sunset": "Wed, 31 Mar 2027 23:59:59 GMT",
    "Deprecation": "@1767225600",  # RFC 9745: since 2026-01-01, the month v2.3 came out
    "Link": f'<{ROOT}>; rel="successor-version"',
}


class Retired:
    """Answers 410 to every method of every path."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Point to v2."""
        request = Request(scope, receive)
        gone = HTTPException(410, "Version 1 is retired; use version 2, under /v2.", HEADERS)
        response: Response = render(gone, request.state.request_id)
        if request.method == "HEAD":
            response.body = b""
        await response(scope, receive, send)
