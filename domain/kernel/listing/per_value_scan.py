"""Lists narrowed to several values of a column: the page of each value, merged.

An index on store, column, sort key and id holds the rows of one value in the order of the list, but those of several in
no order. Left to itself the database walks the list's own index instead, and where the values are rare it reads all of
it to fill a page: the open orders of a shop that has delivered a million. Walked value by value, a page reads as many
rows as it shows of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Text, bindparam, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

Narrow = Callable[[Select[Any], ColumnElement[str]], Select[Any]]
"""Narrows a statement to the rows of one value."""


class Fan:
    """Several values of ``member``, given as the parameter ``name``, without repeats; for lists by one of ``sorts``.

    ``member`` may be a function that narrows the statement to a value, where that takes more than a column;
    ``stand_ins`` are those of what it joins. ``overlaps``: a row may have several of the values, and is shown once.
    ``few``: of a column that may hold very few values. The database then believes that every other row has the value
    at hand, and finds its list's own index as good; said twice more, as a range, it believes in one row of 400.
    """

    def __init__(
        self,
        name: str,
        member: ColumnElement[str] | Narrow,
        sorts: Sequence[str],
        *,
        stand_ins: Mapping[str, ColumnElement[Any]] | None = None,
        overlaps: bool = False,
        few: bool = False,
    ) -> None:
        self.sorts = frozenset(sorts)
        self.stand_ins = dict(stand_ins or {})
        self._member = member
        self._overlaps = overlaps
        self._few = few
        unnested = func.unnest(bindparam(name, type_=ARRAY(Text))).table_valued(column("value", Text))
        self._values = unnested.render_derived(name=name)

    def narrow(self, statement: Select[Any]) -> Select[Any]:
        """The rows of the value at hand; to be merged."""
        value = self._values.c.value
        if not isinstance(self._member, ColumnElement):
            return self._member(statement, value)
        within = (self._member >= value, self._member <= value) if self._few else ()
        return statement.where(self._member == value, *within)

    def merge(self, page: Select[Any], key: str, *, downwards: bool) -> Select[Any]:
        """The page of all values. ``page``: that of the value at hand, in the order of its columns ``key`` and id."""
        limit, offset = (bindparam(name, type_=BigInteger()) for name in ("limit", "offset"))
        each = page.limit(limit + offset).offset(None).correlate(self._values).lateral("each")
        order = (each.c[key].desc(), each.c.id.desc()) if downwards else (each.c[key], each.c.id)
        merged = select(*each.c).select_from(self._values.join(each, true()))
        if self._overlaps:  # of each value the first so many: a row that two of them have is among the first of both
            merged = merged.ext(distinct_on(each.c[key], each.c.id))
        return merged.order_by(*order).limit(limit).offset(offset)
