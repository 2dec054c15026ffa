"""How the database reads a large shop's lists by each of their filters alone: what a filter looks at before it chooses
is bounded, and so is every page, the first, one far in, and one walked backwards from there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from domain import catalog, customers, orders
from domain.kernel.database import Database
from domain.kernel.listing import Listing, Query
from domain.kernel.listing.counted_filters import MAX_COUNTED_MATCHES
from domain.kernel.listing.paging import Window
from domain.kernel.listing.word_search import MAX_SCANNED_ENTRIES, MAX_SEARCH_MATCHES, WordSearch
from domain.kernel.money import Money
from domain.orders import DraftOrderStatus
from tests.contract.big_shop import BigShop
from tests.contract.plans import PLANS, deep_cursor, explain, explaining, looks_of, page_of

PRODUCTS, CATEGORIES = catalog.reads.products, catalog.reads.categories
CUSTOMERS, ORDERS, DRAFTS = customers.reads.customers, orders.reads.orders, orders.reads.drafts


def money(amount: int) -> Money:
    return Money(amount, "GBP")


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 1, number, hour, tzinfo=UTC)


EARLY, LATE = datetime(2023, 2, 1, tzinfo=UTC), datetime(2025, 9, 1, tzinfo=UTC)
UPDATED: dict[str, Mapping[str, Any]] = {
    "updated_late": {"updated_from": day(12, 13)},
    "updated_most": {"updated_from": day(2)},
    "updated_early": {"updated_to": day(1, 1)},
    "updated_within": {"updated_from": day(3), "updated_to": day(3, 2)},
    "updated_any_time": {"updated_from": day(1), "updated_to": day(30)},
    "updated_never": {"updated_from": day(20)},
}
CASES: dict[Listing, dict[str, Mapping[str, Any]]] = {
    PRODUCTS: {
        **UPDATED,
        "two_categories": {"category": ("category-0", "category-29")},
        "overlapping_categories": {"category": ("category-0", "category-7", "category-14")},
        "rare_categories": {"category": ("category-28", "category-29", "nowhere")},
        "dear": {"price_from": money(50_050)},
        "not_cheap": {"price_from": money(200)},
        "cheap": {"price_to": money(150)},
        "not_dear": {"price_to": money(50_000)},
        "narrow_price": {"price_from": money(1_000), "price_to": money(1_020)},
        "wide_price": {"price_from": money(200), "price_to": money(50_000)},
        "in_stock": {"in_stock": True},
        "out_of_stock": {"in_stock": False},
        "ids": {"ids": tuple(f"prod_{number:026}" for number in range(1, 400, 4))},
        "skus": {"skus": tuple(f"sku-{number}-1" for number in range(1, 400, 4))},
        "unknown_skus": {"skus": ("nowhere",)},
        "created_late": {"created_from": LATE},
        "created_early": {"created_to": EARLY},
        "created_within": {"created_from": EARLY, "created_to": LATE},
    },
    CATEGORIES: {
        "common_beginning": {"name": "Catégory"},
        "rare_beginning": {"name": "category 17"},
        "unknown_beginning": {"name": "nowhere"},
    },
    CUSTOMERS: {**UPDATED},
    ORDERS: {
        **UPDATED,
        "common_domain": {"email": "COMMON.example"},
        "common_beginning": {"email": "a"},
        "rare_domain": {"email": "rare.ex"},
        "unknown_address": {"email": "nobody"},
        "common_sku": {"sku": "Common-1"},
        "some_sku": {"sku": "sku-17"},
        "rare_sku": {"sku": "rare"},
        "unknown_sku": {"sku": "nowhere"},
        "dear": {"total_from": money(15_790)},
        "not_cheap": {"total_from": money(900)},
        "cheap": {"total_to": money(820)},
        "not_dear": {"total_to": money(15_000)},
        "narrow_total": {"total_from": money(1_000), "total_to": money(1_004)},
        "wide_total": {"total_from": money(900), "total_to": money(15_000)},
    },
    DRAFTS: {
        "open": {"status": (DraftOrderStatus.OPEN,)},
        "completed": {"status": (DraftOrderStatus.COMPLETED,)},
        "both": {"status": tuple(DraftOrderStatus)},
        "one_customer": {"customer_id": f"cust_{1:026}"},
        "customer_of_many": {"customer_id": f"cust_{2:026}"},
        "unknown_customer": {"customer_id": "nobody"},
    },
}
EACH = [(listing, name) for listing, cases in CASES.items() for name in cases]


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(("listing", "name"), EACH, ids=[f"{listing.name}-{name}" for listing, name in EACH])
async def test_every_filter_reads_a_bounded_number_of_rows(
    database: Database, database_url: str, big_shop: BigShop, listing: Listing, name: str, plan: str
) -> None:
    filters = CASES[listing][name]
    cursor = await deep_cursor(database, big_shop, Query(filters=filters), listing)
    windows = [Window()] if cursor is None else [Window(), Window(cursor=cursor), Window(cursor=cursor, backwards=True)]
    looks = await looks_of(database, big_shop, Query(filters=filters), listing)
    async with explaining(database_url, big_shop, plan) as connection:
        looked = [await explain(connection, compiled, values) for compiled, values in looks]
        pages = [await page_of(database, connection, big_shop, Query(each, filters), listing) for each in windows]
    for measured in looked:
        assert measured.scanned_tables == [], measured
        assert measured.rows_read <= 2 * (MAX_COUNTED_MATCHES + 1) + 100, measured
    for measured in pages:
        assert measured.scanned_tables == [], measured
        assert measured.rows_read <= 3 * MAX_COUNTED_MATCHES, measured
        assert measured.pages <= 8 * MAX_COUNTED_MATCHES, measured


RANGES = [(PRODUCTS, "price", "wide_price"), (PRODUCTS, "updated_at", "updated_most"), (ORDERS, "total", "wide_total")]


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize(("listing", "sort", "name"), RANGES)
async def test_a_range_of_what_a_list_is_sorted_by_is_a_range_of_its_index(
    database: Database,
    database_url: str,
    big_shop: BigShop,
    listing: Listing,
    sort: str,
    name: str,
    descending: bool,
    plan: str,
) -> None:
    """Else all that comes before the range would be read and thrown away."""
    query = Query(filters=CASES[listing][name], sort=sort, descending=descending)
    async with explaining(database_url, big_shop, plan) as connection:
        measured = await page_of(database, connection, big_shop, query, listing)
    assert measured.rows_read <= 60, measured


SEARCHES: list[tuple[Listing, WordSearch, str]] = [
    *((CUSTOMERS, customers.search.SEARCH, text) for text in ("Ánn", "smithson", "ann smith", "common.example", "a")),
    *((CUSTOMERS, customers.search.SEARCH, text) for text in ("4420 0000 0017", "nobody", "ann example common")),
    *((ORDERS, orders.search.SEARCH, text) for text in ("#17", "17", "ann", "smithson", "ann smith", "rare.example")),
    *((ORDERS, orders.search.SEARCH, text) for text in ("common.example", "nobody", "1")),
]


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(("listing", "search", "text"), SEARCHES)
async def test_searches_look_at_no_more_than_they_may(
    database: Database, database_url: str, big_shop: BigShop, listing: Listing, search: WordSearch, text: str, plan: str
) -> None:
    looks = await looks_of(database, big_shop, Query(search=text), listing)
    assert [compiled for compiled, _ in looks] in ([search.rarity], [search.rarity, search.statement])
    async with explaining(database_url, big_shop, plan) as connection:
        for compiled, values in looks:
            measured = await explain(connection, compiled, values)
            assert measured.scanned_tables == [], measured
            assert measured.rows_read <= 5 * (MAX_SCANNED_ENTRIES + 1) + 4 * (MAX_SEARCH_MATCHES + 1), measured
        page = await page_of(database, connection, big_shop, Query(search=text), listing)
    assert page.pages <= 4 * MAX_SEARCH_MATCHES + 100, page


def test_every_filter_of_these_lists_is_explained() -> None:
    """Here or in the files of the areas: what none of them names is read nobody knows how."""
    elsewhere = {
        PRODUCTS: {"status", "tags"},
        CUSTOMERS: {"status", "email", "name", "tags", "created_from", "created_to"},
        ORDERS: {
            "status",
            "payment_status",
            "fulfillment_status",
            "customer_id",
            "number",
            "date_from",
            "date_to",
        },
    }
    for listing, cases in CASES.items():
        named = {name for filters in cases.values() for name in filters}
        assert named | elsewhere.get(listing, set()) == set(listing.filters)
