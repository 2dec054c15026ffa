"""The pictures of the demo shop, where the gateway serves it. They need no key, and any page may show them."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.demo.pictures import PATH, picture

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=86400",
}
"""Cached for a day: another version of the gateway may draw them differently. Opened as a page, an image runs no
script.
"""


def demo_image_routes() -> list[BaseRoute]:
    """The route of all pictures."""
    return [Route(f"{PATH}{{sku}}.svg", _shown)]


async def _shown(request: Request) -> Response:
    drawn = picture(request.path_params["sku"])
    if drawn is None:
        raise HTTPException(404)
    return Response(drawn, headers=_HEADERS, media_type="image/svg+xml")
