"""The GET handler of streams of server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.kernel.errors import Unauthenticated
from domain.kernel.event_log import EventLog
from domain.kernel.fields import specs
from domain.kernel.principal import Principal
from rest_compat.actions import StreamAction, StreamEvent
from rest_compat.get_handler import encode_document
from rest_compat.parameters import read_parameters
from rest_compat.wire_format import WIRE_FORMAT
from transport.body import single_header
from transport.errors import error_codes, render_error
from transport.sse import ENDED, HEADERS, SseFrame, SseResponse, StreamRegistry, format_event

FAILED = "error"
"""The name of the event that ends a failed stream. Its data is an error response."""


class StreamHandler:
    """Serves the stream of one endpoint until the client disconnects."""

    def __init__(self, log: EventLog, streams: StreamRegistry, action: StreamAction) -> None:
        self._log = log
        self._streams = streams
        self._action = action

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """Start the stream. Errors of the request are raised before anything is sent.

        Raises MalformedRequest, CursorExpired, Forbidden, Unavailable, RateLimited (too many streams of the key).
        """
        self._streams.admit(principal)
        parameters = read_parameters(specs(self._action.parameters), request, principal.store.currency)
        resumed = single_header(request, "last-event-id")
        events = self._action.follow(self._log, principal, {**parameters, "after": resumed} if resumed else parameters)
        first = await anext(events)
        frames = _frames(request, first, events)
        stream = SseResponse(principal, frames, revoked=lambda: _failed(request, Unauthenticated(ENDED)))
        return _EventStreamResponse(stream, events, self._streams)


class _EventStreamResponse(Response):
    """The response for Starlette; to HEAD, its headers alone."""

    def __init__(self, stream: SseResponse, events: AsyncGenerator[StreamEvent], streams: StreamRegistry) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._stream = stream
        self._events = events
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        async with aclosing(self._events):
            if scope["method"] == "HEAD":
                await super().__call__(scope, receive, send)
            else:
                await self._stream.respond(self._streams, receive, send)


async def _frames(
    request: Request, first: StreamEvent, events: AsyncGenerator[StreamEvent]
) -> AsyncGenerator[SseFrame]:
    yield _frame(first)
    try:
        async for event in events:
            yield _frame(event)
    except Exception as error:
        yield SseFrame(_failed(request, error))


def _failed(request: Request, error: Exception) -> bytes:
    """Build the event that ends a failed stream."""
    request.state.error_codes = error_codes(error)
    return format_event(FAILED, bytes(render_error(error, request.state.request_id, WIRE_FORMAT.name).body))


def _frame(event: StreamEvent) -> SseFrame:
    if event.document is None:
        return SseFrame(b"", event.cursor)
    return SseFrame(format_event(event.name, encode_document(event.document), event.cursor), event.cursor)
