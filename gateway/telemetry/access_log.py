"""One log line for each request."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from gateway.telemetry.logs import LogWriter
from gateway.telemetry.request_record import RequestRecord

ACCESS = "gateway.access"
_LEVELS = {
    level: logging.getLevelName(level).lower()
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR)
}


class AccessLog:
    """Writes the lines. No path, query string, header or address of a client is in them."""

    def __init__(self, lines: LogWriter) -> None:
        self._lines = lines

    def write(self, ended: Iterable[RequestRecord], wall: float) -> None:
        """Write a line for each request. ``wall``: the difference between ``perf_counter`` and Unix time in seconds.
        Nothing is built for a disabled level.
        """
        is_enabled = self._lines.is_enabled_for
        events = [_event(facts, level, wall) for facts in ended if is_enabled(level := _level(facts))]
        if events:
            self._lines.write(events)


def _level(facts: RequestRecord) -> int:
    """The level of a line: our failures are errors; probes come every second and would hide everything else."""
    if facts.status is None or facts.status >= 500:
        return logging.WARNING if facts.place.surface == "probe" else logging.ERROR
    return logging.DEBUG if facts.place.surface == "probe" else logging.INFO


def _event(facts: RequestRecord, level: int, wall: float) -> dict[str, Any]:
    ended = datetime.fromtimestamp(wall + facts.ended, UTC)
    fields: dict[str, Any] = {
        "event": "request",
        "logger": ACCESS,
        "level": _LEVELS[level],
        "timestamp": f"{ended.isoformat(timespec='milliseconds')[:23]}Z",
        "request_id": facts.request_id,
        "surface": facts.place.surface,
        "method": facts.method,
        "route": facts.place.route,
        "status": facts.status,
        "duration_ms": round((facts.ended - facts.begun) * 1000, 3),
        "db_ms": round(facts.database_seconds * 1000, 3),
        "statements": facts.statements,
    }
    _add_optional(fields, facts)
    return fields


def _add_optional(fields: dict[str, Any], facts: RequestRecord) -> None:
    """Add what only some requests have."""
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
    if facts.spans is not None:
        fields["trace_id"] = facts.spans.trace_id
