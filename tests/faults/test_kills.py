"""Ten thousand events while every server there is dies in turn: nothing is lost, nothing is seen twice."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

from domain import catalog
from tests.faults.conftest import OwnShop
from tests.faults.event_table import head_of, placed_events
from tests.faults.own_servers import OwnGateway, OwnPostgres, OwnRedis, running
from tests.faults.subscribers import following
from tests.faults.writers import Progress, products, write_in_bulk, write_one_by_one

EVENTS = int(os.environ.get("GATEWAY_TEST_EVENTS", "10000"))
BULK_WRITERS, SIZE = 5, 50
BATCHES = EVENTS // BULK_WRITERS // SIZE
SINGLE_WRITERS = 2
SECONDS = 60.0 + EVENTS / 40
"""A limit for what would never end, not for what is slow."""


async def write(shop: OwnShop, bases: Sequence[str], progress: Progress) -> None:
    """EVENTS in bulk, and for as long as that takes single ones beside them."""
    async with shop.database.transaction(shop.owner) as work:
        changed = await catalog.create_products(work, shop.owner, products("changed", SINGLE_WRITERS))
    done = False
    async with asyncio.TaskGroup() as group:
        for product in changed:
            group.create_task(write_one_by_one(shop, bases, product.id, lambda: done, progress))
        await asyncio.gather(
            *(write_in_bulk(shop, f"bulk-{number}", BATCHES, SIZE, progress) for number in range(BULK_WRITERS))
        )
        done = True


async def kill_in_turn(mortals: Sequence[OwnGateway | OwnPostgres | OwnRedis], progress: Progress) -> None:
    """Each dies once, spread evenly over the writing, and comes back at once."""
    for turn, mortal in enumerate(mortals, start=1):
        await progress.reach(turn * EVENTS // (len(mortals) + 1))
        await mortal.kill()
        await mortal.start()


async def test_received_is_written_in_order_whatever_dies(
    own_postgres: OwnPostgres, own_redis: OwnRedis, own_shop: OwnShop
) -> None:
    """Fails when a subscription does not begin after the cursor it is given (``start_after`` answers the head)."""
    progress = Progress()
    settings = {"GATEWAY_REDIS_URL": own_redis.url, "GATEWAY_LOG_LEVEL": "warning"}
    both = [OwnGateway(own_postgres.url, **settings) for _ in range(2)]
    async with asyncio.timeout(SECONDS), running(*both):
        bases = [each.base for each in both]
        async with following(bases, own_shop.key, "e1.0") as followers, asyncio.TaskGroup() as group:
            writing = group.create_task(write(own_shop, bases, progress))
            await kill_in_turn([both[0], own_redis, own_postgres, both[1], own_redis, own_postgres], progress)
            await writing
            last = await head_of(own_shop.database, own_shop.owner.store)
            for each in followers.values():
                await each.until(lambda seen: seen[-1].position >= last)
        written = await placed_events(own_shop.database, own_shop.owner.store)
    assert len(written) >= EVENTS
    print({name: each.connections for name, each in followers.items()}, len(written), progress.events)
    for name, each in followers.items():
        assert each.seen == written, name
        assert each.connections > 1, name
