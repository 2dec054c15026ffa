"""Fields that the filters of many lists have: ranges of time and of money, ids."""

from __future__ import annotations

from domain.kernel.fields import Amount, DateBound, ListOf, Text

CREATED_FROM = DateBound(description="Created then or later; a bare date is the whole UTC day.", example="2026-01-01")
CREATED_TO = DateBound(
    last=True, description="Created then or before; a bare date is the whole UTC day.", example="2026-12-31"
)
UPDATED_FROM = DateBound(
    description="Last changed then or later; a bare date is the whole UTC day.", example="2026-01-01"
)
UPDATED_TO = DateBound(
    last=True, description="Last changed then or before; a bare date is the whole UTC day.", example="2026-12-31"
)
MAX_FILTER_VALUES = 100
"""Ids or SKUs of one filter."""


def at_least(what: str) -> Amount:
    """The lower end of a range of money."""
    return Amount(description=f"{what} is this or more, in the store's currency.", example="10.00")


def at_most(what: str) -> Amount:
    """The upper end of a range of money."""
    return Amount(description=f"{what} is this or less, in the store's currency.", example="99.99")


def having_ids(example: str) -> ListOf:
    """Being one of some ids; unknown ones are passed over."""
    return ListOf(
        item=Text(min=1, max=64, description="An id."),
        min=1,
        max=MAX_FILTER_VALUES,
        description="With one of these ids; unknown ones are passed over.",
        example=[example],
    )
