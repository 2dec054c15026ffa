"""The health of endpoints: whether an endpoint fails, since when, and when it is deactivated.

A run of failures lasts five days if its first failure is that old, no delivery has succeeded since, and no two
consecutive failures were more than a day apart: nothing is known of an endpoint that received nothing for longer.
Retries are at most 6.6 hours apart, so the failures of one delivery are always in one run.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from domain.webhooks.model import DisableReason
from domain.webhooks.retry_schedule import DISABLE_AFTER, MAX_SILENCE

EndpointKey = tuple[int, str]
"""The number of a store and the id of one of its endpoints."""

# Deliveries are locked after their endpoint, as in use cases, and endpoints in the order of their ids: workers and
# callers that change several cannot deadlock.
_LOCK = """
SELECT store_id, id, failing_since, last_failed_at FROM webhook
WHERE (store_id, id) IN (SELECT * FROM unnest($1::int[], $2::text[]))
ORDER BY store_id, id FOR NO KEY UPDATE
"""
_RECORD = "UPDATE webhook SET failing_since = $3, last_failed_at = $4 WHERE store_id = $1 AND id = $2"
_DISABLE = """
UPDATE webhook SET active = false, disabled_reason = $3, version = version + 1, updated_at = $4
WHERE store_id = $1 AND id = $2 AND active
"""


DISABLE_MESSAGES = {
    DisableReason.GONE: "The receiver responded with 410 Gone.",
    DisableReason.FAILING: "All deliveries have failed for 5 days.",
}


@dataclass(frozen=True, slots=True)
class EndpointHealth:
    """The current run of failures. Both None if the last attempt succeeded, or there was none."""

    failing_since: datetime | None = None
    last_failed_at: datetime | None = None

    def failed(self, began: datetime, ended: datetime) -> EndpointHealth:
        """Return the health after one more failure."""
        if self.failing_since is None or self.last_failed_at is None or began - self.last_failed_at > MAX_SILENCE:
            return EndpointHealth(began, ended)
        return EndpointHealth(self.failing_since, max(ended, self.last_failed_at))

    @property
    def should_disable(self) -> bool:
        """Whether the run of failures has lasted five days."""
        if self.failing_since is None or self.last_failed_at is None:
            return False
        return self.last_failed_at - self.failing_since >= DISABLE_AFTER


async def lock_endpoints(
    connection: asyncpg.Connection, endpoints: Iterable[EndpointKey]
) -> dict[EndpointKey, EndpointHealth]:
    """Lock the endpoints that still exist until the transaction ends, and return their health."""
    keys = sorted(set(endpoints))
    if not keys:
        return {}
    stores, ids = zip(*keys, strict=True)
    rows = await connection.fetch(_LOCK, list(stores), list(ids))
    return {(row["store_id"], row["id"]): EndpointHealth(row["failing_since"], row["last_failed_at"]) for row in rows}


async def record_health(connection: asyncpg.Connection, endpoint: EndpointKey, health: EndpointHealth) -> None:
    """Save the health of an endpoint."""
    await connection.execute(_RECORD, *endpoint, health.failing_since, health.last_failed_at)


async def disable_endpoint(
    connection: asyncpg.Connection, endpoint: EndpointKey, reason: DisableReason, now: datetime
) -> bool:
    """Deactivate an endpoint with a reason. Returns whether it was active."""
    done: str = await connection.execute(_DISABLE, *endpoint, DISABLE_MESSAGES[reason], now)
    return done == "UPDATE 1"
