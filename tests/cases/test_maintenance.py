"""The maintenance round: each task by itself, in batches."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator
from datetime import timedelta
from functools import partial

import asyncpg
import pytest

from domain import access, catalog
from domain.catalog.commands import CreateProduct
from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.event_log import Sequencer
from domain.kernel.money import Money
from domain.kernel.principal import Mode, Plan
from domain.kernel.use_cases.idempotency import RECORD_LIFETIME
from domain.kernel.use_cases.stored_responses import delete_expired
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.worker import maintenance_round, maintenance_tasks, run_tasks

RECORDS = int(os.environ.get("GATEWAY_TEST_EXPIRED_RECORDS", "20000"))
"""Expired ones; 1,000,000 in ``make soak``."""
KEEP = timedelta(days=1)
TASKS = 10
"""Those of a round."""
FILL = """
INSERT INTO idempotency_record (store_id, credential, key, fingerprint, answer, people, created_at)
SELECT 1, 'key_1', 'k' || number, '\\x00', '\\x00', '{}', $1::timestamptz - number * interval '1 millisecond'
FROM generate_series(1, $2) AS number
"""


@pytest.fixture
async def own(own_database_url: str) -> AsyncGenerator[tuple[str, Database]]:
    """A database of this test's own, and its URL."""
    database = Database(DatabaseOptions(own_database_url, reactions=SIGNAL_HANDLERS))
    await database.open()
    yield own_database_url, database
    await database.close()


async def fill(url: str, count: int) -> None:
    owner = await asyncpg.connect(url)
    await owner.execute(FILL, system_clock() - RECORD_LIFETIME, count)
    await owner.close()


async def old_event(database: Database) -> None:
    """An event that is older than events are kept."""
    async with database.admin_transaction() as administration:
        stores = await access.create_account(administration, database.clock(), name="H", plan=Plan.FREE, currency="GBP")
    owner = access.system_principal(stores[Mode.LIVE])
    async with database.transaction(owner) as work:
        await catalog.create_product(work, owner, CreateProduct(name="a", sku="A", price=Money(1, "GBP")))
    await Sequencer(database, lambda: None).assign_all()
    async with database.system_connection() as connection:
        await connection.execute("UPDATE event SET created_at = created_at - interval '3 days'")


async def count(database: Database, table: str) -> int:
    async with database.system_connection() as connection:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))


async def test_b3_many_expired_records_are_forgotten_in_batches(own: tuple[str, Database]) -> None:
    """No statement takes more than its share, and none reads the whole table. Taken out: LIMIT; one statement removes
    all, and with a million its time limit ends it in every round."""
    url, database = own
    await fill(url, RECORDS)
    fresh = "INSERT INTO idempotency_record (store_id, credential, key, fingerprint, answer, people, created_at)"
    fresh += " VALUES (1, 'key_1', 'fresh', '', '', '{}', now())"
    async with database.system_connection() as connection:
        await connection.execute(fresh)
        assert await delete_expired(connection, database.clock(), 1_000)
        assert await connection.fetchval("SELECT count(*) FROM idempotency_record") == RECORDS - 1_000 + 1
    await maintenance_round(database, KEEP)
    async with database.system_connection() as connection:
        assert [row["key"] for row in await connection.fetch("SELECT key FROM idempotency_record")] == ["fresh"]


async def test_b3_the_oldest_are_found_by_an_index(own: tuple[str, Database]) -> None:
    """Taken out: the index; the plan is a sequential scan."""
    url, _ = own
    await fill(url, 5_000)
    owner = await asyncpg.connect(url)
    await owner.execute("ANALYZE idempotency_record")
    plan = await owner.fetch(
        "EXPLAIN SELECT ctid FROM idempotency_record WHERE created_at <= now() ORDER BY created_at LIMIT 100"
    )
    await owner.close()
    assert "idempotency_record_created_idx" in str(plan)


async def test_b3_a_locked_table_stops_no_other_task(
    own: tuple[str, Database], caplog: pytest.LogCaptureFixture
) -> None:
    """Nor does it hold up the round for long. Taken out: the ``try`` in ``run_tasks``; the old event stays."""
    url, database = own
    await old_event(database)
    await fill(url, 10)
    locker = await asyncpg.connect(url)
    async with locker.transaction():
        await locker.execute("LOCK TABLE idempotency_record IN ACCESS EXCLUSIVE MODE")
        with caplog.at_level(logging.WARNING, "gateway.worker"):
            await maintenance_round(database, KEEP)
        assert await count(database, "event") == 0
    assert "maintenance (expired idempotency records) failed" in caplog.text
    assert await count(database, "idempotency_record") == 10
    await maintenance_round(database, KEEP)
    assert await count(database, "idempotency_record") == 0
    await locker.close()


async def test_b3_a_locked_record_is_left_for_the_next_round(own: tuple[str, Database]) -> None:
    """Taken out: SKIP LOCKED; the statement waits for whoever has it."""
    url, database = own
    await fill(url, 10)
    locker = await asyncpg.connect(url)
    async with locker.transaction():
        await locker.execute("SELECT FROM idempotency_record WHERE key = 'k3' FOR UPDATE")
        await maintenance_round(database, KEEP)
        assert await count(database, "idempotency_record") == 1
    await locker.close()


@pytest.mark.parametrize("failing", range(TASKS))
async def test_b3_no_task_stops_another(own: tuple[str, Database], failing: int) -> None:
    """Whichever of all of them fails. Taken out: the ``try`` in ``run_tasks``."""
    _, database = own
    tasks = maintenance_tasks(database, KEEP)
    assert len(tasks) == TASKS
    done: list[str] = []

    async def observed(name: str, number: int) -> None:
        done.append(name)
        if number == failing:
            raise RuntimeError("it fails")
        await tasks[name]()

    await run_tasks({name: partial(observed, name, number) for number, name in enumerate(tasks)})
    assert done == list(tasks)
