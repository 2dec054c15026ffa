"""GraphQL over server-sent events, one stream per operation ("distinct connections mode" of
https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md).

An invalid request is refused with a status, as over HTTP. Once there is an operation, its errors are sent in the
stream, as the protocol requires: an ``EventSource`` shows its page nothing of a refused request. The stream ends with
``complete`` when the operation is over, also because its key was revoked, which is reported before. A stream that ends
without ``complete`` was cut (the server stops), and its client reconnects with the last ``Last-Event-ID``.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from domain.kernel.errors import Unauthenticated
from domain.kernel.principal import Principal
from gateway.execution import Operation
from gateway.execution.engine import rejection
from gateway.graphql.connections import ConnectionRegistry
from gateway.graphql.documents import RejectedDocumentError
from gateway.graphql.operations import Caller, ChargeCaller, Operations, caller_of, failures_of, free_for_caller
from gateway.graphql.requests import GraphQLRequest, Identify, read_request
from gateway.graphql.responses import build_rejection
from gateway.telemetry.request_record import keep_slot, release_slot
from transport.body import single_header
from transport.negotiation import preferred
from transport.request import IndexedRequest
from transport.sse import ENDED, EVENT_STREAM, HEARTBEAT_SECONDS, SseFrame, SseResponse, format_event

COMPLETE = b"event: complete\ndata:\n\n"
"""With ``data``: a browser does not dispatch an event without it."""


def next_event(body: bytes, cursor: str | None) -> bytes:
    """One response: the JSON of an execution result."""
    return format_event("next", body, cursor)


def _failed(error: Exception, request_id: str) -> bytes:
    """The response with the reason why an operation is over."""
    return next_event(rejection(failures_of(error, request_id), request_id).body, None)


@dataclass(frozen=True, slots=True)
class _Request:
    """The request and its caller."""

    asked: GraphQLRequest
    caller: Caller
    by_get: bool
    resume_after: str | None


class GraphQLStream:
    """An ASGI application for the one path. ``request.state.request_id`` must be set."""

    def __init__(
        self,
        identify: Identify,
        operations: Operations,
        live: ConnectionRegistry,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        charge: ChargeCaller = free_for_caller,
    ) -> None:
        """``charge``: counts an operation of a caller by its cost."""
        self._identify = identify
        self._charge = charge
        self._operations = operations
        self._live = live
        self._heartbeat_seconds = heartbeat_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = IndexedRequest(scope, receive)
        try:
            asked, operation = await self._admitted(request)
        except Exception as error:
            media = preferred(request.headers.getlist("accept"))
            await build_rejection(error, request.state.request_id, media)(scope, receive, send)
            return
        source = self._frames(asked, operation)
        stream = SseResponse(
            asked.caller.principal,
            source,
            endless=isinstance(operation, Operation) and operation.subscribes,
            revoked=lambda: _failed(Unauthenticated(ENDED), request.state.request_id) + COMPLETE,
        )
        await stream.respond(self._live, receive, send, self._heartbeat_seconds)

    async def _admitted(self, request: Request) -> tuple[_Request, Operation | RejectedDocumentError]:
        """The request and its operation, counted before the response begins. Raises RateLimited."""
        principal = await self._principal(request)
        try:
            asked = await self._read(request, principal)
            operation = await self._prepared(asked)
        except Exception:
            await self._charge(principal, 0)  # its cost is not known
            raise
        if isinstance(operation, RejectedDocumentError):
            await self._charge(principal, 0)
            return asked, operation
        if not operation.subscribes:
            keep_slot()  # it runs after the response has begun
        caller = await self._operations.charged(operation, asked.asked, asked.caller)
        return replace(asked, caller=caller), operation

    async def _principal(self, request: Request) -> Principal:
        if request.method not in ("GET", "POST"):
            raise HTTPException(405, "Send GET or POST.", {"Allow": "GET, POST"})
        if preferred(request.headers.getlist("accept"), (EVENT_STREAM,)) is None:
            raise HTTPException(406, f"The response is {EVENT_STREAM}, which `Accept` does not allow.")
        principal = await self._identify(request)
        self._live.admit(principal)
        return principal

    async def _read(self, request: Request, principal: Principal) -> _Request:
        asked = await read_request(request)
        caller = caller_of(request, principal, asked, partial(self._charge, principal))
        return _Request(asked, caller, request.method == "GET", single_header(request, "last-event-id") or None)

    async def _prepared(self, request: _Request) -> Operation | RejectedDocumentError:
        try:
            operation = await self._operations.prepare(request.asked, request.caller.principal)
        except RejectedDocumentError as error:
            return error
        if operation.writes and request.by_get:
            raise HTTPException(405, "Send mutations by POST.", {"Allow": "POST"})
        return operation

    async def _frames(
        self, request: _Request, operation: Operation | RejectedDocumentError
    ) -> AsyncGenerator[SseFrame]:
        request_id = request.caller.request_id
        try:
            if isinstance(operation, RejectedDocumentError):
                raise operation
            run = self._follow if operation.subscribes else self._ask
            async with aclosing(run(request, operation)) as frames:
                async for frame in frames:
                    yield frame
        except Exception as error:
            yield SseFrame(_failed(error, request_id))
        yield SseFrame(COMPLETE)

    async def _ask(self, request: _Request, operation: Operation) -> AsyncGenerator[SseFrame]:
        done = await self._operations.run(operation, request.asked, request.caller)
        release_slot()
        yield SseFrame(next_event(done.marked_body, None))

    async def _follow(self, request: _Request, operation: Operation) -> AsyncGenerator[SseFrame]:
        stream = self._operations.follow(operation, request.asked, request.caller, request.resume_after)
        async with aclosing(stream) as responses:
            async for each in responses:
                yield SseFrame(next_event(each.body, each.cursor) if each.body else b"", each.cursor)
