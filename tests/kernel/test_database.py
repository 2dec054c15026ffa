"""The pools: a connection never answers for a store it does not carry, whatever happened on it before."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import suppress
from typing import Any

import asyncpg
import pytest
from sqlalchemy import Integer, literal_column, select, text

from domain import catalog
from domain.inventory.model import Warehouse
from domain.kernel.database import Database, StoreConnection
from domain.kernel.errors import Unavailable
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor, compile_select
from tests.conftest import MakeProduct, Shop
from tests.kernel.conftest import OpenDatabase

SEED = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
_warehouse = Warehouse.__table__.c
# No store filter: what comes back is what row-level security lets through.
EVERY_WAREHOUSE = compile_select(select(_warehouse.id, _warehouse.store_id), "every_warehouse")
DIVISION = compile_select(select(literal_column("1 / 0", Integer).label("n")), "division")
NAP = compile_select(
    select(literal_column("1", Integer).label("n"), literal_column("pg_sleep(0.003)").label("nap")), "nap"
)


class _GivenUpError(Exception):
    """Rolls back."""


def number(principal: Principal) -> int:
    return principal.store.number


async def stores_seen(reader: Executor) -> set[int]:
    return {row.store_id for row in await reader.rows(EVERY_WAREHOUSE, {})}


@pytest.fixture
def chance() -> random.Random:
    """Random numbers from a seed that is printed when the test fails; GATEWAY_TEST_SEED repeats them."""
    print(f"GATEWAY_TEST_SEED={SEED}")
    return random.Random(SEED)


@pytest.mark.both_servers
async def test_two_stores_on_one_connection_never_see_each_other(
    open_database: OpenDatabase, shop: Shop, other_shop: Shop, chance: random.Random
) -> None:
    database: Database = await open_database()
    reads = 0

    async def read(principal: Principal) -> None:
        nonlocal reads
        async with database.read_connection(principal.store) as reader:
            if chance.random() < 0.3:
                await reader.rows(NAP, {})
            if chance.random() < 0.2:
                await reader.rows(DIVISION, {})
            assert await stores_seen(reader) == {number(principal)}
            reads += 1

    principals = [shop.live, shop.test, other_shop.live]
    for _ in range(60):
        tasks = [asyncio.create_task(read(chance.choice(principals))) for _ in range(8)]
        for task in tasks:
            if chance.random() < 0.3:
                asyncio.get_running_loop().call_later(chance.random() * 0.01, task.cancel)
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            assert outcome is None or isinstance(outcome, asyncio.CancelledError | asyncpg.DivisionByZeroError)
    assert reads > 150
    for principal in principals:
        async with database.read_connection(principal.store) as reader:
            assert await stores_seen(reader) == {number(principal)}


async def test_the_store_is_said_only_when_it_changes(
    open_database: OpenDatabase, shop: Shop, other_shop: Shop
) -> None:
    told: list[str] = []
    database: Database = await open_database(observer=told.append)
    for principal in (shop.live, shop.live, other_shop.live, shop.live):
        async with database.read_connection(principal.store) as reader:
            await stores_seen(reader)
    await asyncio.sleep(0)  # asyncpg tells a turn of the loop later
    assert [statement.startswith("select set_config") for statement in told].count(True) == 3
    assert len(told) == 3 + 4


async def test_a_connection_forgets_its_store_after_any_exception(open_database: OpenDatabase, shop: Shop) -> None:
    told: list[str] = []
    database: Database = await open_database(observer=told.append)

    async def fail(error: type[BaseException]) -> None:
        async with database.read_connection(shop.live.store) as reader:
            await stores_seen(reader)
            raise error

    for error in (ValueError, asyncio.CancelledError, GeneratorExit, KeyboardInterrupt):
        with pytest.raises(error):
            await fail(error)
        told.clear()
        async with database.read_connection(shop.live.store) as reader:
            assert await stores_seen(reader) == {number(shop.live)}
        await asyncio.sleep(0)  # as above
        assert told[0].startswith("select set_config")


async def test_a_store_is_not_carried_into_a_transaction_already_begun(database_url: str) -> None:
    connection = await asyncpg.connect(database_url, connection_class=StoreConnection)
    try:
        async with connection.transaction():
            with pytest.raises(RuntimeError):
                await connection.set_store(1)
    finally:
        await connection.close()


async def test_a_reader_is_of_no_use_after_its_block(database: Database, shop: Shop) -> None:
    async with database.read_connection(shop.live.store) as reader:
        pass
    with pytest.raises(Unavailable):
        await reader.rows(EVERY_WAREHOUSE, {})


@pytest.mark.parametrize("commits", [True, False])
async def test_the_reader_of_a_transaction_is_of_no_use_after_its_end(
    open_database: OpenDatabase, shop: Shop, commits: bool
) -> None:
    """A field whose sibling failed may ask when the connection is another caller's already."""
    database = await open_database()
    with suppress(_GivenUpError):
        async with database.transaction(shop.live) as ended:
            await ended.reader.rows(NAP, {})
            if not commits:
                raise _GivenUpError
    async with database.transaction(shop.test) as work:
        late, own = await asyncio.gather(ended.reader.rows(NAP, {}), work.reader.rows(NAP, {}), return_exceptions=True)
    assert isinstance(late, Unavailable)
    assert not isinstance(own, BaseException), own


