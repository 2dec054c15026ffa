"""The composition root: settings in, an ASGI application out. The only place where the real parts meet."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

import rest_compat
from domain import access, events, webhooks
from domain.kernel.budget import keep_memory_small
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.errors import DomainError
from domain.kernel.event_log import EventLog, Sequencer
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import EventsWritten
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.authentication import Authenticator
from gateway.document_services import DocumentServices
from gateway.edge import OPEN_PATHS, EdgeMiddleware
from gateway.execution import CompiledEngine, Engine, StrawberryEngine
from gateway.graphql import ConnectionRegistry, GraphQLHttp, GraphQLStream, GraphQLWebSocket, Operations
from gateway.health import health_routes
from gateway.settings import Settings
from gateway.shutdown import GracefulShutdown
from gateway.telemetry import Telemetry
from gateway.telemetry.exposition import metrics_routes
from gateway.telemetry.request_record import record_errors, record_fallback, record_principal
from gateway.telemetry.sampler import sample_runtime
from gateway.wakeups import Topic, Wakeups
from gateway.web import Compression, GraphiQL, demo_image_routes, event_routes, for_browsers
from gateway.webhooks import WebhookRuntime
from gateway.worker import run_maintenance, run_reconciler
from rest_compat.endpoint import Endpoint
from schema import schema
from transport.errors import error_codes, render_error
from transport.protocols import CONNECTIONS, LIVE, Connections, file_room


def database_options(settings: Settings, url: str) -> DatabaseOptions:
    """How the gateway uses the database at ``url``."""
    system_url = settings.database_system_url
    return DatabaseOptions(
        url=url,
        system_url=None if system_url is None else system_url.get_secret_value(),
        read_connections=settings.database_connections,
        write_connections=settings.database_connections,
        system_connections=settings.database_system_connections,
        identity_connections=settings.database_identity_connections,
        reactions=SIGNAL_HANDLERS,
    )


def build(
    settings: Settings,
    database: Database,
    telemetry: Telemetry | None = None,
    on_close: Callable[[], None] = lambda: None,
    *,
    sends_webhooks: bool = True,
    poll: float = webhooks.DISPATCH_POLL_INTERVAL,
    of: strawberry.Schema = schema,
    endpoints: Iterable[Endpoint] = rest_compat.ENDPOINTS,
) -> ASGIApp:
    """The whole gateway over a database that it opens when the server starts and closes when it stops.

    ``on_close``: what to let go of after that; may block. ``sends_webhooks``: not where a worker does it; ``poll``:
    seconds after which it looks for deliveries unasked; ``of`` and ``endpoints``: what GraphQL and REST offer. Raises
    SettingsError when there is no encryption key.
    """
    keyring = settings.keyring
    telemetry = telemetry or Telemetry()
    draining = GracefulShutdown(settings.drain_delay)
    known = Authenticator(database, settings.trusted_proxies)
    database.on_commit(access.KeyInvalidated, known.forget)
    identify = record_principal(known)
    log = EventLog(database)
    live = ConnectionRegistry(database)
    connections = _connections(settings, telemetry)

    engine = _engine(settings, of)
    naming = DocumentServices(settings, database, engine.schema)
    wakeups = Wakeups(settings)
    _subscribe_wakeups(wakeups, log, known, live, naming)
    delivering = WebhookRuntime(settings, database, wakeups, telemetry.deliveries, poll=poll)

    planner = webhooks.DeliveryFanOut(database.clock)

    def placed() -> None:
        log.wake()
        if planner.take_created_flag():
            delivering.tell()
        wakeups.publish(Topic.LOG_GROWN)

    def ended(_: access.KeyInvalidated) -> None:
        live.wake()
        wakeups.publish(Topic.KEY_ENDED)

    sequencer = Sequencer(database, placed, planner)
    database.on_commit(EventsWritten, lambda _: sequencer.wake())
    database.on_commit(access.KeyInvalidated, ended)
    database.on_commit(access.DocumentsChanged, lambda _: wakeups.publish(Topic.DOCUMENTS_CHANGED))
    operations = Operations(database, keyring, engine, log, lookup=naming.lookup)
    sockets = GraphQLWebSocket(known, operations, live=live, recorder=telemetry.recorder, origins=settings.cors_origins)
    services = rest_compat.RestDependencies(
        database=database, keyring=keyring, identify=identify, log=log, live=live, public_url=settings.public_url
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[dict[str, object]]:
        work = [
            run_maintenance(database, settings.event_retention),
            run_reconciler(database),
            sequencer.run(),
            log.run(),
            live.run(),
            sample_runtime(telemetry, database, live, connections),
            wakeups.run(),
        ]
        work += [delivering.run()] if sends_webhooks else []
        try:
            async with _running(database, *work):
                _freeze_gc()
                with draining.on_sigterm():
                    yield {LIVE: live, CONNECTIONS: connections}
        finally:
            await naming.close()
            await asyncio.to_thread(telemetry.close)
            await asyncio.to_thread(on_close)

    graphql = GraphiQL(GraphQLHttp(identify, operations))
    routes = [
        Route("/graphql", graphql),
        graphql.assets,
        Route("/graphql/stream", GraphQLStream(identify, operations, live)),
        *event_routes(),
        *(demo_image_routes() if settings.demo_images else ()),
        *rest_compat.routes(services, endpoints),
        *health_routes(database, draining),
        *metrics_routes(telemetry.registry, settings.metrics_token, telemetry.recorder.flush),
    ]
    application = Starlette(routes=routes, exception_handlers=_handlers(identify), lifespan=lifespan)
    telemetry.recorder.register_routes(routes)
    opened = for_browsers(Compression(_FastPath("http", graphql, application)), settings.cors_origins)
    doors = _FastPath("websocket", sockets, opened)
    return EdgeMiddleware(doors, settings.trusted_proxies, telemetry.recorder, draining)


def _subscribe_wakeups(
    wakeups: Wakeups, log: EventLog, known: Authenticator, live: ConnectionRegistry, naming: DocumentServices
) -> None:
    """What other processes tell, to whom it matters."""
    wakeups.subscribe(Topic.LOG_GROWN, log.wake)
    wakeups.subscribe(Topic.KEY_ENDED, known.forget_all)
    wakeups.subscribe(Topic.KEY_ENDED, live.wake)
    wakeups.subscribe(Topic.DOCUMENTS_CHANGED, naming.trusted.forget_all)


class _FastPath:
    """What asks GraphQL goes straight to its door, which needs nothing of a router and its middleware: they take a
    twentieth of a small query, and 3 KB of a socket for as long as it stays.
    """

    def __init__(self, kind: str, door: ASGIApp, application: ASGIApp) -> None:
        self._kind = kind
        self._door = door
        self._application = application

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != self._kind or scope["path"] != "/graphql":
            return self._application(scope, receive, send)
        scope["endpoint"] = self._door  # as a router says it, for those who watch
        return self._door(scope, receive, send)


@asynccontextmanager
async def _running(database: Database, *work: Coroutine[Any, Any, None]) -> AsyncGenerator[None]:
    """The database open, and ``work`` done beside the requests until the end."""
    await database.open()
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()


def _connections(settings: Settings, telemetry: Telemetry) -> Connections:
    """How many clients may be connected to this process."""
    most = min(settings.connections, file_room())
    each = settings.connections_per_address
    return Connections(most, each, settings.trusted_proxies, refused=telemetry.metrics.refused)


def _engine(settings: Settings, of: strawberry.Schema) -> Engine:
    """What executes GraphQL."""
    if settings.engine == "strawberry":
        return StrawberryEngine(events.cursor_of, introspection=settings.introspection, of=of)
    return CompiledEngine(events.cursor_of, record_fallback, introspection=settings.introspection, of=of)


def _handlers(identify: Callable[[HTTPConnection], Awaitable[Principal]]) -> Mapping[Any, Any]:
    """What is answered where no route has an answer. Without a key an unknown address is 401: that comes before 404."""

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


def _freeze_gc() -> None:
    """What is loaded at start stays: the collector need not look at it again."""
    keep_memory_small()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
