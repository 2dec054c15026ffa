"""Reads whose rows the database writes as objects with pages of lists of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cachetools import LRUCache
from sqlalchemy import Text, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from domain.kernel.listing.json_pages import PageQuery, ShapeOfPage, prepare_pages
from domain.kernel.reads.json_objects import JsonRow, json_objects
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import CompiledStatement, Executor, compile_select

MAX_CACHED_SHAPES = 16
"""Statements of one read that are remembered."""


class JsonLookup:
    """The rows of ``read``, one for each key, with the object in the column ``document``. Raises NotPushableError."""

    def __init__(self, read: Read, members: JsonRow) -> None:
        self._read = read
        self._members = members
        self._statements: LRUCache[tuple[ShapeOfPage, ...], CompiledStatement] = LRUCache(MAX_CACHED_SHAPES)
        json_objects([members], read.rows_of_store.subquery("row").c)

    def showing(self, queries: Sequence[PageQuery]) -> LookupWithPages:
        """The same for one request, with these queries of the pages that the rows show."""
        return LookupWithPages(self, queries)

    def compiled(self, shapes: tuple[ShapeOfPage, ...]) -> CompiledStatement:
        """The statement for pages of these shapes."""
        known = self._statements.get(shapes)
        if known is None:
            rows = self._read.rows_of_store.subquery("row")
            key = rows.c[self._read.keyed_by]
            statement = select(key, *json_objects([self._members], rows.c, shapes))
            mine = statement.where(key == any_(bindparam("keys", type_=ARRAY(Text))))
            known = self._statements[shapes] = compile_select(mine, f"{self._read.name}_written")
        return known


class LookupWithPages:
    """A batch read of one request."""

    def __init__(self, lookup: JsonLookup, queries: Sequence[PageQuery]) -> None:
        self._lookup = lookup
        self._queries = queries

    async def for_keys(self, db: Executor, keys: Sequence[str]) -> list[Any]:
        """The row or None of each key, in the order of ``keys``. Raises PageRefusedError."""
        pages = await prepare_pages(db, self._queries)
        rows = await db.rows(self._lookup.compiled(pages.shapes), {**pages.values, "keys": list(keys)})
        found = {row[0]: row for row in rows}
        return [found.get(key) for key in keys]
