"""The query of a list, the clauses of its filters and its search, and its result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, bindparam, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from domain.kernel.listing.paging import Window, write_cursor
from domain.kernel.sql.executor import Executor, Row

Narrow = Callable[[Select[Any], ColumnElement[str]], Select[Any]]
"""Narrows a statement to the rows of one value."""


class SortDirection(StrEnum):
    """The direction of a sort."""

    ASC = "asc"
    DESC = "desc"


class PerValueScan:
    """Several values of ``member``, sent as the parameter ``name``, without duplicates; for lists by one of ``sorts``.

    ``member`` may be a function that restricts the statement to a value, if that needs more than a column;
    ``sort_columns`` are then the columns of what it joins. ``overlaps``: a row may have several of the values and is
    shown once. ``few``: for a column with very few values. The database would otherwise estimate that every second row
    has the current value and choose the list's own index; with the value repeated twice as a range, it estimates one
    row of 400.
    """

    def __init__(
        self,
        name: str,
        member: ColumnElement[str] | Narrow,
        sorts: Sequence[str],
        *,
        sort_columns: Mapping[str, ColumnElement[Any]] | None = None,
        overlaps: bool = False,
        few: bool = False,
    ) -> None:
        self.sorts = frozenset(sorts)
        self.sort_columns = dict(sort_columns or {})
        self._member = member
        self._overlaps = overlaps
        self._few = few
        unnested = func.unnest(bindparam(name, type_=ARRAY(Text))).table_valued(column("value", Text))
        self._values = unnested.render_derived(name=name)

    def narrow(self, statement: Select[Any]) -> Select[Any]:
        """The rows of the current value, to be merged."""
        value = self._values.c.value
        if not isinstance(self._member, ColumnElement):
            return self._member(statement, value)
        within = (self._member >= value, self._member <= value) if self._few else ()
        return statement.where(self._member == value, *within)

    def merge(self, page: Select[Any], key: str, *, descending: bool) -> Select[Any]:
        """The page of all values. ``page``: that of the current value, ordered by its columns ``key`` and id."""
        limit, offset = (bindparam(name, type_=BigInteger()) for name in ("limit", "offset"))
        each = page.limit(limit + offset).offset(None).correlate(self._values).lateral("each")
        order = (each.c[key].desc(), each.c.id.desc()) if descending else (each.c[key], each.c.id)
        merged = select(*each.c).select_from(self._values.join(each, true()))
        if self._overlaps:  # of each value the first so many: a row that two of them have is among the first of both
            merged = merged.ext(distinct_on(each.c[key], each.c.id))
        return merged.order_by(*order).limit(limit).offset(offset)


Apply = Callable[[Select[Any]], Select[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class FilterClause:
    """The clause that a filter adds to the SELECT. ``sort_columns`` name columns equal to a sort key (or ``id``) that
    are in an index of the filter, so that keyset paging scans that index. ``per_value``: how several values are
    scanned one by one. ``plain`` replaces ``apply`` for counts, and in lists by ``plain_sorts``, of whose indexes it
    is a range.
    """

    apply: Apply
    sort_columns: Mapping[str, ColumnElement[Any]] = field(default_factory=dict)
    per_value: PerValueScan | None = None
    plain: Apply | None = None
    plain_sorts: frozenset[str] = frozenset()

    def for_sort(self, sort: str | None) -> Apply:
        """The clause in a list by ``sort``; None if there is no order."""
        return self.apply if self.plain is None or not (sort is None or sort in self.plain_sorts) else self.plain


Filter = Callable[[Any], tuple[FilterClause, Mapping[str, Any]]]
"""The clause for a filter's value, and the parameters it needs."""


@dataclass(frozen=True, slots=True)
class AdaptiveFilter:
    """A filter that counts its matches before it chooses a clause: the best clause may depend on their number."""

    choose: Callable[[Executor, Any], Awaitable[tuple[FilterClause, Mapping[str, Any]]]]


@dataclass(frozen=True, slots=True, eq=False)
class JointFilter:
    """Filters with one joint clause, such as both ends of a range: ``choose`` gets those of ``names`` that are set."""

    names: tuple[str, ...]
    choose: Callable[[Executor, Mapping[str, Any]], Awaitable[tuple[FilterClause, Mapping[str, Any]]]]

    @property
    def filters(self) -> dict[str, JointFilter]:
        """Itself, under each of its names."""
        return dict.fromkeys(self.names, self)


@dataclass(frozen=True, slots=True)
class Matches:
    """The result of a search: ids with their rank (0 is best), and whether it was truncated."""

    ids: list[str]
    ranks: list[int]
    cut: bool


Search = Callable[[Executor, str], Awaitable[Matches]]
RetentionCheck = Callable[[Executor, Mapping[str, Any]], Awaitable[None]]
"""Of a list whose oldest rows are dropped: raises, once a page was read, when its parameters (``after_key`` is the sort
key of the cursor) go back so far that rows may be missing."""


@dataclass(frozen=True, slots=True)
class Query:
    """The query of a list."""

    window: Window = field(default_factory=Window)
    filters: Mapping[str, Any] = field(default_factory=dict)
    search: str | None = None
    sort: str | None = None
    descending: bool | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of the query. ``search_truncated``: the search covers its best matches only."""

    rows: list[Row]
    has_next: bool
    has_previous: bool
    search_truncated: bool
    total: int | None
    """How many there are in all, where it was counted."""
    fingerprint: str
    sort_key: str

    def cursor(self, row: Row) -> str:
        """The cursor of one of the rows."""
        return write_cursor(self.fingerprint, getattr(row, self.sort_key), row.id)


@dataclass(frozen=True, slots=True)
class PageShape:
    """All that the SQL text of a page depends on."""

    clauses: tuple[FilterClause, ...]
    sort: str
    descending_scan: bool
    """The order in which the index is walked; paging backwards through a descending list walks upwards."""
    from_cursor: bool
    searching: bool


@dataclass(frozen=True, slots=True)
class PreparedQuery:
    """A query prepared for the database, and the fingerprint of its cursors."""

    shape: PageShape
    values: Mapping[str, Any]
    fingerprint: str
