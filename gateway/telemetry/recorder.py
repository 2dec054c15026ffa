"""From the facts of a request to its log line, its metrics and its trace."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from contextvars import Token
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from starlette.routing import BaseRoute, Route
from starlette.types import Scope
from structlog.typing import FilteringBoundLogger

from domain.kernel.principal import Mode
from domain.kernel.watching import Watcher, watcher
from gateway.telemetry.facts import Facts, current
from gateway.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from gateway.telemetry.tracing import RequestSpans, Tracing  # loads OpenTelemetry: only where it is used

_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request went: of few values, unlike its path."""

    route: str
    """A template, such as ``/v2/products/{id}``."""
    surface: str
    """``graphql``, ``rest``, ``probe`` or ``other``."""


NOWHERE = Place("none", "other")


def places(routes: Iterable[BaseRoute]) -> dict[Any, Place]:
    """The place of each endpoint; of one that answers on several paths, the last and widest."""
    return {route.endpoint: _place(route.path_format) for route in routes if isinstance(route, Route)}


def _place(route: str) -> Place:
    if route in _PROBES:
        return Place(route, "probe")
    surface = {"graphql": "graphql", "v1": "rest", "v2": "rest"}.get(route.split("/")[1], "other")
    return Place(route, surface)


class Recorder:
    """Watches requests from beginning to end. Without ``access`` there are no log lines of requests."""

    def __init__(
        self,
        places: Mapping[Any, Place],
        metrics: Metrics,
        access: FilteringBoundLogger | None,
        tracing: Tracing | None,
    ) -> None:
        self._places = places
        self._metrics = metrics
        self._access = access
        self._tracing = tracing

    def begin(self, scope: Scope, facts: Facts) -> Recording:
        """A request begins; ``end`` must follow, in the same task."""
        spans = None if self._tracing is None else self._tracing.begin(scope, facts)
        facts.spans = spans
        recording = Recording(facts, spans, self._metrics)
        self._metrics.in_flight.inc()
        return recording

    def end(self, scope: Scope, recording: Recording) -> None:
        """It is answered, or it never will be."""
        facts = recording.facts
        self._metrics.in_flight.dec()
        place = self._places.get(scope.get("endpoint"), NOWHERE)
        seconds = perf_counter() - facts.begun
        self._metrics.answered(place.surface, place.route, facts.method, facts.status, seconds)
        if place.surface == "graphql":
            self._metrics.operated(facts.operation_kind or "none", facts.errors[0] if facts.errors else "ok")
        if facts.replayed:
            self._metrics.replayed(place.surface)
        if self._access is not None:
            self._say(self._access, facts, place, seconds)
        if recording.spans is not None:
            recording.spans.end(facts, place.surface, place.route)
        recording.leave()

    @staticmethod
    def _say(access: FilteringBoundLogger, facts: Facts, place: Place, seconds: float) -> None:
        level = _level(facts, place)
        if not access.is_enabled_for(level):
            return
        fields: dict[str, Any] = {
            "request_id": facts.request_id,
            "surface": place.surface,
            "method": facts.method,
            "route": place.route,
            "status": facts.status,
            "duration_ms": round(seconds * 1000, 3),
            "db_ms": round(facts.database_seconds * 1000, 3),
            "statements": facts.statements,
        }
        if facts.principal is not None:
            fields["credential"] = facts.principal.credential
            fields["store"] = facts.principal.store.id
        if facts.operation_kind is not None:
            fields["operation_kind"] = facts.operation_kind
            fields["operation"] = facts.operation_name
        if facts.errors:
            fields["errors"] = facts.errors
        if facts.replayed:
            fields["replayed"] = True
        access.log(level, "request", **fields)


def _level(facts: Facts, place: Place) -> int:
    """Failures of ours are errors; probes come every second, and would hide everything else."""
    if facts.status is None or facts.status >= 500:
        return logging.ERROR if place.surface != "probe" else logging.WARNING
    return logging.DEBUG if place.surface == "probe" else logging.INFO


class Recording(Watcher):
    """One request in progress: what the domain's kernel tells of it goes into its facts."""

    __slots__ = ("_facts_token", "_metrics", "_watcher_token", "facts", "spans")

    def __init__(self, facts: Facts, spans: RequestSpans | None, metrics: Metrics) -> None:
        self.facts = facts
        self.spans = spans
        self._metrics = metrics
        self._facts_token: Token[Facts | None] = current.set(facts)
        self._watcher_token: Token[Watcher | None] = watcher.set(self)

    def statement(self, text: str, begun: float, ended: float) -> None:
        """See the port."""
        self.facts.statements += 1
        self.facts.database_seconds += ended - begun
        if self.spans is not None:
            self.spans.statement(text, begun, ended)

    def waited(self, pool: str, seconds: float) -> None:
        """See the port."""
        self._metrics.waited(pool, seconds)

    def leave(self) -> None:
        """Nobody watches any more."""
        watcher.reset(self._watcher_token)
        current.reset(self._facts_token)


def server_timing(facts: Facts) -> bytes | None:
    """The ``Server-Timing`` header, so far: in the sandbox only, for times tell of other people's data."""
    if facts.principal is None or facts.principal.store.mode is not Mode.TEST:
        return None
    total, database = (perf_counter() - facts.begun) * 1000, facts.database_seconds * 1000
    return f"total;dur={total:.1f}, db;dur={database:.1f}".encode()
