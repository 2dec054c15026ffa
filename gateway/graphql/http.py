"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/): POST, and GET for queries."""

from __future__ import annotations

from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.kernel.principal import Principal
from gateway.execution import Operation
from gateway.graphql.operations import ChargeCaller, Operations, caller_of, free_for_caller
from gateway.graphql.requests import GraphQLRequest, Identify, read_request
from gateway.graphql.responses import build_rejection, build_response
from transport.negotiation import preferred
from transport.request import IndexedRequest


class GraphQLHttp:
    """An ASGI application for the one path. ``request.state.request_id`` must be set."""

    def __init__(self, identify: Identify, operations: Operations, charge: ChargeCaller = free_for_caller) -> None:
        """``charge``: counts an operation of a caller by its cost."""
        self._identify = identify
        self._charge = charge
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
        charge = partial(self._charge, principal)
        try:
            asked = await read_request(request)
            operation = await self._prepared(request, asked, principal)
            caller = caller_of(request, principal, asked, charge)
        except Exception:
            await charge(0)  # its cost is not known
            raise
        return build_response(await self._operations.run(operation, asked, caller), media)

    async def _prepared(self, request: Request, asked: GraphQLRequest, principal: Principal) -> Operation:
        operation = await self._operations.prepare(asked, principal)
        if operation.subscribes:
            raise HTTPException(400, "Subscriptions need WebSocket, or /graphql/stream for server-sent events.")
        if operation.writes and request.method == "GET":
            raise HTTPException(405, "Send mutations by POST.", {"Allow": "POST"})
        return operation
