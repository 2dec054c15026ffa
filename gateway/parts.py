"""What a process is made of, each part from those that are built before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import strawberry

from domain import webhooks
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog, Sequencer
from gateway.adapters.karrio import KarrioCarriers
from gateway.adapters.stripe import StripeProcessor
from gateway.analytics import AnalyticsRuntime
from gateway.authentication import Authenticator
from gateway.document_services import DocumentServices
from gateway.execution import CompiledEngine, Engine, StrawberryEngine
from gateway.graphql import ConnectionRegistry, Operations
from gateway.jobs import JobRuntime, cursor_of
from gateway.page_origins import PageOrigins
from gateway.processors import provide_processors
from gateway.rate_limits import RateLimiter
from gateway.rate_limits.setup import rate_limiter
from gateway.request_queue import RequestQueue
from gateway.settings import Settings
from gateway.shipping_services import provide_shipping
from gateway.shutdown import GracefulShutdown
from gateway.telemetry import Telemetry
from gateway.telemetry.request_record import record_fallback, record_principal
from gateway.throttle import Throttle
from gateway.wakeups import Topic, Wakeups
from gateway.webhooks import WebhookRuntime
from schema.strawberry_internals import core_schema
from transport.protocols import Connections, file_room


@dataclass(frozen=True, slots=True)
class EventParts:
    """What events pass through: they get their positions, are read, and are delivered to webhooks."""

    sequencer: Sequencer
    log: EventLog
    webhooks: WebhookRuntime


@dataclass(frozen=True, slots=True)
class Parts:
    """What a process is made of."""

    settings: Settings
    database: Database
    telemetry: Telemetry
    shutdown: GracefulShutdown
    authenticator: Authenticator
    origins: PageOrigins
    limiter: RateLimiter
    throttle: Throttle
    events: EventParts
    live: ConnectionRegistry
    connections: Connections
    documents: DocumentServices
    wakeups: Wakeups
    analytics: AnalyticsRuntime
    jobs: JobRuntime
    operations: Operations
    stripe: StripeProcessor
    carriers: KarrioCarriers


def build_parts(
    settings: Settings, database: Database, telemetry: Telemetry, of: strawberry.Schema, *, poll: float
) -> Parts:
    """What is built, each from what stands above it."""
    authenticator = Authenticator(database, settings.trusted_proxies)
    limiter = rate_limiter(settings, database, telemetry.metrics.counters_away)
    documents = DocumentServices(settings, database, core_schema(of))
    wakeups = Wakeups(settings)
    events = _events(settings, database, telemetry, wakeups, poll=poll)
    return Parts(
        settings=settings,
        database=database,
        telemetry=telemetry,
        shutdown=GracefulShutdown(settings.drain_delay),
        authenticator=authenticator,
        origins=PageOrigins(database),
        limiter=limiter,
        throttle=Throttle(record_principal(authenticator), limiter, telemetry.metrics, _requests(settings)),
        events=events,
        live=ConnectionRegistry(database),
        connections=_connections(settings, telemetry),
        documents=documents,
        wakeups=wakeups,
        analytics=AnalyticsRuntime(database, wakeups),
        jobs=JobRuntime(settings, database, wakeups),
        operations=_operations(settings, database, of, events.log, documents),
        stripe=provide_processors(settings, database),
        carriers=provide_shipping(settings, database),
    )


def _events(
    settings: Settings, database: Database, telemetry: Telemetry, wakeups: Wakeups, *, poll: float
) -> EventParts:
    log = EventLog(database)
    fan_out = webhooks.DeliveryFanOut(database.clock)
    runtime = WebhookRuntime(settings, database, wakeups, telemetry.deliveries, poll=poll)
    return EventParts(Sequencer(database, _on_positions(log, fan_out, runtime, wakeups), fan_out), log, runtime)


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


def _requests(settings: Settings) -> RequestQueue:
    return RequestQueue(settings.request_slots, settings.request_wait)


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
