"""Values that PostgreSQL writes as REST does: money as numbers in major units, instants in whole seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Numeric, Text, case, func, literal_column

from domain.kernel.reads.json_objects import JsonExpression, JsonSqlBuilder, Value
from domain.kernel.reads.json_sql import ColumnKind, RowColumns, column_of, major_units, typed_column, word_literal
from domain.kernel.reads.read import Read

_SECOND = """'YYYY-MM-DD"T"HH24:MI:SS"Z"'"""


@dataclass(frozen=True, slots=True)
class JsonLower(JsonExpression):
    """An ASCII text in lower case."""

    column: str

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The text."""
        return func.lower(typed_column(row, self.column, ColumnKind.TEXT))


@dataclass(frozen=True, slots=True)
class JsonSecond(JsonExpression):
    """An instant in whole seconds; null where it is null."""

    column: str

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The instant in UTC."""
        moment = func.timezone(word_literal("UTC"), typed_column(row, self.column, ColumnKind.INSTANT))
        return func.to_char(moment, literal_column(_SECOND, Text))


@dataclass(frozen=True, slots=True)
class JsonAmount(JsonExpression):
    """Minor units as a number in major ones, with exactly the digits of the currency in another column."""

    column: str
    currency: str
    when: str
    """A column of true or false: null where it is false. Empty: no such column."""

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The number; null where the column is."""
        minor = typed_column(row, self.column, ColumnKind.LONG)
        amount = major_units(minor, typed_column(row, self.currency, ColumnKind.TEXT), Numeric)
        return case((typed_column(row, self.when, ColumnKind.BOOLEAN), amount)) if self.when else amount


@dataclass(frozen=True, slots=True)
class JsonDecimal(JsonExpression):
    """A decimal number with the digits it is stored with."""

    column: str

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The number; null where the column is."""
        return column_of(row, self.column)


@dataclass(frozen=True, slots=True)
class JsonFirst(JsonExpression):
    """One value of the row that ``read`` finds for the row's ``key``; ``otherwise`` if there is none."""

    read: Read
    key: str
    value: Value
    otherwise: int | None

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The value."""
        rows = builder.related(self.read, self.key, row)
        found = rows.one(builder.value(self.value, rows.columns))
        return found if self.otherwise is None else func.coalesce(found, literal_column(str(int(self.otherwise))))


@dataclass(frozen=True, slots=True)
class JsonValueList(JsonExpression):
    """The list of one value of each row that ``read`` finds for the row's ``key``."""

    read: Read
    key: str
    value: Value

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The list, in the order of the read."""
        rows = builder.related(self.read, self.key, row)
        return rows.listed(builder.value(self.value, rows.columns))
