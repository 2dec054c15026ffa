"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/): POST, and GET for queries."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.graphql.operations import Operations, caller_of
from gateway.graphql.requests import Identify, read_request
from gateway.graphql.responses import build_rejection, build_response
from transport.negotiation import preferred
from transport.request import IndexedRequest


class GraphQLHttp:
    """An ASGI application for the one path. ``request.state.request_id`` must be set."""

    def __init__(self, identify: Identify, operations: Operations) -> None:
        self._identify = identify
        self._operations = operations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = IndexedRequest(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        media = preferred(request.headers.getlist("accept"))
        try:
            return await self._run(request, media)
        except Exception as error:
            return build_rejection(error, request.state.request_id, media)

    async def _run(self, request: Request, media: str | None) -> Response:
        if request.method not in ("GET", "POST"):
            raise HTTPException(405, "Send GET or POST.", {"Allow": "GET, POST"})
        if media is None:
            raise HTTPException(
                406,
                "The response is application/graphql-response+json or application/json, which `Accept` does not allow.",
            )
        principal = await self._identify(request)
        asked = await read_request(request)
        operation = await self._operations.prepare(asked, principal)
        if operation.subscribes:
            raise HTTPException(400, "Subscriptions need WebSocket, or /graphql/stream for server-sent events.")
        if operation.writes and request.method == "GET":
            raise HTTPException(405, "Send mutations by POST.", {"Allow": "POST"})
        caller = caller_of(request, principal, asked)
        return build_response(await self._operations.run(operation, asked, caller), media)
