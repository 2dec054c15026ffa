"""Pages that the database writes: few statements for any number of rows."""

from __future__ import annotations

from typing import Any

import orjson

from domain import catalog
from domain.kernel.database import Database
from domain.kernel.listing import JsonListing, Query
from domain.kernel.listing.json_listing import ROUNDED_LIMITS
from domain.kernel.listing.paging import MAX_LIMIT, Window
from domain.kernel.reads.json_objects import ColumnKind, JsonColumn
from tests.conftest import MakeProduct, Shop

MEMBERS = (("id", JsonColumn("id", ColumnKind.TEXT, required=True)),)


async def test_b11_a_list_has_few_statements_for_all_numbers_of_rows(
    database: Database, shop: Shop, make_product: MakeProduct
) -> None:
    """Taken out: LIMITS, so that the number itself is written out. Then every number of rows is compiled anew."""
    for _ in range(14):
        await make_product()
    listing = JsonListing.of(catalog.reads.products, [MEMBERS], placed=True)
    async with database.read_connection(shop.live.store) as reader:
        for limit in range(1, MAX_LIMIT + 1):
            page = await listing.page(reader, Query(Window(limit)))
            assert len(page.rows) == min(limit, 14)
            assert page.has_next is (limit < 14)
    assert len(listing._statements) == len(ROUNDED_LIMITS)


async def test_b11_reading_stops_at_the_number_that_was_asked_for(
    database: Database, shop: Shop, make_product: MakeProduct
) -> None:
    """Taken out: the limit around the page. Then 11 rows are read and written for a page of 2."""
    for _ in range(20):
        await make_product()
    listing = JsonListing.of(catalog.reads.products, [MEMBERS], placed=True)
    async with database.read_connection(shop.live.store) as reader:
        query = Query(Window(2))
        prepared = await listing.prepare(reader, query)
        compiled = listing._compiled(prepared, query.window)
        arguments = compiled.arguments({**prepared.values, "store": shop.live.store.number})
        connection = reader._connection
        async with connection.transaction():
            await connection.execute("SET LOCAL enable_sort = off")
            await connection.execute("SET LOCAL enable_seqscan = off")
            text = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {compiled.text}", *arguments)
    assert max(_rows_of_scans(orjson.loads(text)[0]["Plan"])) <= 3


def _rows_of_scans(node: dict[str, Any]) -> list[float]:
    own = [node["Actual Rows"]] if "Relation Name" in node else []
    return own + [rows for below in node.get("Plans", ()) for rows in _rows_of_scans(below)]
