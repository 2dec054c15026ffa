"""How a statement of the gateway is run by the database in a large shop, measured as the application's own role.

Each is explained twice: planned for its arguments, and for any (the plan that a connection may turn to after five
runs).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from domain.kernel.database import APP_ROLE, READ_TIMEOUT, Database
from domain.kernel.database.connections import server_settings
from domain.kernel.listing import Listing, Query
from domain.kernel.listing.counted_filters import MAX_COUNTED_MATCHES
from domain.kernel.listing.filter_resolution import resolve_filters
from domain.kernel.listing.paging import Window
from domain.kernel.principal import SCOPES
from domain.kernel.sql.executor import CompiledStatement
from tests.contract.big_shop import PRODUCTS, BigShop

PLANS = ["force_custom_plan", "force_generic_plan"]


@asynccontextmanager
async def explaining(url: str, shop: BigShop, plan: str, role: str = APP_ROLE) -> AsyncGenerator[asyncpg.Connection]:
    """A connection of a role, as the gateway opens it."""
    settings = {**server_settings(role, READ_TIMEOUT), "plan_cache_mode": plan}
    connection = await asyncpg.connect(url, server_settings=settings)
    try:
        await connection.execute(f"SET app.store_id = {shop.principal.store.number}; SET app.metadata_keys = '[]'")
        yield connection
    finally:
        await connection.close()


async def explain(connection: asyncpg.Connection, compiled: CompiledStatement, values: Mapping[str, Any]) -> Measured:
    """Run the statement as a prepared one and tell how it was done."""
    store = await connection.fetchval("SELECT current_setting('app.store_id')::int")
    own = {"store": store, "caller_scopes": sorted(SCOPES)}
    arguments = ", ".join(literal(value) for value in compiled.arguments({**values, **own}))
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
        return f"timestamptz '{value.isoformat()}'"
    if isinstance(value, bytes):
        return f"bytea '\\x{value.hex()}'"
    if value is None:
        return "NULL"
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
    database: Database, connection: asyncpg.Connection, shop: BigShop, query: Query, listing: Listing
) -> Measured:
    """The plan of a page, through the listing's own shape, narrowing and values."""
    async with database.read_connection(shop.principal.store) as reader:
        matches = await listing._matches(reader, query)
        prepared = await listing.prepare(reader, query, matches)
    return await explain(connection, listing.compiled_page(prepared.shape), prepared.values)


async def deep_cursor(
    database: Database, shop: BigShop, query: Query, listing: Listing, *, left: int | None = None
) -> str | None:
    """A cursor far into the list, or of the row after which so many are ``left``; None in a list without rows."""
    async with database.read_connection(shop.principal.store) as reader:
        length = await listing.count(reader, query)
        offset = length * 2 // 3 if left is None else max(length - 1 - left, 0)
        deep = Query(Window(1, offset=offset), query.filters, query.search, query.sort, query.descending)
        page = await listing.page(reader, deep)
    return page.cursor(page.rows[0]) if page.rows else None


async def looks_of(
    database: Database, shop: BigShop, query: Query, listing: Listing
) -> list[tuple[CompiledStatement, Mapping[str, Any]]]:
    """The statements that filters and search run before the list is read."""
    seen: list[tuple[CompiledStatement, Mapping[str, Any]]] = []
    async with database.read_connection(shop.principal.store) as reader:
        listening: Any = Listening(reader, seen)
        await listing._matches(listening, query)
        await resolve_filters(listing.filters, listening, query)
    return seen


class Listening:
    """A reader that remembers what it is asked to run."""

    def __init__(self, reader: Any, seen: list[tuple[CompiledStatement, Mapping[str, Any]]]) -> None:
        self._reader = reader
        self._seen = seen

    async def rows(self, compiled: CompiledStatement, values: Mapping[str, Any]) -> Any:
        """As the reader itself."""
        self._seen.append((compiled, values))
        return await self._reader.rows(compiled, values)


async def check_filters(
    database: Database, connection: asyncpg.Connection, shop: BigShop, listing: Listing, filters: Mapping[str, Any]
) -> None:
    """That a filtered list reads a bounded number of rows, and no table whole: its count, its first page, and the pages
    after and before where it is deep or nearly at its end."""
    query = Query(filters=filters)
    cursors = [await deep_cursor(database, shop, query, listing, left=left) for left in (None, 5)]
    turned = [Window(cursor=cursor, backwards=back) for cursor in cursors if cursor for back in (False, True)]
    for compiled, values in await looks_of(database, shop, query, listing):
        look = await explain(connection, compiled, values)
        assert (look.scanned_tables, look.rows_read <= MAX_COUNTED_MATCHES + 1) == ([], True), look
    for window in (Window(), *turned):
        measured = await page_of(database, connection, shop, Query(window, filters), listing)
        assert measured.scanned_tables == [], measured
        assert measured.rows_read <= 2_000, measured
        assert measured.pages <= 2_000, measured
