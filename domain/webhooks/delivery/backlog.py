"""What is due and in nobody's hands: how much, and how late."""

from __future__ import annotations

from dataclasses import dataclass

from domain.kernel.database import Database
from domain.webhooks.delivery.leases import ENDPOINTS

COUNTED = 1_000
"""Deliveries counted of each endpoint at most."""

_BACKLOG = f"""
WITH RECURSIVE {ENDPOINTS}
SELECT webhook.failing_since IS NOT NULL AS failing, count(*) AS due, min(found.due_at) AS oldest
FROM endpoint
JOIN webhook ON webhook.store_id = endpoint.store_id AND webhook.id = endpoint.webhook_id AND webhook.active
CROSS JOIN LATERAL (
    SELECT due_at FROM webhook_delivery
    WHERE store_id = webhook.store_id AND webhook_id = webhook.id AND due_at <= $1
    ORDER BY due_at LIMIT $2
) AS found
GROUP BY 1
"""  # noqa: S608 - put together from constants


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is due to endpoints of one kind: those that fail, or those that do not."""

    due: int = 0
    """At most ``COUNTED`` of each endpoint."""
    late: float = 0.0
    """Seconds since the oldest became due."""


async def backlog(database: Database) -> tuple[Backlog, Backlog]:
    """Of endpoints that are well, and of those that fail; of all stores and workers. Raises Unavailable."""
    now = database.clock()
    async with database.system() as connection:
        rows = await connection.fetch(_BACKLOG, now, COUNTED)
    found = {row["failing"]: Backlog(row["due"], (now - row["oldest"]).total_seconds()) for row in rows}
    return found.get(False, Backlog()), found.get(True, Backlog())
