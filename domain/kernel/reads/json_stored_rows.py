"""Values that are rows stored as JSON in a column: see ``stored_rows``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from domain.kernel.reads.json_objects import JsonExpression, JsonRow, JsonSqlBuilder
from domain.kernel.reads.json_sql import RowColumns, column_of
from domain.kernel.reads.stored_rows import StoredRows, listed_rows, required_row, single_row


@dataclass(frozen=True, slots=True)
class JsonStoredRow(JsonExpression):
    """The row that is stored as an object in a column; null where it is null, unless it is required."""

    column: str
    rows: StoredRows
    members: JsonRow
    required: bool

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The row."""
        find = required_row if self.required else single_row
        found = find(column_of(row, self.column), self.rows, row, builder.name())
        return found.one(builder.object(self.members, found.columns))


@dataclass(frozen=True, slots=True)
class JsonStoredList(JsonExpression):
    """The rows that are stored as a list of objects in a column, which is never null."""

    column: str
    rows: StoredRows
    members: JsonRow

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The list of the rows, in its order."""
        found = listed_rows(column_of(row, self.column), self.rows, row, builder.name())
        return found.listed(builder.object(self.members, found.columns))
