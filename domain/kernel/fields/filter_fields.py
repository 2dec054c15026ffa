"""Fields shared by the filters of many lists: ranges of time and of money, ids."""

from __future__ import annotations

from domain.kernel.fields import Amount, DateBound, ListOf, Text

CREATED_FROM = DateBound(
    description="Created at or after this time. A date without time means the whole day in UTC.", example="2026-01-01"
)
CREATED_TO = DateBound(
    last=True,
    description="Created at or before this time. A date without time means the whole day in UTC.",
    example="2026-12-31",
)
UPDATED_FROM = DateBound(
    description="Last changed at or after this time. A date without time means the whole day in UTC.",
    example="2026-01-01",
)
UPDATED_TO = DateBound(
    last=True,
    description="Last changed at or before this time. A date without time means the whole day in UTC.",
    example="2026-12-31",
)
MAX_FILTER_VALUES = 100
"""Ids or SKUs of one filter."""


def at_least(what: str) -> Amount:
    """The lower end of a range of money."""
    return Amount(description=f"{what} is at least this amount, in the currency of the store.", example="10.00")


def at_most(what: str) -> Amount:
    """The upper end of a range of money."""
    return Amount(description=f"{what} is at most this amount, in the currency of the store.", example="99.99")


def having_ids(example: str) -> ListOf:
    """A filter by ids. Unknown ids are ignored."""
    return ListOf(
        item=Text(min=1, max=64, description="An id."),
        min=1,
        max=MAX_FILTER_VALUES,
        description="Return only items with one of these ids. Unknown ids are ignored.",
        example=[example],
    )
