"""What all reports have: the days that they cover, and how fresh their figures are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, select

from domain.analytics.model import SalesState
from domain.analytics.periods import Span
from domain.kernel.sql.executor import Executor
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.use_cases.calculations import CalculationContext

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


Part = Callable[[Executor], Awaitable[Any]]
"""Reads a part of a report."""


async def read_beside(reading: CalculationContext, *parts: Part) -> tuple[datetime | None, list[Any]]:
    """Read parts of a report beside each other, each on a connection of its own. Returns the time of the last event
    that all of them contain, and the parts. Raises what the first that fails raises; the others are cancelled.

    A part waits for one connection and holds no other, so reports cannot wait for each other.
    """

    async def read(part: Part) -> tuple[datetime | None, Any]:
        async with reading.connection() as db:
            return await read_as_of(db), await part(db)

    running = [asyncio.ensure_future(read(part)) for part in parts]
    try:
        found = await asyncio.gather(*running)
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    times = [as_of for as_of, _ in found]
    return (None if None in times else min(each for each in times if each is not None)), [part for _, part in found]
