"""Ranges of custom reports: days of a time zone that follow from today, or from one date to another."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.analytics.commands.custom import DateRange, DateRangeInput
from domain.analytics.periods import FIRST_DAY, LAST_DAY, ReportInterval, Span, start_of
from domain.kernel.errors import ErrorCode, MalformedRequest, Problem
from domain.kernel.fields import UNSET, Unset

_DAY = timedelta(days=1)
_LAST_DAYS = {DateRange.LAST_7_DAYS: 7, DateRange.LAST_30_DAYS: 30, DateRange.LAST_90_DAYS: 90}
_TO_DATE = {
    DateRange.THIS_MONTH: ReportInterval.MONTH,
    DateRange.THIS_QUARTER: ReportInterval.QUARTER,
    DateRange.THIS_YEAR: ReportInterval.YEAR,
}


def range_of(given: DateRangeInput | Unset, zone: ZoneInfo, now: datetime) -> Span:
    """The days of a range; this month to date where none is given.

    Raises MalformedRequest (a preset with dates, one date without the other, reversed dates, no date).
    """
    today = now.astimezone(zone).date()
    if given is UNSET or (given.preset is UNSET and given.from_ is UNSET and given.to is UNSET):
        return Span(today.replace(day=1), today, zone)
    if given.preset is UNSET:
        first, last = _date("from_", given.from_), _date("to", given.to)
        if first > last:
            raise _refusal("from_", "Must not be later than `to`.")
        return Span(first, last, zone)
    for name, day in (("from_", given.from_), ("to", given.to)):
        if day is not UNSET:
            raise _refusal(name, "Give either a preset or dates.")
    return Span(*_preset(given.preset, today), zone)


def _preset(preset: DateRange, today: date) -> tuple[date, date]:
    """The first and the last day. The last days include today."""
    if preset in _LAST_DAYS:
        return today - timedelta(days=_LAST_DAYS[preset] - 1), today
    if preset in _TO_DATE:
        return start_of(_TO_DATE[preset], today), today
    if preset == DateRange.LAST_MONTH:
        last = today.replace(day=1) - _DAY
        return last.replace(day=1), last
    day = today - _DAY if preset == DateRange.YESTERDAY else today
    return day, day


def _date(name: str, given: str | Unset) -> date:
    if given is UNSET:
        raise _refusal(name, "A range of dates requires `from_` and `to`.")
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise _refusal(name, "Must be a date, such as 2026-01-15.") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise _refusal(name, f"Must be from {FIRST_DAY} to {LAST_DAY}.")
    return day


def _refusal(name: str, message: str) -> MalformedRequest:
    problem = Problem(("filters", "date_range", name), ErrorCode.INVALID, message)
    return MalformedRequest(f"`{name}`: {message}", [problem])
