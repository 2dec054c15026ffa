"""Webhooks while those who send them die: every event arrives, and what arrives twice does so under one id."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from domain import catalog, webhooks
from domain.kernel.crypto import Keyring
from domain.kernel.errors import Unavailable
from domain.kernel.event_log import Sequencer
from domain.webhooks.commands import CreateWebhook
from gateway.execution import StrawberryEngine
from gateway.webhooks import GraphQLPayloadRunner
from tests.faults.conftest import OwnShop
from tests.faults.own_servers import OwnPostgres
from tests.faults.workers import OwnWorker
from tests.faults.writers import products
from tests.gateway.server_process import ENCRYPTION_KEY
from tests.webhooks.conftest import LOOPBACK
from tests.webhooks.sink import Sink, sinking

SECONDS = float(os.environ.get("GATEWAY_TEST_WORKER_SECONDS", "20"))
"""For how long workers are killed."""
PATHS = ("/slow/a", "/slow/b", "/ok/c")
LEASES_END = 45.0
"""Seconds after which what a killed worker held has been sent by another, at the latest."""
SECRET = "whsec_" + "c2VjcmV0" * 4


@pytest.fixture
async def placing(own_shop: OwnShop) -> Sequencer:
    """A sequencer beside the test, and the keys that endpoints are made with."""
    keyring = Keyring.parse(f"k1:{ENCRYPTION_KEY}")
    shaper = GraphQLPayloadRunner(own_shop.database, StrawberryEngine())
    own_shop.database.provide(webhooks.WebhookDependencies(keyring, webhooks.AddressPolicy(LOOPBACK), shaper))
    return Sequencer(own_shop.database, lambda: None, webhooks.DeliveryFanOut(own_shop.database.clock))


@asynccontextmanager
async def working(workers: list[OwnWorker]) -> AsyncGenerator[None]:
    """They run inside."""
    async with AsyncExitStack() as stack:
        for worker in workers:
            worker.start()
            stack.push_async_callback(worker.end, signal.SIGTERM)
        yield


async def listen(shop: OwnShop, sink: Sink, path: str) -> None:
    async with shop.database.transaction(shop.owner) as work:
        command = CreateWebhook(url=sink.url(path), events=("product.created",), secret=SECRET)
        await webhooks.create_webhook(work, shop.owner, command)


async def count(shop: OwnShop, status: str) -> int:
    async with shop.database.system_connection() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM webhook_delivery WHERE status = $1", status))


async def happen(shop: OwnShop, placing: Sequencer, batch: int) -> None:
    """Ten products are made, and their events placed; a database that has just come back is asked again."""
    steps = (lambda: _make(shop, batch), placing.assign_all)
    for step in steps:
        while True:
            try:
                await step()
                break
            except Unavailable:
                await asyncio.sleep(0.1)


async def _make(shop: OwnShop, batch: int) -> None:
    async with shop.database.transaction(shop.owner) as work:
        await catalog.create_products(work, shop.owner, products(f"batch-{batch}", 10))


async def test_workers_killed_at_random_lose_no_event_nor_does_a_database_that_dies(
    own_postgres: OwnPostgres, own_shop: OwnShop, placing: Sequencer
) -> None:
    """Fails with deliveries left behind when a lease never ends (``due_at`` of a claim far ahead), and with events
    missing when deliveries are planned after the commit of the positions by a process that may die in between."""
    seed = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    workers = [OwnWorker(own_postgres.url) for _ in range(2)]
    loop = asyncio.get_running_loop()
    async with sinking() as sink:
        for path in PATHS:
            await listen(own_shop, sink, path)
        async with working(workers):
            await happen(own_shop, placing, 0)
            async with asyncio.timeout(LEASES_END):
                while not sink.hits:
                    await asyncio.sleep(0.05)
            end, kills, batch, died = loop.time() + SECONDS, 0, 1, False
            while loop.time() < end:
                for worker in workers:
                    worker.keep()
                await happen(own_shop, placing, batch)
                batch += 1
                await asyncio.sleep(chance.uniform(0.1, 0.6))
                if not died and loop.time() > end - SECONDS / 2:
                    died = True
                    await own_postgres.kill()
                    await own_postgres.start()
                if sink.hits and chance.random() < 0.2:
                    victim = chance.choice(workers)
                    await victim.end(signal.SIGKILL)
                    victim.start()
                    kills += 1
            async with asyncio.timeout(LEASES_END):
                while await count(own_shop, "pending"):
                    for worker in workers:
                        worker.keep()
                    await asyncio.sleep(0.2)
        async with own_shop.database.system_connection() as connection:
            events = {
                row["id"] for row in await connection.fetch("SELECT id FROM event WHERE type = 'product.created'")
            }
        assert len(events) == batch * 10
        assert kills > 0
        for path in PATHS:
            arrived = Counter(hit.id for hit in sink.at(path))
            assert set(arrived) == events
            print(f"{path}: {len(events)} events, {sum(arrived.values()) - len(events)} of them again, {kills} kills")
        assert all(hit.platform(SECRET) and hit.standard(SECRET) for hit in sink.hits)
        assert await count(own_shop, "delivered") == len(events) * len(PATHS)


async def test_a_worker_told_to_stop_waits_for_what_is_in_flight(
    own_postgres: OwnPostgres, own_shop: OwnShop, placing: Sequencer
) -> None:
    """For as long as an attempt may take, and writes down what came of it. Fails when attempts are cut off, for they
    would be made again, and when their claims are left to run out."""
    worker = OwnWorker(own_postgres.url)
    async with sinking() as sink:
        for _ in range(3):  # each is given one hand, for none has answered yet
            await listen(own_shop, sink, "/hang")
        async with own_shop.database.transaction(own_shop.owner) as work:
            await catalog.create_products(work, own_shop.owner, products("held", 1))
        await placing.assign_all()
        worker.start()
        async with asyncio.timeout(30):
            while len(sink.hits) < 3:
                await asyncio.sleep(0.05)
        assert await worker.end(signal.SIGTERM) == 0
    async with own_shop.database.system_connection() as connection:
        held = await connection.fetch("SELECT lease, attempt, due_at > now() AS waits FROM webhook_delivery")
    assert [dict(row) for row in held] == [{"lease": None, "attempt": 1, "waits": True}] * 3
