"""The counts of views that a time is the sum of: whole months and days of UTC, and quarters of an hour at its ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

SPANS = ("quarter_hour", "day", "month", "day", "quarter_hour")
"""The lengths of counts from the beginning of a time to its end."""


class TimeRange(NamedTuple):
    """From ``start`` until before ``end`` (UTC)."""

    start: datetime
    end: datetime


def view_ranges(start: datetime, end: datetime) -> tuple[TimeRange, ...]:
    """For each of SPANS, when its counts begin, between two quarters of an hour (UTC): none is there twice.

    Some ranges may be empty.
    """
    first_month, last_month = _inner("month", start, end)
    first_day, last_day = _inner("day", start, end)
    if first_month == last_month:  # no whole month: the days before it are all days
        first_month = last_month = last_day
    bounds = (start, first_day, first_month, last_month, last_day, end)
    return tuple(TimeRange(*pair) for pair in pairwise(bounds))


def _inner(span: str, start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """From the first beginning of a span to its last one within a time; the end twice, if no whole span is within."""
    first, last = _floor(span, start), _floor(span, end)
    if first != start:
        first = _floor(span, first + timedelta(days=31 if span == "month" else 1))
    return (first, last) if first < last else (end, end)


def _floor(span: str, at: datetime) -> datetime:
    """The beginning of the span that a time is in."""
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return day.replace(day=1) if span == "month" else day
