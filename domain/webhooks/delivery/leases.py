"""Leases: a delivery is in one worker's hands until it says what came of it, or until the lease is over.

``due_at`` of a leased delivery is the end of its lease: whoever looks then finds it due, as if nobody had tried. How
many a worker takes, and of whom, is said in ``hands.py``.
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
"""Longer than any attempt with what is done after it; while its payload is made a lease is renewed."""

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
"""Those to whom anything is to be sent, whenever: a recursive query that steps from one to the next in the index."""

# Rows are found by their ids alone, which no two stores share: with an equal sign the planner, while it knows nothing
# of a young table, reads all of a store's deliveries by another index, once for each row that it claims.
_CLAIM = f"""
WITH RECURSIVE {ENDPOINT_CTE}, due AS MATERIALIZED (
    SELECT found.store_id, found.id, webhook.id AS webhook_id
    FROM endpoint
    JOIN webhook ON webhook.store_id = endpoint.store_id AND webhook.id = endpoint.webhook_id AND webhook.active
        AND (webhook.failing_since IS NULL OR $7)
    LEFT JOIN unnest($4::text[], $5::int[], $6::int[]) AS known (webhook_id, held, hands)
        ON known.webhook_id = webhook.id
    CROSS JOIN LATERAL (
        SELECT store_id, id, due_at FROM webhook_delivery
        WHERE store_id = webhook.store_id AND webhook_id = webhook.id AND due_at <= $1
        ORDER BY due_at
        LIMIT greatest(0, CASE WHEN webhook.failing_since IS NULL THEN coalesce(known.hands, 1)
            ELSE least(known.hands, 1) END - coalesce(known.held, 0))
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
"""  # noqa: S608 - put together from constants
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
    """A delivery in our hands, with what is known of its endpoint."""

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
    """What is needed to see ``request``: see ``rights.py``."""
    redactions: int
    url: str
    query: str | None
    secret: bytes
    previous_secret: bytes | None
    """None also once its overlap is over."""
    failing_since: datetime | None
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class LeaseBudget:
    """What a worker may take in hand."""

    most: int
    failing: bool
    """Whether any of an endpoint that fails; one, then."""
    windows: Mapping[str, int]
    """How many of each endpoint, those in hand included; one where nothing is said."""
    held: Mapping[str, int]
    """How many are in hand."""


async def lease_due(connection: asyncpg.Connection, now: datetime, allowance: LeaseBudget) -> list[LeasedDelivery]:
    """Take deliveries that are due, the oldest first, as far as it is allowed."""
    lease, windows = secrets.token_hex(8), allowance.windows
    held = [allowance.held.get(id, 0) for id in windows]
    limits = (list(windows), held, list(windows.values()), allowance.failing, allowance.most)
    rows = await connection.fetch(_CLAIM, now, lease, now + LEASE_DURATION, *limits)
    return [_claim(lease, row, now) for row in rows]


async def release_leases(connection: asyncpg.Connection, now: datetime, claims: list[LeasedDelivery]) -> None:
    """Let others have them at once; those whose outcome is written down are left alone."""
    stores, ids = [each.store for each in claims], [each.id for each in claims]
    await connection.execute(_RELEASE, stores, ids, now, list({each.lease for each in claims}))


async def renew_leases(connection: asyncpg.Connection, now: datetime, claims: list[LeasedDelivery]) -> None:
    """Let their leases run as if they were just claimed, as far as they are still ours."""
    stores, ids = [each.store for each in claims], [each.id for each in claims]
    await connection.execute(_RENEW, stores, ids, now + LEASE_DURATION, list({each.lease for each in claims}))


def _claim(lease: str, row: asyncpg.Record, now: datetime) -> LeasedDelivery:
    overlaps = row["previous_until"] is not None and row["previous_until"] > now
    scopes = frozenset(row["scopes"])
    return LeasedDelivery(
        lease=lease,
        store=row["store_id"],
        attempts=orjson.loads(row["attempts"]),
        previous_secret=row["previous_secret"] if overlaps else None,
        scopes=scopes if row["key_scopes"] is None else scopes.intersection(row["key_scopes"]),
        **{
            name: row[name]
            for name in (
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
        },
    )


MAX_BACKLOG_COUNT = 1_000
"""Deliveries counted of each endpoint at most."""

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
"""  # noqa: S608 - put together from constants


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is due to endpoints of one kind: those that fail, or those that do not."""

    due: int = 0
    """At most ``MAX_BACKLOG_COUNT`` of each endpoint."""
    late: float = 0.0
    """Seconds since the oldest became due."""


async def backlog(database: Database) -> tuple[Backlog, Backlog]:
    """Of endpoints that are well, and of those that fail; of all stores and workers. Raises Unavailable."""
    now = database.clock()
    async with database.system_connection() as connection:
        rows = await connection.fetch(_BACKLOG, now, MAX_BACKLOG_COUNT)
    found = {row["failing"]: Backlog(row["due"], (now - row["oldest"]).total_seconds()) for row in rows}
    return found.get(False, Backlog()), found.get(True, Backlog())
