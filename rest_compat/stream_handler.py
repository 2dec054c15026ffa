"""GET of what goes on: a stream of server-sent events."""

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
from rest_compat.endpoint import StreamAction, StreamEvent
from rest_compat.get_handler import encode_document
from rest_compat.parameters import read_parameters
from rest_compat.wire_format import WIRE_FORMAT
from transport.body import single_header
from transport.errors import error_codes, render_error
from transport.sse import ENDED, HEADERS, SseFrame, SseResponse, StreamRegistry, format_event

FAILED = "error"
"""The name of the event that ends a stream with an error; its data is the body of an error response."""


class StreamHandler:
    """Handles the GET of one endpoint until the client disconnects."""

    def __init__(self, log: EventLog, live: StreamRegistry, action: StreamAction) -> None:
        self._log = log
        self._live = live
        self._action = action

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """The started stream. All errors of the request are raised before anything is sent.

        Raises MalformedRequest, CursorExpired, Forbidden, Unavailable, RateLimited (too many streams of the key).
        """
        self._live.admit(principal)
        given = read_parameters(specs(self._action.parameters), request, principal.store.currency)
        resumed = single_header(request, "last-event-id")
        happenings = self._action.follow(self._log, principal, {**given, "after": resumed} if resumed else given)
        begun = await anext(happenings)
        frames = _frames(request, begun, happenings)
        stream = SseResponse(principal, frames, revoked=lambda: _failed(request, Unauthenticated(ENDED)))
        return _Streaming(stream, happenings, self._live)


class _Streaming(Response):
    """The response that Starlette sends; to HEAD, what would stand before the stream."""

    def __init__(self, stream: SseResponse, happenings: AsyncGenerator[StreamEvent], live: StreamRegistry) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._stream = stream
        self._happenings = happenings
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        async with aclosing(self._happenings):
            if scope["method"] == "HEAD":
                await super().__call__(scope, receive, send)
            else:
                await self._stream.respond(self._live, receive, send)


async def _frames(
    request: Request, begun: StreamEvent, happenings: AsyncGenerator[StreamEvent]
) -> AsyncGenerator[SseFrame]:
    yield _frame(begun)
    try:
        async for happening in happenings:
            yield _frame(happening)
    except Exception as error:
        yield SseFrame(_failed(request, error))


def _failed(request: Request, error: Exception) -> bytes:
    """The event with the error that ends the stream."""
    request.state.error_codes = error_codes(error)
    return format_event(FAILED, bytes(render_error(error, request.state.request_id, WIRE_FORMAT.name).body))


def _frame(happening: StreamEvent) -> SseFrame:
    if happening.document is None:
        return SseFrame(b"", happening.cursor)
    return SseFrame(
        format_event(happening.name, encode_document(happening.document), happening.cursor), happening.cursor
    )
