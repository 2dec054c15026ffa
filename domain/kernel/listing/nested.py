"""A list for each of many parents: the page of every one of them in a single statement.

Each customer's last five orders, each product's movements: the listing is declared once for the whole store, and here
it is walked once a parent (LATERAL), by the index that begins with the parent's column.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, Text, any_, bindparam, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from domain.kernel.listing.listing import Listing
from domain.kernel.listing.query import FilterClause, PageShape, PreparedQuery, Query
from domain.kernel.sql.executor import CompiledStatement, Executor, Row, compile_select

PARENT = "parent"


class NestedListing:
    """``listing`` by parent: ``parent`` is the column of its rows with the id of the parent.

    The listing must not be searched. Filters and sorts need an index that begins with the store and the parent.
    ``through``: joins the table that links parents to rows; ``parent`` is then a column of that table.
    """

    def __init__(
        self, name: str, listing: Listing, parent: ColumnElement[str], *, through: FilterClause | None = None
    ) -> None:
        self.name = name
        self.listing = listing
        self._parent = parent
        self._through = () if through is None else (through,)
        self._pages: dict[PageShape, CompiledStatement] = {}
        self._counts: dict[Any, CompiledStatement] = {}
        self._lean: dict[Listing, NestedListing] = {}

    def __repr__(self) -> str:
        return f"Nested({self.name})"

    def lean(self, columns: Collection[str]) -> NestedListing:
        """The same without the wide columns that are not among these."""
        listing = self.listing.lean(columns)
        if listing is self.listing:
            return self
        if listing not in self._lean:
            self._lean[listing] = self._of(listing)
        return self._lean[listing]

    def projected(self, columns: Collection[str]) -> NestedListing:
        """The same with these columns alone, and what it is sorted by. Raises KeyError for one it does not have."""
        return self._of(self.listing.projected(columns))

    def _of(self, listing: Listing) -> NestedListing:
        (through,) = self._through or (None,)
        return NestedListing(self.name, listing, self._parent, through=through)

    def pages(self, query: Query) -> NestedPages:
        """The pages of ``query``, for any parents."""
        return NestedPages(self, query)

    def counts(self, query: Query) -> NestedCounts:
        """The total number of rows of any parents, whatever the window."""
        return NestedCounts(self, query)

    def compiled_pages(self, shape: PageShape) -> CompiledStatement:
        """The SELECT of the pages of one shape, each row with its ``parent``."""
        if shape not in self._pages:
            page = self.page_statement(shape, _PARENTS.c.key).lateral("page")
            key, id = page.c[self.listing.sort_column(shape.sort).name], page.c.id
            order = (key.desc(), id.desc()) if shape.descending_scan else (key, id)
            rows = select(_PARENTS.c.key.label(PARENT), *page.c).select_from(_PARENTS.join(page, true()))
            self._pages[shape] = compile_select(rows.order_by(_PARENTS.c.place, *order), self.name)
        return self._pages[shape]

    def page_statement(self, shape: PageShape, parent: ColumnElement[str]) -> Select[Any]:
        """The SELECT of the page of one parent."""
        linked = replace(shape, clauses=(*self._through, *shape.clauses))
        return self.listing.page_statement(linked).where(self._parent == parent)

    def count_statement(self, shape: PageShape, parent: ColumnElement[str]) -> Select[Any]:
        """The SELECT that counts the rows of one parent."""
        rows = self.listing.filtered_statement((*self._through, *shape.clauses), searching=False)
        return rows.where(self._parent == parent).with_only_columns(func.count(), maintain_column_froms=True)

    def compiled_counts(self, shape: PageShape) -> CompiledStatement:
        """The SELECT that counts the rows of each parent that has any, as ``total``."""
        if shape.clauses not in self._counts:
            rows = self.listing.filtered_statement((*self._through, *shape.clauses), searching=False)
            mine = rows.where(self._parent == any_(bindparam("parents", type_=ARRAY(Text))))
            columns: list[Any] = [self._parent.label(PARENT), func.count().label("total")]
            counted = mine.with_only_columns(*columns, maintain_column_froms=True)
            self._counts[shape.clauses] = compile_select(counted.group_by(self._parent), f"{self.name}_count")
        return self._counts[shape.clauses]


class NestedPages:
    """A query for many parents at once. Equal queries are one batch."""

    def __init__(self, nested: NestedListing, query: Query) -> None:
        self.nested = nested
        self.query = query
        self._identity = (type(self), id(nested), _identity(query))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NestedPages) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    async def for_keys(self, db: Executor, keys: Sequence[str]) -> list[Any]:
        """The page of each parent, in the order of ``keys``; an empty one where it has no rows.

        Raises MalformedRequest for an unknown sort or a cursor of another list.
        """
        listing, prepared = self.nested.listing, await self.nested.listing.prepare(db, self.query)
        rows: dict[str, list[Row]] = {key: [] for key in keys}
        for row in await self._rows(db, self.nested.compiled_pages(prepared.shape), prepared, keys):
            rows[row.parent].append(row)
        return [listing.page_of(prepared, self.query.window, rows[key]) for key in keys]

    async def _rows(
        self, db: Executor, compiled: CompiledStatement, prepared: PreparedQuery, keys: Sequence[str]
    ) -> list[Row]:
        return await self.nested.listing.read(db, compiled, {**prepared.values, "parents": list(keys)})


class NestedCounts(NestedPages):
    """As ``NestedPages``, but only how many rows there are in all."""

    async def for_keys(self, db: Executor, keys: Sequence[str]) -> list[Any]:
        """The number of each parent's rows, in the order of ``keys``."""
        prepared = await self.nested.listing.prepare(db, self.query)
        found = await self._rows(db, self.nested.compiled_counts(prepared.shape), prepared, keys)
        totals = {row.parent: row.total for row in found}
        return [totals.get(key, 0) for key in keys]


_PARENTS = (
    func.unnest(bindparam("parents", type_=ARRAY(Text)))
    .table_valued(column("key", Text), with_ordinality="place")
    .render_derived(name="parents")
)


def _identity(query: Query) -> bytes:
    window = query.window
    parts = (window.limit, window.cursor, window.backwards, window.offset, query.sort, query.descending, query.filters)
    return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS, default=str)
