"""The database away, silent or restarted: a clear refusal within seconds, and recovery without a restart of ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, suppress

import asyncpg
import pytest
from sqlalchemy import Integer, literal_column, select, text
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi

from domain import catalog
from domain.inventory.model import Warehouse
from domain.kernel.database import Database
from domain.kernel.errors import Unavailable
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import compile_select, orm_errors_as_unavailable
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from tests.conftest import MakeProduct, Shop
from tests.kernel.conftest import OpenDatabase
from tests.kernel.tcp_proxy import Cable, cable_to

PID = compile_select(select(literal_column("pg_backend_pid()", Integer).label("pid")), "pid")
LONG = compile_select(select(literal_column("pg_sleep(5)").label("nap")), "long")
SAID = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
LAST_WORDS = b"E" + (len(SAID) + 4).to_bytes(4) + SAID
"""An ErrorResponse that answers nothing, as PostgreSQL sends it when it ends."""
RENAME = "UPDATE warehouse SET name = 'Renamed'"


@pytest.fixture
async def cable(database_url: str) -> AsyncGenerator[Cable]:
    """A cable to the server of this run."""
    async with cable_to(database_url) as cable:
        yield cable


async def read(database: Database, principal: Principal) -> int:
    """The server process that answered."""
    async with database.read_connection(principal.store) as reader:
        (row,) = await reader.rows(PID, {})
    return int(row.pid)


async def write(database: Database, principal: Principal) -> int:
    """The server process that wrote."""
    async with database.transaction(principal) as work:
        await work.session.execute(text(RENAME))
        (row,) = await work.reader.rows(PID, {})
    return int(row.pid)


async def look(database: Database, principal: Principal) -> int:
    """The server process that answered the gateway's own role."""
    async with database.system_connection() as connection:
        return int(await connection.fetchval("SELECT pg_backend_pid()"))


async def administer(database: Database, principal: Principal) -> int:
    """The server process of the gateway's own transactions."""
    async with database.admin_transaction() as administration:
        return int((await administration.session.execute(text("SELECT pg_backend_pid()"))).scalar_one())


Way = Callable[[Database, Principal], Awaitable[int]]
WAYS: list[Way] = [read, write, look, administer]


@pytest.mark.parametrize("way", WAYS)
async def test_nobody_listening_is_unavailable_and_the_pool_recovers_by_itself(
    open_database: OpenDatabase, shop: Shop, cable: Cable, way: Way
) -> None:
    await cable.cut()
    database = await open_database(cable.url)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await way(database, shop.live)
    await cable.join()
    assert await way(database, shop.live) > 0


@pytest.mark.parametrize("way", WAYS)
async def test_connections_broken_off_are_replaced(
    open_database: OpenDatabase, shop: Shop, cable: Cable, way: Way
) -> None:
    database = await open_database(cable.url)
    before = await way(database, shop.live)
    await cable.cut()
    with pytest.raises(Unavailable):
        await way(database, shop.live)
    await cable.join()
    with suppress(Unavailable):  # the first may still find the dead connection
        await way(database, shop.live)
    assert await way(database, shop.live) != before


@pytest.mark.both_servers
@pytest.mark.parametrize("way", WAYS)
async def test_a_pool_recovers_when_the_server_ends_all_its_connections(
    open_database: OpenDatabase, database: Database, shop: Shop, way: Way
) -> None:
    own = await open_database()
    pids = {await other(own, shop.live) for other in WAYS}
    async with database.admin_transaction() as administration:
        await administration.session.execute(text("SET LOCAL ROLE NONE"))  # the login may end what it began
        for pid in pids:
            await administration.session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    await asyncio.sleep(0.05)
    with suppress(Unavailable):  # the first may still find the dead connection
        await way(own, shop.live)
    assert await way(own, shop.live) not in pids


@pytest.mark.parametrize("way", WAYS)
async def test_the_last_words_of_a_dying_server_are_understood_before_the_connection_ends(
    open_database: OpenDatabase, shop: Shop, cable: Cable, way: Way
) -> None:
    """They come a moment earlier than the end, and the connection is of no more use; asyncpg says so in words of its
    own (``InternalClientError: cannot switch to state 12``).
    """
    database = await open_database(cable.url)
    await way(database, shop.live)
    await cable.interject(LAST_WORDS)
    with pytest.raises(Unavailable):
        await way(database, shop.live)
    await cable.cut()
    await cable.join()
    assert await way(database, shop.live) > 0


async def seconds_to_refusal(way: Way, database: Database, principal: Principal) -> float:
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        await way(database, principal)
    return time.monotonic() - begun


async def test_a_silent_server_is_given_up_within_seconds(
    open_database: OpenDatabase, shop: Shop, cable: Cable
) -> None:
    cable.hold()
    database = await open_database(cable.url)
    waited = await asyncio.gather(*(seconds_to_refusal(way, database, shop.live) for way in WAYS))
    assert max(waited) < 4
    await cable.join()
    for way in WAYS:
        assert await way(database, shop.live) > 0


async def test_a_pool_in_use_is_waited_for_two_seconds(open_database: OpenDatabase, shop: Shop) -> None:
    database = await open_database()
    async with AsyncExitStack() as occupied:
        for opened in (database.read_connection(shop.live.store), database.system_connection()):
            await occupied.enter_async_context(opened)
        await occupied.enter_async_context(database.transaction(shop.live))
        await occupied.enter_async_context(database.admin_transaction())
        waited = await asyncio.gather(*(seconds_to_refusal(way, database, shop.live) for way in WAYS))
    assert 1.5 < min(waited) <= max(waited) < 3.5
    for way in WAYS:
        assert await way(database, shop.live) > 0


