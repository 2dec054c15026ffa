"""How statements read whole days and months that are summed, and from the lines what no sum has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    union_all,
)

from domain.analytics.fold.summed_spans import SPANS
from domain.analytics.model import SalesStaleDay, SalesStaleMonth
from domain.analytics.statements.counted_lines import END, LINE, PAID_ONLY, START
from domain.kernel.sql.statements import STORE
from domain.kernel.sql.tables import INSTANT

_STALE: dict[str, Any] = {"day": SalesStaleDay.__table__, "month": SalesStaleMonth.__table__}
_LONGEST = {"day": "24 hours", "month": "31 days"}


def span_bounds(start: datetime, end: datetime) -> dict[str, datetime]:
    """The parameters of statements that read sums: the whole days and months (UTC) between two instants."""
    found: dict[str, datetime] = {}
    for spans in SPANS:
        first, after = spans.whole(start, end)
        found |= {f"first_{spans.column}": first, f"after_{spans.column}": after}
    return found


def lines_beyond(span: str, columns: Sequence[ColumnElement[Any]]) -> Any:
    """The lines that are counted and that no sum of a ``span`` has: before the first whole one, after the last, and
    those of stale ones. Three kinds of ranges of one index."""
    first, after = _whole(span)
    lines = _counted(columns)
    of_stale = _lines_of_stale(span, columns, first, after)
    return union_all(
        lines.where(LINE.at >= START, LINE.at < first), lines.where(LINE.at >= after, LINE.at < END), of_stale
    ).subquery("line")


def lines_in_stale(span: str, columns: Sequence[ColumnElement[Any]]) -> Any:
    """The lines that are counted of stale spans: of those that are cut by the period, what is in it."""
    begins_before_start = START - text(f"interval '{_LONGEST[span]}'")
    return _lines_of_stale(span, columns, begins_before_start, END).subquery("line")


def _counted(columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
    return select(*columns).where(LINE.store_id == STORE, ~LINE.cancelled, or_(LINE.paid, ~PAID_ONLY))


def _lines_of_stale(span: str, columns: Sequence[ColumnElement[Any]], first: Any, after: Any) -> Select[Any]:
    """Those of stale spans that begin between two instants, without lines outside of the period."""
    stale = _STALE[span]
    begin = stale.c[span]
    stop = func.date_trunc(span, begin + text(f"interval '{_LONGEST[span]}'"), "UTC", type_=INSTANT)
    # OFFSET 0 keeps it one look into the index for each span: as a join it can become a hash of all lines.
    inside = (
        _counted(columns)
        .where(LINE.at >= func.greatest(begin, START), LINE.at < func.least(stop, END))
        .correlate(stale)
        .offset(literal_column("0", Integer()))
        .lateral("inside")
    )
    return (
        select(*inside.c)
        .select_from(stale)
        .join(inside, true())
        .where(stale.c.store_id == STORE, begin >= first, begin < after)
    )


def summed(span: str, sums: Any, columns: Sequence[Any]) -> Select[Any]:
    """The rows of a table of sums for the whole spans that are not stale."""
    stale, first, after = _STALE[span], *_whole(span)
    begin = sums.c[span]
    is_stale = exists().where(stale.c.store_id == STORE, stale.c[span] == begin)
    return select(*columns).where(
        sums.c.store_id == STORE, begin >= first, begin < after, or_(sums.c.paid, ~PAID_ONLY), ~is_stale
    )


def _whole(span: str) -> tuple[Any, Any]:
    return bindparam(f"first_{span}", type_=INSTANT), bindparam(f"after_{span}", type_=INSTANT)
