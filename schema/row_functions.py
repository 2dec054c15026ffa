"""Functions of rows that the database can evaluate too: they say which value it writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.kernel.reads.json_values import JsonNumberText


@dataclass(frozen=True)
class NumberAsText:
    """The number in a column as text, after ``prefix``. The column is never null."""

    column: str
    prefix: str = ""

    def __call__(self, row: Any) -> str:
        """The text."""
        return f"{self.prefix}{getattr(row, self.column)}"

    def as_json(self, *, required: bool) -> JsonNumberText:
        """The same, written by the database."""
        return JsonNumberText(self.column, required, self.prefix)


@dataclass(frozen=True, eq=False)
class TypeByColumn:
    """The GraphQL type of a row, by the keyword in a column."""

    column: str
    names: Mapping[str, str]

    def __call__(self, row: Any, *_: Any) -> str:
        """The name. Raises KeyError for another keyword."""
        return self.names[getattr(row, self.column)]
