"""Declared lists: one SELECT with its sorts, filters and search, paged by keyset or by offset.

The SQL text depends only on the shape of a request (which filters, which sort, which direction), so each shape is
compiled once. Every sort alone, and every filter with the default sort, must be served by an index under row-level
security; a test explains them all.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnCollection,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    column,
    func,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from domain.kernel.errors import ErrorCode, MalformedRequest
from domain.kernel.fields.suggestions import unknown_word
from domain.kernel.listing.filter_resolution import ResolvedFilters, resolve_filters
from domain.kernel.listing.paging import Window, list_fingerprint, read_cursor
from domain.kernel.listing.query import (
    AdaptiveFilter,
    Filter,
    FilterClause,
    JointFilter,
    Matches,
    Page,
    PageShape,
    PreparedQuery,
    Query,
    RetentionCheck,
    Search,
)
from domain.kernel.sql.executor import CompiledStatement, Executor, Row, compile_select
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import is_wide
from domain.kernel.validation import is_storable

RANK = "rank"
MAX_SEARCH_LENGTH = 255
"""Characters of a search."""


class Listing:
    """A list of one store's rows.

    ``sorts`` maps the public name of a sort to its column, which ``statement`` must select; ties are broken by
    ``id``. ``filters`` maps the public name of a filter to how it narrows. ``joined`` names, for sorts by a column of
    another table, what joins and selects it: a table with one row for each of the list's, whose index is walked.
    """

    def __init__(
        self,
        name: str,
        statement: Select[Any],
        *,
        scope: str | None,
        store: ColumnElement[int],
        id: ColumnElement[str],
        sorts: Mapping[str, ColumnElement[Any]],
        default_sort: str = "created_at",
        default_descending: bool = True,
        joined: Mapping[str, FilterClause] | None = None,
        filters: Mapping[str, Filter | AdaptiveFilter | JointFilter] | None = None,
        search: Search | None = None,
        kept: RetentionCheck | None = None,
    ) -> None:
        self.name = name
        self.scope = scope
        self.sorts = dict(sorts)
        self.filters = dict(filters or {})
        self._joined = dict(joined or {})
        self.search = search
        self._kept = kept
        self._statement = statement
        self._store = store
        self._id = id
        self._default = (default_sort, default_descending)
        self._lean: dict[frozenset[str], Listing] = {}
        self._pages: dict[PageShape, CompiledStatement] = {}
        self._counts: dict[tuple[tuple[FilterClause, ...], bool], CompiledStatement] = {}

    def __repr__(self) -> str:
        return f"Listing({self.name})"

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scope, as a group of which one is needed."""
        return () if self.scope is None else (self.scope,)

    @property
    def columns(self) -> ColumnCollection[str, Any]:
        """The columns of each row."""
        return self._statement.selected_columns

    def projected(self, columns: Collection[str]) -> Listing:
        """The same list of these columns alone, and what it is sorted by. Raises KeyError for one it does not have."""
        selected = self.columns
        own = (column.name for sort, column in self.sorts.items() if sort not in self._joined)
        names = {*columns, self._id.name, *own}
        made = copy.copy(self)
        # Not with maintain_column_froms: a filter with a join could not find the table that it joins.
        made._statement = self._statement.with_only_columns(*(selected[name] for name in sorted(names)))
        made._pages, made._lean = {}, {}
        return made

    def lean(self, columns: Collection[str]) -> Listing:
        """The same list without the wide columns that are not in ``columns``. There are few such lists; each is created
        once.
        """
        wide = {name for name in self.columns.keys() if is_wide(self.columns[name])}  # noqa: SIM118 - no mapping
        kept = frozenset(wide.intersection(columns))
        if kept == wide:
            return self
        if kept not in self._lean:
            self._lean[kept] = self.projected(set(self.columns.keys()) - wide | kept)
        return self._lean[kept]

    async def page(self, db: Executor, query: Query, *, counted: bool = False) -> Page:
        """The rows of a window. Raises MalformedRequest for an unknown sort or a cursor of another list."""
        matches = await self._matches(db, query)
        prepared = await self.prepare(db, query, matches)
        rows = await self.read(db, self._compiled(prepared, query.window), prepared.values)
        resolved = ResolvedFilters(prepared.shape.clauses, prepared.values)
        total = await self._count(db, resolved, matches) if counted else None
        return self.page_of(prepared, query.window, rows, cut=matches is not None and matches.cut, total=total)

    async def read(self, db: Executor, compiled: CompiledStatement, values: Mapping[str, Any]) -> list[Row]:
        """The rows of a statement of this list. Raises CursorExpired if rows of it may have been dropped."""
        rows = await db.rows(compiled, values)
        if self._kept is not None:
            await self._kept(db, values)
        return rows

    async def prepare(self, db: Executor, query: Query, matches: Matches | None = None) -> PreparedQuery:
        """The shape and the values of a request. Raises as ``page``."""
        resolved, window = await resolve_filters(self.filters, db, query), query.window
        sort, descending = self._sort(query)
        fingerprint = list_fingerprint(
            sort, descending, {**query.filters, "search": query.search} if query.search else query.filters
        )
        values = {**resolved.values, **_match_values(matches), "limit": window.limit + 1, "offset": window.offset}
        if window.cursor is not None:
            kind = self.sort_column(sort).type
            values["after_key"], values["after_id"] = read_cursor(window.cursor, fingerprint, kind, window.cursor_name)
        descending_scan = descending is not window.backwards
        shape = PageShape(resolved.clauses, sort, descending_scan, window.cursor is not None, matches is not None)
        return PreparedQuery(shape, values, fingerprint)

    def page_of(
        self, prepared: PreparedQuery, window: Window, rows: list[Row], *, cut: bool = False, total: int | None = None
    ) -> Page:
        """The page of these rows: up to the limit; one row more means that there is a next page."""
        more, rows = len(rows) > window.limit, rows[: window.limit]
        if window.backwards:
            rows.reverse()
        elsewhere = window.cursor is not None or window.offset > 0
        return Page(
            rows=rows,
            has_next=elsewhere if window.backwards else more,
            has_previous=more if window.backwards else elsewhere,
            search_truncated=cut,
            total=total,
            fingerprint=prepared.fingerprint,
            sort_key=self.sort_column(prepared.shape.sort).name,
        )

    async def count(self, db: Executor, query: Query) -> int:
        """The number of rows after filters and search, whatever the window."""
        return await self._count(db, await resolve_filters(self.filters, db, query), await self._matches(db, query))

    @property
    def default_shape(self) -> PageShape:
        """The shape of the first page, without filters, in the default order."""
        return PageShape((), *self._default, from_cursor=False, searching=False)

    @property
    def drops_rows(self) -> bool:
        """Whether its oldest rows are dropped, so that a cursor may have expired."""
        return self._kept is not None

    def _compiled(self, prepared: PreparedQuery, window: Window) -> CompiledStatement:
        return self.compiled_page(prepared.shape)

    def compiled_page(self, shape: PageShape) -> CompiledStatement:
        """The SELECT of one shape of request."""
        if shape not in self._pages:
            self._pages[shape] = compile_select(self.per_value_statement(shape), self.name)
        return self._pages[shape]

    def compiled_count(self, clauses: tuple[FilterClause, ...], searching: bool) -> CompiledStatement:
        """The SELECT that counts what a page of this shape belongs to, as ``total``."""
        if (clauses, searching) not in self._counts:
            counted = self.count_statement(clauses, searching)
            self._counts[clauses, searching] = compile_select(counted, f"{self.name}_count")
        return self._counts[clauses, searching]

    def count_statement(self, clauses: tuple[FilterClause, ...], searching: bool) -> Select[Any]:
        """The SELECT of ``compiled_count``, before it is compiled."""
        inner = self.filtered_statement(clauses, searching).with_only_columns(self._id).subquery()
        return select(func.count().label("total")).select_from(inner)

    async def _count(self, db: Executor, resolved: ResolvedFilters, matches: Matches | None) -> int:
        compiled = self.compiled_count(resolved.clauses, matches is not None)
        (row,) = await db.rows(compiled, {**resolved.values, **_match_values(matches)})
        return int(row.total)

    def page_statement(self, shape: PageShape) -> Select[Any]:
        """The SELECT of one shape of request, before it is compiled."""
        key, id = self.sort_column(shape.sort), self._id
        joined = (self._joined[shape.sort],) if shape.sort in self._joined else ()
        for clause in (*joined, *shape.clauses):
            if shape.sort in clause.sort_columns:
                key, id = clause.sort_columns[shape.sort], clause.sort_columns["id"]
                break
        statement = self.filtered_statement((*joined, *shape.clauses), shape.searching, shape.sort)
        if shape.from_cursor:
            place = tuple_(bindparam("after_key", type_=key.type), bindparam("after_id", type_=Text()))
            keyset = tuple_(key, id)
            statement = statement.where(keyset < place if shape.descending_scan else keyset > place)
        order = (key.desc(), id.desc()) if shape.descending_scan else (key.asc(), id.asc())
        limit, offset = (bindparam(name, type_=BigInteger()) for name in ("limit", "offset"))
        return statement.order_by(*order).limit(limit).offset(offset)

    def per_value_statement(self, shape: PageShape) -> Select[Any]:
        """The SELECT of a page, walked value by value along the first filter that can be; a search is walked itself."""
        for index, clause in enumerate(shape.clauses):
            scan = clause.per_value
            if scan is not None and shape.sort in scan.sorts and not shape.searching:
                others = (*shape.clauses[:index], *shape.clauses[index + 1 :])
                page = self.page_statement(
                    replace(shape, clauses=(FilterClause(scan.narrow, scan.sort_columns), *others))
                )
                return scan.merge(page, self.sort_column(shape.sort).name, descending=shape.descending_scan)
        return self.page_statement(shape)

    def filtered_statement(
        self, clauses: tuple[FilterClause, ...], searching: bool, sort: str | None = None
    ) -> Select[Any]:
        """The SELECT of the rows after filters and search, without order; ``sort``: the order that it will get."""
        statement = self._statement.where(self._store == STORE)
        for clause in clauses:
            statement = clause.for_sort(sort)(statement)
        if searching:
            statement = statement.join(_MATCHES, _MATCHES.c.id == self._id).add_columns(_MATCHES.c.rank.label(RANK))
        return statement

    async def _matches(self, db: Executor, query: Query) -> Matches | None:
        if query.search is None:
            return None
        if self.search is None:
            raise MalformedRequest.of("search", "This list cannot be searched.")
        if len(query.search) > MAX_SEARCH_LENGTH:
            message = f"Must have at most {MAX_SEARCH_LENGTH} characters, not {len(query.search):,}."
            raise MalformedRequest.of("search", message, ErrorCode.TOO_LONG)
        if not is_storable(query.search):
            raise MalformedRequest.of("search", "Must be valid UTF-8 without NUL characters.")
        return await self.search(db, query.search)

    def _sort(self, query: Query) -> tuple[str, bool]:
        """The sort and whether it is descending: by rank for a search; a named sort is ascending by default."""
        if query.sort is None and query.search is not None:
            return RANK, bool(query.descending)
        if query.sort is None:
            return self._default[0], self._default[1] if query.descending is None else query.descending
        if query.sort not in self.sorts:
            raise MalformedRequest.of("sort", unknown_word("sort", query.sort, tuple(self.sorts)))
        return query.sort, bool(query.descending)

    def sort_column(self, sort: str) -> ColumnElement[Any]:
        """The column of a sort."""
        return _MATCHES.c.rank if sort == RANK else self.sorts[sort]


_MATCHES = (
    func.unnest(bindparam("match_ids", type_=ARRAY(Text)), bindparam("match_ranks", type_=ARRAY(Integer)))
    .table_valued(column("id", Text), column(RANK, Integer))
    .render_derived(name="matches")
)


def _match_values(matches: Matches | None) -> dict[str, Any]:
    return {} if matches is None else {"match_ids": matches.ids, "match_ranks": matches.ranks}
