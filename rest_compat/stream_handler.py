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
from rest_compat.endpoint import Happening, Stream
from rest_compat.get_handler import written
from rest_compat.parameters import read_parameters
from transport.body import single_header
from transport.errors import error_codes, render
from transport.sse import ENDED, HEADERS, EventStream, Frame, Live, framed

FAILED = "error"
"""The name of the event that says why a stream cannot go on; its data is what a refused request would be answered."""


class Streams:
    """Answers the GET of one endpoint for as long as the caller listens."""

    def __init__(self, log: EventLog, live: Live, action: Stream) -> None:
        self._log = log
        self._live = live
        self._action = action

    async def __call__(self, request: Request, principal: Principal, ids: Mapping[str, str]) -> Response:
        """The stream, begun: whatever is wrong with the request is raised before anything is sent.

        Raises MalformedRequest, CursorExpired, Forbidden, Unavailable, RateLimited (too many streams of the key).
        """
        self._live.admit(principal)
        given = read_parameters(specs(self._action.parameters), request, principal.store.currency)
        resumed = single_header(request, "last-event-id")
        happenings = self._action.follow(self._log, principal, {**given, "after": resumed} if resumed else given)
        begun = await anext(happenings)
        frames = _frames(request, begun, happenings)
        stream = EventStream(principal, frames, revoked=lambda: _failed(request, Unauthenticated(ENDED)))
        return _Streaming(stream, happenings, self._live)


class _Streaming(Response):
    """The response that Starlette sends; to HEAD, what would stand before the stream."""

    def __init__(self, stream: EventStream, happenings: AsyncGenerator[Happening], live: Live) -> None:
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


async def _frames(request: Request, begun: Happening, happenings: AsyncGenerator[Happening]) -> AsyncGenerator[Frame]:
    yield _frame(begun)
    try:
        async for happening in happenings:
            yield _frame(happening)
    except Exception as error:
        yield Frame(_failed(request, error))


def _failed(request: Request, error: Exception) -> bytes:
    """The event that says why the stream cannot go on."""
    request.state.error_codes = error_codes(error)
    return framed(FAILED, bytes(render(error, request.state.request_id).body))


def _frame(happening: Happening) -> Frame:
    if happening.document is None:
        return Frame(b"", happening.cursor)
    return Frame(framed(happening.name, written(happening.document), happening.cursor), happening.cursor)
