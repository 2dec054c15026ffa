"""Periods and steps, at the instants where clocks change and months end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.analytics.countries import REGIONS, Region, country_code, country_number, region_of
from domain.analytics.periods import (
    ReportInterval,
    ReportPeriod,
    Span,
    interval_of,
    span_before,
    span_of,
    start_of,
    steps_of,
    zone_of,
)
from domain.kernel.fields import UNSET

NOW = datetime(2026, 5, 20, 3, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "zone", "first", "last"),
    [
        ("day", "UTC", "2026-05-20", "2026-05-20"),
        ("day", "America/New_York", "2026-05-19", "2026-05-19"),
        ("week", "UTC", "2026-05-18", "2026-05-20"),
        ("month", "UTC", "2026-05-01", "2026-05-20"),
        ("quarter", "UTC", "2026-04-01", "2026-05-20"),
        ("year", "UTC", "2026-01-01", "2026-05-20"),
    ],
)
def test_a_calendar_period_goes_to_today_in_its_time_zone(period: str, zone: str, first: str, last: str) -> None:
    """Fails when today is that of UTC, and when weeks begin on Sunday."""
    span = span_of(ReportPeriod(period), UNSET, UNSET, zone_of(zone), NOW)
    assert (str(span.first), str(span.last)) == (first, last)


@pytest.mark.parametrize(
    ("period", "first", "last", "before"),
    [
        ("day", "2026-05-20", "2026-05-20", ("2026-05-19", "2026-05-19")),
        ("week", "2026-05-18", "2026-05-20", ("2026-05-11", "2026-05-13")),
        ("month", "2026-03-01", "2026-03-31", ("2026-02-01", "2026-02-28")),
        ("month", "2026-05-01", "2026-05-20", ("2026-04-01", "2026-04-20")),
        ("quarter", "2026-04-01", "2026-05-20", ("2026-01-01", "2026-02-19")),
        ("year", "2026-01-01", "2026-05-20", ("2025-01-01", "2025-05-20")),
        ("custom", "2026-05-10", "2026-05-19", ("2026-04-30", "2026-05-09")),
    ],
)
def test_the_period_before_is_as_long_and_within_its_calendar_period(
    period: str, first: str, last: str, before: tuple[str, str]
) -> None:
    """Fails when a March of 31 days is compared with days of March."""
    span = Span(date.fromisoformat(first), date.fromisoformat(last), ZoneInfo("UTC"))
    found = span_before(ReportPeriod(period), span)
    assert (str(found.first), str(found.last)) == before


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/London", date(2026, 3, 29), 23),
        ("Europe/London", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Asia/Kolkata", date(2026, 3, 29), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24),
        ("Australia/Lord_Howe", date(2026, 10, 4), 24),
    ],
)
def test_hours_follow_the_clock(zone: str, day: date, hours: int) -> None:
    """Lord Howe moves its clocks by half an hour: one hour is longer or shorter. Fails when hours are those of UTC."""
    steps = steps_of(Span(day, day, ZoneInfo(zone)), ReportInterval.HOUR)
    assert len(steps) == hours
    assert [step.start for step in steps] == sorted({step.start for step in steps})


@given(st.sampled_from(sorted(available_timezones())), st.dates(date(1990, 1, 1), date(2035, 1, 1)), st.integers(0, 40))
def test_steps_cover_a_span_in_quarters_of_an_hour(name: str, first: date, days: int) -> None:
    """In every time zone: the buckets of the rollup never straddle a step. Fails for days that begin at noon."""
    zone = ZoneInfo(name)
    span = Span(first, date.fromordinal(first.toordinal() + days), zone)
    for interval in ReportInterval:
        steps = steps_of(span, interval)
        assert steps[0].start == span.start
        assert all(step.start < span.end for step in steps)
        assert all(step.start.minute % 15 == 0 and step.start.second == 0 for step in steps)
        assert [step.start for step in steps] == sorted({step.start for step in steps})


def test_nothing_begins_after_now() -> None:
    span = span_of(ReportPeriod.DAY, UNSET, UNSET, ZoneInfo("UTC"), NOW)
    assert [step.label for step in steps_of(span, interval_of(ReportPeriod.DAY, span), NOW)] == [
        f"2026-05-20T{hour:02}:00" for hour in range(4)
    ]


def test_every_country_is_in_one_region() -> None:
    """Fails when a country is named twice, or forgotten."""
    assert len(REGIONS) == 250
    assert set(REGIONS.values()) == set(Region)
    assert region_of(None) == region_of("ZZ") == Region.UNKNOWN
    assert {country_code(country_number(code)) for code in REGIONS} == set(REGIONS)
    assert country_number("gb") is country_number("GBR") is country_number(None) is None


@given(
    first=st.dates(date(1972, 1, 1), date(2190, 1, 1)),
    length=st.integers(0, 1_500),
    interval=st.sampled_from([each for each in ReportInterval if each != ReportInterval.HOUR]),
)
def test_steps_of_days_begin_where_a_walk_finds_a_new_one(first: date, length: int, interval: ReportInterval) -> None:
    """Fails with 30 days to the next month."""
    span, walked, begun = Span(first, first + timedelta(days=length), ZoneInfo("UTC")), [], None
    for number in range(length + 1):
        day = first + timedelta(days=number)
        if start_of(interval, day) != begun:
            begun = start_of(interval, day)
            walked.append(day.isoformat())
    assert [step.label for step in steps_of(span, interval)] == walked
