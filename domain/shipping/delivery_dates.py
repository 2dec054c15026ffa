"""When a package is expected: business days by the calendars of the countries it leaves and arrives in.

Weekends and public holidays are those of the package ``holidays``; a country that it does not know has weekends alone.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

_SATURDAY = 5


def shipping_day(today: date, country: str) -> date:
    """The first business day from ``today`` on in the country of origin (ISO 3166-1 alpha-2)."""
    day = today
    while not _is_business_day(day, country):
        day += timedelta(days=1)
    return day


def delivery_day(shipped: date, business_days: int, country: str) -> date:
    """The day that is so many business days of the destination's country after ``shipped``."""
    day = shipped
    for _ in range(business_days):
        day += timedelta(days=1)
        while not _is_business_day(day, country):
            day += timedelta(days=1)
    return day


def _is_business_day(day: date, country: str) -> bool:
    calendar = _calendar(country)
    return day.weekday() < _SATURDAY if calendar is None else calendar.is_working_day(day)


@cache
def _calendar(country: str) -> HolidayBase | None:
    """The public holidays of a country, worked out year by year when asked for; None where they are not known."""
    from holidays import country_holidays  # noqa: PLC0415 - takes 0.2 s, and only rates need it

    try:
        return country_holidays(country)
    except NotImplementedError:  # what the package says of a country that it does not know
        return None
