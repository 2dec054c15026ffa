"""The pages of users: HTML by Jinja2, escaped, without script, with a style of their own and nothing from elsewhere."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Pragma": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS X", "Linux")
"""The first that is named wins: others name themselves as well, for compatibility."""
REDIRECT_HEADERS: Mapping[str, str] = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class PageTemplates:
    """Renders the pages."""

    def render(self, name: str, status: int = 200, *, form_target: str = "", **values: Any) -> Response:
        """A page. ``form_target``: the origin or scheme of another site that a form leads to, by a redirect."""
        nonce = secrets.token_urlsafe(16)
        html = self._environment.get_template(f"{name}.html").render(**values, nonce=nonce)
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action 'self' {form_target}".rstrip()
        )
        return HTMLResponse(html, status, {**_HEADERS, "Content-Security-Policy": policy})

    @cached_property
    def _environment(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - 4 MB, and only pages need it

        environment = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        environment.filters["browser"] = describe_browser
        return environment


def describe_browser(user_agent: str) -> str:
    """A browser and its system in words, such as ``Chrome on Android``; what is unknown as it calls itself."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), None)
    system = next((name for name in _SYSTEMS if name in user_agent), None)
    if browser is None:
        return user_agent or "Unknown browser"
    return browser if system is None else f"{browser} on {system}"
