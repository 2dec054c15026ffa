"""What is written in charts: exact amounts of any currency, dates that people count in, and names that fit."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.analytics.tables.report_tables import Unit
from domain.kernel.money import EXPONENTS
from gateway.adapters.charts.texts import (
    MAX_TICKS,
    currency_prefix,
    shown_lines,
    shown_name,
    tick_format,
    ticks,
    value_text,
)

DAYS = [str(date(2025, 12, 29) + timedelta(days=number)) for number in range(366)]


@pytest.mark.parametrize(
    ("value", "unit", "currency", "text"),
    [
        (123_456, Unit.AMOUNT, "GBP", "£1,234.56"),
        (-5, Unit.AMOUNT, "GBP", "−£0.05"),
        (1_234, Unit.AMOUNT, "JPY", "¥1,234"),
        (1_234, Unit.AMOUNT, "KWD", "KWD\u00a01.234"),
        (10**15 + 1, Unit.AMOUNT, "USD", "$10,000,000,000,000.01"),
        (0, Unit.COUNT, "GBP", "0"),
        (-12_000, Unit.COUNT, "GBP", "−12,000"),
        (Decimal("0.12345"), Unit.RATIO, "GBP", "12.3%"),
        (Decimal("1234.5670"), Unit.NUMBER, "GBP", "1,234.57"),
        (Decimal("20.0000"), Unit.NUMBER, "GBP", "20"),
        (None, Unit.AMOUNT, "GBP", "–"),
    ],
)
def test_values_are_exact_and_have_their_unit(value: int | None, unit: Unit, currency: str, text: str) -> None:
    """Fails when an amount goes through a float."""
    assert value_text(value, unit, currency) == text


def test_no_two_currencies_are_written_alike() -> None:
    """A dollar sign alone is that of the United States."""
    written = {currency: currency_prefix(currency) for currency in EXPONENTS}
    assert len(set(written.values())) == len(written)


@pytest.mark.parametrize(
    ("largest", "currency", "form"),
    [("3", "GBP", "$,.2f"), ("9999", "GBP", "$,.0f"), ("10000", "GBP", "$.3~s"), ("3", "JPY", "$,.0f")],
)
def test_small_axes_have_no_prefixes(largest: str, currency: str, form: str) -> None:
    """Fails when half a pound would be written as £500m."""
    assert tick_format(Unit.AMOUNT, currency, Decimal(largest)) == form


@pytest.mark.parametrize(
    ("labels", "interval", "shown"),
    [
        (DAYS[:5], "day", ["29 Dec 2025", "30 Dec", "31 Dec", "1 Jan 2026", "2 Jan"]),
        (DAYS[3:34], "day", ["1 Jan 2026", "8 Jan", "15 Jan", "22 Jan", "29 Jan"]),
        (["2025-11-01", "2025-12-01", "2026-01-01"], "month", ["Nov 2025", "Dec", "Jan 2026"]),
        (["2025-10-01", "2026-01-01", "2026-04-01"], "quarter", ["Q4 2025", "Q1 2026", "Q2"]),
        (["2025-01-01", "2026-01-01"], "year", ["2025", "2026"]),
        (["2025-12-29", "2026-01-05"], "week", ["29 Dec 2025", "5 Jan 2026"]),
        (["2026-10-25T00:00", "2026-10-25T01:00", "2026-10-25T01:00"], "hour", ["25 Oct, 00:00", "01:00", "01:00"]),
    ],
)
def test_ticks_leave_out_what_they_have_in_common(labels: list[str], interval: str, shown: list[str]) -> None:
    assert list(ticks(labels, interval).values()) == shown


@pytest.mark.parametrize("interval", ["day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("count", [1, 2, 12, 13, 100, 366])
def test_there_are_few_ticks_and_the_first_step_has_one(count: int, interval: str) -> None:
    found = ticks(DAYS[:count], interval)
    assert 1 <= len(found) <= MAX_TICKS
    assert 0 in found
    assert set(found) <= set(range(count))


@pytest.mark.parametrize("days", [1, 2, 3, 4, 90])
def test_ticks_of_hours_are_at_round_hours_or_midnights(days: int) -> None:
    hours = [f"{day}T{hour:02}:00" for day in DAYS[3 : 3 + days] for hour in range(24)]
    found = ticks(hours, "hour")
    assert len(found) <= MAX_TICKS
    if days > 3:
        assert all(hours[place].endswith("T00:00") for place in found)
        assert found[0] == "1 Jan 2026"
    else:
        assert found[0] == "1 Jan, 00:00"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Mug", "Mug"),
        ("a" * 32, "a" * 32),
        ("a" * 33, "a" * 31 + "…"),
        ("商" * 17, "商" * 15 + "…"),
        ("two\nlines\x00 \x1f", "two lines"),
        ("", ""),
    ],
)
def test_names_are_cut_to_the_room_that_they_take(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_each_of_several_names_has_a_line_of_its_own() -> None:
    """Fails when a long name of the first dimension leaves no room for the others."""
    assert shown_lines("a" * 40 + "\nHigh value\nGB") == ["a" * 31 + "…", "High value", "GB"]
