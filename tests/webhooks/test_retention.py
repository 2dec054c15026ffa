"""Deliveries go when their events do."""

from __future__ import annotations

from datetime import timedelta

from domain import webhooks
from domain.areas import all_tables
from domain.kernel.database.partitions import make_partitions
from domain.kernel.ids import lowest_id
from tests.webhooks.conftest import Hooks

KEEP = timedelta(days=30)


async def partitions(hooks: Hooks) -> list[str]:
    async with hooks.database.system_connection() as connection:
        rows = await connection.fetch(
            "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
            "WHERE inhparent = 'webhook_delivery'::regclass ORDER BY relname"
        )
    return [row["relname"] for row in rows]


async def test_old_deliveries_go_in_batches_and_whole_months(hooks: Hooks) -> None:
    await hooks.listen()
    for _ in range(5):
        await hooks.happen()
    await hooks.deliver()
    (first, *_, last) = [row["id"] for row in await hooks.rows()]
    assert first < last

    await webhooks.drop_old_deliveries(hooks.database, KEEP, batch=2)
    assert len(await hooks.rows()) == 5
    months = await partitions(hooks)
    assert len(months) == 4  # this month, the next two, and what belongs to none

    born = hooks.clock()
    hooks.clock.now = born + KEEP + timedelta(seconds=60)
    await webhooks.drop_old_deliveries(hooks.database, KEEP, batch=2)
    assert await hooks.rows() == []

    next_month = (born.replace(day=1) + timedelta(days=32)).replace(day=1)  # whichever day it is today
    hooks.clock.now = next_month + KEEP + timedelta(days=1)
    await webhooks.drop_old_deliveries(hooks.database, KEEP)
    assert await partitions(hooks) == months[1:]
    async with hooks.database.system_connection() as connection:
        await make_partitions(connection, born, all_tables().partitioned)
    assert await partitions(hooks) == months


async def test_a_delivery_lies_in_the_month_of_its_event(hooks: Hooks) -> None:
    await hooks.listen()
    await hooks.happen()
    delivery = await hooks.row()
    assert delivery["id"] >= lowest_id("dlv", delivery["created_at"])
    async with hooks.database.system_connection() as connection:
        where = await connection.fetchval("SELECT tableoid::regclass::text FROM webhook_delivery")
    assert where == f"webhook_delivery_{delivery['created_at']:%Y_%m}"
