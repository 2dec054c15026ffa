"""Exports and bulk mutations in processes of their own: killed with -9 at any moment, and with bounded memory."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncGenerator
from pathlib import Path

import orjson
import pytest

from domain import access, catalog, jobs
from domain.catalog.commands import CreateProduct
from domain.jobs import StartBulkExport, StartBulkMutation
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.money import Money
from domain.kernel.principal import Mode, Plan
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.jobs import bulk_operations
from tests.jobs.test_processes import Shop

LINES, PRODUCTS, KILLS = 400, 1_500, 3
PROCESS = "bulk_process"
MAX_GROWTH_MEGABYTES = 20.0
"""Of a process that exports 30 MB."""
ADJUST = """mutation ($input: AdjustInventoryInput!) {
    adjustInventory(input: $input) { inventory { id } userErrors { code message } } }"""
SAVED = "SELECT resume_point FROM job"
EXPORT = "{ products { nodes { id sku description } } }"


@pytest.fixture
async def own_shop(own_database_url: str, tmp_path: Path) -> AsyncGenerator[Shop]:
    database = Database(DatabaseOptions(own_database_url, reactions=SIGNAL_HANDLERS))
    files = jobs.ImportFiles(tmp_path / "imports")
    for part in (files, jobs.ResultFiles(tmp_path / "results"), bulk_operations(database)):
        database.provide(part)
    await database.open()
    async with database.admin_transaction() as administration:
        stores = await access.create_account(
            administration, database.clock(), name="Shop", plan=Plan.ENTERPRISE, currency="GBP"
        )
    yield Shop(own_database_url, database, access.system_principal(stores[Mode.LIVE]), files)
    await database.close()


async def kill_until_finished(shop: Shop, longest: float) -> int:
    """Run the one job in processes that are killed up to ``longest`` seconds after they have saved something; the last
    may end. Returns their number.
    """
    seed = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
    print(f"GATEWAY_TEST_SEED={seed}")
    chance, kills = random.Random(seed), 0
    async with asyncio.timeout(240):
        while await shop.value("SELECT finished_at FROM job") is None:
            before = await shop.value(SAVED)
            worker, kills = shop.process(module=PROCESS), kills + 1
            while await shop.value(SAVED) == before or kills > KILLS:
                if await shop.value("SELECT finished_at FROM job") is not None:
                    break
                await asyncio.sleep(0.01)
            await asyncio.sleep(chance.uniform(0, longest))
            worker.send_signal(signal.SIGKILL)
            await asyncio.to_thread(worker.wait)
    assert await shop.value("SELECT status FROM job") == "succeeded", await shop.value("SELECT error FROM job")
    return kills


async def result_of(shop: Shop) -> list[bytes]:
    """The lines of the result of the one job; there is no other file."""
    id = str(await shop.value("SELECT result_file_id FROM job"))
    files: jobs.ResultFiles = shop.database.dependency(jobs.ResultFiles)
    path = files.path(shop.owner.store.number, id)
    assert path.stat().st_size == await shop.value("SELECT result_bytes FROM job")
    return path.read_bytes().splitlines()


async def test_no_line_is_executed_twice_or_lost_when_workers_are_killed(own_shop: Shop) -> None:
    """Each adds one to a stock, which no repeat would leave as it is.

    Taken out: ``resume_point`` in ``_record`` (lines have two outcomes: the job fails on the second); with the progress
    saved in a transaction of its own, the stock is more, or less.
    """
    async with own_shop.database.transaction(own_shop.owner) as work:
        made = await catalog.create_product(
            work, own_shop.owner, CreateProduct(name="Mug", sku="MUG", price=Money(1, "GBP"))
        )
    id, part = await own_shop.files.new(own_shop.owner.store.number)
    line = orjson.dumps({"input": {"productId": made.id, "quantity": 1, "reason": "counted"}})
    part.write_bytes((line + b"\n") * LINES)
    await own_shop.files.keep(own_shop.owner.store.number, id)
    command = StartBulkMutation(mutation=ADJUST, media_type="application/x-ndjson", file_id=id)
    async with own_shop.database.transaction(own_shop.owner) as work:
        await jobs.start_bulk_mutation(work, own_shop.owner, command)
    assert await kill_until_finished(own_shop, 0.3) > 2
    assert orjson.loads(str(await own_shop.value("SELECT counts FROM job"))) == {"succeeded": LINES}
    assert await own_shop.value("SELECT sum(on_hand) FROM inventory_level") == LINES
    found = [orjson.loads(each) for each in await result_of(own_shop)]
    assert [each["line"] for each in found] == list(range(1, LINES + 1))
    assert {orjson.dumps(each["data"]["adjustInventory"]["userErrors"]) for each in found} == {b"[]"}
    assert await own_shop.value("SELECT count(*) FROM bulk_mutation_line") == 0


async def make_products(shop: Shop, count: int, description: str) -> None:
    """Products with a description each."""
    for begin in range(0, count, 250):
        commands = [
            CreateProduct(name="Mug", sku=f"S{number:05}", price=Money(1, "GBP"), description=description)
            for number in range(begin, min(begin + 250, count))
        ]
        async with shop.database.transaction(shop.owner) as work:
            await catalog.create_products(work, shop.owner, commands)


async def start_export(shop: Shop) -> str:
    async with shop.database.transaction(shop.owner) as work:
        return (await jobs.start_bulk_export(work, shop.owner, StartBulkExport(query=EXPORT))).id


async def test_an_export_is_whole_and_once_when_workers_are_killed(own_shop: Shop) -> None:
    """Another process begins it anew. Taken out: ``done`` and ``counts`` of ``_begin`` (more than there are)."""
    await make_products(own_shop, PRODUCTS, "")
    await start_export(own_shop)
    assert await kill_until_finished(own_shop, 0) > 2
    assert orjson.loads(str(await own_shop.value("SELECT counts FROM job"))) == {"products": PRODUCTS}
    skus = [orjson.loads(line)["sku"] for line in await result_of(own_shop)]
    assert sorted(skus) == [f"S{number:05}" for number in range(PRODUCTS)]


async def test_memory_does_not_grow_with_an_export(own_shop: Shop) -> None:
    """30 MB. Taken out: the pages (all objects in a list before the first is written: 64 MB more)."""
    await make_products(own_shop, 3_000, "long " * 2_000)
    worker = own_shop.process(await start_export(own_shop), module=PROCESS)
    grown, _ = await asyncio.to_thread(worker.communicate, timeout=200)
    size = int(str(await own_shop.value("SELECT result_bytes FROM job")))
    assert size > 30_000_000
    assert float(grown) < MAX_GROWTH_MEGABYTES
