"""Fan-out: creates the deliveries of events, in the transaction that gives the events their positions.

An event with a position therefore has its deliveries, whatever crashes. An endpoint receives events that were committed
after it was created or reactivated. Events get their positions later, so for those that had drawn their ``seq`` by then
the snapshot stored with the endpoint decides whether their transaction had already committed.
"""

from __future__ import annotations

import hashlib

import asyncpg

from domain.events import ALL_EVENTS, EventType, area_of, area_selector
from domain.kernel.clock import Clock
from domain.kernel.ids import ALPHABET

_TIME = len("dlv_") + 10
"""Characters of an id up to the end of its time."""
_SELECT = """
SELECT event.store_id, event.id AS event_id, webhook.id AS webhook_id, event.type, event.object_id, event.created_at
FROM event
JOIN unnest($3::text[], $4::text[], $6::text[]) AS kind (type, scope, area) ON kind.type = event.type
JOIN webhook ON webhook.store_id = event.store_id
    AND webhook.active
    AND (webhook.include_imported OR event.origin <> 'import')
    AND webhook.events && ARRAY[event.type, kind.area, $5]
    AND kind.scope = ANY (webhook.scopes)
    AND NOT CASE WHEN event.seq <= webhook.heard_seq AND event.xact IS NOT NULL
        THEN pg_visible_in_snapshot(event.xact::text::xid8, webhook.heard_from::pg_snapshot) ELSE false END
LEFT JOIN api_key ON api_key.store_id = webhook.store_id AND api_key.id = webhook.credential
WHERE event.position > $1 AND event.position <= $2 AND (api_key.id IS NULL OR kind.scope = ANY (api_key.scopes))
ORDER BY event.position, webhook.id
"""
_HAS_ENDPOINTS = "SELECT EXISTS (SELECT FROM webhook WHERE active)"
_INSERT = """
INSERT INTO webhook_delivery (
    store_id, id, webhook_id, event_id, type, object_id, created_at,
    status, due_at, attempt, attempts, redactions, updated_at
)
SELECT *, 'pending', $8::timestamptz, 0, '[]', 0, $8
FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
ON CONFLICT (store_id, id) DO NOTHING
"""


class DeliveryFanOut:
    """Creates a delivery for every event and every endpoint that selects it and may read it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._types = [str(type) for type in EventType]
        self._scopes = [area_of(type).scope for type in EventType]
        self._areas = [area_selector(type) for type in EventType]
        self._has_created = False

    def take_created_flag(self) -> bool:
        """Return and reset whether deliveries were created since the last call.

        Most stores have no endpoints; without this, every event would wake the dispatchers for nothing.
        """
        had, self._has_created = self._has_created, False
        return had

    async def __call__(self, connection: asyncpg.Connection, after: int, up_to: int) -> None:
        """Create the deliveries of the events at these positions.

        Idempotent: the id of a delivery follows from those of its event and endpoint. ``connection``: of
        ``gateway_system``, in the transaction that assigned the positions.
        """
        if not await connection.fetchval(_HAS_ENDPOINTS):
            return
        rows = await connection.fetch(_SELECT, after, up_to, self._types, self._scopes, ALL_EVENTS, self._areas)
        if rows:
            self._has_created = True
            columns = (
                [row["store_id"] for row in rows],
                [delivery_id(row["event_id"], row["webhook_id"]) for row in rows],
                *([row[name] for row in rows] for name in ("webhook_id", "event_id", "type", "object_id")),
                [row["created_at"] for row in rows],
            )
            await connection.execute(_INSERT, *columns, self._clock())


def delivery_id(event_id: str, webhook_id: str) -> str:
    """Build the id of a delivery: the time of the event, then a digest of both ids."""
    digest = hashlib.sha256(f"{event_id}/{webhook_id}".encode()).digest()[:16]
    return f"dlv_{event_id[4:_TIME]}{''.join(ALPHABET[byte & 31] for byte in digest)}"
