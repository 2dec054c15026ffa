"""What is called outside is settled once, whatever dies: requests and reconcilers, killed with -9 at each step."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import signal
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from typing import Any

import orjson

from domain import catalog
from domain.catalog.commands import CreateProduct
from domain.kernel.database import Database
from domain.kernel.money import Money
from gateway.settings import Settings
from tests.conftest import Client, MakeKey, Shop
from tests.marketplace import listing, process
from tests.marketplace.process import Attempt, Place
from tests.marketplace.server import Behaviour, Marketplace, open_marketplace

RUNS = int(os.environ.get("GATEWAY_TEST_OUTBOUND_KILLS", "32"))
CONCURRENT = 4
SECONDS = 900.0
"""A limit for what would never end, not for what is slow."""
REQUEST_STEPS = ("first half", "committed", "sent", "outside", "answered", "second half", "rendering", "done")
"""Where a request dies: ``outside`` is while the marketplace has done it and has not answered."""
RECONCILER_STEPS = (None, "leased", "asked", "looked up", "second half", "done")
BEHAVIOURS = (Behaviour.SUCCEED,) * 4 + (Behaviour.REFUSE, Behaviour.TWICE, Behaviour.BREAK, Behaviour.LOSE)


@dataclass(frozen=True, slots=True)
class Run:
    """One request and what becomes of it."""

    attempt: Attempt
    fatal: str
    reconciler_fatal: str | None
    behaviour: Behaviour

    @property
    def key(self) -> str:
        """At the marketplace."""
        return self.attempt.product_id.replace("prod_", "lst_")


@dataclass(slots=True)
class Killing:
    """Runs many, some at a time."""

    place: Place
    market: Marketplace
    database: Database
    client: Client
    deaths: Counter[str] = field(default_factory=Counter)
    hours: int = 1

    async def go(self, run: Run, turns: asyncio.Semaphore) -> None:
        """Die as the run says, then repeat the request until it is answered, and once more."""
        async with turns:
            self.market.behaviours[run.key] = Behaviour.KILL if run.fatal == "outside" else run.behaviour
            await self._die(f"request: {run.fatal}", process.request, run.attempt, run.fatal)
            if run.fatal != "first half" and run.reconciler_fatal is not None:
                await self._die(f"reconciler: {run.reconciler_fatal}", process.reconcile, 1, run.reconciler_fatal)
            first = await self._repeat(run)
            again = await run.attempt.send(self.client)
            assert again.headers["Idempotent-Replayed"] == "true"
            assert again.content == first

    async def _repeat(self, run: Run) -> bytes:
        async with asyncio.timeout(120):
            while True:
                answer = await run.attempt.send(self.client)
                if "Retry-After" not in answer.headers:
                    assert answer.status_code in (200, 201), answer.text
                    assert "errors" not in answer.json(), answer.text
                    return answer.content
                self.hours += 1
                await process.reconciler(self.database, self.hours).reconcile_due()

    async def _die(self, name: str, target: Any, *arguments: Any) -> None:
        context = multiprocessing.get_context("forkserver")
        child: ForkServerProcess = context.Process(target=target, args=(self.place, *arguments))
        child.start()
        ended, loop = asyncio.Event(), asyncio.get_running_loop()
        loop.add_reader(child.sentinel, ended.set)  # joined in threads, two of them may read one exit code
        await ended.wait()
        loop.remove_reader(child.sentinel)
        child.join()
        assert child.exitcode in (0, -signal.SIGKILL), name
        if child.exitcode:
            self.deaths[name] += 1
        child.close()


async def test_every_attempt_settles_once_and_every_repeat_is_answered(
    database_url: str, settings: Settings, database: Database, shop: Shop, make_key: MakeKey
) -> None:
    """Taken out: the attempt's row committed before the call; the question for its state; the idempotency record in
    flight; the reconciler."""
    seed = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
    print(f"seed {seed}")
    chance = random.Random(seed)
    multiprocessing.get_context("forkserver").set_forkserver_preload(["tests.marketplace.process"])
    runs = await planned_runs(database, shop, chance)
    keys = settings.encryption_keys.get_secret_value()
    key = await make_key(shop.live)
    async with asyncio.timeout(SECONDS), open_marketplace() as market:
        place = Place(database_url, market.port, keys, settings.engine, key)
        with listing.registered():
            async with process.opened(place) as (own, client):
                killing = Killing(place, market, own, client)
                turns = asyncio.Semaphore(CONCURRENT)
                async with asyncio.TaskGroup() as group:
                    for run in runs:
                        group.create_task(killing.go(run, turns))
                await settle_the_rest(killing)
        print(sum(killing.deaths.values()), "deaths", dict(killing.deaths))
        await judge(database, shop, market, runs)
    assert {name for name in killing.deaths if name.startswith("request")} == {f"request: {s}" for s in REQUEST_STEPS}


async def planned_runs(database: Database, shop: Shop, chance: random.Random) -> list[Run]:
    """Each step, by each door, with every behaviour and every death of the reconciler, as often as may be."""
    commands = [
        CreateProduct(name=f"P{n}", sku=f"K-{n}", price=Money(5, shop.live.store.currency)) for n in range(RUNS)
    ]
    products = []
    for command in commands:
        async with database.transaction(shop.live) as work:
            products.append((await catalog.create_product(work, shop.live, command)).id)
    return [
        Run(
            Attempt(("rest", "graphql")[number % 2], product),
            REQUEST_STEPS[number // 2 % len(REQUEST_STEPS)],
            chance.choice(RECONCILER_STEPS),
            # Each step is reached at least once by each door: a lost answer has no second half.
            Behaviour.SUCCEED if number < 2 * len(REQUEST_STEPS) else chance.choice(BEHAVIOURS),
        )
        for number, product in enumerate(products)
    ]


async def settle_the_rest(killing: Killing) -> None:
    """Until nothing is in flight: a request that was answered ``processing`` is settled later."""
    for _ in range(20):
        killing.hours += 1
        await process.reconciler(killing.database, killing.hours).reconcile_due()
    while await process.reconciler(killing.database, killing.hours + 1).reconcile_due():
        killing.hours += 1


async def judge(database: Database, shop: Shop, market: Marketplace, runs: list[Run]) -> None:
    """Each product was listed, or refused, once, and so say the attempts, the marketplace and the events."""
    async with database.system_connection() as connection:
        store = shop.live.store.number
        attempts = await connection.fetch("SELECT id, state FROM outbound_attempt WHERE store_id = $1", store)
        products = await connection.fetch("SELECT id, metadata FROM product WHERE store_id = $1", store)
        told = await connection.fetch(
            "SELECT object_id, count(*) AS events FROM event WHERE store_id = $1 GROUP BY object_id", store
        )
    assert {row["id"]: row["state"] for row in attempts} == {run.key: "settled" for run in runs}
    assert {key: market.effects[key] for key in market.effects} == {run.key: 1 for run in runs}
    shown = {row["id"]: orjson.loads(row["metadata"]) for row in products}
    assert {id: metadata["settled"] for id, metadata in shown.items()} == {run.attempt.product_id: "1" for run in runs}
    for run in runs:
        outcome = market.outcomes[run.key]["state"]
        assert shown[run.attempt.product_id]["listing"] == {"succeeded": "listed", "failed": "refused"}[outcome]
    assert {row["events"] for row in told if row["object_id"].startswith("prod_")} == {3}
