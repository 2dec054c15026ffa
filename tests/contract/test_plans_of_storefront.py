"""How the database reads a large shop for shoppers: through the views of the storefront, by the same indexes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from domain import catalog, inventory
from domain.kernel.database import STOREFRONT_ROLE, Database
from domain.kernel.listing import Listing, Query
from domain.kernel.listing.paging import DEFAULT_LIMIT, Window
from domain.kernel.reads.read import Read
from tests.contract.big_shop import BigShop
from tests.contract.plans import PLANS, deep_cursor, explain, explaining, page_of

reads = catalog.reads
LISTINGS = (reads.products, reads.categories)
FILTERS: dict[str, Mapping[str, Any]] = {
    "common_category": {"category": "category-0"},
    "rare_category": {"category": "category-29"},
    "common_tag": {"tags": ("tag-0",)},
    "rare_tag": {"tags": ("tag-39",)},
    "in_stock": {"in_stock": True},
    "drafts": {"status": (catalog.ProductStatus.DRAFT,)},
}
OF_PRODUCTS = (reads.variants_by_product, reads.images_by_product, reads.categories_by_product, reads.product_by_id)
HIDDEN = 3
"""For each row that is shown, so many are read at most: nine in ten products are active."""


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(("listing", "sort"), [(listing, sort) for listing in LISTINGS for sort in listing.sorts])
async def test_every_sort_walks_its_index(
    database: Database, database_url: str, big_shop: BigShop, listing: Listing, sort: str, plan: str
) -> None:
    """Of categories, most of which have no product here, each is looked at once, and one of its links."""
    query = Query(sort=sort)
    cursor = await deep_cursor(database, big_shop, query, listing)
    most = HIDDEN * (DEFAULT_LIMIT + 2)
    if listing is reads.categories:
        async with database.read_connection(big_shop.principal.store) as reader:
            most = 2 * await listing.count(reader, Query())
    async with explaining(database_url, big_shop, plan, STOREFRONT_ROLE) as connection:
        for window in (Window(), Window(cursor=cursor), Window(cursor=cursor, backwards=True)):
            measured = await page_of(database, connection, big_shop, Query(window, sort=sort), listing)
            assert measured.scanned_tables == [], measured
            assert measured.rows_read <= most, measured


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("filter", list(FILTERS))
async def test_every_filter_reads_a_bounded_number_of_rows(
    database: Database, database_url: str, big_shop: BigShop, filter: str, plan: str
) -> None:
    async with explaining(database_url, big_shop, plan, STOREFRONT_ROLE) as connection:
        measured = await page_of(database, connection, big_shop, Query(filters=FILTERS[filter]), reads.products)
    assert measured.scanned_tables == [], measured
    assert measured.rows_read <= 5_000, measured


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("read", OF_PRODUCTS, ids=lambda read: read.name)
async def test_what_belongs_to_products_is_found_by_index(
    database: Database, database_url: str, big_shop: BigShop, read: Read, plan: str
) -> None:
    async with database.read_connection(big_shop.principal.store) as reader:
        ids = [row.id for row in (await reads.products.page(reader, Query())).rows]
    async with explaining(database_url, big_shop, plan, STOREFRONT_ROLE) as connection:
        measured = await explain(connection, read.compiled, {"keys": ids})
    assert measured.scanned_tables == [], measured
    assert measured.rows_read <= 20 * len(ids), measured


@pytest.mark.parametrize("plan", PLANS)
async def test_stock_is_found_by_index(database: Database, database_url: str, big_shop: BigShop, plan: str) -> None:
    read = inventory.reads.stock_by_variant
    async with database.read_connection(big_shop.principal.store) as reader:
        products = [row.id for row in (await reads.products.page(reader, Query())).rows]
        found = await reads.variants_by_product.for_keys(reader, products)
    ids = [variant.id for variants in found for variant in variants]
    async with explaining(database_url, big_shop, plan, STOREFRONT_ROLE) as connection:
        measured = await explain(connection, read.compiled, {"keys": ids})
    assert measured.scanned_tables == [], measured
    assert measured.rows_read <= 20 * len(ids), measured
