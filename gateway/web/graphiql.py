"""GraphiQL at ``/graphql`` for those who come with a browser; its files are the gateway's own (``static/source``).

The page holds no secret and needs no key: whoever opens it types theirs. It runs nothing by itself, whatever the
address says, and its headers let it load from and talk to this origin only.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.graphql.negotiation import OFFERED, preferred

FOLDER = Path(__file__).parent.parent / "static" / "graphiql"
HTML = "text/html"
CACHED = "public, max-age=31536000, immutable"
"""A year: the address of an asset changes with what is in it."""

_SAFE: Mapping[str, str] = MappingProxyType(
    {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'nonce-{nonce}'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""The nonce is for style elements that dialogs make; it is new with every answer."""
PAGE_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        **_SAFE,
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Vary": "Accept",
    }
)


class GraphiQL:
    """An ASGI application before the GraphQL door: the page for who would rather have HTML, the door for the rest."""

    def __init__(self, door: ASGIApp) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. One with a ``query`` is the door's, whatever it accepts."""
        if _wants_page(Request(scope)):
            await _page()(scope, receive, send)
        else:
            await self._door(scope, receive, send)


def asset_routes() -> Sequence[BaseRoute]:
    """The script and the style sheet of the page, under an address that only this version of them has."""
    return [Mount(f"/graphql/assets/{_version()}", _Assets(directory=FOLDER))]


class _Assets(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        response = await super().get_response(path, scope)
        response.headers.update({**_SAFE, "Cache-Control": CACHED})
        return response


def _wants_page(request: Request) -> bool:
    if request.method not in ("GET", "HEAD") or "query" in request.query_params:
        return False
    return preferred(request.headers.getlist("accept"), (*OFFERED, HTML)) == HTML


def _page() -> Response:
    nonce = secrets.token_urlsafe(16)
    policy = {"Content-Security-Policy": _POLICY.replace("{nonce}", nonce)}
    return HTMLResponse(_html().replace("{nonce}", nonce), headers={**PAGE_HEADERS, **policy})


@cache
def _html() -> str:
    """With addresses relative to the page's own, so that it works behind a proxy that adds a prefix."""
    return (FOLDER / "index.html").read_text().replace("{assets}", f"graphql/assets/{_version()}")


@cache
def _version() -> str:
    digest = hashlib.sha256()
    for file in sorted(os.listdir(FOLDER)):
        digest.update((FOLDER / file).read_bytes())
    return digest.hexdigest()[:16]
