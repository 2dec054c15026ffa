"""Leases: the exclusive right of a worker to a delivery, until its outcome is saved or the lease expires.

``due_at`` of a leased delivery is the end of its lease: from then on it is due again, as if it had not been attempted.
How many deliveries a worker leases, and of which endpoints, is decided in ``concurrency.py``.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import orjson

from domain.kernel.database import Database

LEASE_DURATION = timedelta(seconds=30)
"""Longer than any attempt and saving its outcome. While the payload is being built, the lease is renewed."""

ENDPOINT_CTE = """endpoint AS (
    (SELECT store_id, webhook_id FROM webhook_delivery WHERE due_at IS NOT NULL ORDER BY store_id, webhook_id LIMIT 1)
    UNION ALL
    SELECT following.store_id, following.webhook_id
    FROM endpoint CROSS JOIN LATERAL (
        SELECT store_id, webhook_id FROM webhook_delivery AS next
        WHERE due_at IS NOT NULL
            AND (next.store_id, next.webhook_id) > (endpoint.store_id, endpoint.webhook_id)
        ORDER BY store_id, webhook_id LIMIT 1
    ) AS following
)"""
"""The endpoints with pending deliveries: a recursive query that steps from one to the next in the index."""

# Rows are found by their ids alone, which are unique across stores. With ``store_id =`` the planner, while a new table
# has no statistics, reads all deliveries of a store by another index, once for each leased row.
_LEASE = f"""
WITH RECURSIVE {ENDPOINT_CTE}, due AS MATERIALIZED (
    SELECT found.store_id, found.id, webhook.id AS webhook_id
    FROM endpoint
    JOIN webhook ON webhook.store_id = endpoint.store_id AND webhook.id = endpoint.webhook_id AND webhook.active
        AND (webhook.failing_since IS NULL OR $7)
    LEFT JOIN unnest($4::text[], $5::int[], $6::int[]) AS known (webhook_id, in_flight, window_size)
        ON known.webhook_id = webhook.id
    CROSS JOIN LATERAL (
        SELECT store_id, id, due_at FROM webhook_delivery
        WHERE store_id = webhook.store_id AND webhook_id = webhook.id AND due_at <= $1
        ORDER BY due_at
        LIMIT greatest(0, CASE WHEN webhook.failing_since IS NULL THEN coalesce(known.window_size, 1)
            ELSE least(known.window_size, 1) END - coalesce(known.in_flight, 0))
        FOR UPDATE SKIP LOCKED
    ) AS found
    ORDER BY found.due_at LIMIT $8
)
UPDATE webhook_delivery AS delivery SET lease = $2, due_at = $3
FROM due JOIN webhook ON webhook.store_id = due.store_id AND webhook.id = due.webhook_id
LEFT JOIN api_key ON api_key.store_id = webhook.store_id AND api_key.id = webhook.credential
WHERE delivery.id = due.id AND delivery.store_id IS NOT DISTINCT FROM due.store_id
RETURNING delivery.store_id, delivery.id, delivery.webhook_id, delivery.event_id, delivery.type, delivery.created_at,
    delivery.attempt, delivery.attempts, delivery.request, delivery.body_scopes, delivery.redactions,
    webhook.url, webhook.query, webhook.secret, webhook.previous_secret, webhook.previous_until, webhook.failing_since,
    webhook.scopes, api_key.scopes AS key_scopes
