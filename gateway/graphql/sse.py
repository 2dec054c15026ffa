"""GraphQL over server-sent events, one stream an operation ("distinct connections mode" of
https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md).

A request that is none is refused with a status, as over HTTP. Once there is an operation, whatever is wrong with it is
told in the stream, as the protocol wants it: an ``EventSource`` shows its page nothing of a refused request. The stream
ends with ``complete`` when the operation is over; one that ends without was cut (the server stops, the key has ended),
and its client connects again, with the ``Last-Event-ID`` it has been given.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.execution import Operation
from gateway.execution.port import refusal
from gateway.graphql.answering import refused
from gateway.graphql.asking import Asked, Identify, read_asked
from gateway.graphql.documents import CannotRunError
from gateway.graphql.live import Ending, Live
from gateway.graphql.negotiation import EVENT_STREAM, preferred
from gateway.graphql.operations import Caller, Operations, failures_of
from rest_compat.reading import single_header

HEARTBEAT_SECONDS = 12.0
"""A line now and then keeps proxies from closing a quiet stream, most of which wait 30 or 60 s."""
COMPLETE = b"event: complete\ndata:\n\n"
"""With ``data``: a browser does not tell its page of an event without."""
HEADERS = {
    "Content-Type": f"{EVENT_STREAM}; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would wait for more
}


def next_event(body: bytes, cursor: str | None) -> bytes:
    """One response: the JSON of an execution result, which has no line breaks."""
    return b"event: next\n" + _id(cursor) + b"data: " + body + b"\n\n"


def heartbeat(cursor: str | None) -> bytes:
    """No event, for it has no data; but its id is remembered by the browser, to resume from."""
    return b":\n" + _id(cursor) + b"\n"


def _id(cursor: str | None) -> bytes:
    return b"" if cursor is None else b"id: " + cursor.encode() + b"\n"


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked, by whom."""

    asked: Asked
    caller: Caller
    by_get: bool
    resume_after: str | None


class GraphQLStream:
    """An ASGI application for the one path. ``request.state.request_id`` must be set."""

    def __init__(
        self, identify: Identify, operations: Operations, live: Live, heartbeat_seconds: float = HEARTBEAT_SECONDS
    ) -> None:
        self._identify = identify
        self._operations = operations
        self._live = live
        self._heartbeat_seconds = heartbeat_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            asked = await self._read(request)
            operation = self._prepared(asked)
        except Exception as error:
            media = preferred(request.headers.getlist("accept"))
            await refused(error, request.state.request_id, media)(scope, receive, send)
            return
        stream = _Stream(asked, operation, self._operations, send)
        self._live.enter(stream)
        try:
            await stream.run(receive, self._heartbeat_seconds)
        finally:
            self._live.leave(stream)

    async def _read(self, request: Request) -> _Request:
        if request.method not in ("GET", "POST"):
            raise HTTPException(405, "Send GET or POST.", {"Allow": "GET, POST"})
        if preferred(request.headers.getlist("accept"), (EVENT_STREAM,)) is None:
            raise HTTPException(406, f"Answers are {EVENT_STREAM}.")
        principal = await self._identify(request)
        asked = await read_asked(request)
        caller = Caller(principal, request.state.request_id, single_header(request, "idempotency-key"))
        return _Request(asked, caller, request.method == "GET", single_header(request, "last-event-id") or None)

    def _prepared(self, request: _Request) -> Operation | CannotRunError:
        try:
            operation = self._operations.prepare(request.asked)
        except CannotRunError as error:
            return error
        if operation.writes and request.by_get:
            raise HTTPException(405, "Send mutations by POST.", {"Allow": "POST"})
        return operation


class _Stream:
    """One response, until its operation is over or its reader is gone."""

    def __init__(
        self, request: _Request, operation: Operation | CannotRunError, operations: Operations, send: Send
    ) -> None:
        self.principal = request.caller.principal
        self._request = request
        self._operation = operation
        self._operations = operations
        self._send = send
        self._turn = asyncio.Lock()
        self._passed: str | None = None
        """A cursor that the reader has not been told yet."""
        self._pump: asyncio.Task[None] | None = None
        self._ended = False

    def end(self, why: Ending) -> None:
        """See ``live.Connection``. A query or mutation is soon over by itself."""
        self._ended = True
        if self._pump is not None and isinstance(self._operation, Operation) and self._operation.subscribes:
            self._pump.cancel()

    async def run(self, receive: Receive, heartbeat_seconds: float) -> None:
        """Send the stream."""
        headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        self._pump = asyncio.create_task(self._run_operation())
        gone = asyncio.create_task(_disconnected(receive))
        if self._ended:
            self.end(Ending.RESTARTING)
        try:
            both: set[asyncio.Task[None]] = {self._pump, gone}
            while not (await asyncio.wait(both, timeout=heartbeat_seconds, return_when=asyncio.FIRST_COMPLETED))[0]:
                await self._write(b"")
        finally:
            self._pump.cancel()
            gone.cancel()
            await asyncio.wait((self._pump, gone))
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _run_operation(self) -> None:
        request_id = self._request.caller.request_id
        try:
            if isinstance(self._operation, CannotRunError):
                raise self._operation
            run = self._follow if self._operation.subscribes else self._ask
            async with aclosing(run(self._operation)) as events:
                async for event in events:
                    await self._write(event)
        except Exception as error:
            body = refusal(failures_of(error, request_id), request_id).body
            await self._write(next_event(body, None))
        await self._write(COMPLETE)

    async def _ask(self, operation: Operation) -> AsyncGenerator[bytes]:
        done = await self._operations.run(operation, self._request.asked, self._request.caller)
        yield next_event(done.marked_body, None)

    async def _follow(self, operation: Operation) -> AsyncGenerator[bytes]:
        request = self._request
        stream = self._operations.follow(operation, request.asked, request.caller, request.resume_after)
        told = False
        async with aclosing(stream) as responses:
            async for each in responses:
                if each.body:
                    self._passed = None
                    yield next_event(each.body, each.cursor)
                else:
                    self._passed = each.cursor  # told with the next heartbeat; the first at once
                    if not told:
                        yield b""
                told = True
                await asyncio.sleep(0)  # while one catches up, the others have their turn

    async def _write(self, event: bytes) -> None:
        """Send an event, or a heartbeat for none, when the reader has taken those before."""
        async with self._turn:
            if not event:
                event, self._passed = heartbeat(self._passed), None
            await self._send({"type": "http.response.body", "body": event, "more_body": True})


async def _disconnected(receive: Receive) -> None:
    """Wait until the reader is gone."""
    with suppress(asyncio.CancelledError):
        while (await receive())["type"] != "http.disconnect":
            pass
