"""The length of a response, before it is written: a row that is shown a thousand times is one row in memory, and a
thousand in JSON.

Most operations need no measurement: the rows read, and how often the plan can show them, bound the response.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import is_leaf_type

from domain.kernel.budget import Budget
from gateway.execution.plan import Field, FieldKind, QueryPlan, Selection
from resolvers.sources import NestedListSource, RelatedColumnSource, RelatedSource, TotalCountSource

ESCAPED = 6
"""Bytes of JSON that one byte of a row can become (a control character)."""
WIDEST = 4
"""Bytes of a character in UTF-8."""
LITERAL = 24
"""Bytes counted for a number, a boolean, null or a comma, with its surroundings."""
LEAST_ROW = 32
"""Minimum bytes of a row in the response."""


@dataclass(frozen=True, slots=True)
class ResponseBounds:
    """The bounds of the responses of a plan."""

    repeats: int
    """In how many places of its object a column may be shown: by aliases, and by several selections."""
    shares_rows: bool
    """Whether a row may be shown for several others: what many rows refer to is read once."""

    @classmethod
    def of(cls, plan: QueryPlan) -> ResponseBounds:
        """Those of a plan."""
        shown: Counter[tuple[str, str]] = Counter()
        for type_name, field in _fields(plan.selection):
            if is_leaf_type(field.type):
                shown[type_name, field.node.name.value] += 1
        return cls(max(shown.values(), default=1), any(map(_shares, plan.slots)))

    def may_exceed(self, budget: Budget, points: int, document: int) -> bool:
        """Whether a response may be too long, by what was read for it.

        ``points``: the cost of the operation; ``document``: the characters of its text, which bound those of its keys.
        """
        objects = 4 * points + budget.rows // LEAST_ROW
        shown = budget.rows * ESCAPED * self.repeats * (max(points, 1) if self.shares_rows else 1)
        return shown + objects * (document + LITERAL) > budget.answer_max


def _shares(slot: Field) -> bool:
    """Whether what a loaded field finds may be shown for several rows that do not share it already."""
    source = slot.source
    match source:
        case RelatedSource(read=read, key=key, instead=None):
            return not read.many or key != "id"
        case NestedListSource(key=key):
            return key != "id"
        case RelatedColumnSource() | TotalCountSource():
            return False
    return len(slot.steps) > 1 and slot.way is not FieldKind.FUNCTION


def size_of(data: Any, most: int) -> int:
    """At least a fourth, mostly exactly, of the bytes of ``data`` in JSON; counting ends beyond ``most``.

    An object that stands in several places is measured once.
    """
    return _Measure(most).size(data)


class _Measure:
    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[int, int] = {}
        self._keys: dict[str, int] = {}

    def size(self, value: Any) -> int:
        """Of one value."""
        kind = value.__class__
        if kind is str:
            return len(value) + 3 if value.isascii() else WIDEST * len(value)
        if kind is dict or kind is list or kind is tuple:
            known = self._known.get(id(value))
            if known is None:
                known = self._known[id(value)] = self._members(value) if kind is dict else self._items(value)
            return known
        if kind is orjson.Fragment:
            return len(orjson.dumps(value))
        return LITERAL

    def _members(self, value: dict[str, Any]) -> int:
        found = 2
        for key, member in value.items():
            found += len(key) + 4 + self.size(member)
        return found

    def _items(self, value: list[Any] | tuple[Any, ...]) -> int:
        found = 2
        for item in value:
            found += 1 + self.size(item)
            if found > self._most:
                break
        return found


def _fields(selection: Selection) -> Iterator[tuple[str, Field]]:
    for field in selection.fields:
        if field.way is not FieldKind.TYPENAME:
            yield selection.type_name, field
        for below in field.selections.values():
            yield from _fields(below)
