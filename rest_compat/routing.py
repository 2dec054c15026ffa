"""Routes of Starlette for the declared endpoints: one route per path, with all its methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from domain.kernel.crypto import Keyring
from domain.kernel.database import Database
from domain.kernel.errors import Forbidden
from domain.kernel.event_log import EventLog
from domain.kernel.principal import Principal
from rest_compat import (
    access,
    analytics,
    catalog,
    customers,
    events,
    inventory,
    jobs,
    orders,
    payments,
    shipping,
    webhooks,
)
from rest_compat.actions import (
    CalculationAction,
    ExportAction,
    FileAction,
    PageAction,
    ReportAction,
    StreamAction,
    WriteAction,
)
from rest_compat.calculation_handler import CalculationHandler
from rest_compat.command_binding import CommandBinding
from rest_compat.download_handler import DownloadHandler
from rest_compat.downloads import DownloadAction
from rest_compat.endpoint import Endpoint
from rest_compat.export_handler import ExportHandler
from rest_compat.file_handler import FileHandler
from rest_compat.get_handler import GetHandler, PageHandler
from rest_compat.objects import ROOT
from rest_compat.parameters import read_ids
from rest_compat.report_handler import ReportHandler
from rest_compat.stream_handler import StreamHandler
from rest_compat.streamed_upload_handler import StreamedUploadHandler
from rest_compat.upload_handler import UploadHandler
from rest_compat.uploads import StreamedUploadAction, UploadAction
from rest_compat.wire_format import WIRE_FORMAT
from rest_compat.write_handler import WriteHandler
from transport.body import require_acceptable
from transport.request import IndexedRequest
from transport.resource import Handler, Resource, send_error
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


Door = Callable[[Request, Principal, Mapping[str, str]], Awaitable[Response]]


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
        await send_error(error, scope, receive, send)


def endpoint_routes(services: RestDependencies, endpoints: Iterable[Endpoint]) -> list[BaseRoute]:
    """A route for each path, literal parts before ``{id}``."""
    by_path: dict[str, dict[str, Handler]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, {})[endpoint.method] = _answer(services, endpoint)
    paths = sorted(by_path, key=lambda path: [(part.startswith("{"), part) for part in path.split("/")])
    return [Route(ROOT + path, Resource(by_path[path], WIRE_FORMAT.name)) for path in paths]


def _answer(services: RestDependencies, endpoint: Endpoint) -> Handler:
    """Authenticate, check the scope and ``Accept``, then call the handler."""
    door = _door(services, endpoint)

    async def answer(request: Request) -> Response:
        principal = await services.identify(request)
        if principal.storefront is not None and not endpoint.is_public:
            raise Forbidden("A publishable key reads the catalog only. Use a secret key, on a server.")
        if endpoint.scope is not None:
            principal.require(endpoint.scope)
        require_acceptable(request, *endpoint.media_types)
        return await door(request, principal, read_ids(endpoint, request))

    return answer


def _door(services: RestDependencies, endpoint: Endpoint) -> Door:
    action = endpoint.action
    if isinstance(action, StreamedUploadAction):
        binding = CommandBinding.of(endpoint, action)
        return StreamedUploadHandler(services.database, services.keyring, endpoint, action, binding)
    if isinstance(action, UploadAction):
        return UploadHandler(services.database, services.keyring, endpoint, action, CommandBinding.of(endpoint, action))
    if isinstance(action, WriteAction):
        return WriteHandler(services.database, services.keyring, endpoint, action, CommandBinding.of(endpoint, action))
    if isinstance(action, CalculationAction):
        return CalculationHandler(services.database, endpoint, action, CommandBinding.of(endpoint, action))
    if isinstance(action, ExportAction):
        return ExportHandler(services.database, action)
    if isinstance(action, FileAction):
        return FileHandler(services.database, action)
    if isinstance(action, ReportAction):
        return ReportHandler(services.database, action)
    if isinstance(action, DownloadAction):
        return DownloadHandler(services.database, action)
    if isinstance(action, StreamAction):
        return StreamHandler(services.log, services.live, action)
    if isinstance(action, PageAction):
        return PageHandler(services.database, action)
    return GetHandler(services.database, action)


ENDPOINTS: tuple[Endpoint, ...] = (
    *catalog.ENDPOINTS,
    *inventory.ENDPOINTS,
    *customers.ENDPOINTS,
    *orders.ENDPOINTS,
    *payments.ENDPOINTS,
    *shipping.ENDPOINTS,
    *access.ENDPOINTS,
    *events.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *analytics.ENDPOINTS,
    *jobs.ENDPOINTS,
)