"""  # noqa: S608 - built from constants
_RELEASE = """
UPDATE webhook_delivery SET lease = NULL, due_at = $3
WHERE (store_id, id) IN (SELECT * FROM unnest($1::int[], $2::text[])) AND lease = ANY ($4)
"""
_RENEW = """
UPDATE webhook_delivery SET due_at = $3
WHERE (store_id, id) IN (SELECT * FROM unnest($1::int[], $2::text[])) AND lease = ANY ($4)
"""


@dataclass(frozen=True, slots=True)
class LeasedDelivery:
    """A delivery leased to this process, with its endpoint."""

    lease: str
    store: int
    id: str
    webhook_id: str
    event_id: str | None
    type: str
    created_at: datetime
    attempt: int
    attempts: list[dict[str, Any]]
    request: str | None
    body_scopes: list[str] | None
    """The needs of ``request``: see ``rights.py``."""
    redactions: int
    url: str
    query: str | None
    secret: bytes
    previous_secret: bytes | None
    """None also after its overlap."""
    failing_since: datetime | None
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class LeaseBudget:
    """How many deliveries a worker may lease."""

    max_count: int
    includes_failing: bool
    """Whether failing endpoints are included, with one delivery each."""
    windows: Mapping[str, int]
    """The window of each known endpoint, including deliveries in flight. One for all others."""
    in_flight: Mapping[str, int]
    """The number of deliveries in flight, by endpoint."""


async def lease_due(connection: asyncpg.Connection, now: datetime, budget: LeaseBudget) -> list[LeasedDelivery]:
    """Lease due deliveries, oldest first, within the budget."""
    lease, windows = secrets.token_hex(8), budget.windows
    in_flight = [budget.in_flight.get(id, 0) for id in windows]
    limits = (list(windows), in_flight, list(windows.values()), budget.includes_failing, budget.max_count)
    rows = await connection.fetch(_LEASE, now, lease, now + LEASE_DURATION, *limits)
    return [_leased_delivery(lease, row, now) for row in rows]


async def release_leases(connection: asyncpg.Connection, now: datetime, deliveries: list[LeasedDelivery]) -> None:
    """Make deliveries due again immediately; those whose outcome is saved are not affected."""
    stores, ids = [each.store for each in deliveries], [each.id for each in deliveries]
    await connection.execute(_RELEASE, stores, ids, now, list({each.lease for each in deliveries}))


async def renew_leases(connection: asyncpg.Connection, now: datetime, deliveries: list[LeasedDelivery]) -> None:
    """Extend the leases by their full duration, as far as they are still held."""
    stores, ids = [each.store for each in deliveries], [each.id for each in deliveries]
    await connection.execute(_RENEW, stores, ids, now + LEASE_DURATION, list({each.lease for each in deliveries}))


def _leased_delivery(lease: str, row: asyncpg.Record, now: datetime) -> LeasedDelivery:
    is_in_overlap = row["previous_until"] is not None and row["previous_until"] > now
    scopes = frozenset(row["scopes"])
    return LeasedDelivery(
        lease=lease,
        store=row["store_id"],
        attempts=orjson.loads(row["attempts"]),
        previous_secret=row["previous_secret"] if is_in_overlap else None,
        scopes=scopes if row["key_scopes"] is None else scopes.intersection(row["key_scopes"]),
        **{name: row[name] for name in _AS_STORED},
    )


_AS_STORED = (
    "id",
    "webhook_id",
    "event_id",
    "type",
    "created_at",
    "attempt",
    "request",
    "body_scopes",
    "redactions",
    "url",
    "query",
    "secret",
    "failing_since",
)
"""The columns that become members of a LeasedDelivery as they are."""


MAX_BACKLOG_COUNT = 1_000
"""Due deliveries that are counted per endpoint."""

_BACKLOG = f"""
WITH RECURSIVE {ENDPOINT_CTE}
SELECT webhook.failing_since IS NOT NULL AS failing, count(*) AS due, min(found.due_at) AS oldest
FROM endpoint
JOIN webhook ON webhook.store_id = endpoint.store_id AND webhook.id = endpoint.webhook_id AND webhook.active
CROSS JOIN LATERAL (
    SELECT due_at FROM webhook_delivery
    WHERE store_id = webhook.store_id AND webhook_id = webhook.id AND due_at <= $1
    ORDER BY due_at LIMIT $2
) AS found
GROUP BY 1
"""  # noqa: S608 - built from constants


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is due to healthy endpoints, or to failing ones."""

    due: int = 0
    """At most ``MAX_BACKLOG_COUNT`` per endpoint."""
    late: float = 0.0
    """Seconds since the oldest delivery became due."""


async def backlog(database: Database) -> tuple[Backlog, Backlog]:
    """Measure the backlog of healthy and of failing endpoints, in all stores. Raises Unavailable."""
    now = database.clock()
    async with database.system_connection() as connection:
        rows = await connection.fetch(_BACKLOG, now, MAX_BACKLOG_COUNT)
    found = {row["failing"]: Backlog(row["due"], (now - row["oldest"]).total_seconds()) for row in rows}
    return found.get(False, Backlog()), found.get(True, Backlog())