async def test_a_read_is_limited_in_time(open_database: OpenDatabase, shop: Shop) -> None:
    database = await open_database(read_timeout=0.2)
    async with database.read_connection(shop.live.store) as reader:
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            await reader.rows(LONG, {})
        assert time.monotonic() - begun < 2
        assert len(await reader.rows(PID, {})) == 1


async def test_a_writing_transaction_is_limited_in_time_whatever_it_waits_for(
    open_database: OpenDatabase, database: Database, shop: Shop
) -> None:
    own = await open_database(write_timeout=0.3)

    async def in_the_database() -> None:
        async with own.transaction(shop.live) as work:
            await work.session.execute(text(RENAME))
            await work.reader.rows(LONG, {})

    async def elsewhere() -> None:
        async with own.transaction(shop.live) as work:
            await work.session.execute(text(RENAME))
            await asyncio.sleep(5)

    for slow in (in_the_database, elsewhere):
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            await slow()
        assert time.monotonic() - begun < 2
        async with database.transaction(shop.live) as work:
            assert await work.session.scalar(select(Warehouse.name)) == "Main warehouse"
    assert await write(own, shop.live) > 0


async def test_a_connection_lost_inside_a_transaction_changes_nothing(
    open_database: OpenDatabase, database: Database, shop: Shop, cable: Cable
) -> None:
    own = await open_database(cable.url)

    async def lose_it() -> None:
        async with own.transaction(shop.live) as work:
            await work.session.execute(text(RENAME))
            await cable.cut()

    with pytest.raises(Unavailable):
        await lose_it()
    async with database.transaction(shop.live) as work:
        assert await work.session.scalar(select(Warehouse.name)) == "Main warehouse"


async def test_a_part_of_a_transaction_says_itself_that_the_database_is_away(
    open_database: OpenDatabase, shop: Shop, cable: Cable
) -> None:
    """An operation of GraphQL answers each of its mutations before the transaction as a whole has failed."""
    own = await open_database(cable.url)

    async def change(work: UnitOfWork) -> None:
        async with work.savepoint():
            await work.session.execute(text(RENAME))

    told: list[type[Exception]] = []

    async def lose_it() -> None:
        async with own.transaction(shop.live) as work:
            await change(work)
            await cable.cut()
            try:
                await change(work)
            except Exception as error:
                told.append(type(error))
                raise

    with pytest.raises(Unavailable):
        await lose_it()
    assert told == [Unavailable]


async def test_a_writer_cancelled_twice_does_not_hand_on_its_unfinished_rollback(
    open_database: OpenDatabase, shop: Shop, cable: Cable
) -> None:
    database = await open_database(cable.url)
    inside = asyncio.Event()

    async def linger() -> None:
        async with database.transaction(shop.live) as work:
            await work.session.execute(text(RENAME))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(linger())
    await inside.wait()
    cable.hold()
    task.cancel()
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await cable.join()
    assert await write(database, shop.live) > 0


async def test_of_two_writers_in_a_circle_one_is_asked_to_try_again(
    database: Database, shop: Shop, make_product: MakeProduct
) -> None:
    one, other = await make_product(), await make_product()
    everybody = asyncio.Barrier(2)

    async def lock_both(*products: catalog.Product) -> None:
        async with database.transaction(shop.live) as work:
            await work.lock(catalog.Product, products[0].id, noun="product")
            await asyncio.wait_for(everybody.wait(), 5)
            await work.lock(catalog.Product, products[1].id, noun="product")

    outcomes = await asyncio.gather(lock_both(one, other), lock_both(other, one), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "Unavailable"]


async def answered(way: Callable[[Database, Principal], Awaitable[int]], database: Database, caller: Principal) -> bool:
    """Whether it goes through by now."""
    try:
        return bool(await way(database, caller) > 0)
    except Unavailable:
        await asyncio.sleep(0.2)
        return False


async def test_a_server_that_falls_silent_is_given_up_and_its_connections_replaced(
    open_database: OpenDatabase, shop: Shop, cable: Cable
) -> None:
    """Nobody hangs up: the limits of the server itself are of no help."""
    database = await open_database(cable.url, read_timeout=0.3, write_timeout=0.3)
    for way in WAYS:
        assert await way(database, shop.live) > 0
    cable.hold()
    waited = await asyncio.gather(*(seconds_to_refusal(way, database, shop.live) for way in WAYS))
    assert max(waited) < 20  # seconds: given up at all, not how soon
    await cable.cut()
    await cable.join()
    for way in WAYS:
        async with asyncio.timeout(30):  # connections that were given up are replaced as they are asked for
            while not await answered(way, database, shop.live):
                pass


@pytest.mark.parametrize("cause", [asyncpg.CannotConnectNowError("starting"), ConnectionRefusedError()])
def test_a_connection_that_the_pool_cannot_begin_is_unavailable(cause: Exception) -> None:
    """The pool connects beneath SQLAlchemy's engine, which wraps the adapter's errors elsewhere."""
    with pytest.raises(Unavailable), orm_errors_as_unavailable():
        raise AsyncAdapt_asyncpg_dbapi.InternalServerError("away") from cause


def test_other_errors_of_the_adapter_stay_as_they_are() -> None:
    with pytest.raises(AsyncAdapt_asyncpg_dbapi.ProgrammingError), orm_errors_as_unavailable():
        raise AsyncAdapt_asyncpg_dbapi.ProgrammingError("wrong") from asyncpg.UndefinedTableError("wrong")
