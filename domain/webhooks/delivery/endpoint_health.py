"""Whether an endpoint fails, and since when. What is given up is decided here.

An endpoint fails for five days *running* when its first failure lies as far back, it has taken nothing since, and there
was never more than a day between one failure and the next: of somebody who was sent nothing for longer, nothing is
known. Retries are at most 6.6 hours apart, so one delivery's failures never fall apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from domain.webhooks.model import DisableReason
from domain.webhooks.retry_schedule import DISABLE_AFTER, MAX_SILENCE

Endpoint = tuple[int, str]
"""A store's number and the id of one of its endpoints."""

# Deliveries are locked after their endpoint, as use cases do it, and endpoints in the order of their ids: workers and
# callers who change several never wait for each other in a circle.
_LOCK = """
SELECT store_id, id, failing_since, last_failed_at FROM webhook
WHERE (store_id, id) IN (SELECT * FROM unnest($1::int[], $2::text[]))
ORDER BY store_id, id FOR NO KEY UPDATE
"""
_NOTE = "UPDATE webhook SET failing_since = $3, last_failed_at = $4 WHERE store_id = $1 AND id = $2"
_DISABLE = """
UPDATE webhook SET active = false, disabled_reason = $3, version = version + 1, updated_at = $4
WHERE store_id = $1 AND id = $2 AND active
"""


REASONS = {
    DisableReason.GONE: "The address answered 410 Gone.",
    DisableReason.FAILING: "Every delivery has failed for 5 days.",
}


@dataclass(frozen=True, slots=True)
class EndpointHealth:
    """How an endpoint's attempts went; both None where the last one was taken, or there was none."""

    failing_since: datetime | None = None
    last_failed_at: datetime | None = None

    def failed(self, began: datetime, ended: datetime) -> EndpointHealth:
        """After one more failure."""
        if self.failing_since is None or self.last_failed_at is None or began - self.last_failed_at > MAX_SILENCE:
            return EndpointHealth(began, ended)
        return EndpointHealth(self.failing_since, max(ended, self.last_failed_at))

    @property
    def should_disable(self) -> bool:
        """Whether it has failed for five days running."""
        if self.failing_since is None or self.last_failed_at is None:
            return False
        return self.last_failed_at - self.failing_since >= DISABLE_AFTER


async def lock_endpoints(
    connection: asyncpg.Connection, endpoints: Iterable[Endpoint]
) -> dict[Endpoint, EndpointHealth]:
    """The health of those that are still there, until the transaction ends nobody else's to change."""
    wanted = sorted(set(endpoints))
    if not wanted:
        return {}
    stores, ids = zip(*wanted, strict=True)
    rows = await connection.fetch(_LOCK, list(stores), list(ids))
    return {(row["store_id"], row["id"]): EndpointHealth(row["failing_since"], row["last_failed_at"]) for row in rows}


async def record_health(connection: asyncpg.Connection, endpoint: Endpoint, health: EndpointHealth) -> None:
    """Write it down."""
    await connection.execute(_NOTE, *endpoint, health.failing_since, health.last_failed_at)


async def disable_endpoint(
    connection: asyncpg.Connection, endpoint: Endpoint, ending: DisableReason, now: datetime
) -> bool:
    """Make it inactive and say why; answers whether it was active."""
    done: str = await connection.execute(_DISABLE, *endpoint, REASONS[ending], now)
    return done == "UPDATE 1"
