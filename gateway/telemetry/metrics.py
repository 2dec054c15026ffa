"""The metrics. Every label has few values: routes are templates, methods and codes come from fixed lists.

A child of a family is looked up once and kept, since ``labels()`` costs more than counting.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from domain.kernel.database import Database
from gateway.telemetry.request_record import RequestRecord

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Buckets in seconds: responses take from one millisecond to the ten seconds that a read may take in the database."""
WAIT_BUCKETS = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.0)
"""Seconds: two are the longest wait for a connection."""
SOCKET = "WS"
"""Stands where requests have a method."""
METHODS = frozenset({SOCKET, "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


class Metrics:
    """The families of one process; several processes share files instead of a registry (``exposition.py``)."""

    def __init__(self, registry: CollectorRegistry) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for every one, which is never used
        self._declare_requests(registry)
        self._declare_limits(registry)
        self._declare_operations(registry)
        self._declare_database(registry)
        self._declare_load(registry)
        self._declare_connections(registry)
        self._say_version(registry)
        self._known: dict[tuple[str, str, str, int], tuple[Counter, Histogram]] = {}
        self._wait_of = cache(self._waits.labels)
        self._operation_of = cache(self._operations.labels)
        self._admission_of = cache(self._admissions.labels)

    def _declare_requests(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "gateway_requests",
            "Requests by class of status (none: the client disconnected or the operation timed out).",
            ("surface", "route", "method", "status"),
            registry=registry,
        )
        self._durations = Histogram(
            "gateway_request_duration_seconds",
            "Time from the first byte of a request to the last byte of its response.",
            ("surface", "route", "method"),
            buckets=BUCKETS,
            registry=registry,
        )

    def _declare_limits(self, registry: CollectorRegistry) -> None:
        self._admissions = Counter(
            "gateway_requests_admitted",
            "Requests and operations of known callers, by transport (rest, graphql, stream, websocket) and plan.",
            ("transport", "plan"),
            registry=registry,
        )
        self._throttled = Counter(
            "gateway_requests_throttled",
            "Requests over a rate limit, by transport, plan and outcome: delayed (a burst) or refused.",
            ("transport", "plan", "outcome"),
            registry=registry,
        )
        self._shed = Counter(
            "gateway_requests_shed",
            "Requests and operations refused with 503 because the process has more than it can serve, by transport.",
            ("transport",),
            registry=registry,
        )
        self._counters_away = Gauge(
            "gateway_rate_limits_away",
            "1 while Redis is unavailable and each process counts requests by itself, otherwise 0.",
            multiprocess_mode="livemax",
            registry=registry,
        )

    def _declare_operations(self, registry: CollectorRegistry) -> None:
        self._operations = Counter(
            "gateway_graphql_operations",
            "GraphQL operations by kind and by outcome: ok or the code of the first error.",
            ("kind", "outcome"),
            registry=registry,
        )
        self._fallbacks = Counter(
            "gateway_graphql_fallbacks",
            "GraphQL operations that fell back from their query plan to graphql-core.",
            ("reason",),
            registry=registry,
        )
        self._replays = Counter(
            "gateway_idempotent_replays",
            "Stored responses returned for a repeated idempotency key.",
            ("surface",),
            registry=registry,
        )

    def _declare_database(self, registry: CollectorRegistry) -> None:
        self._waits = Histogram(
            "gateway_database_wait_seconds",
            "Time that requests waited for a database connection, including new connections.",
            ("pool",),
            buckets=WAIT_BUCKETS,
            registry=registry,
        )
        self._connections = Gauge(
            "gateway_database_connections",
            "Database connections by pool and state (in_use, idle), sampled twice a second.",
            ("pool", "state"),
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._replica_away = Gauge(
            "gateway_database_replica_away",
            "1 while reports use the primary because the replica is unavailable or too far behind, otherwise 0.",
            multiprocess_mode="livemax",
            registry=registry,
        )

    def _declare_load(self, registry: CollectorRegistry) -> None:
        self.lag = Histogram(
            "gateway_event_loop_lag_seconds",
            "Lag of the event loop, sampled twice a second.",
            buckets=WAIT_BUCKETS,
            registry=registry,
        )
        self.in_flight = Gauge(
            "gateway_requests_in_flight",
            "Requests in progress.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.running = Gauge(
            "gateway_requests_running",
            "Requests and operations that hold a slot (at most GATEWAY_RUNNING_REQUESTS), sampled twice a second.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.waiting = Gauge(
            "gateway_requests_waiting",
            "Requests and operations that wait for a slot, sampled twice a second.",
            multiprocess_mode="livesum",
            registry=registry,
        )

    def _declare_connections(self, registry: CollectorRegistry) -> None:
        self.live = Gauge(
            "gateway_live_connections",
            "Open WebSockets and event streams, sampled twice a second.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self.open = Gauge(
            "gateway_connections",
            "Client connections, sampled twice a second.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._refusals = Counter(
            "gateway_connections_refused",
            "Connections refused or closed: above a limit (full, address; with _oldest: another one was closed), or "
            "by a timeout of head, body or TLS handshake.",
            ("reason",),
            registry=registry,
        )

    @staticmethod
    def _say_version(registry: CollectorRegistry) -> None:
        build = Gauge(
            "gateway_build_info", "The version.", ("version",), multiprocess_mode="livemax", registry=registry
        )
        build.labels(version("commerce-gateway")).set(1)

    def request_finished(self, facts: RequestRecord) -> None:
        """Count a request that has ended."""
        route, surface = facts.place
        key = (surface, route, facts.method, (facts.status or 0) // 100)
        count, durations = self._known.get(key) or self._learn(*key)
        count.inc()
        durations.observe(facts.ended - facts.begun)
        if surface == "graphql" and (facts.operation_kind or facts.errors):  # otherwise it was for the GraphiQL page
            self.operation_finished(facts.operation_kind or "none", facts.errors[0] if facts.errors else "ok")
        if facts.fell_back is not None:
            self._fallbacks.labels(facts.fell_back).inc()
        if facts.replayed:
            self._replays.labels(surface).inc()

    def _learn(self, surface: str, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        named = method if method in METHODS else "other"
        labelled = self._requests.labels(surface, route, named, f"{status}xx" if status else "none")
        known = (labelled, self._durations.labels(surface, route, named))
        if named == method:  # other methods of clients are not kept
            self._known[surface, route, method, status] = known
        return known

    def operation_finished(self, kind: str, outcome: str) -> None:
        """Count a GraphQL operation. Both come from fixed lists."""
        self._operation_of(kind, outcome).inc()

    def waited(self, pool: str, seconds: float) -> None:
        """Count a wait for a connection."""
        self._wait_of(pool).observe(seconds)

    def admitted(self, transport: str, plan: str) -> None:
        """Count a request of a known caller."""
        self._admission_of(transport, plan).inc()

    def throttled(self, transport: str, plan: str, outcome: str) -> None:
        """Count a request over a rate limit: ``delayed`` or ``refused``."""
        self._throttled.labels(transport, plan, outcome).inc()

    def shed(self, transport: str) -> None:
        """Count a request that was refused because the process has too many."""
        self._shed.labels(transport).inc()

    def counters_away(self, is_away: bool) -> None:
        """Whether the shared counters of requests are away."""
        self._counters_away.set(is_away)

    def refused(self, reason: str) -> None:
        """Count a connection that was refused or closed."""
        self._refusals.labels(reason).inc()

    def sample(self, database: Database) -> None:
        """Look how the pools stand."""
        for pool, (in_use, idle) in database.connections().items():
            self._connections.labels(pool, "in_use").set(in_use)
            self._connections.labels(pool, "idle").set(idle)
        self._replica_away.set(database.is_replica_usable is False)
