"""What is written in charts: amounts, dates and names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from typing import Any
from unicodedata import east_asian_width

from domain.analytics.tables.report_tables import ReportTable, Unit
from domain.kernel.money import EXPONENTS, to_major

MAX_LABEL = 32
"""Characters of a name; longer ones are cut."""
MAX_TICKS = 12
"""Labels of an axis of time."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""Not those of the locale: charts are in English, as everything else."""
MINUS = "\u2212"
NO_BREAK_SPACE = "\u00a0"
_SYMBOLS = {
    "AUD": "A$",
    "BRL": "R$",
    "CAD": "CA$",
    "CNY": "CN¥",
    "EUR": "€",
    "GBP": "£",
    "HKD": "HK$",
    "ILS": "₪",
    "INR": "₹",
    "JPY": "¥",
    "KRW": "₩",
    "MXN": "MX$",
    "NZD": "NZ$",
    "TWD": "NT$",
    "USD": "$",
    "VND": "₫",
}
"""Symbols that stand for one currency only, as CLDR writes them in English; of others the code is written."""


def currency_prefix(currency: str) -> str:
    """What stands before an amount."""
    return _SYMBOLS.get(currency, f"{currency}{NO_BREAK_SPACE}")


def value_text(value: Any, unit: Unit, currency: str) -> str:
    """A value with its unit, exactly: ``£1,234.50``; a dash without one."""
    if value is None:
        return "–"
    if unit == Unit.AMOUNT:
        return _signed(value, f"{currency_prefix(currency)}{abs(to_major(value, currency)):,f}")
    if unit == Unit.RATIO:
        percent = (abs(Decimal(value)) * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
        return _signed(value, f"{percent:,f}%")
    if unit == Unit.NUMBER:
        return _signed(value, f"{abs(Decimal(value)).quantize(Decimal('0.01'), ROUND_HALF_UP).normalize():,f}")
    return _signed(value, f"{abs(value):,d}")


def _signed(value: Any, text: str) -> str:
    return f"{MINUS}{text}" if value < 0 else text


def plain_number(value: Any, unit: Unit, currency: str) -> str:
    """A value as a JSON number, exactly; null without one."""
    if value is None:
        return "null"
    return f"{to_major(value, currency):f}" if unit == Unit.AMOUNT else f"{value}"


def tick_format(unit: Unit, currency: str, largest: Decimal) -> str:
    """How d3 writes the ticks of an axis that reaches to ``largest``, in major units or as a ratio.

    Its SI prefixes would write a half as 500m, so small axes have none.
    """
    if unit == Unit.RATIO:
        return ".0%" if largest >= Decimal("0.05") else ".1%"
    sign = "$" if unit == Unit.AMOUNT else ""
    if largest >= 10_000:
        return f"{sign}.3~s"
    digits = 0 if largest >= 10 else {Unit.AMOUNT: EXPONENTS[currency], Unit.NUMBER: 2}.get(unit, 0)
    return f"{sign},.{digits}f"


def smallest_step(unit: Unit, currency: str) -> float:
    """The least distance of two ticks: nothing is between two orders, or two yen."""
    return {Unit.RATIO: 0.001, Unit.NUMBER: 0.01, Unit.AMOUNT: 10.0 ** -EXPONENTS[currency]}.get(unit, 1.0)


def shown_name(name: str) -> str:
    """A line of a name, cut if it is long, without the control characters that XML cannot contain."""
    plain = " ".join("".join(each if each.isprintable() else " " for each in name).split())
    if sum(map(character_width, plain)) <= MAX_LABEL:
        return plain
    widths = accumulate(map(character_width, plain))
    return f"{''.join(each for each, end in zip(plain, widths, strict=True) if end < MAX_LABEL).rstrip()}…"


def shown_lines(label: str) -> list[str]:
    """The lines of a label, each cut by itself: of two long names both can be read."""
    return [shown_name(line) for line in label.split("\n")]


def character_width(character: str) -> int:
    """Chinese, Japanese and Korean characters take the place of two Latin ones."""
    return 2 if east_asian_width(character) in "WF" else 1


def subtitle(table: ReportTable) -> list[str]:
    """The days, the time zone, the currency, and how fresh the figures are."""
    first, last = (_day(date.fromisoformat(day)) for day in (table.period.start_date, table.period.end_date))
    days = first if first == last else f"{first} to {last}"
    fresh = "" if table.as_of is None else f" · as of {_day(table.as_of.date())}, {table.as_of:%H:%M} UTC"
    return [f"{days} · {table.period.timezone} · {table.currency}{fresh}"]


def _day(day: date) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def ticks(labels: Sequence[str], interval: str) -> dict[int, str]:
    """The steps of a series that are labelled, and how: at most twelve, evenly, the first of a year or day in full."""
    shown = labels
    if interval == "hour" and len(labels) > MAX_TICKS * _HOURS[-1]:
        shown, interval = [each.removesuffix("T00:00") for each in labels], "midnight"
    places = [place for place, label in enumerate(shown) if interval != "midnight" or "T" not in label]
    even = {"hour": _HOURS, "day": (1, 2, 7, 14), "month": (1, 2, 3, 6, 12), "quarter": (1, 2, 4)}.get(interval, ())
    step = next(size for size in (*even, *range(1, len(places) + 2)) if len(places) <= size * MAX_TICKS)
    found: dict[int, str] = {}
    before = ""
    for place in places[::step]:
        found[place] = _tick(shown[place], before, interval)
        before = shown[place]
    return found


_HOURS = (1, 2, 3, 6)
"""Hours between labels; more, and only the days are labelled."""


def _tick(label: str, before: str, interval: str) -> str:
    """A label; the part that it has in common with the one before is left out."""
    day, _, hour = label.partition("T")
    year, month, number = day.split("-")
    is_new_year = before[:4] != year
    if interval == "year":
        return year
    if interval == "quarter":
        return f"Q{(int(month) + 2) // 3} {year}" if is_new_year else f"Q{(int(month) + 2) // 3}"
    if interval == "month":
        return f"{MONTHS[int(month) - 1]} {year}" if is_new_year else MONTHS[int(month) - 1]
    short = f"{int(number)} {MONTHS[int(month) - 1]}"
    if interval == "hour":
        return hour if before.startswith(day) else f"{short}, {hour}"
    return f"{short} {year}" if is_new_year else short
