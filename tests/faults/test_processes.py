"""Several processes on one database: whoever writes through one is seen by those who follow at another."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from redis.asyncio import Redis

from domain.kernel.database import Database
from domain.kernel.event_log import write_position
from gateway.adapters.redis_bus import CHANNELS
from gateway.wakeups import Topic
from tests.conftest import MakeKey, Shop
from tests.faults.event_table import head_of, placed_events
from tests.faults.processes import every_worker_serves
from tests.faults.subscribers import TRANSPORTS, Follower, following
from tests.gateway.server_process import Server, serving

WRITES = 20
SECONDS = 240.0
"""A limit for what would never end, not for what is slow."""


async def write(server: Server, key: str, name: str) -> None:
    """Add products by REST, each over a connection of its own, so that any worker may take it."""
    for number in range(WRITES):
        async with server.client(key) as web:
            body = {"name": "Mug", "sku": f"{name}-{number}", "price": 5}
            answer = await web.post("/v2/products", json=body)
            assert answer.status_code == 201, answer.text


async def all_have_seen(followers: Mapping[str, Follower], count: int) -> None:
    await asyncio.gather(*(each.until(lambda seen: len(seen) >= count) for each in followers.values()))


@pytest.mark.parametrize("woken", ["by Redis", "by polling"])
async def test_two_processes_see_each_others_events(
    database_url: str, database: Database, redis_url: str, shop: Shop, make_key: MakeKey, woken: str
) -> None:
    """Fails when the reader neither polls nor is woken: it would know only what its own sequencer has placed."""
    key = await make_key(shop.live)
    settings = {"GATEWAY_REDIS_URL": redis_url} if woken == "by Redis" else {}
    begun = write_position(await head_of(database, shop.live.store))
    async with (
        asyncio.timeout(SECONDS),
        serving(database_url, **settings) as one,
        serving(database_url, **settings) as other,
        following([one.base], key, begun) as at_one,
        following([other.base], key, begun) as at_other,
    ):
        await asyncio.gather(write(one, key, "one"), write(other, key, "other"))
        await all_have_seen(at_one, 2 * WRITES)
        await all_have_seen(at_other, 2 * WRITES)
    written = await placed_events(database, shop.live.store)
    assert len(written) == 2 * WRITES
    assert [each.seen for each in (*at_one.values(), *at_other.values())] == [written] * 2 * len(TRANSPORTS)


async def test_what_one_process_places_wakes_the_others_by_redis(
    database_url: str, redis_url: str, shop: Shop, make_key: MakeKey
) -> None:
    """Fails when a process tells nobody: the others would notice nothing but a fifth of a second, by their polls."""
    key = await make_key(shop.live)
    (channel,) = (name for name, news in CHANNELS.items() if news is Topic.LOG_GROWN)
    async with (
        asyncio.timeout(SECONDS),
        Redis.from_url(redis_url) as redis,
        redis.pubsub() as listening,
        serving(database_url, GATEWAY_REDIS_URL=redis_url) as one,
        serving(database_url, GATEWAY_REDIS_URL=redis_url),
    ):
        await listening.subscribe(channel)
        while dict(await redis.pubsub_numsub(channel))[channel] < 3:
            await asyncio.sleep(0.05)
        await write(one, key, "told")
        while (await listening.get_message(ignore_subscribe_messages=True, timeout=1)) is None:
            pass


async def test_events_arrive_whichever_worker_serves(
    database_url: str, database: Database, redis_url: str, shop: Shop, make_key: MakeKey
) -> None:
    """Fails as the one above, for workers of one parent."""
    key = await make_key(shop.live)
    begun = write_position(await head_of(database, shop.live.store))
    async with (
        asyncio.timeout(SECONDS),
        serving(database_url, "--workers", "2", GATEWAY_REDIS_URL=redis_url) as server,
        followed_at_every_worker(server, key, begun) as everyone,
    ):
        await write(server, key, "any")
        for followers in everyone:
            await all_have_seen(followers, WRITES)
    written = await placed_events(database, shop.live.store)
    assert len(written) == WRITES
    for followers in everyone:
        assert [each.seen for each in followers.values()] == [written] * len(TRANSPORTS)


@asynccontextmanager
async def followed_at_every_worker(
    server: Server, key: str, after: str
) -> AsyncGenerator[Sequence[Mapping[str, Follower]]]:
    """Subscribers of every transport, more and more until each worker serves some: the kernel chooses which."""
    found: list[Mapping[str, Follower]] = []
    async with AsyncExitStack() as held:
        while not every_worker_serves(server):
            followers = await held.enter_async_context(following([server.base], key, after))
            found.append(followers)
            await asyncio.sleep(0.2)
        yield found
