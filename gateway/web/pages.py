"""The gateway's own pages: an HTML file, a script, a style sheet, nothing from elsewhere.

A page contains no secret and needs no key: users enter their own. It runs nothing by itself, whatever its URL contains,
and its headers let it load from and connect to this origin only.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping, Sequence
from functools import cached_property
from html import escape
from pathlib import Path
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from domain.events.event_types import EventType

STATIC = Path(__file__).parent.parent / "static"
IMMUTABLE_CACHE = "public, max-age=31536000, immutable"
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
        "form-action {form_targets}",
        "frame-ancestors 'none'",
    )
)
"""The nonce is for style elements that dialogs create; it is new with every response."""
PAGE_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        **_SAFE,
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Vary": "Accept",
    }
)


class StaticPage:
    """The files of one page, and the address that only this version of them has.

    Addresses in its HTML are relative to the page's own, so that it works behind a proxy that adds a prefix.
    """

    def __init__(self, folder: Path, path: str, *, is_above: bool = False, **words: str) -> None:
        """``folder`` contains ``index.html`` and the files it loads from ``{assets}``; ``path`` is the path of the
        page, or with ``is_above`` that above its pages; each of ``words`` replaces its name in braces in the HTML.
        """
        self._is_above = is_above
        self._folder = folder
        self._path = path
        self._words = words

    def shown(self, form_targets: str = "'none'", html: Mapping[str, str] | None = None, **words: str) -> Response:
        """The page, with a nonce of its own.

        ``form_targets``: where its forms may lead, as a content security policy writes it; ``words`` as of the
        constructor, for this response alone; ``html``: the same of trusted HTML.
        """
        nonce = secrets.token_urlsafe(16)
        policy = _POLICY.replace("{nonce}", nonce).replace("{form_targets}", form_targets)
        shown = self._html.replace("{nonce}", nonce)
        for name, word in {**{name: escape(word) for name, word in words.items()}, **(html or {})}.items():
            shown = shown.replace(f"{{{name}}}", word)
        return HTMLResponse(shown, headers={**PAGE_HEADERS, "Content-Security-Policy": policy})

    def assets(self) -> Mount:
        """The route of what it loads."""
        return Mount(f"{self._path}/assets/{self._version}", _Assets(directory=self._folder))

    @cached_property
    def _html(self) -> str:
        own = "" if self._is_above else f"{self._path.rpartition('/')[2]}/"
        assets = f"{own}assets/{self._version}"
        html = (self._folder / "index.html").read_text()
        for name, word in {"assets": assets, **self._words}.items():
            html = html.replace(f"{{{name}}}", escape(word))
        return html

    @cached_property
    def _version(self) -> str:
        digest = hashlib.sha256()
        for file in sorted(os.listdir(self._folder)):
            digest.update((self._folder / file).read_bytes())
        return digest.hexdigest()[:16]


class _Assets(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"Allow": "GET, HEAD"})
        response = await super().get_response(path, scope)
        response.headers.update({**_SAFE, "Cache-Control": IMMUTABLE_CACHE})
        return response


def event_routes() -> Sequence[BaseRoute]:
    """The page and what it loads; what it shows comes from ``/v2/events`` and ``/v2/events/stream``."""
    page = StaticPage(STATIC / "events", "/events", types=" ".join(EventType))

    async def show(_: Request) -> Response:
        return page.shown()

    return [page.assets(), Route("/events", show, methods=["GET"])]