@pytest.mark.both_servers
async def test_a_writing_connection_carries_its_store_for_one_transaction_only(
    open_database: OpenDatabase, shop: Shop, other_shop: Shop
) -> None:
    database: Database = await open_database()
    for principal in (shop.live, other_shop.live):
        async with database.transaction(principal) as work:
            assert await stores_seen(work.reader) == {number(principal)}
            assert set(await work.session.scalars(select(Warehouse.store_id))) == {number(principal)}
    async with database._writes.connect() as bare:
        with pytest.raises(Exception, match=r"app\.store_id|invalid input syntax for type integer"):
            await bare.execute(text("SELECT * FROM warehouse"))


async def test_reads_inside_a_transaction_see_what_it_wrote(
    database: Database, shop: Shop, make_product: MakeProduct
) -> None:
    product = await make_product(name="Before")
    async with database.transaction(shop.live) as work:
        await catalog.update_product(work, shop.live, catalog.commands.UpdateProduct(id=product.id, name="After"))
        assert (await catalog.reads.product_by_id.for_key(work.reader, product.id)).name == "After"
    async with database.read_connection(shop.live.store) as reader:
        assert (await catalog.reads.product_by_id.for_key(reader, product.id)).name == "After"


async def open_transactions(database: Database) -> int:
    """Transactions of this run's database that are open right now, our own look aside."""
    async with database.system_connection() as connection:
        count: int = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND state LIKE 'idle in transaction%'"
        )
    return count


async def test_writers_that_are_cancelled_leave_nothing_behind(
    open_database: OpenDatabase, shop: Shop, make_product: MakeProduct, chance: random.Random
) -> None:
    """Once or twice, at any moment: no half of a change, no open transaction, no connection lost to the pool."""
    database: Database = await open_database(write_connections=3)
    product = await make_product(name="0")
    done: list[Any] = []

    async def write(name: str) -> None:
        async with database.transaction(shop.live) as work:
            await catalog.update_product(work, shop.live, catalog.commands.UpdateProduct(id=product.id, name=name))
            if chance.random() < 0.1:
                await work.session.execute(text("SELECT 1 / 0"))
        done.append(name)

    loop = asyncio.get_running_loop()
    for turn in range(40):
        tasks = [asyncio.create_task(write(f"{turn}/{index}")) for index in range(6)]
        for task in tasks:
            for _ in range(chance.choice([0, 0, 1, 2])):
                loop.call_later(chance.random() * 0.03, task.cancel)
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            assert (
                outcome is None or isinstance(outcome, asyncio.CancelledError) or "division by zero" in str(outcome)
            ), repr(outcome)
    await asyncio.sleep(0.05)  # a second cancellation leaves the rollback to end by itself
    assert await open_transactions(database) == 0
    everybody = asyncio.Barrier(3)

    async def enter() -> None:
        async with database.transaction(shop.live) as work:
            await asyncio.wait_for(everybody.wait(), 5)
            assert await stores_seen(work.reader) == {number(shop.live)}

    await asyncio.gather(*(enter() for _ in range(3)))
    async with database.system_connection() as connection:
        version = await connection.fetchval("SELECT version FROM product WHERE id = $1", product.id)
        events = await connection.fetchval("SELECT count(*) FROM event WHERE object_id = $1", product.id)
    assert events == version  # product.created, and one for every version after it
    assert len(done) > 40


async def test_readers_that_are_cancelled_while_they_wait_lose_no_connection(
    open_database: OpenDatabase, shop: Shop, chance: random.Random
) -> None:
    database: Database = await open_database(read_connections=2)

    async def read() -> None:
        async with database.read_connection(shop.live.store) as reader:
            await reader.rows(NAP, {})

    for _ in range(20):
        tasks = [asyncio.create_task(read()) for _ in range(10)]
        await asyncio.sleep(chance.random() * 0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    everybody = asyncio.Barrier(2)

    async def enter() -> None:
        async with database.read_connection(shop.live.store) as reader:
            await asyncio.wait_for(everybody.wait(), 5)
            await stores_seen(reader)

    await asyncio.gather(enter(), enter())
