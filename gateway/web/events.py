"""``/events``: the live stream of events for people, with a key they type and filters they tick."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from domain.webhooks.event_types import EventType
from gateway.web.pages import STATIC, Page


def event_routes() -> Sequence[BaseRoute]:
    """The page and what it loads; what it shows comes from ``/v2/events`` and ``/v2/events/stream``."""
    page = Page(STATIC / "events", "/events", types=" ".join(EventType))

    async def show(_: Request) -> Response:
        return page.shown()

    return [page.assets(), Route("/events", show, methods=["GET"])]
