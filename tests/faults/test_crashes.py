"""A committed change always has its event, and a change that was not committed has none, whoever dies when."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import orjson

from domain.kernel.database import Database
from domain.kernel.principal import Store
from tests.faults.conftest import OwnShop
from tests.faults.event_table import placed_events
from tests.faults.own_servers import OwnGateway, OwnPostgres, running

OPERATIONS = 200
CLIENTS = 4
DEATHS = ("gateway",) * 3 + ("database",) * 2 + ("writer",) * 3
PAUSE = 0.05
"""Seconds before another try, where nobody listens or nobody can serve."""
SECONDS = 240.0
"""A limit for what would never end, not for what is slow."""
SHOWN = ("name", "price", "status", "tags", "version", "sku")
"""Columns of a product that its events repeat."""


@dataclass(slots=True)
class Progress:
    """Operations that were answered or cut off in the middle; those that nobody took do not count."""

    done: int = 0

    async def reach(self, count: int) -> None:
        while self.done < count:
            await asyncio.sleep(0.001)


@dataclass(slots=True)
class Merchant:
    """Does random things to its products, and does not care whether anybody answers."""

    web: httpx.AsyncClient
    name: str
    chance: random.Random
    progress: Progress
    products: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        """Go on until there were enough. Raises AssertionError for an answer that no fault explains."""
        for number in itertools.count():
            if self.progress.done >= OPERATIONS:
                return
            try:
                answer = await self._operate(number)
            except httpx.ConnectError:
                await asyncio.sleep(PAUSE)
            except httpx.TransportError:
                self.told["cut off"] += 1
                self.progress.done += 1
            else:
                await self._note(answer)

    async def _note(self, answer: httpx.Response) -> None:
        self.told[str(answer.status_code)] += 1
        assert answer.status_code in {200, 201, 204, 503}, answer.text
        if answer.status_code == 503:
            await asyncio.sleep(PAUSE)
        else:
            self.progress.done += 1
        if answer.status_code == 201:
            self.products.append(answer.json()["id"])

    async def _operate(self, number: int) -> httpx.Response:
        if not self.products or self.chance.random() < 0.3:
            body = {"name": "Mug", "sku": f"{self.name}-{number}", "price": 5, "tags": ["new"]}
            return await self.web.post("/v2/products", json=body)
        path = f"/v2/products/{self.chance.choice(self.products)}"
        if self.chance.random() < 0.2:
            return await self.web.delete(path)
        changes: list[dict[str, Any]] = [
            {"price": number + 10},
            {"name": f"Mug {number}"},
            {"tags": [f"t{number}", "mug"]},
            {"variants": [{"sku": f"{self.name}-{number}-v", "attributes": {"n": str(number)}}]},
            {"status": "active", "price": 5, "name": "Mug"},  # perhaps no change at all
        ]
        return await self.web.put(path, json=self.chance.choice(changes))


async def die(victim: str, gateway: OwnGateway, postgres: OwnPostgres) -> None:
    """One death: of the gateway, of the whole database, or of one process of it, which takes the others along."""
    if victim == "gateway":
        await gateway.kill()
        await gateway.start()
    elif victim == "database":
        await postgres.kill()
        await postgres.start()
    else:
        await kill_writer(postgres)
        await (await connected(postgres)).close()


async def kill_writer(postgres: OwnPostgres) -> None:
    """End a process of the database that serves the gateway, in a transaction if there is one."""
    connection = await connected(postgres)
    pid = await connection.fetchval(
        """SELECT pid FROM pg_stat_activity WHERE usename = session_user AND pid <> pg_backend_pid()
           ORDER BY xact_start NULLS LAST LIMIT 1"""
    )
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
    connection.terminate()


async def connected(postgres: OwnPostgres) -> asyncpg.Connection:
    """A connection, when the database has recovered."""
    while True:
        try:
            return await asyncpg.connect(postgres.url)
        except (asyncpg.PostgresError, OSError):
            await asyncio.sleep(PAUSE)


async def test_changes_and_events_agree_after_any_death(own_postgres: OwnPostgres, own_shop: OwnShop) -> None:
    """Fails when events are written after the commit, or in a transaction of their own."""
    seed = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    gateway = OwnGateway(own_postgres.url, GATEWAY_LOG_LEVEL="warning")
    headers = {"Authorization": f"Bearer {own_shop.key}"}
    async with (
        asyncio.timeout(SECONDS),
        running(gateway),
        httpx.AsyncClient(base_url=gateway.base, headers=headers, timeout=60) as web,
    ):
        progress = Progress()
        merchants = [Merchant(web, f"m{each}", random.Random(chance.random()), progress) for each in range(CLIENTS)]
        async with asyncio.TaskGroup() as group:
            for each in merchants:
                group.create_task(each.run())
            moments = sorted(chance.sample(range(OPERATIONS), len(DEATHS)))
            for moment, victim in zip(moments, chance.sample(DEATHS, len(DEATHS)), strict=True):
                await progress.reach(moment)
                await asyncio.sleep(chance.random() * 0.02)  # somewhere in the middle of what is under way
                await die(victim, gateway, own_postgres)
        written = await placed_events(own_shop.database, own_shop.owner.store)
    told = sum((each.told for each in merchants), Counter[str]())
    print(told, len(written))
    assert len(written) >= told["201"] > 0
    await changes_and_events_agree(own_shop.database, own_shop.owner.store)


async def changes_and_events_agree(database: Database, store: Store) -> None:
    """Every version of every product has its event, the last says how the product is, and no event is of nothing."""
    async with database.system_connection() as connection:
        products = await connection.fetch("SELECT * FROM product WHERE store_id = $1", store.number)
        events = await connection.fetch(
            "SELECT object_id, sequence, snapshot FROM event WHERE store_id = $1 ORDER BY seq", store.number
        )
    of_product: dict[str, list[Any]] = {product["id"]: [] for product in products}
    for event in events:
        of_product[event["object_id"]].append(event)
    for product in products:
        own = of_product[product["id"]]
        assert [event["sequence"] for event in own] == list(range(1, product["version"] + 1))
        last = orjson.loads(own[-1]["snapshot"])
        assert {name: last[name] for name in SHOWN} == {name: product[name] for name in SHOWN}
