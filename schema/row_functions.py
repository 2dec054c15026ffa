"""Functions of rows that the database can evaluate too: they say which value it writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.kernel.events import SnapshotRow
from domain.kernel.reads.json_objects import ColumnKind, JsonColumn, JsonMany, JsonOne, JsonRow
from domain.kernel.reads.json_values import JsonNumberText, JsonTexts
from domain.kernel.reads.read import Read


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


@dataclass(frozen=True)
class ColumnText:
    """The text in a column of another name than the field."""

    column: str

    def __call__(self, row: Any) -> Any:
        """The text."""
        return getattr(row, self.column)

    def as_json(self, *, required: bool) -> JsonColumn:
        """The same, written by the database."""
        return JsonColumn(self.column, ColumnKind.TEXT, required)


@dataclass(frozen=True)
class ColumnTexts:
    """The texts in a column."""

    column: str

    def __call__(self, row: Any) -> Any:
        """The texts."""
        return getattr(row, self.column)

    def as_texts(self, *, required: bool) -> JsonTexts:
        """The same, written by the database."""
        return JsonTexts(self.column, required)


@dataclass(frozen=True)
class OwnedByRow:
    """What a row owns that is stored with it: what ``read`` would have found."""

    read: Read

    def __call__(self, row: SnapshotRow) -> Any:
        """The row or rows."""
        return row.owned[self.read]

    def as_rows(self, members: JsonRow) -> JsonMany:
        """The rows, written by the database."""
        return JsonMany(self.read, "", members)

    def as_row(self, members: JsonRow, *, required: bool) -> JsonOne:
        """The row, written by the database."""
        return JsonOne(self.read, "", members, required)


@dataclass(frozen=True, eq=False)
class TypeByColumn:
    """The GraphQL type of a row, by the keyword in a column."""

    column: str
    names: Mapping[str, str]

    def __call__(self, row: Any, *_: Any) -> str:
        """The name. Raises KeyError for another keyword."""
        return self.names[getattr(row, self.column)]
