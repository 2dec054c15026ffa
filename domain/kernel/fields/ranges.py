"""Ranges of time and of money in the filters of lists: both ends inclusive, a bare date the whole UTC day."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.kernel.errors import ErrorCode, MalformedRequest, Path
from domain.kernel.fields.rules import ReadContext, Rule
from domain.kernel.money import Money
from domain.kernel.validation import InvalidValueError, clean_instant

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FRACTION = re.compile(r"[.,][0-9]")
_MILLISECOND = timedelta(milliseconds=1)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DateBound(Rule):
    """One end of a range: a date-time with its offset, or a date, which is the whole UTC day.

    A last end stands for all that is written like it: the day, or the whole second.
    """

    last: bool = False

    def read(self, value: Any, base: Any, path: Path, reading: ReadContext) -> datetime:
        return clean_range_end(value, last=self.last)


def clean_range_end(value: Any, *, last: bool) -> datetime:
    """One end of a range, see ``DateBound``. Raises InvalidValueError."""
    if isinstance(value, datetime):
        return clean_instant(value)
    text = value.strip() if isinstance(value, str) else ""
    try:
        if _DATE.fullmatch(text):
            return _end(clean_instant(f"{text}T00:00:00Z"), timedelta(days=1), last)
        instant = clean_instant(text)
        return instant if _FRACTION.search(text) else _end(instant, timedelta(seconds=1), last)
    except (InvalidValueError, OverflowError):
        message = "Must be a date, such as 2026-01-15, or a date-time with offset, such as 2026-01-15T10:30:00Z."
        raise InvalidValueError(ErrorCode.INVALID, message) from None


def _end(start: datetime, length: timedelta, last: bool) -> datetime:
    return start + (length - _MILLISECOND) if last else start


def refuse_reversed(filters: Mapping[str, Any], first: str, last: str) -> None:
    """Check that a range does not end before it begins. Raises MalformedRequest."""
    if first not in filters or last not in filters:
        return
    low, high = filters[first], filters[last]
    if isinstance(low, Money) and isinstance(high, Money):
        if low.minor_units > high.minor_units:
            raise MalformedRequest.of(first, f"Must not be greater than `{last}`.")
    elif low > high:
        raise MalformedRequest.of(first, f"Must not be later than `{last}`.")
