"""From the record of a request to its metrics and its log line.

The request itself only queues its record, and the queue is processed twenty times a second. Processing costs five times
as much if it has to push the request's own code and data out of the processor's caches and back (DECISIONS.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from contextvars import Context, Token
from time import perf_counter, time
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Scope

from domain.kernel.ids import new_id
from domain.kernel.principal import Mode, Principal
from domain.kernel.sql.instrumentation import QueryObserver, query_observer
from gateway.telemetry.access_log import AccessLog
from gateway.telemetry.metrics import SOCKET, Metrics
from gateway.telemetry.request_record import NO_ROUTE, RequestRecord, RouteLabels

if TYPE_CHECKING:
    from gateway.telemetry.tracing import Tracing  # loads OpenTelemetry: only where it is used

Headers = Iterable[tuple[bytes, bytes]]

FLUSH_INTERVAL = 0.05
"""Seconds that records may wait in the queue."""
MAX_PENDING_RECORDS = 256
"""Requests whose records may wait; processing them takes 3 ms."""
SOCKET_LABELS = RouteLabels("/graphql", "graphql")
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


def places(routes: Iterable[BaseRoute]) -> dict[Any, RouteLabels]:
    """The path of each endpoint; for one with several paths, the last and widest."""
    found: dict[Any, RouteLabels] = {}
    for route in routes:
        if isinstance(route, Route):
            found[route.endpoint] = _place(route.path_format)
        elif isinstance(route, Mount):
            found[route.app] = RouteLabels(route.path, "other")
    return found


def _place(route: str) -> RouteLabels:
    if route in _PROBES:
        return RouteLabels(route, "probe")
    surface = {"graphql": "graphql", "v1": "rest", "v2": "rest"}.get(route.split("/")[1], "other")
    return RouteLabels(route, surface)


class Recorder:
    """Watches requests from beginning to end. Belongs to one event loop."""

    def __init__(self, metrics: Metrics, lines: AccessLog | None, tracing: Tracing | None) -> None:
        self._metrics = metrics
        self._lines = lines
        self._tracing = tracing
        self._places: Mapping[Any, RouteLabels] = {}
        self._waits: list[tuple[str, float]] = []
        self._ended: list[RequestRecord] = []
        self._in_flight = 0
        self._scheduled = False

    def register_routes(self, routes: Iterable[BaseRoute]) -> None:
        """The routes, by which requests are labelled."""
        self._places = places(routes)

    def begin(self, scope: Scope) -> tuple[RequestRecord, Token[QueryObserver | None]]:
        """A request begins, and gets its id; ``end`` must follow, in the same task."""
        return self._begin(scope["method"], scope["headers"])

    def end(self, scope: Scope, facts: RequestRecord, token: Token[QueryObserver | None]) -> None:
        """The request is complete, or will never be."""
        facts.place = self._places.get(scope.get("endpoint"), NO_ROUTE)
        self._end(facts, token)

    @contextmanager
    def socket_operation(self, principal: Principal) -> Generator[RequestRecord]:
        """A query or mutation by WebSocket: like a request of its own, with its own id."""
        facts, token = self._begin(SOCKET, ())
        facts.place, facts.principal = SOCKET_LABELS, principal
        try:
            yield facts
        finally:
            self._end(facts, token)

    def _begin(self, method: str, headers: Headers) -> tuple[RequestRecord, Token[QueryObserver | None]]:
        facts = RequestRecord(new_id("req"), method, self._waits)
        if self._tracing is not None:
            facts.spans = self._tracing.begin(headers, facts)
        self._in_flight += 1
        return facts, query_observer.set(facts)

    def _end(self, facts: RequestRecord, token: Token[QueryObserver | None]) -> None:
        query_observer.reset(token)
        facts.release_slot()
        facts.ended = perf_counter()
        self._in_flight -= 1
        if facts.spans is not None:
            facts.spans.end(facts)
        self._ended.append(facts)
        if len(self._ended) >= MAX_PENDING_RECORDS:
            self.flush()
        elif not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_later(FLUSH_INTERVAL, self.flush, context=Context())

    def flush(self) -> None:
        """Everything up to now."""
        self._scheduled = False
        ended, self._ended = self._ended, []
        wall = time() - perf_counter()
        for facts in ended:
            self._metrics.request_finished(facts)
        if self._lines is not None:
            self._lines.write(ended, wall)
        for pool, seconds in self._waits:
            self._metrics.waited(pool, seconds)
        self._waits.clear()
        self._metrics.in_flight.set(self._in_flight)


def server_timing(facts: RequestRecord) -> bytes | None:
    """The ``Server-Timing`` header so far: in the sandbox only, since times reveal data of others."""
    if facts.principal is None or facts.principal.store.mode is not Mode.TEST:
        return None
    total, database = (perf_counter() - facts.begun) * 1000, facts.database_seconds * 1000
    return f"total;dur={total:.1f}, db;dur={database:.1f}".encode()
