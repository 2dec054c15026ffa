"""The composition root: from settings to an ASGI application. ``parts.py`` builds the parts, with their adapters.

Here is what wakes what, what runs beside the requests, and which path leads where.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any

import strawberry
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Lifespan

import rest_compat
from domain import access, webhooks
from domain.kernel.database import Database
from domain.kernel.memory_release import keep_memory_small
from domain.kernel.use_cases.unit_of_work import EventsWritten
from gateway.background_tasks import end_tasks
from gateway.edge import EdgeMiddleware
from gateway.error_handlers import error_handlers
from gateway.fast_path import GRAPHQL_PATH, FastPath
from gateway.graphql import GraphQLHttp, GraphQLStream, GraphQLWebSocket
from gateway.health import health_routes
from gateway.oauth import oauth_routes
from gateway.parts import Parts, build_parts
from gateway.security_contact import security_contact_routes
from gateway.settings import Settings
from gateway.stripe_webhooks import StripeWebhooks
from gateway.telemetry import Telemetry
from gateway.telemetry.exposition import metrics_routes
from gateway.telemetry.sampler import sample_runtime
from gateway.throttle import OperationThrottle, Transport
from gateway.wakeups import Topic
from gateway.web import Compression, GraphiQL, demo_image_routes, event_routes, for_browsers, sandbox_routes
from gateway.worker import housekeeping
from rest_compat.endpoint import Endpoint
from schema import schema
from transport.protocols import CONNECTIONS, LIVE
from transport.route_index import indexed


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
    parts = build_parts(settings, database, telemetry or Telemetry(), of, poll=poll)
    _connect(parts)
    return _application(parts, _lifespan(parts, on_close, sends_webhooks=sends_webhooks), endpoints)


def _connect(parts: Parts) -> None:
    """What wakes what: first after commits of this process, then when other processes say so."""
    publish = parts.wakeups.publish
    for signal, handle in (
        (EventsWritten, lambda _: parts.events.sequencer.wake()),
        (access.KeyInvalidated, parts.authenticator.forget),
        (access.KeyInvalidated, lambda _: parts.live.wake()),
        (access.KeyInvalidated, lambda _: publish(Topic.KEY_ENDED)),
        (access.DocumentsChanged, lambda _: publish(Topic.DOCUMENTS_CHANGED)),
    ):
        parts.database.on_commit(signal, handle)
    for topic, wake in (
        (Topic.LOG_GROWN, parts.events.log.wake),
        (Topic.KEY_ENDED, parts.authenticator.forget_all),
        (Topic.KEY_ENDED, parts.live.wake),
        (Topic.DOCUMENTS_CHANGED, parts.documents.trusted.forget_all),
    ):
        parts.wakeups.subscribe(topic, wake)


def _background(parts: Parts, *, sends_webhooks: bool) -> list[Coroutine[Any, Any, None]]:
    """What runs beside the requests."""
    return [
        *housekeeping(parts.settings, parts.database),
        parts.events.sequencer.run(),
        parts.events.log.run(),
        parts.live.run(),
        parts.limiter.run(),
        parts.analytics.run_views(),
        sample_runtime(parts.telemetry, parts.database, parts.live, parts.connections, parts.throttle.requests),
        parts.wakeups.run(),
        parts.jobs.check_objects(),
        parts.documents.repeated.run(parts.operations.prepare_document),
        *([parts.events.webhooks.run(), parts.jobs.run(), parts.analytics.run_fold()] if sends_webhooks else []),
    ]


def _lifespan(parts: Parts, on_close: Callable[[], None], *, sends_webhooks: bool) -> Lifespan[Starlette]:
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


def _application(parts: Parts, lifespan: Lifespan[Starlette], endpoints: Iterable[Endpoint]) -> ASGIApp:
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


def _over_http(parts: Parts, application: ASGIApp) -> ASGIApp:
    """What stands before everything that is served over HTTP."""
    return for_browsers(Compression(application), parts.settings.cors_origins, parts.origins)


def _routes(parts: Parts, graphql: GraphiQL, endpoints: Iterable[Endpoint]) -> list[BaseRoute]:
    settings, telemetry = parts.settings, parts.telemetry
    throttle = OperationThrottle(parts.throttle, Transport.STREAM)
    stream = GraphQLStream(throttle.identify, parts.operations, parts.live, charge=throttle.charge)
    rest = rest_compat.RestDependencies(
        database=parts.database,
        keyring=settings.keyring,
        identify=parts.throttle.identify_on(Transport.REST),
        log=parts.events.log,
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


def _sockets(parts: Parts) -> GraphQLWebSocket:
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
        await end_tasks(tasks)
        await database.close()
