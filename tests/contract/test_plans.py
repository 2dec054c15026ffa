"""How the database reads a large shop, as the application's own role: by index, and no more than it must.

The statements are those the gateway runs. Each is explained twice: planned for its arguments, and for any (the plan
that a connection may turn to after five runs). GATEWAY_TEST_PRODUCTS says how large the shop is.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import orjson
import pytest

from domain import access, catalog, inventory
from domain.catalog.search import _RARITY, _SEARCH, SCANNED, find, words_of
from domain.kernel.database import APP_ROLE, Database
from domain.kernel.listing import Listing, Query, Shape, _match_values
from domain.kernel.paging import DEFAULT_LIMIT, Window, list_mark, read_cursor
from domain.kernel.principal import Mode, Plan
from domain.kernel.reads import Read
from domain.kernel.sql import Compiled
from tests.contract.big_shop import PRODUCTS, BigShop, fill

LISTING = catalog.reads.products
PLANS = ["force_custom_plan", "force_generic_plan"]
Status = catalog.ProductStatus


@pytest.fixture(scope="module")
async def shop(database: Database, database_url: str) -> BigShop:
    """The large shop, made once."""
    owners = []
    for name in ("Large", "Small"):
        async with database.administering() as administration:
            stores = await access.create_account(
                administration, database.clock(), name=f"{name} shop", plan=Plan.FREE, currency="GBP"
            )
        owners.append(access.operator(stores[Mode.LIVE]))
    return await fill(database_url, *owners)


@asynccontextmanager
async def explaining(url: str, shop: BigShop, plan: str) -> AsyncGenerator[asyncpg.Connection]:
    settings = {"role": APP_ROLE, "jit": "off", "plan_cache_mode": plan, "timezone": "UTC"}
    connection = await asyncpg.connect(url, server_settings=settings)
    try:
        await connection.execute(f"SET app.store_id = {shop.principal.store.number}")
        yield connection
    finally:
        await connection.close()


async def explain(connection: asyncpg.Connection, compiled: Compiled, values: Mapping[str, Any]) -> Measured:
    """Run the statement as a prepared one and tell how it was done."""
    store = await connection.fetchval("SELECT current_setting('app.store_id')::int")
    arguments = ", ".join(literal(value) for value in compiled.arguments({**values, "store": store}))
    await connection.execute(f"PREPARE statement AS {compiled.text}")
    try:
        query = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE statement({arguments})"
        return Measured(orjson.loads(await connection.fetchval(query))[0]["Plan"])
    finally:
        await connection.execute("DEALLOCATE statement")


def literal(value: Any) -> str:
    """A value as SQL writes it."""
    if isinstance(value, list | tuple):
        return f"ARRAY[{', '.join(map(literal, value))}]" if value else "'{}'"
    if isinstance(value, datetime):
        return f"'{value.isoformat()}'"
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


class Measured:
    """A plan that was run."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan

    def nodes(self) -> Iterator[dict[str, Any]]:
        """Every step, the outermost first."""
        waiting = [self.plan]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.get("Plans", [])

    @property
    def scanned_tables(self) -> list[str]:
        """The tables that grow with the shop and were read from end to end, not just until a limit was reached."""
        scans = [node for node in self.nodes() if node["Node Type"] == "Seq Scan"]
        return [node["Relation Name"] for node in scans if _rows(node) > max(PRODUCTS // 10, 100)]

    @property
    def pages(self) -> int:
        """8 KiB pages touched, in memory or not."""
        return int(self.plan["Shared Hit Blocks"] + self.plan["Shared Read Blocks"])

    @property
    def rows_read(self) -> int:
        """Rows that came out of tables and indexes, those thrown away at once among them."""
        return sum(_rows(node) for node in self.nodes() if "Relation Name" in node or "Index Name" in node)

    def __repr__(self) -> str:
        steps = [
            f"{node['Node Type']} {node.get('Index Name', node.get('Relation Name', ''))}" for node in self.nodes()
        ]
        return f"{self.rows_read} rows, {self.pages} pages: {', '.join(steps)}"


def _rows(node: dict[str, Any]) -> int:
    thrown = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int((node["Actual Rows"] + thrown) * node["Actual Loops"])


async def page_of(
    database: Database, connection: asyncpg.Connection, shop: BigShop, query: Query, listing: Listing = LISTING
) -> Measured:
    """The plan of a page, through the listing's own shape, narrowing and values."""
    async with database.reading(shop.principal.store) as reader:
        matches = await listing._matches(reader, query)
    asked = listing._asked(query)
    sort, descending = listing._sort(query)
    values = {**asked.values, **_match_values(matches), "limit": DEFAULT_LIMIT + 1, "offset": query.window.offset}
    if query.window.cursor is not None:
        mark = list_mark(sort, descending, query.filters)
        values["after_key"], values["after_id"] = read_cursor(
            query.window.cursor, mark, listing._sort_column(sort).type
        )
    downwards = descending is not query.window.backwards
    shape = Shape(asked.narrowings, sort, downwards, query.window.cursor is not None, matches is not None)
    return await explain(connection, listing.compiled_page(shape), values)


async def deep_cursor(database: Database, shop: BigShop, query: Query) -> str | None:
    """A cursor far into the list, if it is long."""
    async with database.reading(shop.principal.store) as reader:
        length = await LISTING.count(reader, query)
        deep = Query(Window(1, offset=length * 2 // 3), query.filters, query.search, query.sort, query.descending)
        page = await LISTING.page(reader, deep)
    return page.cursor(page.rows[0]) if page.rows else None


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
@pytest.mark.parametrize("sort", list(LISTING.sorts))
async def test_every_sort_walks_its_index_and_deep_pages_cost_what_the_first_does(
    database: Database, database_url: str, shop: BigShop, sort: str, descending: bool, plan: str
) -> None:
    query = Query(sort=sort, descending=descending)
    cursor = await deep_cursor(database, shop, query)
    async with explaining(database_url, shop, plan) as connection:
        first = await page_of(database, connection, shop, query)
        for backwards in (False, True):
            window = Window(cursor=cursor, backwards=backwards)
            deep = await page_of(database, connection, shop, Query(window, sort=sort, descending=descending))
            assert deep.scanned_tables == [], deep
            assert deep.rows_read <= DEFAULT_LIMIT + 2, deep
            assert deep.pages <= 2 * first.pages + 20, (first, deep)
    assert first.scanned_tables == [], first
    assert first.rows_read <= DEFAULT_LIMIT + 1, first


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("filter", list(FILTERS))
async def test_every_filter_with_the_default_sort_reads_a_bounded_number_of_rows(
    database: Database, database_url: str, shop: BigShop, filter: str, plan: str
) -> None:
    query = Query(filters=FILTERS[filter])
    cursor = await deep_cursor(database, shop, query)
    windows = [Window()] if cursor is None else [Window(), Window(cursor=cursor), Window(cursor=cursor, backwards=True)]
    async with explaining(database_url, shop, plan) as connection:
        for window in windows:
            measured = await page_of(database, connection, shop, Query(window, FILTERS[filter]))
            assert measured.scanned_tables == [], measured
            assert measured.rows_read <= 2_000, measured
            assert measured.pages <= 2_000, measured


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("filter", [name for name in FILTERS if name != "none"])
async def test_a_count_reads_no_row_more_than_once(database_url: str, shop: BigShop, filter: str, plan: str) -> None:
    query = Query(filters=FILTERS[filter])
    asked = LISTING._asked(query)
    async with explaining(database_url, shop, plan) as connection:
        measured = await explain(connection, LISTING.compiled_count(asked.narrowings, searching=False), asked.values)
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
    database: Database, database_url: str, shop: BigShop, text: str, plan: str
) -> None:
    seen: list[tuple[Compiled, Mapping[str, Any]]] = []
    async with database.reading(shop.principal.store) as reader:
        matches = await find(Listening(reader, seen), text)  # type: ignore[arg-type]  # it is told what is run
    assert [compiled for compiled, _ in seen] == ([_RARITY, _SEARCH] if matches.ids else [_RARITY])
    async with explaining(database_url, shop, plan) as connection:
        for compiled, values in seen:
            measured = await explain(connection, compiled, values)
            assert measured.scanned_tables == [], measured
            assert measured.rows_read <= (len(words_of(text)) + 2) * (SCANNED + 1), measured
        page = await page_of(database, connection, shop, Query(search=text))
    assert page.pages <= 4 * len(matches.ids) + 100, page  # by index, or from end to end where that is less


class Listening:
    """A reader that remembers what it is asked to run."""

    def __init__(self, reader: Any, seen: list[tuple[Compiled, Mapping[str, Any]]]) -> None:
        self._reader = reader
        self._seen = seen

    async def rows(self, compiled: Compiled, values: Mapping[str, Any]) -> Any:
        """As the reader itself."""
        self._seen.append((compiled, values))
        return await self._reader.rows(compiled, values)


def reads() -> dict[str, Read]:
    """Every declared read of every area."""
    modules = (catalog.reads, inventory.reads, access.reads)
    return {read.name: read for module in modules for read in vars(module).values() if isinstance(read, Read)}


KEYS = {
    "sku_key": "sku-{}",
    "slug": "category-{}",
    "product_id": "prod_{:026}",
    "variant_id": "var_{:026}",
    "id": "{:026}",
}
PREFIXES = {
    "product_by_id": "prod_",
    "variant_by_id": "var_",
    "image_by_id": "img_",
    "category_by_id": "cat_",
    "key_by_id": "key_",
}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("many", [1, 50])
@pytest.mark.parametrize("name", sorted(reads()))
async def test_every_read_finds_its_keys_by_an_index(
    database_url: str, shop: BigShop, name: str, many: int, plan: str
) -> None:
    read = reads()[name]
    numbers = range(1, 4 * many, 4)  # the large store's
    pattern = KEYS[str(read._key.key)]
    prefix = PREFIXES.get(read.name, "")
    keys = [prefix + pattern.format(number) for number in numbers]
    async with explaining(database_url, shop, plan) as connection:
        measured = await explain(connection, read.compiled, {"keys": keys})
    assert measured.scanned_tables == [], measured
    assert measured.pages <= 40 * many + 40, measured
