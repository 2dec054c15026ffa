"""The composition root: from settings to an ASGI application. The only place where the adapters are put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Lifespan

import rest_compat
from domain import access, webhooks
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog, Sequencer
from domain.kernel.memory_release import keep_memory_small
from domain.kernel.use_cases.unit_of_work import EventsWritten
from gateway.adapters.karrio import KarrioCarriers
from gateway.adapters.stripe import StripeProcessor
from gateway.analytics import AnalyticsRuntime
from gateway.authentication import Authenticator
from gateway.document_services import DocumentServices
from gateway.edge import EdgeMiddleware
from gateway.error_handlers import error_handlers
from gateway.execution import CompiledEngine, Engine, StrawberryEngine
from gateway.fast_path import GRAPHQL_PATH, FastPath
from gateway.graphql import ConnectionRegistry, GraphQLHttp, GraphQLStream, GraphQLWebSocket, Operations
from gateway.health import health_routes
from gateway.jobs import JobRuntime, cursor_of
from gateway.oauth import oauth_routes
from gateway.page_origins import PageOrigins
from gateway.processors import provide_processors
from gateway.rate_limits import RateLimiter
from gateway.rate_limits.setup import rate_limiter
from gateway.request_queue import RequestQueue
from gateway.security_contact import security_contact_routes
from gateway.settings import Settings
from gateway.shipping_services import provide_shipping
from gateway.shutdown import GracefulShutdown
from gateway.stripe_webhooks import StripeWebhooks
from gateway.telemetry import Telemetry
from gateway.telemetry.exposition import metrics_routes
from gateway.telemetry.request_record import record_fallback, record_principal
from gateway.telemetry.sampler import sample_runtime
from gateway.throttle import OperationThrottle, Throttle, Transport
from gateway.wakeups import Topic, Wakeups
from gateway.web import Compression, GraphiQL, demo_image_routes, event_routes, for_browsers, sandbox_routes
from gateway.webhooks import WebhookRuntime
from gateway.worker import housekeeping
from rest_compat.endpoint import Endpoint
from schema import schema
from schema.strawberry_internals import core_schema
from transport.protocols import CONNECTIONS, LIVE, Connections, file_room
from transport.route_index import indexed


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a process is made of."""

    settings: Settings
    database: Database
    telemetry: Telemetry
    shutdown: GracefulShutdown
    authenticator: Authenticator
    origins: PageOrigins
    limiter: RateLimiter
    throttle: Throttle
    log: EventLog
    live: ConnectionRegistry
    connections: Connections
    documents: DocumentServices
    wakeups: Wakeups
    webhooks: WebhookRuntime
    analytics: AnalyticsRuntime
    jobs: JobRuntime
    sequencer: Sequencer
    operations: Operations
    stripe: StripeProcessor
    carriers: KarrioCarriers


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
    """Build the whole gateway over a database that it opens when the server starts and closes when it stops.

    ``on_close``: releases what belongs to the caller after that; may block. ``sends_webhooks``: not where a worker does
    it, and runs jobs and folds sales; ``poll``: seconds between two looks for due deliveries; ``of`` and ``endpoints``:
    what GraphQL and REST offer. Raises SettingsError when there is no encryption key.
    """
    parts = _build_parts(settings, database, telemetry or Telemetry(), of, poll=poll)
    _connect(parts)
    return _application(parts, _lifespan(parts, on_close, sends_webhooks=sends_webhooks), endpoints)


def _build_parts(
    settings: Settings, database: Database, telemetry: Telemetry, of: strawberry.Schema, *, poll: float
) -> _Parts:
    """What is built, each from what stands above it."""
    authenticator = Authenticator(database, settings.trusted_proxies)
    limiter = rate_limiter(settings, database, telemetry.metrics.counters_away)
    log = EventLog(database)
    documents = DocumentServices(settings, database, core_schema(of))
    wakeups = Wakeups(settings)
    fan_out = webhooks.DeliveryFanOut(database.clock)
    runtime = WebhookRuntime(settings, database, wakeups, telemetry.deliveries, poll=poll)
    return _Parts(
        settings=settings,
        database=database,
        telemetry=telemetry,
        shutdown=GracefulShutdown(settings.drain_delay),
        authenticator=authenticator,
        origins=PageOrigins(database),
        limiter=limiter,
        throttle=Throttle(record_principal(authenticator), limiter, telemetry.metrics, _requests(settings)),
        log=log,
        live=ConnectionRegistry(database),
        connections=_connections(settings, telemetry),
        documents=documents,
        wakeups=wakeups,
        webhooks=runtime,
        analytics=AnalyticsRuntime(database, wakeups),
        jobs=JobRuntime(settings, database, wakeups),
        sequencer=Sequencer(database, _on_positions(log, fan_out, runtime, wakeups), fan_out),
        operations=_operations(settings, database, of, log, documents),
        stripe=provide_processors(settings, database),
        carriers=provide_shipping(settings, database),
    )


def _requests(settings: Settings) -> RequestQueue:
    return RequestQueue(settings.request_slots, settings.request_wait)


def _on_positions(
    log: EventLog, fan_out: webhooks.DeliveryFanOut, runtime: WebhookRuntime, wakeups: Wakeups
) -> Callable[[], None]:
    """What happens when events got their positions: they are read, delivered, and other processes told."""

    def notify() -> None:
        log.wake()
        if fan_out.take_created_flag():
            runtime.wake()
        wakeups.publish(Topic.LOG_GROWN)

    return notify


