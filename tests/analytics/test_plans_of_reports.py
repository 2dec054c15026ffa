"""How the database reads reports: a month of a year is read from indexes that have all that it needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from domain.analytics.commands import ReportDimension, ReportMeasure
from domain.analytics.countries import REGION_BYTES
from domain.analytics.statements.custom import CustomQuery, custom_rows
from domain.analytics.statements.customers import COUNTRIES
from domain.analytics.statements.customers import PARTS as CUSTOMERS
from domain.analytics.statements.products import REPORT, REPORT_WITH_STOCK
from domain.analytics.statements.spans import span_bounds
from domain.analytics.statements.view_spans import view_ranges
from domain.kernel.database import OWNER_ROLE
from domain.kernel.principal import Mode, Principal
from domain.kernel.sql.statements import Statement
from domain.signal_handlers import SIGNAL_HANDLERS
from tests.conftest import Shop, created_database, open_shop
from tests.contract.big_shop import BigShop
from tests.contract.plans import PLANS, Measured, explain, explaining
from tests.shared_pools import shared_database

pytestmark = pytest.mark.both_servers

PRODUCTS, PEOPLE, LINES, MOVEMENTS = 500, 300, 60_000, 60_000
START, END = datetime(2026, 3, 1, 5, tzinfo=UTC), datetime(2026, 4, 1, 5, tzinfo=UTC)
LATE = datetime(2026, 12, 1, tzinfo=UTC)
_AT = "timestamptz '2026-01-01Z' + n % 365 * interval '1 day' + n % 1440 * interval '1 minute'"
_FILL = f"""
INSERT INTO product (store_id, id, name, name_key, description, sku, status, price, currency, tags, metadata, version,
    sequence, created_at, updated_at)
SELECT {{store}}, 'prod_' || n, 'P', 'p', '', 'S' || n, 'active', 1, 'GBP', '{{}}', '{{}}', 1, 1, now(), now()
FROM generate_series(1, {PRODUCTS}) AS n;
INSERT INTO sale_product (store_id, no, product_id)
SELECT {{store}}, n, 'prod_' || n FROM generate_series(1, {PRODUCTS}) AS n;
INSERT INTO sale_customer (store_id, no, customer_id)
SELECT {{store}}, n, 'cust_' || n FROM generate_series(1, {PEOPLE}) AS n;
INSERT INTO sale_line SELECT {{store}}, n, 0, {_AT}, 1 + n % {PRODUCTS}, 1 + n % {PEOPLE}, NULL, 2, 0, 200, 0,
    90, true, true, n % 50 = 0, true
FROM generate_series(1, {LINES}) AS n;
INSERT INTO sale_order SELECT store_id, order_no, at, customer_no, country, cancelled, paid, quantity, returned, net,
    refunded, net - refunded, cost FROM sale_line WHERE store_id = {{store}};
INSERT INTO customer_sales (store_id, customer_no, paid_only, orders, net, refunded, first_at, last_at)
SELECT store_id, customer_no, paid_only, count(*), sum(net), sum(refunded), min(at), max(at)
FROM sale_order CROSS JOIN (VALUES (false), (true)) AS s (paid_only)
WHERE store_id = {{store}} AND NOT cancelled GROUP BY 1, 2, 3;
INSERT INTO sale_product_category (store_id, product_no, category_no)
SELECT {{store}}, n, 1 + n % 20 FROM generate_series(1, {PRODUCTS}) AS n;
INSERT INTO inventory_movement (store_id, id, product_id, variant_id, warehouse_id, quantity, reason, actor, created_at)
SELECT {{store}}, 'mov_' || n, 'prod_' || 1 + n % {PRODUCTS}, 'v',
    (SELECT id FROM warehouse WHERE store_id = {{store}}), -1, 'sold', 'system', {_AT}
