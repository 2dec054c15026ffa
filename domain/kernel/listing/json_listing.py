"""Lists whose rows the database writes as objects."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

from cachetools import LRUCache
from sqlalchemy import BigInteger, BindParameter, ColumnElement, Select, bindparam, literal_column, select
from sqlalchemy.sql.visitors import replacement_traverse

from domain.kernel.listing.json_pages import PageQuery, PreparedPages, ShapeOfPage, default_shapes, prepare_pages
from domain.kernel.listing.listing import Listing
from domain.kernel.listing.nested import NestedListing
from domain.kernel.listing.paging import Window
from domain.kernel.listing.query import Matches, Page, PageShape, PreparedQuery, Query
from domain.kernel.reads.json_objects import JsonRow, json_objects
from domain.kernel.sql.executor import CompiledStatement, Executor, compile_select

MAX_CACHED_SHAPES = 16
"""Statements of one list that are remembered."""
_TOTAL = "total_of_list"
"""The column with the number of all rows. Lists are sorted by a column ``total``, which is beside it."""
ROUNDED_LIMITS = (11, 51, 201)
"""Rows of a page and one more, as far as statements differ by them: a page of 60 is planned as one of 200."""
_StatementKey = tuple[PageShape, int, bool, tuple[ShapeOfPage, ...]]
"""Shape, written limit, whether there is an offset, and the shapes of the pages that the rows show."""


class JsonListing(Listing):
    """``listing``, with each row as an object in the column ``document``."""

    _statements: LRUCache[_StatementKey, CompiledStatement]
    _documents: tuple[JsonRow, ...]
    _placed: bool
    _counted: bool
    _queries: Sequence[PageQuery] = ()
    _shown_pages = PreparedPages((), {})

    @classmethod
    def of(
        cls, listing: Listing, documents: Sequence[JsonRow], *, placed: bool = False, counted: bool = False
    ) -> JsonListing:
        """The same list, with rows written as JSON, in one or more forms; ``placed``: with the values of their cursors;
        ``counted``: with the number of all rows. Raises NotPushableError.
        """
        made = cls.__new__(cls)
        vars(made).update(vars(copy.copy(listing)))
        made._documents, made._placed, made._counted = tuple(documents), placed, counted
        made._statements = LRUCache(MAX_CACHED_SHAPES)
        json_objects(documents, listing.columns)
        return made

    def build(self, size: int, pages: Sequence[NestedListing] = ()) -> None:
        """Build the statement of the first page of ``size`` rows, without filters, in the default order. ``pages``: the
        lists whose pages the rows show.
        """
        made = self.showing(())
        made._shown_pages = PreparedPages(default_shapes(pages), {})
        values = {"limit": size + 1, "offset": 0}
        made._compiled(PreparedQuery(self.default_shape, values, ""), Window(size))

    def showing(self, queries: Sequence[PageQuery]) -> JsonListing:
        """The same list for one request, with these queries of the pages that its rows show."""
        made = copy.copy(self)
        made._queries = queries
        return made

    async def prepare(self, db: Executor, query: Query, matches: Matches | None = None) -> PreparedQuery:
        """As of any list, with the pages that the rows show. Raises PageRefusedError, too."""
        prepared = await super().prepare(db, query, matches)
        if not self._queries:
            return prepared
        self._shown_pages = await prepare_pages(db, self._queries)
        return replace(prepared, values={**prepared.values, **self._shown_pages.values})

    async def page(self, db: Executor, query: Query, *, counted: bool = False) -> Page:
        """As of any list. The number of all rows comes with each of them, and is counted where there are none."""
        found = await super().page(db, query)
        if not self._counted and not counted:
            return found
        total = getattr(found.rows[0], _TOTAL) if found.rows and self._counted else await self.count(db, query)
        return replace(found, total=total)

    def _compiled(self, prepared: PreparedQuery, window: Window) -> CompiledStatement:
        """The statement: a limit of ROUNDED_LIMITS is written out in its page, since without it the database plans for
        a tenth of the table; the requested limit is a value around it, at which reading stops."""
        limit = next((each for each in ROUNDED_LIMITS if each >= prepared.values["limit"]), prepared.values["limit"])
        key = (prepared.shape, limit, window.offset > 0, self._shown_pages.shapes)
        known = self._statements.get(key)
        if known is None:
            # An offset stays a value: pages by number would each be another statement.
            numbers = {"limit": limit} if window.offset else {"limit": limit, "offset": 0}
            page = cast(
                Select[Any], replacement_traverse(self.per_value_statement(prepared.shape), {}, _in_numbers(numbers))
            )
            known = self._statements[key] = compile_select(self._written(page, prepared.shape), f"{self.name}_written")
        return known

    def _written(self, page: Select[Any], shape: PageShape) -> Select[Any]:
        rows = page.subquery("page")
        key, id = rows.c[self.sort_column(shape.sort).name], rows.c.id
        order = (key.desc(), id.desc()) if shape.descending_scan else (key, id)
        place = (id, key) if self._placed else ()
        total = (self._total(shape),) if self._counted else ()
        limit = bindparam("limit", type_=BigInteger())
        return (
            select(*place, *json_objects(self._documents, rows.c, self._shown_pages.shapes), *total)
            .select_from(rows)
            .order_by(*order)
            .limit(limit)
        )

    def _total(self, shape: PageShape) -> ColumnElement[int]:
        """The number of all rows, counted once."""
        found: ColumnElement[int] = self.count_statement(shape.clauses, shape.searching).scalar_subquery()
        return found.label(_TOTAL)


def _in_numbers(numbers: dict[str, int]) -> Callable[..., Any]:
    def written(element: Any, **_: Any) -> Any:
        if isinstance(element, BindParameter) and element.key in numbers:
            return literal_column(str(int(numbers[element.key])), element.type)
        return None

    return written