def _connect(parts: _Parts) -> None:
    """What wakes what: first after commits of this process, then when other processes say so."""
    publish = parts.wakeups.publish
    for signal, handle in (
        (EventsWritten, lambda _: parts.sequencer.wake()),
        (access.KeyInvalidated, parts.authenticator.forget),
        (access.KeyInvalidated, lambda _: parts.live.wake()),
        (access.KeyInvalidated, lambda _: publish(Topic.KEY_ENDED)),
        (access.DocumentsChanged, lambda _: publish(Topic.DOCUMENTS_CHANGED)),
    ):
        parts.database.on_commit(signal, handle)
    for topic, wake in (
        (Topic.LOG_GROWN, parts.log.wake),
        (Topic.KEY_ENDED, parts.authenticator.forget_all),
        (Topic.KEY_ENDED, parts.live.wake),
        (Topic.DOCUMENTS_CHANGED, parts.documents.trusted.forget_all),
    ):
        parts.wakeups.subscribe(topic, wake)


def _background(parts: _Parts, *, sends_webhooks: bool) -> list[Coroutine[Any, Any, None]]:
    """What runs beside the requests."""
    return [
        *housekeeping(parts.settings, parts.database),
        parts.sequencer.run(),
        parts.log.run(),
        parts.live.run(),
        parts.limiter.run(),
        parts.analytics.run_views(),
        sample_runtime(parts.telemetry, parts.database, parts.live, parts.connections, parts.throttle.requests),
        parts.wakeups.run(),
        parts.jobs.check_objects(),
        parts.documents.repeated.run(parts.operations.prepare_document),
        *([parts.webhooks.run(), parts.jobs.run(), parts.analytics.run_fold()] if sends_webhooks else []),
    ]


def _lifespan(parts: _Parts, on_close: Callable[[], None], *, sends_webhooks: bool) -> Lifespan[Starlette]:
    """From the server's start to its end."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[dict[str, object]]:
        try:
            async with _running(parts.database, *_background(parts, sends_webhooks=sends_webhooks)):
                keep_memory_small()
                with parts.shutdown.on_sigterm():
                    yield {LIVE: parts.live, CONNECTIONS: parts.connections}
        finally:
            await parts.documents.close()
            await parts.stripe.close()
            parts.carriers.close()
            await parts.analytics.close()
            await asyncio.to_thread(parts.telemetry.close)
            await asyncio.to_thread(on_close)

    return lifespan


def _application(parts: _Parts, lifespan: Lifespan[Starlette], endpoints: Iterable[Endpoint]) -> ASGIApp:
    """Which path leads where, and what stands before it."""
    operations = OperationThrottle(parts.throttle, Transport.GRAPHQL)
    graphql = GraphiQL(GraphQLHttp(operations.identify, parts.operations, operations.charge))
    routes = _routes(parts, graphql, endpoints)
    identify = parts.throttle.identify_on(Transport.REST)
    application = Starlette(routes=indexed(routes), exception_handlers=error_handlers(identify), lifespan=lifespan)
    recorder = parts.telemetry.recorder
    recorder.register_routes(routes)
    transports: dict[str, ASGIApp] = {"http": _over_http(parts, graphql), "websocket": _sockets(parts)}
    return EdgeMiddleware(
        FastPath(transports, _over_http(parts, application)), parts.settings.trusted_proxies, recorder, parts.shutdown
    )


def _over_http(parts: _Parts, application: ASGIApp) -> ASGIApp:
    """What stands before everything that is served over HTTP."""
    return for_browsers(Compression(application), parts.settings.cors_origins, parts.origins)


def _routes(parts: _Parts, graphql: GraphiQL, endpoints: Iterable[Endpoint]) -> list[BaseRoute]:
    settings, telemetry = parts.settings, parts.telemetry
    throttle = OperationThrottle(parts.throttle, Transport.STREAM)
    stream = GraphQLStream(throttle.identify, parts.operations, parts.live, charge=throttle.charge)
    rest = rest_compat.RestDependencies(
        database=parts.database,
        keyring=settings.keyring,
        identify=parts.throttle.identify_on(Transport.REST),
        log=parts.log,
        live=parts.live,
        public_url=settings.public_url,
    )
    return [
        Route(GRAPHQL_PATH, graphql),
        graphql.assets,
        Route("/graphql/stream", stream),
        *event_routes(),
        *sandbox_routes(parts.database),
        *oauth_routes(parts.database, settings, parts.throttle.enter_on(Transport.OAUTH)),
        *StripeWebhooks(parts.database, parts.stripe).routes(),
        *(demo_image_routes() if settings.demo_images else ()),
        *rest_compat.routes(rest, endpoints),
        *health_routes(parts.database, parts.shutdown),
        *security_contact_routes(settings.security_contact, settings.public_url, parts.database.clock),
        *metrics_routes(telemetry.registry, settings.metrics_token, telemetry.recorder.flush),
    ]


def _sockets(parts: _Parts) -> GraphQLWebSocket:
    return GraphQLWebSocket(
        parts.authenticator,
        parts.operations,
        live=parts.live,
        recorder=parts.telemetry.recorder,
        throttle=OperationThrottle(parts.throttle, Transport.WEBSOCKET),
        origins=parts.settings.cors_origins,
        others=parts.origins,
    )


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


def _operations(
    settings: Settings, database: Database, of: strawberry.Schema, log: EventLog, documents: DocumentServices
) -> Operations:
    """What executes operations of GraphQL."""
    engine = _engine(settings, of, documents)
    return Operations(database, settings.keyring, engine, log, lookup=documents.lookup)


def _engine(settings: Settings, of: strawberry.Schema, documents: DocumentServices) -> Engine:
    """The engine that executes GraphQL."""
    if settings.engine == "strawberry":
        return StrawberryEngine(cursor_of, introspection=settings.introspection, of=of)
    repeated = documents.repeated.repeated
    return CompiledEngine(cursor_of, record_fallback, introspection=settings.introspection, of=of, on_repeated=repeated)
