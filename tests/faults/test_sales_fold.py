"""The fold of sales while the workers that fold die: every change of an order counts once."""

from __future__ import annotations

import asyncio
import os
import random
import signal

from domain import analytics
from domain.kernel.event_log import Sequencer
from tests.analytics.conftest import count_buckets, stored_buckets, stored_sales
from tests.analytics.plain_recount import plain_recount
from tests.analytics.trade import Trader
from tests.faults.conftest import OwnShop
from tests.faults.own_servers import OwnPostgres
from tests.faults.workers import OwnWorker

SECONDS = float(os.environ.get("GATEWAY_TEST_WORKER_SECONDS", "12"))
"""For how long workers are killed."""
CAUGHT_UP = 30.0
"""Seconds after which what was written is folded, at the latest."""


async def test_workers_killed_at_random_fold_every_change_once(own_postgres: OwnPostgres, own_shop: OwnShop) -> None:
    """Fails with sums that are doubled or missing when the cursor moves in a transaction of its own, after that of the
    facts or before."""
    seed = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
    print(f"seed {seed}")
    trader = Trader(own_shop.database, own_shop.owner, seed)
    await trader.open()
    trader.steps = [trader.create, trader.create, trader.import_past, trader.edit, trader.cancel, trader.erase]
    placing = Sequencer(own_shop.database, lambda: None)
    workers = [OwnWorker(own_postgres.url, GATEWAY_LOG_LEVEL="warning") for _ in range(2)]
    for worker in workers:
        worker.start()
    kills = 0
    try:
        await trader.act(20)
        await catch_up(own_shop, placing)
        loop = asyncio.get_running_loop()
        end = loop.time() + SECONDS
        while loop.time() < end:
            before = await cursor(own_shop)
            await trader.act(6)
            await placing.assign_all()
            await asyncio.sleep(trader.chance.uniform(0.0, 0.4))
            if await cursor(own_shop) > before and trader.chance.random() < 0.5:
                victim = trader.chance.choice(workers)
                await victim.end(signal.SIGKILL)
                victim.start()
                kills += 1
        await catch_up(own_shop, placing)
    finally:
        for worker in workers:
            await worker.end(signal.SIGTERM)
    assert kills > 0
    store = own_shop.owner.store.number
    sales = await plain_recount(own_shop.database, store)
    assert len(sales) > 0
    assert await stored_sales(own_shop.database, store) == sales
    assert await stored_buckets(own_shop.database, store) == count_buckets(sales)
    assert [each async for each in analytics.recount(own_shop.database, store)] == []


async def catch_up(shop: OwnShop, placing: Sequencer) -> None:
    """Wait until some worker has folded all events."""
    await placing.assign_all()
    async with shop.database.system_connection() as connection:
        head = await connection.fetchval("SELECT position FROM event_log")
    async with asyncio.timeout(CAUGHT_UP):
        while await cursor(shop) < head:
            await asyncio.sleep(0.1)


async def cursor(shop: OwnShop) -> int:
    """The position up to which the log is folded."""
    async with shop.database.system_connection() as connection:
        return int(await connection.fetchval("SELECT position FROM sales_cursor"))
