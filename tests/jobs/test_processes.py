"""Imports in processes of their own: killed with -9 at any moment, and with bounded memory."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import orjson
import pytest

from domain import access, analytics, jobs
from domain.jobs.commands import ImportKind, StartImport
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.event_log import Sequencer
from domain.kernel.principal import Mode, Plan, Principal
from domain.signal_handlers import SIGNAL_HANDLERS

ROWS, KILLS = 3_000, 6
ORDERS, LINES = 2_000, 10
MAX_GROWTH_MEGABYTES = 40.0
"""Of a process that reads 10 MB; a list of its rows has more than 60."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A store in a database of its own, and the directory of its files."""

    url: str
    database: Database
    owner: Principal
    files: jobs.ImportFiles

    async def start(self, content: str, kind: ImportKind = ImportKind.PRODUCTS) -> str:
        """Start an import."""
        id, part = await self.files.new(self.owner.store.number)
        part.write_text(content)
        await self.files.keep(self.owner.store.number, id)
        command = StartImport(kind=kind, media_type="text/csv", file_id=id)
        async with self.database.transaction(self.owner) as work:
            return (await jobs.start_import(work, self.owner, command)).id

    def process(self, *arguments: str, module: str = "job_process") -> subprocess.Popen[str]:
        """A process that runs jobs."""
        command = [sys.executable, "-m", f"tests.jobs.{module}", self.url, str(self.files.directory), *arguments]
        output = subprocess.PIPE if arguments else subprocess.DEVNULL
        return subprocess.Popen(command, stdout=output, text=True, env={**os.environ, "JOB_LEASE_SECONDS": "2"})

    async def value(self, query: str) -> object:
        """The value of a statement."""
        async with self.database.system_connection() as connection:
            return await connection.fetchval(query)


@pytest.fixture
async def own_shop(own_database_url: str, tmp_path: Path) -> AsyncGenerator[Shop]:
    database = Database(DatabaseOptions(own_database_url, reactions=SIGNAL_HANDLERS))
    files = jobs.ImportFiles(tmp_path / "imports")
    database.provide(files)
    await database.open()
    async with database.admin_transaction() as administration:
        stores = await access.create_account(
            administration, database.clock(), name="Shop", plan=Plan.ENTERPRISE, currency="GBP"
        )
    yield Shop(own_database_url, database, access.system_principal(stores[Mode.LIVE]), files)
    await database.close()


async def run_and_kill(shop: Shop, rows: int, most: int = KILLS) -> None:
    """Run the job by processes of which ``most`` are killed at random moments, until it has finished."""
    seed = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
    print(f"GATEWAY_TEST_SEED={seed}")
    chance = random.Random(seed)
    kills = 0
    async with asyncio.timeout(240):
        while await shop.value("SELECT finished_at FROM job") is None:
            worker, kills = shop.process(), kills + 1
            wanted = rows if kills > most else 1 + int(str(await shop.value("SELECT done FROM job")))
            query = f"SELECT done >= {wanted} OR finished_at IS NOT NULL FROM job"
            while not await shop.value(query):
                await asyncio.sleep(0.01)
            await asyncio.sleep(chance.uniform(0, 0.2))
            worker.send_signal(signal.SIGKILL)
            await asyncio.to_thread(worker.wait)
    assert kills > most // 2
    assert await shop.value("SELECT status FROM job") == "succeeded", await shop.value("SELECT error FROM job")
    lines = "SELECT (row->>0)::int AS line FROM import_report_part, jsonb_array_elements(rows) AS row"
    assert await shop.value(f"SELECT count(*) FROM ({lines}) AS l") == rows
    assert await shop.value(f"SELECT count(DISTINCT line) FROM ({lines}) AS l") == rows


