"""Without the database all are told to come back, and after its return all is well; without Redis nobody notices."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from tests.faults.conftest import OwnShop
from tests.faults.event_table import head_of, placed_events
from tests.faults.load import CLIENTS, loading
from tests.faults.own_servers import OwnGateway, OwnPostgres, OwnRedis, running
from tests.faults.subscribers import following

SECONDS = 240.0
"""A limit for what would never end, not for what is slow."""
ROUND = 4 * CLIENTS
"""Requests after which every client has asked everything once."""


async def products(shop: OwnShop) -> set[str]:
    async with shop.database.system_connection() as connection:
        rows = await connection.fetch("SELECT id FROM product WHERE store_id = $1", shop.owner.store.number)
    return {row["id"] for row in rows}


async def test_without_the_database_all_are_refused_and_after_its_return_all_are_answered(
    own_postgres: OwnPostgres, own_shop: OwnShop
) -> None:
    """Fails when a failure of the database is not turned into Unavailable (a 500 has no ``Retry-After``), when pools
    keep dead connections, or when the log's reader ends with the database. Subscribers stay connected all the while.
    """
    gateway = OwnGateway(own_postgres.url, GATEWAY_LOG_LEVEL="warning")
    async with (
        asyncio.timeout(SECONDS),
        running(gateway),
        following([gateway.base], own_shop.key, "e1.0") as followers,
        httpx.AsyncClient(base_url=gateway.base) as probe,
    ):
        async with loading(gateway.base, own_shop.key) as load:
            for _ in range(3):
                await load.go_on(3 * ROUND)
                await own_postgres.kill()
                await load.be_refused(2 * ROUND)
                assert (await probe.get("/healthz")).status_code == 200
                told = await probe.get("/readyz")
                assert (told.status_code, told.json()["reason"], "retry-after" in told.headers) == (
                    503,
                    "database",
                    True,
                )
                await own_postgres.start()
                begun = time.monotonic()
                await load.go_on(ROUND)
                print(f"{ROUND} requests answered {time.monotonic() - begun:.2f} s after its return")
        assert (await probe.get("/readyz")).status_code == 200
        last = await head_of(own_shop.database, own_shop.owner.store)
        for each in followers.values():
            await each.until(lambda seen: seen[-1].position >= last)
    assert (load.told.keys(), load.left) == ({200, 201, 503}, 0)
    assert load.made <= await products(own_shop)
    written = await placed_events(own_shop.database, own_shop.owner.store)
    assert len(written) == len(await products(own_shop))
    for name, each in followers.items():
        assert each.seen == written, name
        assert each.connections == 1, name


@pytest.mark.parametrize("how", ["killed", "frozen"])
async def test_without_redis_requests_go_on_and_events_arrive(
    own_postgres: OwnPostgres, own_redis: OwnRedis, own_shop: OwnShop, how: str
) -> None:
    """Fails when a request waits for Redis, or when the log is read only when Redis says so: what is written through
    one process while Redis is away is seen at the other before it comes back.
    """
    both = [OwnGateway(own_postgres.url, GATEWAY_REDIS_URL=own_redis.url) for _ in range(2)]
    async with (
        asyncio.timeout(SECONDS),
        running(*both),
        following([both[1].base], own_shop.key, "e1.0") as followers,
        loading(both[0].base, own_shop.key) as load,
    ):
        for _ in range(2):
            await load.go_on(2 * ROUND)
            await (own_redis.kill() if how == "killed" else own_redis.freeze())
            await load.go_on(2 * ROUND)
            last = await head_of(own_shop.database, own_shop.owner.store)
            for each in followers.values():
                await each.until(lambda seen, last=last: seen[-1].position >= last)  # type: ignore[misc]
            await (own_redis.start() if how == "killed" else own_redis.thaw())
    assert (load.told.keys(), load.left) == ({200, 201}, 0)
    written = await placed_events(own_shop.database, own_shop.owner.store)
    for name, each in followers.items():
        assert each.seen == written[: len(each.seen)], name
        assert each.connections == 1, name
