"""Paths as ASGI applications: they select a handler by method, render errors, and count the response in a budget."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.kernel.budget import UNSHARED_BYTES, Budget, budget
from transport.errors import FieldName, error_codes, render_error
from transport.request import IndexedRequest
from transport.response_parts import send_as_taken

COUNTED_BODY = UNSHARED_BYTES
"""Bytes of a body; smaller ones cannot exceed a budget."""

Handler = Callable[[Request], Awaitable[Response]]


class Resource:
    """One path as an ASGI application: selects the handler by method and renders errors."""

    def __init__(self, handlers: Mapping[str, Handler], field_name: FieldName = str) -> None:
        """``handlers``: by method; GET handles HEAD as well. ``field_name``: how errors name a field."""
        self._handlers = {**handlers, **({"HEAD": handlers["GET"]} if "GET" in handlers else {})}
        self._field_name = field_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        request, spent = IndexedRequest(scope, receive), Budget()
        token = budget.set(spent)
        try:
            response = await self._choose(request.method)(request)
            if len(response.body) > COUNTED_BODY:
                spent.take_answer(len(response.body))
        except Exception as error:
            request.state.error_codes = error_codes(error)  # for the request record
            response = render_error(error, request.state.request_id, self._field_name)
        finally:
            budget.reset(token)
            held = spent.close()
        await _send(response, scope, receive, send)
        del held  # the body is counted until here

    def _choose(self, method: str) -> Handler:
        if method not in self._handlers:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(self._handlers))})
        return self._handlers[method]


class ErrorEndpoint:
    """A path that responds to every method with the same error."""

    def __init__(self, error: HTTPException) -> None:
        self._error = error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        await send_error(self._error, scope, receive, send)


async def send_error(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the response to an exception of any kind, and note its codes for the request record."""
    scope["state"]["error_codes"] = error_codes(error)
    await _send(render_error(error, scope["state"]["request_id"]), scope, receive, send)


async def _send(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] == "HEAD":
        response.body = b""  # its headers are set already, including its length
    await send_as_taken(response, scope, receive, send)
