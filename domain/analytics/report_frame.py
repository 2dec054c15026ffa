"""What all reports have: the days that they cover, and how fresh their figures are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select

from domain.analytics.model import SalesState
from domain.analytics.periods import Span
from domain.kernel.sql.executor import Executor
from domain.kernel.sql.statements import STORE, Statement

_state = SalesState.__table__.c
_AS_OF = Statement(
    "sales_as_of",
    select(case((_state.rebuild_after.is_(None), _state.as_of)).label("as_of")).where(_state.store_id == STORE),
)


@dataclass(frozen=True, slots=True)
class ReportSpan:
    """The days of a report, as YYYY-MM-DD, both included."""

    start_date: str
    end_date: str
    timezone: str


def report_span(span: Span) -> ReportSpan:
    """The days of a report, as they are written."""
    return ReportSpan(span.first.isoformat(), span.last.isoformat(), span.zone.key)


async def read_as_of(db: Executor) -> datetime | None:
    """The time of the last event that the figures contain; None before the first, and while they are rebuilt."""
    state = await _AS_OF.rows(db)
    return state[0].as_of if state else None
