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

from domain.analytics.counted_lines import END, LINE, PAID_ONLY, START
from domain.analytics.model import SalesStaleDay, SalesStaleMonth
from domain.analytics.summed_spans import SPANS
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
    stale, first, after = _STALE[span], *_whole(span)
    begin = stale.c[span]
    stop = func.date_trunc(span, begin + text(f"interval '{_LONGEST[span]}'"), "UTC", type_=INSTANT)
    lines = select(*columns).where(LINE.store_id == STORE, ~LINE.cancelled, or_(LINE.paid, ~PAID_ONLY))
    # OFFSET 0 keeps it one look into the index for each span: as a join it can become a hash of all lines.
    inside = (
        lines.where(LINE.at >= begin, LINE.at < stop)
        .correlate(stale)
        .offset(literal_column("0", Integer()))
        .lateral("inside")
    )
    of_stale = (
        select(*inside.c)
        .select_from(stale)
        .join(inside, true())
        .where(stale.c.store_id == STORE, begin >= first, begin < after)
    )
    return union_all(
        lines.where(LINE.at >= START, LINE.at < first), lines.where(LINE.at >= after, LINE.at < END), of_stale
    ).subquery("line")


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
