"""Transactions that commit in another order than they wrote, while subscribers of every transport follow."""

from __future__ import annotations

import asyncio
import os
import random

from domain import catalog
from domain.catalog.commands import UpdateProduct
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog, write_position
from domain.kernel.money import Money
from tests.conftest import MakeKey, MakeProduct, Shop
from tests.faults.event_table import head_of, placed_events
from tests.faults.subscribers import Follower, following
from tests.gateway.server_process import serving

WRITERS = 8
ROUNDS = 8
SECONDS = 240.0
"""A limit for what would never end, not for what is slow."""


class Writer:
    """Changes one product again and again; each time it commits only when it is allowed to."""

    def __init__(self, database: Database, shop: Shop, product_id: str) -> None:
        self._database = database
        self._shop = shop
        self._product_id = product_id
        self._written = asyncio.Event()
        self._allowed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def write(self, price: int) -> None:
        """Write the change and its event, and hold the transaction open."""
        self._written.clear()
        self._allowed.clear()
        self._task = asyncio.create_task(self._change(price))
        await self._written.wait()

    async def commit(self) -> None:
        """Returns when it is committed."""
        self._allowed.set()
        assert self._task is not None
        await self._task

    async def _change(self, price: int) -> None:
        command = UpdateProduct(id=self._product_id, price=Money(price, "GBP"))
        async with self._database.transaction(self._shop.live) as work:
            await catalog.update_product(work, self._shop.live, command)
            self._written.set()
            await self._allowed.wait()


async def all_have_seen(followers: dict[str, Follower], count: int) -> None:
    await asyncio.gather(*(each.until(lambda seen: len(seen) >= count) for each in followers.values()))


async def test_every_subscriber_sees_every_event_once_in_the_order_of_positions(
    database_url: str, database: Database, log: EventLog, shop: Shop, make_key: MakeKey, make_product: MakeProduct
) -> None:
    """Fails when positions are the numbers drawn at insert (``SET position = event.seq`` in the sequencer): whoever has
    seen the one that committed first is past the others. Two sequencers compete here, the server's and this one's.
    """
    seed = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    key = await make_key(shop.live)
    writers = [Writer(database, shop, (await make_product()).id) for _ in range(WRITERS)]
    begun = await head_of(database, shop.live.store)
    async with (
        asyncio.timeout(SECONDS),
        serving(database_url) as server,
        following([server.base], key, write_position(begun)) as followers,
    ):
        for turn in range(ROUNDS):
            for writer in writers:
                await writer.write(1000 + turn)
            first, *others = reversed(writers)  # written last, committed first
            await first.commit()
            await all_have_seen(followers, turn * WRITERS + 1)
            chance.shuffle(others)
            for writer in others:
                await writer.commit()
            await all_have_seen(followers, (turn + 1) * WRITERS)
    written = [event for event in await placed_events(database, shop.live.store) if event.position > begun]
    assert len(written) == ROUNDS * WRITERS
    for name, each in followers.items():
        assert each.seen == written, name
        assert each.connections == 1, name
