"""Routes of Starlette for the declared endpoints: one route per path, with all its methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from domain.kernel.budget import UNSHARED_BYTES, Budget, budget
from domain.kernel.crypto import Keyring
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from domain.kernel.principal import Principal
from rest_compat import access, catalog, customers, events, inventory, orders, webhooks
from rest_compat.command_binding import CommandBinding
from rest_compat.endpoint import ROOT, Endpoint, StreamAction, WriteAction
from rest_compat.get_handler import GetHandler
from rest_compat.parameters import read_ids
from rest_compat.stream_handler import StreamHandler
from rest_compat.wire_format import WIRE_FORMAT
from rest_compat.write_handler import WriteHandler
from transport.body import require_acceptable
from transport.errors import error_codes, render_error
from transport.request import IndexedRequest
from transport.response_parts import send_as_taken
from transport.sse import StreamRegistry

GONE = HTTPException(
    410,
    f"Version 1 is retired. Use version 2 at {ROOT}.",
    {
        "Sunset": "Wed, 31 Mar 2027 23:59:59 GMT",
        "Deprecation": "@1767225600",  # RFC 9745: since 2026-01-01, the month of release 2.3
        "Link": f'<{ROOT}>; rel="successor-version"',
    },
)


COUNTED_BODY = UNSHARED_BYTES
"""Bytes of a body; smaller ones cannot exceed a budget."""


@dataclass(frozen=True, slots=True)
class RestDependencies:
    """The dependencies of the routes, from the gateway."""

    database: Database
    keyring: Keyring
    identify: Callable[[Request], Awaitable[Principal]]
    """Who is calling. Raises Unauthenticated, Forbidden."""
    log: EventLog
    """The event log that streams follow."""
    live: StreamRegistry
    """Who watches streams."""
    public_url: str | None = None
    """The public URL of the gateway, without a slash at the end; None: the host of the request."""


Answer = Callable[[Request], Awaitable[Response]]
Door = Callable[[Request, Principal, Mapping[str, str]], Awaitable[Response]]


class Resource:
    """One path as an ASGI application: selects the endpoint by method and renders errors."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self._answers = {**answers, **({"HEAD": answers["GET"]} if "GET" in answers else {})}

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
            response = render_error(error, request.state.request_id, WIRE_FORMAT.name)
        finally:
            budget.reset(token)
            held = spent.close()
        await _send(response, scope, receive, send)
        del held  # the body is counted until here

    def _choose(self, method: str) -> Answer:
        if method not in self._answers:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(self._answers))})
        return self._answers[method]


class ErrorEndpoint:
    """A path that responds to every method with the same error."""

    def __init__(self, error: HTTPException) -> None:
        self._error = error

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        scope["state"]["error_codes"] = error_codes(self._error)
        await _send(render_error(self._error, scope["state"]["request_id"], WIRE_FORMAT.name), scope, receive, send)


class UnknownPath:
    """An unknown path: 401 without a valid key, which is checked first, otherwise 404."""

    def __init__(self, services: RestDependencies) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        error: Exception = HTTPException(404)
        try:
            await self._services.identify(IndexedRequest(scope, receive))
        except Exception as refused:
            error = refused
        scope["state"]["error_codes"] = error_codes(error)
        await _send(render_error(error, scope["state"]["request_id"], WIRE_FORMAT.name), scope, receive, send)


def endpoint_routes(services: RestDependencies, endpoints: Iterable[Endpoint]) -> list[BaseRoute]:
    """A route for each path, literal parts before ``{id}``."""
    by_path: dict[str, dict[str, Answer]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = _answer(services, endpoint)
    paths = sorted(by_path, key=lambda path: [(part.startswith("{"), part) for part in path.split("/")])
    return [Route(ROOT + path, Resource(by_path[path])) for path in paths]


def _answer(services: RestDependencies, endpoint: Endpoint) -> Answer:
    """Authenticate, check the scope and ``Accept``, then call the handler."""
    door = _door(services, endpoint)

    async def answer(request: Request) -> Response:
        principal = await services.identify(request)
        if endpoint.scope is not None:
            principal.require(endpoint.scope)
        require_acceptable(request, endpoint.media)
        return await door(request, principal, read_ids(endpoint, request))

    return answer


def _door(services: RestDependencies, endpoint: Endpoint) -> Door:
    action = endpoint.action
    if isinstance(action, WriteAction):
        return WriteHandler(services.database, services.keyring, endpoint, action, CommandBinding.of(endpoint, action))
    if isinstance(action, StreamAction):
        return StreamHandler(services.log, services.live, action)
    return GetHandler(services.database, action)


async def _send(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["method"] == "HEAD":
        response.body = b""  # its headers are set already, including its length
    await send_as_taken(response, scope, receive, send)


ENDPOINTS: tuple[Endpoint, ...] = (
    *catalog.ENDPOINTS,
    *inventory.ENDPOINTS,
    *customers.ENDPOINTS,
    *orders.ENDPOINTS,
    *access.ENDPOINTS,
    *events.ENDPOINTS,
    *webhooks.ENDPOINTS,
)
