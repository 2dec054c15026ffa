"""Estimates of delivery leave out weekends and the public holidays of the countries concerned."""

from __future__ import annotations

from datetime import date

import pytest

from domain.shipping.delivery_dates import delivery_day, shipping_day


@pytest.mark.parametrize(
    ("shipped", "days", "country", "expected"),
    [
        (date(2026, 3, 2), 2, "US", date(2026, 3, 4)),
        (date(2026, 3, 6), 1, "US", date(2026, 3, 9)),  # over a weekend
        (date(2026, 11, 25), 1, "US", date(2026, 11, 27)),  # over Thanksgiving
        (date(2026, 12, 24), 1, "GB", date(2026, 12, 29)),  # Christmas, a Saturday's Boxing Day, and a Sunday
        (date(2026, 4, 2), 1, "DE", date(2026, 4, 7)),  # Good Friday to Easter Monday
        (date(2026, 3, 5), 1, "IL", date(2026, 3, 8)),  # Friday and Saturday are the weekend
        (date(2026, 3, 6), 1, "AQ", date(2026, 3, 9)),  # a country without a calendar
    ],
)
def test_business_days_are_those_of_the_destination(shipped: date, days: int, country: str, expected: date) -> None:
    assert delivery_day(shipped, days, country) == expected


def test_a_package_leaves_on_a_business_day() -> None:
    assert shipping_day(date(2026, 3, 4), "US") == date(2026, 3, 4)
    assert shipping_day(date(2026, 3, 7), "US") == date(2026, 3, 9)
    assert shipping_day(date(2026, 12, 25), "GB") == date(2026, 12, 29)


def test_no_day_is_no_day_later() -> None:
    assert delivery_day(date(2026, 3, 4), 0, "US") == date(2026, 3, 4)
