"""Responses to requests without a route, and to errors that nobody else handles."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from domain.kernel.errors import DomainError
from domain.kernel.principal import Principal
from gateway.edge import OPEN_PATHS
from gateway.telemetry.request_record import record_errors
from transport.errors import error_codes, render_error


def error_handlers(identify: Callable[[HTTPConnection], Awaitable[Principal]]) -> Mapping[Any, Any]:
    """The response to paths without a route. Without a valid key, an unknown path is 401: authentication comes before
    404.
    """

    async def last_resort(request: Request, error: Exception) -> Response:
        record_errors(error_codes(error))
        return render_error(error, request.state.request_id)

    async def unknown(request: Request, error: Exception) -> Response:
        if "endpoint" in request.scope or request.url.path in OPEN_PATHS:  # a page's file, or /metrics turned off
            return await last_resort(request, error)
        try:
            await identify(request)
        except DomainError as refused:
            return await last_resort(request, refused)
        return await last_resort(request, error)

    return {Exception: last_resort, 404: unknown, 405: last_resort}
