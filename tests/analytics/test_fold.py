"""The fold: facts and rollups are at all times what a plain recount of the orders gives."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import analytics, customers, migrations
from domain.analytics.fold.facts import LineRefund, PricedLine, spread_refunds
from domain.kernel.clock import system_clock
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.event_log import Sequencer
from domain.signal_handlers import SIGNAL_HANDLERS
from gateway.processors import provide_processors
from gateway.settings import Settings
from tests.analytics.conftest import (
    Fold,
    count_buckets,
    count_customers,
    count_orders,
    stored_buckets,
    stored_customers,
    stored_orders,
    stored_sales,
)
from tests.analytics.plain_recount import plain_recount
from tests.analytics.trade import Trader
from tests.conftest import Shop, created_database, open_shop
from tests.shared_pools import shared_database

pytestmark = pytest.mark.both_servers

STEPS = 60


@pytest.fixture
async def trader(database: Database, shop: Shop, settings: Settings) -> AsyncGenerator[Trader]:
    """A store that trades."""
    seed = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
    print(f"seed {seed}")
    stripe = provide_processors(settings, database)
    trader = Trader(database, shop.test, seed)
    await trader.open()
    yield trader
    await stripe.close()


async def fold_in(database: Database) -> None:
    """Give all events of a database their positions, and fold them."""
    await Sequencer(database, lambda: None).assign_all()
    await analytics.SalesFolder(database).fold_all()


async def require_equal(database: Database, store: int) -> None:
    """Facts and rollups equal the recount, and the area's own recount finds nothing."""
    sales = await plain_recount(database, store)
    assert await stored_sales(database, store) == sales
    assert await stored_buckets(database, store) == count_buckets(sales)
    assert await stored_orders(database, store) == count_orders(sales)
    assert await stored_customers(database, store) == count_customers(sales)
    assert await differences(database, store) == []


async def differences(database: Database, store: int) -> list[str]:
    return [str(each) async for each in analytics.recount(database, store)]


async def test_whatever_happens_to_orders_the_facts_equal_a_recount(
    database: Database, trader: Trader, fold: Fold, make_shop: Callable[[], Awaitable[Shop]]
) -> None:
    """Fails when lines that an edit removed stay (``_delete`` left out of ``refold``), when the rollups are not told of
    what was there before (``add_to_buckets`` of the removed left out), and when refunds that name lines are spread like
    the others."""
    other = Trader(database, (await make_shop()).test, trader.chance.randrange(2**32))
    await other.open()
    for _ in range(4):
        await asyncio.gather(trader.act(STEPS // 4), other.act(STEPS // 4))
        await fold()
        for each in (trader, other):
            await require_equal(database, each.owner.store.number)
    assert len(set(trader.done + other.done)) > 6
    sales = await stored_sales(database, trader.owner.store.number)
    assert {sale.customer for sale in sales} <= {None, *await ids(database, "customer", trader)}


async def ids(database: Database, table: str, trader: Trader) -> list[str]:
    async with database.system_connection() as connection:
        rows = await connection.fetch(f"SELECT id FROM {table} WHERE store_id = $1", trader.owner.store.number)
    return [row["id"] for row in rows]


async def test_folding_beside_writers_ends_with_the_same_facts(database: Database, trader: Trader, fold: Fold) -> None:
    """Several processes fold while orders change. Fails with doubled sums when two may fold at once (the lock of the
    cursor without FOR UPDATE)."""
    stop = asyncio.Event()

    async def keep_folding() -> None:
        while not stop.is_set():
            await fold()

    folding = [asyncio.create_task(keep_folding()) for _ in range(3)]
    await trader.act(STEPS)
    stop.set()
    await asyncio.gather(*folding)
    while await fold():
        pass
    await require_equal(database, trader.owner.store.number)


async def test_a_rebuild_gives_what_the_fold_gave_also_beside_writers(
    database: Database, trader: Trader, fold: Fold
) -> None:
    """Fails when a rebuild adds to rollups instead of summing them anew (``_CLEAR`` left out)."""
    store = trader.owner.store.number
    await trader.act(STEPS)
    await fold()
    facts, buckets = await stored_sales(database, store), await stored_buckets(database, store)
    await rebuild(database, store)
    assert (await stored_sales(database, store), await stored_buckets(database, store)) == (facts, buckets)
    async with database.system_connection() as connection:
        for table in ("sale_line", "sale_order", "sales_quarter_hour", "customer_sales"):
            await connection.execute(f"DELETE FROM {table} WHERE store_id = $1", store)
    await asyncio.gather(trader.act(20), rebuild(database, store))
    await fold()
    await require_equal(database, store)


async def rebuild(database: Database, store: int) -> int:
    await analytics.start_rebuild(database, store)
    orders_read = 0
    while batch := await analytics.rebuild_batch(database, store):
        orders_read += batch.orders
    return orders_read


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE sale_line SET net = net + 1 WHERE store_id = $1 AND line_no = 0", "line 0: net"),
        ("UPDATE sale_line SET paid = NOT paid WHERE store_id = $1 AND line_no = 0", "line 0: paid"),
        ("DELETE FROM sale_line WHERE store_id = $1 AND line_no = 0", "line 0: missing"),
        ("UPDATE sale_line SET order_no = order_no + 100000 WHERE store_id = $1", "of no order"),
        ("UPDATE sale_order SET units = units + 1 WHERE store_id = $1", "units"),
        ("UPDATE sale_order SET cost = NULL, paid = NOT paid WHERE store_id = $1", "paid"),
        ("DELETE FROM sale_order WHERE store_id = $1", "sums of order"),
        ("UPDATE sale_order SET order_no = order_no + 100000 WHERE store_id = $1", "of no order"),
        ("UPDATE sales_quarter_hour SET units = units + 1 WHERE store_id = $1", "paid: units"),
        ("DELETE FROM sales_quarter_hour WHERE store_id = $1", "paid: missing"),
        ("UPDATE customer_sales SET net = net + 1 WHERE store_id = $1", "all orders: net"),
        ("UPDATE customer_sales SET last_at = last_at + interval '1 day' WHERE store_id = $1", "all orders: last_at"),
        ("DELETE FROM customer_sales WHERE store_id = $1", "all orders: missing"),
        ("UPDATE sale_customer SET channel_no = NULL WHERE store_id = $1", "channel None, should be channel 0"),
        ("DELETE FROM sale_channel WHERE store_id = $1", "channel None, should be channel 0"),
        ("DELETE FROM sale_product_category WHERE store_id = $1", "categories ()"),
        ("UPDATE sale_product_category SET category_no = category_no + 70 WHERE store_id = $1", "categories ()"),
    ],
)
async def test_the_check_finds_what_was_planted_and_a_rebuild_corrects_it(
    database: Database, trader: Trader, fold: Fold, change: str, found: str
) -> None:
    """Fails when facts or rollups are left out of ``recount``."""
    store = trader.owner.store.number
    for _ in range(6):  # one of four products is in no category
        await trader.create(trader.people[0])
    await fold()
    assert await differences(database, store) == []
    async with database.system_connection() as connection:
        await connection.execute(change, store)
    assert any(found in each for each in await differences(database, store))
    await rebuild(database, store)
    assert await differences(database, store) == []


