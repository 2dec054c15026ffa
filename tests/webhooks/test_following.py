"""Following the log as a caller does, also while the database is away."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from domain import events
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.event_log import Checkpoint, EventLog, write_position
from tests.conftest import MakeProduct, Shop
from tests.kernel.tcp_proxy import cable_to


async def test_a_follower_who_catches_up_waits_for_a_database_that_is_away(
    database_url: str, shop: Shop, make_product: MakeProduct, log: EventLog
) -> None:
    """It has to read the table, for nothing is in the ring yet."""
    start = await log.head()
    products = [await make_product() for _ in range(3)]
    async with asyncio.timeout(10):
        while await log.head() < start + 3:
            await asyncio.sleep(0.02)
    async with cable_to(database_url) as cable:
        behind = Database(DatabaseOptions(cable.url))
        await behind.open()
        try:
            following = events.follow(EventLog(behind), events.select_events(shop.live), after=write_position(start))
            async with asyncio.timeout(20), aclosing(following):
                assert await anext(following) == Checkpoint(start)
                await cable.cut()
                waiting = asyncio.create_task(anext(following))
                await asyncio.sleep(1)
                assert not waiting.done()
                await cable.join()
                rows = [await waiting, await anext(following), await anext(following)]
        finally:
            await behind.close()
    assert [row.object_id for row in rows] == [product.id for product in products]
