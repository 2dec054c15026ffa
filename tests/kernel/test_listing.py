"""Lists: paged by keyset they neither skip nor repeat a row that stood throughout, whatever comes and goes."""

from __future__ import annotations

import os
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain import catalog
from domain.catalog import ProductStatus
from domain.catalog.commands import CreateProduct
from domain.kernel.database import Database
from domain.kernel.errors import MalformedRequest
from domain.kernel.listing import Page, Query
from domain.kernel.listing.paging import Window, page_window
from domain.kernel.money import Money
from tests.conftest import Shop

SEED = int(os.environ.get("GATEWAY_TEST_SEED", random.randrange(2**32)))
PRODUCTS = catalog.reads.products
START = datetime(2026, 1, 1, tzinfo=UTC)
Fill = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def fill(database: Database, shop: Shop) -> Fill:
    """Adds products whose sort keys repeat often; answers their ids."""
    made = 0

    async def add(chance: random.Random, *given: dict[str, Any]) -> list[str]:
        nonlocal made
        made += len(given)
        commands = [
            CreateProduct(
                name=chance.choice(["a", "B", "b", "ß", "ss", "é", "~x~", "10", "9"]),
                sku=f"SKU-{made}-{number}",
                price=Money(chance.randrange(4), "GBP"),
                **each,
            )
            for number, each in enumerate(given)
        ]
        async with database.transaction(shop.live) as work:
            products = await catalog.create_products(work, shop.live, commands)
            for product in products:
                product.created_at = product.updated_at = START + timedelta(milliseconds=chance.randrange(4))
            await work.flush()
            for table in ("product_category", "product_tag"):
                await work.session.execute(
                    text(
                        f"UPDATE {table} AS link SET created_at = product.created_at FROM product "
                        "WHERE product.store_id = :store AND link.store_id = :store AND product.id = link.product_id"
                    ),
                    {"store": shop.live.store.number},
                )
        return [product.id for product in products]

    return add


async def page(database: Database, shop: Shop, query: Query, *, counted: bool = False) -> Page:
    async with database.read_connection(shop.live.store) as reader:
        return await PRODUCTS.page(reader, query, counted=counted)


def ids(found: Page) -> list[str]:
    return [row.id for row in found.rows]


@pytest.fixture
def chance() -> random.Random:
    """Random numbers; GATEWAY_TEST_SEED repeats them."""
    print(f"GATEWAY_TEST_SEED={SEED}")
    return random.Random(SEED)


@pytest.mark.both_servers
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", list(PRODUCTS.sorts))
async def test_pages_by_cursor_are_the_whole_list_in_pieces_forwards_and_backwards(
    database: Database, shop: Shop, fill: Fill, chance: random.Random, sort: str, descending: bool
) -> None:
    await fill(chance, *[{}] * 37)
    whole = await page(database, shop, Query(Window(200), sort=sort, descending=descending))
    keys = [(getattr(row, whole.sort_key), row.id) for row in whole.rows]
    assert keys == sorted(keys, reverse=descending)
    for limit in (1, 5, 36, 37):
        for backwards in (False, True):
            seen: list[str] = []
            window = Window(limit, backwards=backwards)
            while True:
                found = await page(database, shop, Query(window, sort=sort, descending=descending))
                seen = [*ids(found), *seen] if backwards else [*seen, *ids(found)]
                assert (found.has_next if backwards else found.has_previous) is (window.cursor is not None)
                if not (found.has_previous if backwards else found.has_next):
                    break
                edge = found.rows[0 if backwards else -1]
                window = Window(limit, found.cursor(edge), backwards=backwards)
            assert seen == ids(whole)


@pytest.mark.both_servers
@pytest.mark.parametrize("sort", list(PRODUCTS.sorts))
async def test_rows_that_come_and_go_neither_hide_nor_repeat_those_that_stand(
    database: Database, shop: Shop, fill: Fill, chance: random.Random, sort: str
) -> None:
    standing = set(await fill(chance, *[{}] * 40))
    going = await fill(chance, *[{}] * 20)
    seen: list[str] = []
    window = Window(7)
    while True:
        found = await page(database, shop, Query(window, sort=sort))
        seen += ids(found)
        if not found.has_next:
            break
        window = Window(7, found.cursor(found.rows[-1]))
        await fill(chance, *[{}] * 2)
        async with database.system_connection() as connection:
            gone = [going.pop() for _ in range(min(2, len(going)))]
            await connection.execute("DELETE FROM product WHERE id = ANY($1::text[])", gone)
    assert sorted(id for id in seen if id in standing) == sorted(standing)
    assert len(seen) == len(set(seen))


async def test_a_cursor_works_when_its_own_row_is_gone(
    database: Database, shop: Shop, fill: Fill, chance: random.Random
) -> None:
    await fill(chance, *[{}] * 5)
    first = await page(database, shop, Query(Window(2)))
    rest = ids(await page(database, shop, Query(Window(50, first.cursor(first.rows[-1])))))
    async with database.system_connection() as connection:
        await connection.execute("DELETE FROM product WHERE id = $1", first.rows[-1].id)
    assert ids(await page(database, shop, Query(Window(50, first.cursor(first.rows[-1]))))) == rest


