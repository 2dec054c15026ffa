"""Periods of reports: days of a time zone, and the steps that they are cut into.

The instants follow from the zone's rules as Python knows them, and the database is only given instants: both sides
need not know the same rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from domain.kernel.errors import MalformedRequest
from domain.kernel.fields import UNSET, Unset
from domain.kernel.fields.suggestions import suggestion

QUARTER = timedelta(minutes=15)
FIRST_DAY, LAST_DAY = date(1972, 1, 1), date(2199, 12, 31)
"""Before 1972 some zones were not a multiple of a quarter of an hour away from UTC."""
MAX_STEPS = 2_500
"""Steps of a series: a quarter in hours, six years in days."""


class ReportPeriod(StrEnum):
    """A period of a report."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    CUSTOM = "custom"


class ReportInterval(StrEnum):
    """The length of the steps of a series."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


DEFAULT_INTERVALS = {
    ReportPeriod.DAY: ReportInterval.HOUR,
    ReportPeriod.WEEK: ReportInterval.DAY,
    ReportPeriod.MONTH: ReportInterval.DAY,
    ReportPeriod.QUARTER: ReportInterval.WEEK,
    ReportPeriod.YEAR: ReportInterval.MONTH,
}


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days of a time zone, both included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        """The instant at which it begins."""
        return instant_of(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The instant at which it has ended."""
        return instant_of(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> int:
        """The number of its days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a series: the instant at which it begins, and its local date or hour."""

    start: datetime
    label: str


def zone_of(name: str) -> ZoneInfo:
    """The time zone of a name. Raises MalformedRequest with the nearest name."""
    known = _zone_names()
    if name not in known:
        message = (
            f"Unknown time zone{suggestion(name, known)} Must be a name of the IANA database, such as Europe/London."
        )
        raise MalformedRequest.of("timezone", message)
    return ZoneInfo(name)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def span_of(period: ReportPeriod, first: str | Unset, last: str | Unset, zone: ZoneInfo, now: datetime) -> Span:
    """The days of a period: a calendar period to date, or those of ``custom``.

    Raises MalformedRequest (custom without both dates, another period with one, a date that is none or out of range,
    reversed dates).
    """
    if period != ReportPeriod.CUSTOM:
        for name, given in (("start_date", first), ("end_date", last)):
            if given is not UNSET:
                message = f"Only the period custom takes dates. Omit `{name}`, or set `period` to custom."
                raise MalformedRequest.of(name, message)
        today = now.astimezone(zone).date()
        return Span(start_of(period, today), today, zone)
    dates = [_date(name, given) for name, given in (("start_date", first), ("end_date", last))]
    if dates[0] > dates[1]:
        raise MalformedRequest.of("start_date", "Must not be later than `end_date`.")
    return Span(dates[0], dates[1], zone)


def _date(name: str, given: str | Unset) -> date:
    if given is UNSET:
        raise MalformedRequest.of(name, "The period custom requires `start_date` and `end_date`.")
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise MalformedRequest.of(name, "Must be a date, such as 2026-01-15.") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise MalformedRequest.of(name, f"Must be from {FIRST_DAY} to {LAST_DAY}.")
    return day


def start_of(period: ReportPeriod | ReportInterval, day: date) -> date:
    """The first day of the calendar period that a day is in; weeks begin on Monday."""
    match period.value:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def span_before(period: ReportPeriod, span: Span) -> Span:
    """The days to compare with: as many of the calendar period before, or just before those of ``custom``."""
    last = span.first - timedelta(days=1)
    first = span.first - timedelta(days=span.days) if period == ReportPeriod.CUSTOM else start_of(period, last)
    return Span(first, min(last, first + timedelta(days=span.days - 1)), span.zone)


def interval_of(period: ReportPeriod, span: Span) -> ReportInterval:
    """The default step: of ``custom`` that of the shortest calendar period that is as long."""
    if period != ReportPeriod.CUSTOM:
        return DEFAULT_INTERVALS[period]
    for days, interval in ((1, ReportInterval.HOUR), (62, ReportInterval.DAY), (184, ReportInterval.WEEK)):
        if span.days <= days:
            return interval
    return ReportInterval.MONTH if span.days <= 3_660 else ReportInterval.YEAR


def steps_of(span: Span, interval: ReportInterval, until: datetime | None = None) -> list[Step]:
    """The steps of a span in order; the first and the last may be cut. ``until``: none begins after it.

    Raises MalformedRequest for more than MAX_STEPS.
    """
    steps: list[Step] = []
    for step in _hours(span) if interval == ReportInterval.HOUR else _days(span, interval):
        if until is not None and step.start > until and steps:
            break
        if len(steps) == MAX_STEPS:
            message = f"A series has at most {MAX_STEPS:,} steps. Choose a longer interval or a shorter period."
            raise MalformedRequest.of("interval", message)
        steps.append(step)
    return steps


def _days(span: Span, interval: ReportInterval) -> Iterator[Step]:
    """Steps of whole days. Two hundred years are jumped through, not walked day by day."""
    day = span.first
    while day <= span.last:
        yield Step(instant_of(day, span.zone), day.isoformat())
        day = start_of(interval, start_of(interval, day) + _SURELY_NEXT[interval])


_SURELY_NEXT = {
    ReportInterval.DAY: timedelta(days=1),
    ReportInterval.WEEK: timedelta(weeks=1),
    ReportInterval.MONTH: timedelta(days=31),
    ReportInterval.QUARTER: timedelta(days=92),
    ReportInterval.YEAR: timedelta(days=366),
}
"""From the beginning of a step, a day of the next one."""


def _hours(span: Span) -> Iterator[Step]:
    """Hours of local clocks: one that is repeated are two steps; one that is longer or shorter by half is one."""
    instant, end, before = span.start, span.end, None
    while instant < end:
        local = instant.astimezone(span.zone)
        hour = local.replace(minute=0, tzinfo=None)
        if local.minute == 0 or hour != before:
            yield Step(instant, f"{hour:%Y-%m-%dT%H:%M}")
        before = hour
        instant += QUARTER


def instant_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which a day begins in a zone: the first midnight, or the end of the gap that it is in."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