async def test_a_worker_that_is_killed_loses_nothing_and_does_nothing_twice(own_shop: Shop) -> None:
    """Another process goes on from the last batch that was committed.

    Taken out: ``batch.resume_point`` in ``run_import`` (rows are reported twice); ``flush`` before ``_save`` is not
    enough: with ``_save`` in a transaction of its own, rows are `unchanged` after a kill, or missing."""
    await own_shop.start("sku,name,price\n" + "".join(f"S{row},Name,1.00\n" for row in range(ROWS)))
    await run_and_kill(own_shop, ROWS)
    counts = await own_shop.value("SELECT counts FROM job")
    assert orjson.loads(str(counts)) == {"created": ROWS}
    assert await own_shop.value("SELECT count(*) FROM product") == ROWS
    assert await own_shop.value("SELECT count(*) FROM event WHERE type = 'product.created'") == ROWS


async def test_orders_are_imported_once_whatever_is_killed(own_shop: Shop) -> None:
    """With their lines, events, payments and keys, and the sums of reports agree.

    Taken out: the key of ``imported_order`` alone changes nothing; with ``batch.resume_point``, orders are refused, as
    their first rows seem to be elsewhere in the file."""
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    rows = (
        f"{number},S{line},Name {line},{line + 1},12-0{number % 9 + 1}-2010 08:26,1.{line:02},{number % 50},France\n"
        for number in range(ORDERS)
        for line in range(LINES)
    )
    await own_shop.start(header + "".join(rows), ImportKind.ORDERS)
    await run_and_kill(own_shop, ORDERS * LINES)
    counts = await own_shop.value("SELECT counts FROM job")
    assert orjson.loads(str(counts)) == {"created": ORDERS * LINES}
    for table in ("sales_order", "imported_order", "payment", "event WHERE type = 'order.created'"):
        assert await own_shop.value(f"SELECT count(*) FROM {table}") == ORDERS, table
    assert await own_shop.value("SELECT count(*) FROM order_item") == ORDERS * LINES
    cost = sum((line + 1) * (100 + line) for line in range(LINES))
    assert await own_shop.value("SELECT sum(total)::bigint FROM sales_order") == ORDERS * cost
    assert await own_shop.value("SELECT count(*) FROM customer") == 50
    await Sequencer(own_shop.database, lambda: None).assign_all()
    assert await analytics.SalesFolder(own_shop.database).fold_all() > ORDERS
    assert [each async for each in analytics.recount(own_shop.database, own_shop.owner.store.number)] == []
    assert await own_shop.value("SELECT sum(net)::bigint FROM sales_quarter_hour") == ORDERS * cost


async def test_tables_that_an_import_fills_have_statistics_before_it_ends(own_shop: Shop) -> None:
    """Without them the plans of its later batches walk whole indexes. Taken out: ``_analyze_grown_tables``."""
    owner = await asyncpg.connect(own_shop.url)
    for table in ("product", "product_variant"):
        await owner.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    id = await own_shop.start("sku,name,price\n" + "".join(f"S{row},Name,1.00\n" for row in range(ROWS)))
    await asyncio.to_thread(own_shop.process(id).communicate, timeout=200)
    known = "SELECT min(reltuples) FROM pg_class WHERE oid IN ('product'::regclass, 'product_variant'::regclass)"
    assert await owner.fetchval(known) > 0
    await owner.close()


async def test_memory_does_not_grow_with_the_file(own_shop: Shop) -> None:
    """10 MB; most rows are refused, which is quicker. Taken out: the batches (``batch_size`` of a million: 100 MB)."""
    text = "long " * 100
    rows = (f"S{row},Name,{'1.00' if row % 100 == 0 else 'x'},{text}\n" for row in range(20_000))
    id = await own_shop.start("sku,name,price,description\n" + "".join(rows))
    worker = own_shop.process(id)
    grown, _ = await asyncio.to_thread(worker.communicate, timeout=200)
    counts = await own_shop.value("SELECT counts FROM job")
    assert orjson.loads(str(counts)) == {"created": 200, "refused": 19_800}
    assert float(grown) < MAX_GROWTH_MEGABYTES
