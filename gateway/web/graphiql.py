"""GraphiQL at ``/graphql`` for those who come with a browser; its files are the gateway's own (``static/source``)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.web.pages import STATIC, StaticPage
from transport.negotiation import OFFERED, preferred

FOLDER = STATIC / "graphiql"
HTML = "text/html"


class GraphiQL:
    """An ASGI application before the GraphQL transport: the page for clients that prefer HTML, the transport for the
    rest.
    """

    def __init__(self, door: ASGIApp) -> None:
        self._door = door
        self._page = StaticPage(FOLDER, "/graphql")
        self.assets = self._page.assets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request. A request with a ``query`` goes to the transport, whatever it accepts."""
        scope["endpoint"] = self  # as a router sets it, for the request record
        if _wants_page(Request(scope)):
            await self._page.shown()(scope, receive, send)
        else:
            await self._door(scope, receive, send)


def _wants_page(request: Request) -> bool:
    if request.method not in ("GET", "HEAD") or "query" in request.query_params:
        return False
    return preferred(request.headers.getlist("accept"), (*OFFERED, HTML)) == HTML