async def test_reports_follow_customers_who_move_to_another_channel(
    database: Database, trader: Trader, fold: Fold
) -> None:
    """Fails when the fold does not look for changed channels, and with differences when waiting ones are not left out
    by the check."""
    store, person = trader.owner.store.number, trader.people[0]
    await trader.create(person)
    await fold()
    for channel in ("newsletter", "fair", "newsletter"):
        await trader.do(customers.update_customer, id=person, acquisition_channel=channel)
        assert await differences(database, store) == []
        await fold()
        assert await differences(database, store) == []
        async with database.system_connection() as connection:
            stored = await connection.fetch(
                """SELECT s.paid_only, h.channel FROM sale_customer c
                JOIN customer_sales s ON s.store_id = c.store_id AND s.customer_no = c.no
                JOIN sale_channel h ON h.store_id = c.store_id AND h.no = c.channel_no AND h.no = s.channel_no
                WHERE c.store_id = $1 AND c.customer_id = $2""",
                store,
                person,
            )
        assert {row["channel"] for row in stored} == {channel}


async def test_the_check_leaves_out_what_is_not_folded_yet(database: Database, trader: Trader, fold: Fold) -> None:
    """Fails with differences when waiting events are not looked for."""
    await trader.create()
    await fold()
    await trader.create()
    trader.steps, trader.done = [trader.edit], []
    while not trader.done:  # an edit may be refused, and picks another order then
        await trader.act(1)
    assert await differences(database, trader.owner.store.number) == []


async def test_an_upgrade_makes_what_the_fold_would_have_made(
    server_url: str, migrated_template: str, settings: Settings
) -> None:
    """Fails when revision 0040 fills a table otherwise, or leaves days unmarked whose overlaps it does not make."""
    async with created_database(server_url, migrated_template) as url:
        database = shared_database(url, reactions=SIGNAL_HANDLERS)
        await database.open()
        stripe = provide_processors(settings, database)
        trader = Trader(database, (await open_shop(database, "Upgraded")).test, random.randrange(2**32))
        await trader.open()
        for _ in range(8):
            await trader.import_past()
            await trader.create()
        trader.steps = [trader.pay, trader.move_product]
        await trader.act(8)
        await fold_in(database)
        store = trader.owner.store.number
        before = await stored_customers(database, store)
        await migrations.downgrade(url, "0038")
        await migrations.upgrade(url, system_clock())
        assert await stored_customers(database, store) == before
        assert await differences(database, store) == []
        await fold_in(database)
        assert await differences(database, store) == []
        await stripe.close()
        await database.close()