FILTERS: list[dict[str, Any]] = [
    {"status": (ProductStatus.DRAFT,)},
    {"status": (ProductStatus.DRAFT, ProductStatus.ACTIVE)},
    {"category": "even"},
    {"tags": ("TWO",)},
    {"tags": ("two", "One")},
    {"category": "even", "tags": ("one",), "status": (ProductStatus.ACTIVE,)},
]


def matches(filters: dict[str, Any], kind: dict[str, Any]) -> bool:
    """What the filters mean, said without SQL."""
    return (
        kind["status"] in filters.get("status", ProductStatus)
        and filters.get("category", kind["categories"][0]) in kind["categories"]
        and {tag.casefold() for tag in filters.get("tags", ())} <= {tag.casefold() for tag in kind["tags"]}
    )


@pytest.mark.parametrize("sort", [None, "name", "price"])
@pytest.mark.parametrize("filters", FILTERS, ids=range(len(FILTERS)))
async def test_filters_narrow_pages_and_counts_alike_with_every_sort(
    database: Database, shop: Shop, fill: Fill, chance: random.Random, filters: dict[str, Any], sort: str | None
) -> None:
    kinds = [
        {"status": status, "categories": (category,), "tags": tags}
        for status in ProductStatus
        for category in ("even", "odd")
        for tags in ((), ("One",), ("Two",), ("One", "Two", "Three"))
    ] * 2
    made = await fill(chance, *kinds)
    matching = [id for id, kind in zip(made, kinds, strict=True) if matches(filters, kind)]
    assert matching
    seen: list[str] = []
    window = Window(5)
    while True:
        found = await page(database, shop, Query(window, filters, sort=sort), counted=True)
        assert found.total == len(matching)
        seen += ids(found)
        if not found.has_next:
            break
        window = Window(5, found.cursor(found.rows[-1]))
    assert sorted(seen) == sorted(matching)
    whole = await page(database, shop, Query(Window(200), filters, sort=sort))
    assert seen == ids(whole)


async def test_the_default_is_the_newest_first_and_a_named_sort_ascends(
    database: Database, shop: Shop, fill: Fill, chance: random.Random
) -> None:
    await fill(chance, *[{}] * 20)
    newest = await page(database, shop, Query(Window(200)))
    assert ids(newest) == ids(await page(database, shop, Query(Window(200), sort="created_at", descending=True)))
    names = [row.name_key for row in (await page(database, shop, Query(Window(200), sort="name"))).rows]
    assert names == sorted(names)


async def test_offset_pages_are_counted_and_a_page_past_the_end_is_empty(
    database: Database, shop: Shop, fill: Fill, chance: random.Random
) -> None:
    await fill(chance, *[{}] * 5)
    pages = [await page(database, shop, Query(page_window(number, 2)), counted=True) for number in (1, 2, 3, 4)]
    assert [len(found.rows) for found in pages] == [2, 2, 1, 0]
    assert [(found.has_previous, found.has_next, found.total) for found in pages] == [
        (False, True, 5),
        (True, True, 5),
        (True, False, 5),
        (True, False, 5),
    ]


async def test_a_window_of_nothing_still_tells_whether_there_is_more(
    database: Database, shop: Shop, fill: Fill, chance: random.Random
) -> None:
    empty = await page(database, shop, Query(Window(0)), counted=True)
    assert (empty.rows, empty.has_next, empty.total) == ([], False, 0)
    await fill(chance, *[{}] * 1)
    found = await page(database, shop, Query(Window(0)), counted=True)
    assert (found.rows, found.has_next, found.has_previous, found.total) == ([], True, False, 1)


async def test_a_cursor_belongs_to_its_sort_direction_filter_and_search(
    database: Database, shop: Shop, fill: Fill, chance: random.Random
) -> None:
    await fill(chance, *[{}] * 3)
    first = await page(database, shop, Query(Window(1), {"category": "x"}, sort="name"))
    assert first.rows == []
    made = await page(database, shop, Query(Window(1), sort="name"))
    cursor = made.cursor(made.rows[0])
    for query in (
        Query(Window(1, cursor)),
        Query(Window(1, cursor), sort="price"),
        Query(Window(1, cursor), sort="name", descending=True),
        Query(Window(1, cursor), {"category": "x"}, sort="name"),
        Query(Window(1, cursor), search="sku", sort="name"),
        Query(Window(1, "nonsense"), sort="name"),
    ):
        with pytest.raises(MalformedRequest):
            await page(database, shop, query)
    assert len(ids(await page(database, shop, Query(Window(5, cursor), sort="name")))) == 2


async def test_an_unknown_sort_and_a_search_where_there_is_none_are_refused(database: Database, shop: Shop) -> None:
    with pytest.raises(MalformedRequest, match="created_at, updated_at, name, price"):
        await page(database, shop, Query(sort="colour"))
    async with database.read_connection(shop.live.store) as reader:
        with pytest.raises(MalformedRequest):
            await catalog.reads.categories.page(reader, Query(search="x"))
