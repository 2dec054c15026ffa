"""Retention of deliveries, as long as events: whole months are dropped at once, the rest is deleted in batches."""

from __future__ import annotations

from datetime import timedelta

from domain.kernel.database import Database
from domain.kernel.database.partitions import PartitionedTable, drop_months_before
from domain.kernel.ids import lowest_id

DELIVERY_PARTITIONS = PartitionedTable("webhook_delivery", "dlv")
DELETE_BATCH_SIZE = 1_000
_DELETE = """
WITH oldest AS MATERIALIZED (SELECT store_id, id FROM webhook_delivery WHERE id < $1 ORDER BY id LIMIT $2)
DELETE FROM webhook_delivery USING oldest
WHERE webhook_delivery.store_id = oldest.store_id AND webhook_delivery.id = oldest.id
"""


async def drop_old_deliveries(database: Database, retention: timedelta, batch: int = DELETE_BATCH_SIZE) -> None:
    """Drop the deliveries of events written more than ``retention`` ago. Raises Unavailable."""
    before = database.clock() - retention
    async with database.system_connection() as connection:
        await drop_months_before(connection, DELIVERY_PARTITIONS, before)
    oldest = lowest_id(DELIVERY_PARTITIONS.id_prefix, before)
    done = f"DELETE {batch}"
    while done == f"DELETE {batch}":
        async with database.system_connection() as connection:
            done = await connection.execute(_DELETE, oldest, batch)
