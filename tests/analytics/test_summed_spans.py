"""Sums of whole days and months are those of the lines whatever changes; reports are the same with and without them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.analytics.fold.summed_spans import DAYS, MONTHS, SPANS, SummedSpans, day_of, month_of, sum_stale_spans
from domain.kernel.database import Database
from tests.analytics.conftest import Fold
from tests.analytics.plain_recount import Sale, plain_recount
from tests.analytics.test_custom_report import MEASURES, Values, require_rows
from tests.analytics.test_custom_report import report as custom_report
from tests.analytics.test_customer_report import Recount
from tests.analytics.test_fold import differences
from tests.analytics.test_sales_report import ZONES, channels, figures, group_keys, local_day, memberships, report
from tests.analytics.trade import Trader
from tests.conftest import Client

pytestmark = pytest.mark.both_servers

FIRST, LAST = date(2026, 1, 3), date(2026, 10, 27)


async def sell(trader: Trader, orders: int = 25) -> None:
    for _ in range(orders):
        await trader.import_past()
    await trader.create()


async def count(database: Database, table: str, store: int) -> int:
    async with database.system_connection() as connection:
        return int(await connection.fetchval(f"SELECT count(*) FROM {table} WHERE store_id = $1", store))


async def test_days_follow_late_changes_of_orders_and_of_categories(
    database: Database,
    trader: Trader,
    fold: Fold,
) -> None:
    """Fails when ``refold`` or the events of products mark no day (each taken out), and when today is summed."""
    store = trader.owner.store.number
    await sell(trader)
    await fold()
    sales = await plain_recount(database, store)
    days, months = len({day_of(sale.at) for sale in sales}), len({month_of(sale.at) for sale in sales})
    for spans in SPANS:  # the present ones
        assert await count(database, spans.marks, store) == 1
    async with database.system_connection() as connection:
        for table in ("sales_category_day", "sales_country_day"):
            summed = await connection.fetchval(f"SELECT count(DISTINCT day) FROM {table} WHERE store_id = $1", store)
            assert summed == days - 1
        query = "SELECT count(DISTINCT month) FROM sales_product_month WHERE store_id = $1"
        assert await connection.fetchval(query, store) == months - 1
    for step in (trader.move_product, trader.move_product, trader.pay, trader.refund, trader.cancel, trader.edit):
        trader.steps = [step]
        await trader.act(4)
        await fold()
        assert await differences(database, store) == []
    assert {"move_product", "pay", "refund"} <= set(trader.done)
    for spans in SPANS:
        assert await count(database, spans.marks, store) <= 1


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("dimension", ["category", "country", "product"])
async def test_reports_are_the_same_with_days_summed_some_stale_and_all_stale(
    database: Database,
    trader: Trader,
    fold: Fold,
    client: Client,
    dimension: str,
    zone: str,
) -> None:
    """Fails when a stale day counts twice or never, and when the ends of a span are those of days of UTC."""
    store = trader.owner.store.number
    await sell(trader)
    await fold()
    sales = [sale for sale in await plain_recount(database, store) if FIRST <= local_day(sale, zone) <= LAST]
    keys = await group_keys(database, store, dimension)
    expected: dict[str | None, list[Sale]] = {}
    for sale in sales:
        for key in keys(sale):
            expected.setdefault(key, []).append(sale)
    asked = {"period": "custom", "start_date": str(FIRST), "end_date": str(LAST), "timezone": zone}
    for marked in ("none", "some", "all"):
        async with database.system_connection() as connection:
            if marked == "some":
                for spans in SPANS:
                    await spans.mark_all(connection, store)
                    unmark = f"DELETE FROM {spans.marks} WHERE store_id = $1 AND extract({spans.column} FROM"
                    await connection.execute(f"{unmark} {spans.column})::int % 2 = 0", store)
            elif marked == "all":
                for spans in SPANS:
                    await spans.mark_all(connection, store)
                    for table in spans.sums:
                        await connection.execute(f"DELETE FROM {table} WHERE store_id = $1", store)
        found = await report(client, **asked, group_by=dimension)
        assert {row["key"]: row["figures"] for row in found["groups"]} == {
            key: figures(own) for key, own in expected.items()
        }


@pytest.mark.parametrize("dimensions", [["product_category"], ["product_category", "country", "month"]])
async def test_orders_of_categories_are_the_same_with_overlaps_stored_some_stale_and_all_stale(
    database: Database, trader: Trader, fold: Fold, client: Client, dimensions: list[str]
) -> None:
    """Fails when overlaps are left out, and when those of a stale day count twice or never."""
    store = trader.owner.store.number
    await sell(trader)
    await fold()
    assert await count(database, "sale_category_overlap", store)
    counted = Recount(await plain_recount(database, store), "UTC", FIRST, LAST)
    values = Values(counted, await memberships(database, store), await channels(database, store), "UTC")
    days = {"from": str(FIRST), "to": str(LAST)}
    asked = {"dimensions": dimensions, "measures": MEASURES, "filters": {"date_range": days}, "limit": 200}
    groups = values.groups(counted.period, [each for each in dimensions if each != "month"])
    for marked in ("none", "some", "all"):
        async with database.system_connection() as connection:
            if marked != "none":
                await DAYS.mark_all(connection, store)
                odd = "extract(day FROM day)::int % 2 = 1"
                await connection.execute(f"DELETE FROM sales_stale_day WHERE store_id = $1 AND {odd}", store)
            if marked == "all":
                await DAYS.mark_all(connection, store)
                await connection.execute("DELETE FROM sale_category_overlap WHERE store_id = $1", store)
        found = await custom_report(client, **asked)
        if "month" in dimensions:
            sums: dict[tuple[Any, ...], int] = {}
            for row in found["rows"]:
                key = row["product_category"]["id"], row["country"]
                sums[key] = sums.get(key, 0) + row["order_count"]
            assert found["row_count"] == len(found["rows"])
            assert sums == {key: len({sale.order for sale in own}) for key, own in groups.items()}
        else:
            require_rows(found, groups, dimensions)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE sales_category_day SET orders = orders + 1 WHERE store_id = $1", "category"),
        ("UPDATE sales_country_day SET net = net + 1 WHERE store_id = $1", "country"),
        ("DELETE FROM sales_country_day WHERE store_id = $1", "missing"),
        ("UPDATE sales_product_month SET cost = 1 WHERE store_id = $1", "product"),
        ("UPDATE sale_category_overlap SET overlap = overlap + 1 WHERE store_id = $1", "overlap of order"),
        ("UPDATE sale_category_overlap SET customer_no = NULL, country = 7 WHERE store_id = $1", "country"),
        ("DELETE FROM sale_category_overlap WHERE store_id = $1", "missing"),
        ("UPDATE sale_category_overlap SET order_no = order_no + 7000 WHERE store_id = $1", "of no order"),
        ("UPDATE sales_category_day SET day = day - interval '7000 days' WHERE store_id = $1", "of no order"),
    ],
)
async def test_the_check_finds_wrong_days_and_a_rebuild_corrects_them(
    database: Database,
    trader: Trader,
    fold: Fold,
    change: str,
    found: str,
) -> None:
    """Fails when the days are left out of ``recount``, or of a rebuild."""
    store = trader.owner.store.number
    await sell(trader, 8)
    await fold()
    assert await differences(database, store) == []
    async with database.system_connection() as connection:
        await connection.execute(change, store)
        assert any(found in each for each in await differences(database, store))
        await connection.execute("UPDATE sales_state SET rebuild_after = 0 WHERE store_id = $1", store)
    await fold()
    assert await differences(database, store) == []


async def test_the_check_waits_for_products_that_have_moved(
    database: Database,
    trader: Trader,
    fold: Fold,
) -> None:
    """Fails with differences when waiting events of products are not looked for."""
    store = trader.owner.store.number
    await sell(trader, 6)
    await fold()
    trader.steps = [trader.move_product]
    await trader.act(6)
    assert await differences(database, store) == []
    await fold()
    assert await differences(database, store) == []


async def test_days_are_summed_by_one_process_at_a_time(database: Database, trader: Trader) -> None:
    """Whoever folds may be marking the same day. Fails when the lock of the fold is not taken."""
    async with database.system_connection() as connection, connection.transaction():
        await connection.execute("SELECT FROM sales_cursor FOR UPDATE")
        await connection.execute("INSERT INTO sales_stale_day VALUES ($1, '2026-01-01Z')", trader.owner.store.number)
        assert await sum_stale_spans(database) == 0


INSTANTS = st.integers(0, 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@pytest.mark.parametrize("spans", SPANS, ids=["days", "months"])
@given(start=INSTANTS, minutes=st.integers(0, 400 * 24 * 60))
def test_whole_spans_are_those_that_begin_and_end_between(spans: SummedSpans, start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    first, after = spans.whole(start, end)
    begun = [spans.begin(start)]
    while begun[-1] < end:
        begun.append(spans.after(begun[-1]))
    whole = [(one, two) for one, two in pairwise(begun) if start <= one and two <= end]
    assert (first, after) == ((whole[0][0], whole[-1][1]) if whole else (end, end))


def test_spans_follow_each_other_without_a_gap() -> None:
    assert DAYS.after(datetime(2024, 2, 28, tzinfo=UTC)) == datetime(2024, 2, 29, tzinfo=UTC)
    for year, month, next_one in ((2024, 1, 2), (2023, 2, 3), (2024, 4, 5)):
        assert MONTHS.after(datetime(year, month, 1, tzinfo=UTC)) == datetime(year, next_one, 1, tzinfo=UTC)
    assert MONTHS.after(datetime(2023, 12, 1, tzinfo=UTC)) == datetime(2024, 1, 1, tzinfo=UTC)
