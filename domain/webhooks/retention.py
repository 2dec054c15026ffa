"""Retention of deliveries, as long as events: whole months are dropped at once, the rest is deleted in batches."""

from __future__ import annotations

import logging
from datetime import timedelta

import asyncpg

from domain.kernel.database import Database
from domain.kernel.database.partitions import Month, drop_month, months_before
from domain.kernel.ids import lowest_id

DELETE_BATCH_SIZE = 1_000
LOCK_TIMEOUT_MS = 500
"""Milliseconds that dropping a month may wait for the table lock. Meanwhile all other statements wait behind it."""
_DELETE = """
WITH oldest AS MATERIALIZED (SELECT store_id, id FROM webhook_delivery WHERE id < $1 ORDER BY id LIMIT $2)
DELETE FROM webhook_delivery USING oldest
WHERE webhook_delivery.store_id = oldest.store_id AND webhook_delivery.id = oldest.id
"""

log = logging.getLogger("gateway.webhooks")


async def drop_old_deliveries(database: Database, retention: timedelta, batch: int = DELETE_BATCH_SIZE) -> None:
    """Drop the deliveries of events written more than ``retention`` ago. Raises Unavailable."""
    before = database.clock() - retention
    async with database.system_connection() as connection:
        for month in await months_before(connection, "webhook_delivery", before):
            await _drop(connection, month)
    oldest = lowest_id("dlv", before)
    done = f"DELETE {batch}"
    while done == f"DELETE {batch}":
        async with database.system_connection() as connection:
            done = await connection.execute(_DELETE, oldest, batch)


async def _drop(connection: asyncpg.Connection, month: Month) -> None:
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS:d}")
            await drop_month(connection, month)
    except asyncpg.LockNotAvailableError:
        log.info("%s is in use; its deliveries are deleted one by one", month.name)
