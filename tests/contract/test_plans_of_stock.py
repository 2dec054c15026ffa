"""How the database reads the lists of stock in a large shop: by index, and no more than it must."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from domain import inventory
from domain.inventory.model import AlertState, PurchaseOrderStatus
from domain.kernel.database import Database
from domain.kernel.listing import Listing, Query
from domain.kernel.listing.paging import DEFAULT_LIMIT, Window
from tests.contract.big_shop import BigShop
from tests.contract.plans import PLANS, explain, explaining, page_of

BUSY = "prod_" + "1".rjust(26, "0")
"""Half of all movements are of this product."""
DEFAULT = "the store's only warehouse"
reads = inventory.reads
SHELVES = 1_000
"""Warehouses in the whole database are at most so many here."""
LISTS: dict[str, tuple[Listing, Mapping[str, Any]]] = {
    "ledger": (reads.movements, {"product_id": BUSY}),
    "ledger_of_variant": (reads.movements, {"product_id": BUSY, "variant_id": "var_" + "2".rjust(26, "0")}),
    "ledger_of_rare_reason": (reads.movements, {"product_id": BUSY, "reason": "never"}),
    "ledger_of_another_warehouse": (reads.movements, {"product_id": BUSY, "warehouse_id": "wh_none"}),
    "store_ledger": (reads.movements, {}),
    "store_ledger_of_variant": (reads.movements, {"variant_id": "var_" + "2".rjust(26, "0")}),
    "store_ledger_of_warehouse": (reads.movements, {"warehouse_id": DEFAULT}),
    "store_ledger_of_another_warehouse": (reads.movements, {"warehouse_id": "wh_none"}),
    "store_ledger_of_rare_reason": (reads.movements, {"reason": "lost"}),
    "store_ledger_of_no_reason": (reads.movements, {"reason": "never"}),
    "alerts_of_another_warehouse": (reads.alerts, {"warehouse_id": "wh_none"}),
    "store_ledger_of_a_day": (
        reads.movements,
        {"created_from": datetime(2023, 1, 5, tzinfo=UTC), "created_to": datetime(2023, 1, 6, tzinfo=UTC)},
    ),
    "levels": (reads.levels, {}),
    "levels_below": (reads.levels, {"below": 3}),
    "levels_below_nothing": (reads.levels, {"below": 0}),
    "levels_of_warehouse": (reads.levels, {"warehouse_id": DEFAULT}),
    "levels_of_warehouse_below": (reads.levels, {"warehouse_id": DEFAULT, "below": 3}),
    "levels_of_another_warehouse": (reads.levels, {"warehouse_id": "wh_none"}),
    "alerts": (reads.alerts, {}),
    "alerts_that_fired": (reads.alerts, {"state": (AlertState.LOW,)}),
    "alerts_in_any_state": (reads.alerts, {"state": (AlertState.LOW, AlertState.ARMED)}),
    "alerts_of_product": (reads.alerts, {"product_id": BUSY}),
    "alerts_of_warehouse": (reads.alerts, {"warehouse_id": DEFAULT}),
    "warehouses": (reads.warehouses, {}),
    "purchase_orders": (reads.purchase_orders, {}),
    "open_purchase_orders": (reads.purchase_orders, {"status": (PurchaseOrderStatus.OPEN,)}),
    "purchase_orders_of_both": (
        reads.purchase_orders,
        {"status": (PurchaseOrderStatus.OPEN, PurchaseOrderStatus.RECEIVED)},
    ),
}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", list(LISTS))
async def test_every_list_of_stock_walks_an_index_and_deep_pages_cost_what_the_first_does(
    database: Database,
    database_url: str,
    big_shop: BigShop,
    name: str,
    plan: str,
) -> None:
    listing, filters = LISTS[name]
    async with database.read_connection(big_shop.principal.store) as reader:
        if filters.get("warehouse_id") == DEFAULT:
            (only,) = (await reads.warehouses.page(reader, Query())).rows
            filters = {**filters, "warehouse_id": only.id}
        length = await listing.count(reader, Query(filters=filters))
        middle = await listing.page(reader, Query(Window(1, offset=length * 2 // 3), filters))
    windows = [Window()]
    if middle.rows:
        cursor = middle.cursor(middle.rows[0])
        windows += [Window(cursor=cursor), Window(cursor=cursor, backwards=True)]
    async with explaining(database_url, big_shop, plan) as connection:
        for window in windows:
            measured = await page_of(database, connection, big_shop, Query(window, filters), listing)
            assert measured.scanned_tables == [], measured
            # A table of a few pages, as warehouses are, is read whole and sorted: an index would cost more.
            assert measured.rows_read <= (2 * DEFAULT_LIMIT + 4 if name != "warehouses" else SHELVES), measured


@pytest.mark.parametrize("plan", PLANS)
async def test_the_ledgers_of_many_products_read_a_page_of_each(
    database: Database,
    database_url: str,
    big_shop: BigShop,
    plan: str,
) -> None:
    query = Query(Window(5))
    async with database.read_connection(big_shop.principal.store) as reader:
        prepared = await reads.movements.prepare(reader, query)
    parents = ["prod_" + str(number).rjust(26, "0") for number in range(1, 200, 4)]
    async with explaining(database_url, big_shop, plan) as connection:
        compiled = reads.movements_by_product.compiled_pages(prepared.shape)
        measured = await explain(connection, compiled, {**prepared.values, "parents": parents})
        counts = reads.movements_by_product.compiled_counts(prepared.shape)
        counted = await explain(connection, counts, {"parents": parents[1:]})
    assert measured.scanned_tables == [], measured
    assert measured.rows_read <= 6 * len(parents), measured
    assert counted.scanned_tables == [], counted
