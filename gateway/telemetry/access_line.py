"""One log line for each request."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from structlog.typing import FilteringBoundLogger

from gateway.telemetry.facts import Facts


class AccessLines:
    """Writes the lines. No path, query string, header or address of a client is in them."""

    def __init__(self, logger: FilteringBoundLogger) -> None:
        self._logger = logger

    def say(self, facts: Facts, ended: float) -> None:
        """The line of one request. ``ended``: Unix seconds. Nothing is made for a level that is off."""
        level = _level(facts)
        if self._logger.is_enabled_for(level):
            timestamp = datetime.fromtimestamp(ended, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            self._logger.log(level, "request", timestamp=timestamp, **_fields(facts))


def _level(facts: Facts) -> int:
    """Failures of ours are errors; probes come every second, and would hide everything else."""
    if facts.status is None or facts.status >= 500:
        return logging.WARNING if facts.place.surface == "probe" else logging.ERROR
    return logging.DEBUG if facts.place.surface == "probe" else logging.INFO


def _fields(facts: Facts) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "request_id": facts.request_id,
        "surface": facts.place.surface,
        "method": facts.method,
        "route": facts.place.route,
        "status": facts.status,
        "duration_ms": round((facts.ended - facts.begun) * 1000, 3),
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
    if facts.spans is not None:
        fields["trace_id"] = facts.spans.trace_id
    return fields
