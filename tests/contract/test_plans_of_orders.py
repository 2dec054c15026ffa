"""How the database reads the orders of a large shop: by index, on the first page as on the last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from domain import orders
from domain.kernel.database import Database
from domain.kernel.listing import Query
from domain.kernel.listing.filter_resolution import resolve_filters
from domain.kernel.listing.paging import DEFAULT_LIMIT, Window
from domain.orders import FulfillmentStatus, OrderStatus, PaymentStatus
from tests.contract.big_shop import ORDERS, BigShop
from tests.contract.plans import PLANS, deep_cursor, explain, explaining, page_of

LISTING = orders.reads.orders

FILTERS: dict[str, Mapping[str, Any]] = {
    **{str(status): {"status": (status,)} for status in OrderStatus},
    **{f"payment_{status}": {"payment_status": (status,)} for status in PaymentStatus},
    **{str(status): {"fulfillment_status": (status,)} for status in FulfillmentStatus},
    "open": {"status": (OrderStatus.PENDING, OrderStatus.PROCESSING)},
    "under_way": {"status": (OrderStatus.PROCESSING, OrderStatus.SHIPPED)},
    "done": {"status": (OrderStatus.DELIVERED, OrderStatus.CANCELLED)},
    "unpaid": {"payment_status": (PaymentStatus.PENDING, PaymentStatus.FAILED)},
    "to_send": {"fulfillment_status": (FulfillmentStatus.UNFULFILLED, FulfillmentStatus.PARTIAL)},
    "one_customer": {"customer_id": f"cust_{1:026}"},
    "customer_of_many": {"customer_id": f"cust_{2:026}"},
    "unknown_customer": {"customer_id": "nobody"},
    "number": {"number": "17"},
    "unknown_number": {"number": "999999999999999999"},
    "from_late": {"date_from": datetime(2025, 9, 1, tzinfo=UTC)},
    "to_early": {"date_to": datetime(2023, 2, 1, tzinfo=UTC)},
    "between": {"date_from": datetime(2024, 1, 1, tzinfo=UTC), "date_to": datetime(2024, 2, 1, tzinfo=UTC)},
}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("filter", list(FILTERS))
async def test_every_filter_with_the_default_sort_reads_a_bounded_number_of_rows(
    database: Database, database_url: str, big_shop: BigShop, filter: str, plan: str
) -> None:
    """Also where fewer are left than a page holds, and the list is walked to its end."""
    query = Query(filters=FILTERS[filter])
    cursors = [await deep_cursor(database, big_shop, query, LISTING, left=left) for left in (None, 5)]
    turned = [Window(cursor=cursor, backwards=back) for cursor in cursors if cursor for back in (False, True)]
    async with explaining(database_url, big_shop, plan) as connection:
        for window in (Window(), *turned):
            measured = await page_of(database, connection, big_shop, Query(window, FILTERS[filter]), LISTING)
            assert measured.scanned_tables == [], measured
            assert measured.rows_read <= 2_000, measured
            assert measured.pages <= 2_000, measured


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("filter", ["none", "cancelled", "one_customer", "between"])
async def test_a_count_reads_no_row_more_than_once(
    database: Database, database_url: str, big_shop: BigShop, filter: str, plan: str
) -> None:
    async with database.read_connection(big_shop.principal.store) as reader:
        resolved = await resolve_filters(LISTING.filters, reader, Query(filters=FILTERS.get(filter, {})))
    async with explaining(database_url, big_shop, plan) as connection:
        measured = await explain(connection, LISTING.compiled_count(resolved.clauses, searching=False), resolved.values)
    assert measured.rows_read <= ORDERS, measured


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("limit", [5, DEFAULT_LIMIT])
async def test_the_last_orders_of_fifty_customers_are_read_by_their_index(
    database: Database, database_url: str, big_shop: BigShop, limit: int, plan: str
) -> None:
    """Among them one who has many, of whose orders no more than the page is read."""
    buyers = [f"cust_{number:026}" for number in (2, *range(5, 200, 4))]
    async with database.read_connection(big_shop.principal.store) as reader:
        pages = await orders.reads.orders_by_customer.pages(Query(Window(limit))).for_keys(reader, buyers)
        prepared = await LISTING.prepare(reader, Query(Window(limit)))
    compiled = orders.reads.orders_by_customer.compiled_pages(prepared.shape)
    async with explaining(database_url, big_shop, plan) as connection:
        measured = await explain(connection, compiled, {**prepared.values, "parents": buyers})
    shown = sum(len(page.rows) for page in pages)
    assert len(pages[0].rows) == limit
    assert shown > limit + 49
    assert measured.scanned_tables == [], measured
    assert measured.rows_read <= shown + len(buyers), measured