FROM generate_series(1, {MOVEMENTS}) AS n;
INSERT INTO product_view_count (store_id, span, at, product_id, views)
SELECT {{store}}, span, date_trunc(unit, {_AT}, 'UTC'), 'prod_' || 1 + n % {PRODUCTS}, count(*)
FROM generate_series(1, 60000) AS n
CROSS JOIN (VALUES ('month', 'month'), ('day', 'day'), ('quarter_hour', 'hour')) AS s (span, unit) GROUP BY 1, 2, 3, 4;
VACUUM ANALYZE sale_line;
VACUUM ANALYZE sale_order;
VACUUM ANALYZE sale_product;
VACUUM ANALYZE inventory_movement;
VACUUM ANALYZE product_view_count;
VACUUM ANALYZE product
"""

_NOT_VISIBLE = """
SELECT count(*) FROM pg_class
WHERE relname IN ('sale_line', 'sale_order', 'inventory_movement') AND relallvisible < relpages
"""


@dataclass(frozen=True, slots=True)
class Filled:
    """A database with two stores that are alike; the caller of one."""

    url: str
    caller: Principal


@pytest.fixture(scope="module")
async def filled(server_url: str, migrated_template: str) -> AsyncGenerator[Filled]:
    """Rows of a year, written once: the tests only read."""
    async with created_database(server_url, migrated_template) as url:
        database = shared_database(url, reactions=SIGNAL_HANDLERS)
        await database.open()
        shop = await open_shop(database, "Plans")
        await _fill(url, shop)
        yield Filled(url, shop.live)
        await database.close()


async def _fill(url: str, shop: Shop) -> None:
    owner = await asyncpg.connect(url, server_settings={"role": OWNER_ROLE})
    for store in (shop.test.store, shop.live.store):
        for statement in _FILL.replace("{store}", str(store.number)).strip().split(";\n"):
            await owner.execute(statement)
    async with asyncio.timeout(60):  # whoever still sees an older state keeps pages from being visible to all
        while await owner.fetchval(_NOT_VISIBLE):
            for table in ("sale_line", "sale_order", "inventory_movement"):
                await owner.execute(f"VACUUM {table}")
    await owner.close()


async def measured(filled: Filled, statement: Statement, plan: str, **more: Any) -> Measured:
    """A report of the month."""
    ranges = view_ranges(START, END)
    values = {
        "start": START,
        "end": END,
        **span_bounds(START, END),
        "paid_only": False,
        **{f"start_{number}": each.start for number, each in enumerate(ranges)},
        **{f"end_{number}": each.end for number, each in enumerate(ranges)},
        "category": None,
        "product_ids": None,
        "sort": "revenue",
        "descending": True,
        "limit": 50,
        "offset": 0,
        **more,
    }
    assert filled.caller.store.mode == Mode.LIVE
    async with explaining(filled.url, BigShop(filled.caller, PRODUCTS), plan) as connection:
        return await explain(connection, statement.compiled, values)


def read_of(found: Measured, table: str) -> tuple[set[str], int]:
    """How a table or its partitions were read, and how many rows of it."""
    nodes = [node for node in found.nodes() if node.get("Relation Name", "").startswith(table) and node["Actual Loops"]]
    return {node["Node Type"] for node in nodes}, sum(
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in nodes
    )


async def test_a_month_reads_its_own_rows_from_covering_indexes(filled: Filled) -> None:
    """Planned for these values and for any. Fails when the index lacks a column that the report needs."""
    for plan in PLANS:
        found = await measured(filled, REPORT, plan)
        assert read_of(found, "sale_line") == ({"Index Only Scan"}, pytest.approx(LINES / 12, rel=0.1))
        assert read_of(found, "inventory_movement") == (set(), 0)
        kinds, rows = read_of(found, "product_view_count")
        assert kinds <= {"Index Scan", "Bitmap Heap Scan"}
        assert rows < 60_000 / 12 * 1.2
        milliseconds = (END - START) // timedelta(milliseconds=1)
        found = await measured(filled, REPORT_WITH_STOCK, plan, until=END, milliseconds=milliseconds)
        assert read_of(found, "sale_line")[0] == {"Index Only Scan"}
        kinds, rows = read_of(found, "inventory_movement")
        assert kinds == {"Index Only Scan"}
        assert rows < MOVEMENTS * (LATE - START).days / 300


PARTS = ("segments", "cohorts", "geography", "channels")


async def test_a_customer_report_reads_the_orders_of_its_month_once(filled: Filled) -> None:
    """Once more for countries, and for new customers by month. Fails when a part reads the orders by itself, and when
    one that was not requested is computed."""
    values = {"quiet_since": START, "regions": REGION_BYTES, "steps": [START]}
    once = ({"Index Only Scan"}, pytest.approx(LINES / 12, rel=0.1))
    for plan in PLANS:
        requested = {f"with_{part}": True for part in PARTS}
        found = await measured(filled, CUSTOMERS, plan, **values, **requested)
        assert read_of(found, "sale_order")[1] < LINES / 12 * 2.2
        assert read_of(found, "sale_line") == (set(), 0)
        less = await measured(filled, CUSTOMERS, plan, **values, **requested | {"with_cohorts": False})
        assert read_of(less, "sale_order") == once
        none = await measured(filled, CUSTOMERS, plan, **values, **{f"with_{part}": False for part in PARTS})
        assert scans_of_sums(found) - scans_of_sums(none) >= len(PARTS)
        assert read_of(await measured(filled, COUNTRIES, plan), "sale_order") == once


def scans_of_sums(found: Measured) -> int:
    """How often what the orders were summed to was read."""
    return sum(node["Actual Loops"] > 0 for node in found.nodes() if node["Node Type"] == "CTE Scan")


@pytest.mark.parametrize(
    ("dimensions", "read"),
    [
        (("product", "country"), {"sale_line": 1}),
        (("product_category",), {"sale_line": 1}),
        (("product_category", "customer_segment"), {"sale_line": 1, "sale_order": 1}),
        (("customer_segment", "channel", "month"), {"sale_order": 2}),
        (("country", "day"), {"sale_order": 1}),
    ],
)
async def test_a_custom_report_reads_the_facts_of_its_days(
    filled: Filled, dimensions: tuple[str, ...], read: dict[str, int]
) -> None:
    """Lines where products matter, else orders; orders once more for segments, which follow from all of the days. Fails
    when a dimension needs what the index does not have."""
    measures = frozenset({ReportMeasure.REVENUE, ReportMeasure.ORDER_COUNT, ReportMeasure.UNITS, ReportMeasure.PROFIT})
    chosen = tuple(ReportDimension(each) for each in dimensions)
    statement = custom_rows(CustomQuery(chosen, measures, frozenset(), "revenue", is_descending=True))
    for plan in PLANS:
        found = await measured(filled, statement, plan, quiet_since=START, steps=[START])
        for table, times in read.items():
            kinds, rows = read_of(found, table)
            assert kinds == {"Index Only Scan"}
            assert LINES / 12 * 0.9 < rows < times * LINES / 12 * 1.1
        assert {node["Relation Name"] for node in found.nodes() if "sale_" in node.get("Relation Name", "")} >= set(
            read
        )
        assert ("sale_line" in read) is bool(read_of(found, "sale_line")[1])