async def test_the_check_of_a_large_store_may_take_longer_than_a_read(
    database: Database, database_url: str, trader: Trader, fold: Fold
) -> None:
    """Fails with Unavailable when its statements have the time of reads."""
    await trader.create()
    await fold()
    impatient = Database(DatabaseOptions(database_url, reactions=SIGNAL_HANDLERS, read_timeout=2))
    await impatient.open()
    try:
        async with database.system_connection() as connection:
            async with connection.transaction():
                await connection.execute("LOCK TABLE sales_quarter_hour IN ACCESS EXCLUSIVE MODE")
                check = asyncio.ensure_future(differences(impatient, trader.owner.store.number))
                while not await connection.fetchval(
                    "SELECT count(*) FROM pg_locks WHERE relation = 'sales_quarter_hour'::regclass AND NOT granted"
                ):
                    await asyncio.sleep(0.05)
                await asyncio.sleep(3.5)  # past the time of reads on both sides
            assert await check == []
    finally:
        await impatient.close()


async def test_events_that_were_dropped_unread_have_all_stores_rebuilt(
    database: Database, trader: Trader, fold: Fold
) -> None:
    """The worker was away for longer than events are kept. Fails when the fold goes on from the events that are
    left."""
    store = trader.owner.store.number
    await fold()
    await trader.create()
    await Sequencer(database, lambda: None).assign_all()
    async with database.system_connection() as connection:
        await connection.execute("DELETE FROM event WHERE store_id = $1 AND type = 'order.created'", store)
        before = await connection.fetchval("SELECT horizon FROM event_log")
        await connection.execute("UPDATE event_log SET horizon = position")
    try:
        assert await stored_sales(database, store) == []
        await fold()
        await require_equal(database, store)
    finally:  # the log is that of other tests, too
        async with database.system_connection() as connection:
            await connection.execute("UPDATE event_log SET horizon = $1", before)


async def test_the_sequencer_does_not_wait_for_the_fold(database: Database, trader: Trader) -> None:
    """A fold that hangs holds its cursor. Fails when events are folded in the transaction that places them."""
    async with database.system_connection() as connection, connection.transaction():
        await connection.execute("SELECT FROM sales_cursor FOR UPDATE")
        await trader.create()
        async with asyncio.timeout(5):
            await Sequencer(database, lambda: None).assign_all()
            assert await analytics.SalesFolder(database).fold_all() == 0
        async with database.system_connection() as other:
            waiting = await other.fetchval(
                "SELECT count(*) FROM event WHERE store_id = $1 AND position IS NULL", trader.owner.store.number
            )
        assert waiting == 0


LINES = st.lists(
    st.builds(
        lambda net, tax, quantity: (net, net + tax, quantity),
        st.integers(0, 10_000),
        st.integers(0, 2_000),
        st.integers(1, 9),
    ),
    min_size=1,
    max_size=5,
)


@given(LINES, st.integers(0, 2_000), st.data())
def test_refunds_are_spread_without_a_rest(
    lines: list[tuple[int, int, int]], shipping: int, data: st.DataObject
) -> None:
    """A full refund leaves nothing, and no refund takes more from a line than its net amount. Fails when shares are
    rounded each by itself, and when amounts beyond the named lines are dropped."""
    priced = [PricedLine(str(index), quantity, net, total) for index, (net, total, quantity) in enumerate(lines)]
    whole = sum(line.total for line in priced) + shipping
    named = data.draw(st.sampled_from([str(index) for index in range(len(lines))]))
    line = priced[int(named)]
    units = data.draw(st.integers(1, line.quantity))
    refund = LineRefund(line.total * units // line.quantity, {named: units})
    full = spread_refunds(priced, shipping, whole, [refund])
    assert full == [line.net if line.total else 0 for line in priced]
    part = spread_refunds(priced, shipping, refund.amount, [refund])
    assert [each for index, each in enumerate(part) if str(index) != named] == [0] * (len(lines) - 1)
    amount = data.draw(st.integers(0, 2 * whole))
    some = spread_refunds(priced, shipping, amount, [refund] if amount >= refund.amount else [])
    assert all(0 <= each <= line.net for each, line in zip(some, priced, strict=True))


def test_a_refund_of_an_amount_takes_its_share_of_shipping() -> None:
    """10.00 of 100.00 with 25.00 of shipping: 8.00 of the lines. Fails when lines pay for the shipping."""
    lines = [PricedLine("a", 1, 6_000, 6_000), PricedLine("b", 1, 4_000, 4_000)]
    assert spread_refunds(lines, 2_500, 1_000, []) == [480, 320]
