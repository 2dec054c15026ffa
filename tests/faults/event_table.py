"""What was truly written: the log as the table has it."""

from __future__ import annotations

import asyncio

from domain.kernel.database import Database
from domain.kernel.event_log import write_position
from domain.kernel.principal import Store
from tests.faults.subscribers import Seen


async def placed_events(database: Database, store: Store) -> list[Seen]:
    """Every event of the store in the order of positions, when all that are committed have theirs."""
    while True:
        async with database.system_connection() as connection:
            rows = await connection.fetch(
                "SELECT id, position FROM event WHERE store_id = $1 ORDER BY position", store.number
            )
        if all(row["position"] is not None for row in rows):
            return [Seen(row["id"], write_position(row["position"])) for row in rows]
        await asyncio.sleep(0.05)


async def head_of(database: Database, store: Store) -> int:
    """The position of the store's newest event, when all that are committed have theirs; 0 without events."""
    return max((event.position for event in await placed_events(database, store)), default=0)
