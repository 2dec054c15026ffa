"""How the database reads a large shop, as the application's own role: by index, and no more than it must.

The statements are those the gateway runs. GATEWAY_TEST_PRODUCTS says how large the shop is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from domain import access, catalog, customers, inventory, orders, payments
from domain.catalog.search import SEARCH
from domain.kernel.database import Database
from domain.kernel.listing import Listing, Query
from domain.kernel.listing.filter_resolution import resolve_filters
from domain.kernel.listing.paging import DEFAULT_LIMIT, Window
from domain.kernel.listing.word_search import MAX_SCANNED_ENTRIES
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import CompiledStatement
from domain.kernel.sql.word_index import words_of
from tests.contract.big_shop import PRODUCTS, BigShop
from tests.contract.plans import PLANS, Listening, deep_cursor, explain, explaining, page_of

LISTING = catalog.reads.products
LISTINGS = (
    LISTING,
    catalog.reads.categories,
    customers.reads.customers,
    orders.reads.orders,
    orders.reads.drafts,
    payments.reads.intents,
    payments.reads.payments,
    payments.reads.disputes,
    payments.reads.transfers,
)
Status = catalog.ProductStatus


FILTERS: dict[str, Mapping[str, Any]] = {
    "none": {},
    "active": {"status": (Status.ACTIVE,)},
    "archived": {"status": (Status.ARCHIVED,)},
    "draft_or_archived": {"status": (Status.DRAFT, Status.ARCHIVED)},
    "active_or_draft": {"status": (Status.ACTIVE, Status.DRAFT)},
    "common_category": {"category": "category-0"},
    "rare_category": {"category": "category-29"},
    "unknown_category": {"category": "nowhere"},
    "common_tag": {"tags": ("tag-0",)},
    "rare_tag": {"tags": ("tag-39",)},
    "two_tags": {"tags": ("tag-0", "tag-1")},
    "three_tags": {"tags": ("Tag-0", "tag-1", "tag-11")},
    "unknown_tag": {"tags": ("nowhere",)},
}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize(("listing", "sort"), [(listing, sort) for listing in LISTINGS for sort in listing.sorts])
async def test_every_sort_walks_its_index_and_deep_pages_cost_what_the_first_does(
    database: Database, database_url: str, big_shop: BigShop, listing: Listing, sort: str, descending: bool, plan: str
) -> None:
    query = Query(sort=sort, descending=descending)
    cursor = await deep_cursor(database, big_shop, query, listing)
    # Of a sort by another table, a row of each; planned for any limit, three workers walk it, and each reads a page.
    each = 6 if sort in listing._joined else 1
    async with explaining(database_url, big_shop, plan) as connection:
        first = await page_of(database, connection, big_shop, query, listing)
        for backwards in (False, True):
            window = Window(cursor=cursor, backwards=backwards)
            asked = Query(window, sort=sort, descending=descending)
            deep = await page_of(database, connection, big_shop, asked, listing)
            assert deep.scanned_tables == [], deep
            assert deep.rows_read <= each * (DEFAULT_LIMIT + 2), deep
            assert deep.pages <= 2 * first.pages + 20, (first, deep)
    assert first.scanned_tables == [], first
    assert first.rows_read <= each * (DEFAULT_LIMIT + 1), first


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("filter", list(FILTERS))
async def test_every_filter_with_the_default_sort_reads_a_bounded_number_of_rows(
    database: Database, database_url: str, big_shop: BigShop, filter: str, plan: str
) -> None:
    query = Query(filters=FILTERS[filter])
    cursor = await deep_cursor(database, big_shop, query, LISTING)
    windows = [Window()] if cursor is None else [Window(), Window(cursor=cursor), Window(cursor=cursor, backwards=True)]
    async with explaining(database_url, big_shop, plan) as connection:
        for window in windows:
            measured = await page_of(database, connection, big_shop, Query(window, FILTERS[filter]), LISTING)
            assert measured.scanned_tables == [], measured
            assert measured.rows_read <= 2_000, measured
            assert measured.pages <= 2_000, measured


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("filter", [name for name in FILTERS if name != "none"])
async def test_a_count_reads_no_row_more_than_once(
    database: Database, database_url: str, big_shop: BigShop, filter: str, plan: str
) -> None:
    async with database.read_connection(big_shop.principal.store) as reader:
        resolved = await resolve_filters(LISTING.filters, reader, Query(filters=FILTERS[filter]))
    async with explaining(database_url, big_shop, plan) as connection:
        measured = await explain(connection, LISTING.compiled_count(resolved.clauses, searching=False), resolved.values)
    # The product's row is looked up beside that of its category or tag; of three tags each is looked up once more.
    assert measured.rows_read <= 3 * PRODUCTS, measured


SEARCHES = [
    "classic",
    "zzz",
    "limited",
    "limited mug",
    "classic red mug",
    "classic red",
    "c",
    "sku",
    "sku-40",
    "model17",
]


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("text", SEARCHES)
async def test_searches_read_words_by_their_index_and_look_at_no_more_than_they_may(
    database: Database, database_url: str, big_shop: BigShop, text: str, plan: str
) -> None:
    seen: list[tuple[CompiledStatement, Mapping[str, Any]]] = []
    async with database.read_connection(big_shop.principal.store) as reader:
        matches = await SEARCH.find(Listening(reader, seen), text)  # type: ignore[arg-type]  # it is told what is run
    assert [compiled for compiled, _ in seen] == ([SEARCH.rarity, SEARCH.statement] if matches.ids else [SEARCH.rarity])
    async with explaining(database_url, big_shop, plan) as connection:
        for compiled, values in seen:
            measured = await explain(connection, compiled, values)
            assert measured.scanned_tables == [], measured
            assert measured.rows_read <= (len(words_of(text)) + 2) * (MAX_SCANNED_ENTRIES + 1), measured
        page = await page_of(database, connection, big_shop, Query(search=text), LISTING)
    assert page.pages <= 4 * len(matches.ids) + 100, page  # by index, or from end to end where that is less


def reads() -> dict[str, Read]:
    """Every declared read of every area."""
    modules = (catalog.reads, customers.reads, inventory.reads, orders.reads, payments.reads, access.reads)
    return {read.name: read for module in modules for read in vars(module).values() if isinstance(read, Read)}


KEYS = {
    "sku_key": "sku-{}",
    "slug": "category-{}",
    "product_id": "prod_{:026}",
    "customer_id": "cust_{:026}",
    "object_id": "cust_{:026}",
    "order_id": "ord_{:026}",
    "draft_id": "dord_{:026}",
    "email_key": "ann{}@common.example",
    "variant_id": "var_{:026}",
    "intent_id": "pi_{:026}",
    "payment_id": "pay_{:026}",
    "refund_id": "re_{:026}",
    "dispute_id": "dp_{:026}",
    "hash": "{:064}",
    "id": "{:026}",
}
PREFIXES = {
    "product_by_id": "prod_",
    "variant_by_id": "var_",
    "image_by_id": "img_",
    "category_by_id": "cat_",
    "customer_by_id": "cust_",
    "address_by_id": "addr_",
    "order_by_id": "ord_",
    "item_by_id": "item_",
    "note_by_id": "note_",
    "draft_by_id": "dord_",
    "settings_by_store": "store_",
    "key_by_id": "key_",
    "document_by_id": "doc_",
    "client_by_id": "cli_",
    "grant_by_id": "grant_",
    "warehouse_by_id": "wh_",
    "alert_by_id": "alert_",
    "movement_by_id": "mov_",
    "purchase_order_by_id": "po_",
    "intent_by_id": "pi_",
    "payment_by_id": "pay_",
    "refund_by_id": "re_",
    "dispute_by_id": "dp_",
    "transfer_by_id": "led_",
    "dispute_file_by_id": "file_",
    "payment_settings_by_store": "store_",
}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("many", [1, 50])
@pytest.mark.parametrize("name", sorted(reads()))
async def test_every_read_finds_its_keys_by_an_index(
    database_url: str, big_shop: BigShop, name: str, many: int, plan: str
) -> None:
    read = reads()[name]
    numbers = range(1, 4 * many, 4)  # the large store's
    pattern = KEYS[str(read._key.key)]
    prefix = PREFIXES.get(read.name, "")
    keys = [prefix + pattern.format(number) for number in numbers]
    async with explaining(database_url, big_shop, plan) as connection:
        measured = await explain(connection, read.compiled, {"keys": keys})
    assert measured.scanned_tables == [], measured
    assert measured.pages <= 40 * many + 40, measured
