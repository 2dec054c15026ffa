"""The counts of views that a time is the sum of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.analytics.periods import QUARTER
from domain.analytics.statements.view_spans import SPANS, view_ranges

EPOCH = datetime(2023, 12, 1, tzinfo=UTC)
quarters = st.integers(0, 4 * 24 * 200).map(lambda number: EPOCH + number * QUARTER)


def days_of_month(at: datetime) -> int:
    return ((at.replace(day=28) + timedelta(days=4)).replace(day=1) - at.replace(day=1)).days


def beginnings(span: str, start: datetime, end: datetime) -> list[datetime]:
    """When the counts of a length begin, from a time to another."""
    found, at = [], EPOCH
    while at < end:
        if at >= start:
            found.append(at)
        at += QUARTER if span == "quarter_hour" else timedelta(days=1 if span == "day" else days_of_month(at))
    return found


@given(quarters, quarters)
def test_every_quarter_of_an_hour_is_in_one_count(one: datetime, other: datetime) -> None:
    """Fails when an end is taken twice or left out, in leap years and at ends of months too."""
    start, end = sorted((one, other))
    covered = []
    for span, each in zip(SPANS, view_ranges(start, end), strict=True):
        for at in beginnings(span, each.start, each.end):
            count = {"quarter_hour": 1, "day": 96, "month": 96 * days_of_month(at)}[span]
            covered += [at + number * QUARTER for number in range(count)]
    assert covered == [start + number * QUARTER for number in range((end - start) // QUARTER)]


def test_a_year_of_another_zone_is_few_counts() -> None:
    """Fails when it is added up from days or quarters of an hour alone."""
    start, end = datetime(2024, 1, 1, 5, tzinfo=UTC), datetime(2025, 1, 3, 5, tzinfo=UTC)
    assert [(f"{each.start:%m-%d %H}", f"{each.end:%m-%d %H}") for each in view_ranges(start, end)] == [
        ("01-01 05", "01-02 00"),
        ("01-02 00", "02-01 00"),
        ("02-01 00", "01-01 00"),
        ("01-01 00", "01-03 00"),
        ("01-03 00", "01-03 05"),
    ]
