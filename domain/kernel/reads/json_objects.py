"""Objects that the database writes as JSON: a row and its related rows, in the statement that reads the row.

Only values that come out as if the rows were read and written in Python can be expressed here. If a row breaks a
guarantee (null in a non-null field, an unknown keyword), the statement fails instead of returning another value.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnCollection,
    ColumnElement,
    FromClause,
    Integer,
    Numeric,
    Text,
    case,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB, TIMESTAMP, aggregate_order_by
from sqlalchemy.types import TypeEngine

from domain.kernel.money import EXPONENTS

if TYPE_CHECKING:
    from domain.kernel.reads.read import Read

DOCUMENT = "document"
"""The column in which the database writes the object."""
MAX_MEMBERS_PER_CALL = 50
"""Members per call: a function of PostgreSQL accepts 100 arguments."""
_MOMENT = """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""


class NotPushableError(Exception):
    """The database would not write it as we do."""


class ColumnKind(Enum):
    """The value of a column, for the types that PostgreSQL writes as we do."""

    TEXT = (Text,)
    INTEGER = (Integer,)
    """An integer of 32 bits; a column of 64 bits may contain larger ones."""
    LONG = (Integer, BigInteger)
    BOOLEAN = (Boolean,)
    INSTANT = (TIMESTAMP,)
    JSON = (JSONB,)


@dataclass(frozen=True, slots=True)
class JsonConstant:
    """Always the same text."""

    text: str


@dataclass(frozen=True, slots=True)
class JsonColumn:
    """A column as it is; ``required``: null may not be."""

    name: str
    kind: ColumnKind
    required: bool


@dataclass(frozen=True, slots=True)
class JsonEnum:
    """A column with one of a few keywords, each written as another."""

    column: str
    words: Mapping[str, str]
    required: bool


@dataclass(frozen=True, slots=True)
class JsonMoney:
    """Minor units in major ones, as text with exactly the digits of the currency in another column. Never null."""

    column: str
    currency: str


@dataclass(frozen=True, slots=True)
class JsonObject:
    """An object of columns of the same row; null where ``column`` is."""

    column: str
    members: JsonFields
    required: bool


@dataclass(frozen=True, slots=True)
class JsonOne:
    """The row that ``read`` finds for the row's ``key``; null if there is none."""

    read: Read
    key: str
    members: JsonFields
    required: bool


@dataclass(frozen=True, slots=True)
class JsonMany:
    """The list of what ``read`` finds for the row's ``key``."""

    read: Read
    key: str
    members: JsonFields


Value = JsonConstant | JsonColumn | JsonEnum | JsonMoney | JsonObject | JsonOne | JsonMany
JsonFields = tuple[tuple[str, Value], ...]
"""An object's values by their names, in order."""
Row = ColumnCollection[str, Any]
"""The columns of a row, by name."""


def json_object(members: JsonFields, row: Row) -> ColumnElement[Any]:
    """The object of a row, as JSON. Raises NotPushableError."""
    return _JsonSqlBuilder().object(members, row).label(DOCUMENT)


class _JsonSqlBuilder:
    """Writes one statement: every table in it has a name of its own."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def object(self, members: JsonFields, row: Row, known: str | None = None) -> ColumnElement[Any]:
        """``known``: a column that is not null here."""
        if len(members) > MAX_MEMBERS_PER_CALL:
            raise NotPushableError(f"more than {MAX_MEMBERS_PER_CALL} members")
        broken = {name: refused for _, value in members for name, refused in self._refused(value, row) if name != known}
        pairs = [part for name, value in members for part in (_text(name), self._value(value, row))]
        made = func.json_build_object(*pairs)
        if not broken:
            return made
        return case((or_(false(), *broken.values()), _failure(next(iter(row.values())))), else_=made)

    def _refused(self, value: Value, row: Row) -> Iterable[tuple[str, ColumnElement[bool]]]:
        """The condition under which the row breaks a guarantee, with the column that shows it."""
        match value:
            case JsonColumn(name, ColumnKind.JSON, True):
                yield f"{name} is JSON", _typed(row, name, ColumnKind.JSON) == _json_null()
                yield name, _column(row, name).is_(None)
            case (
                JsonMoney(name, _)
                | JsonColumn(name, _, True)
                | JsonEnum(name, _, True)
                | JsonObject(name, _, True)
                | JsonMany(_, name, _)
            ):
                yield name, _column(row, name).is_(None)

    def _value(self, value: Value, row: Row) -> ColumnElement[Any]:
        match value:
            case JsonConstant(text):
                return _text(text)
            case JsonColumn(name, kind, required):
                return _shown(_typed(row, name, kind), kind, required)
            case JsonEnum(name, words, required):
                return _word(_typed(row, name, ColumnKind.TEXT), words, required)
            case JsonMoney(name, currency):
                return _major(_typed(row, name, ColumnKind.LONG), _typed(row, currency, ColumnKind.TEXT))
            case JsonObject(name, members, required):
                part = self.object(members, row, known=name)
                return part if required else case((_column(row, name).is_not(None), part))
            case JsonOne():
                return self._one(value, row)
            case JsonMany():
                return self._many(value, row)

    def _one(self, value: JsonOne, row: Row) -> ColumnElement[Any]:
        table = self._table(value.read)
        found = self._found(table, self.object(value.members, table.c), value.read, _column(row, value.key))
        return func.coalesce(found, _failure(_column(row, value.key))) if value.required else found

    def _many(self, value: JsonMany, row: Row) -> ColumnElement[Any]:
        table = self._table(value.read)
        order = [_column(table.c, name) for name in value.read.ordered_by]
        listed = func.json_agg(aggregate_order_by(self.object(value.members, table.c), *order))
        empty = literal_column("'[]'::json", JSON)
        return self._found(table, func.coalesce(listed, empty), value.read, _column(row, value.key))

    def _found(
        self, table: FromClause, what: ColumnElement[Any], read: Read, key: ColumnElement[Any]
    ) -> ColumnElement[Any]:
        mine = select(what).where(_column(table.c, read.keyed_by) == key)
        found: ColumnElement[Any] = mine.correlate_except(table).scalar_subquery()
        return found

    def _table(self, read: Read) -> FromClause:
        return read.rows_of_store.subquery(f"t{next(self._numbers)}")


def _column(row: Row, name: str) -> ColumnElement[Any]:
    if name not in row:
        raise NotPushableError(f"no column {name}")
    column: ColumnElement[Any] = row[name]
    return column


def _typed(row: Row, name: str, kind: ColumnKind) -> ColumnElement[Any]:
    column = _column(row, name)
    type_: TypeEngine[Any] = column.type
    if not isinstance(type_, kind.value) or (kind is ColumnKind.INTEGER and isinstance(type_, BigInteger)):
        raise NotPushableError(f"{name} is {type_!r}")
    if isinstance(type_, TIMESTAMP) and type_.precision != 3:
        raise NotPushableError(f"{name} is not in milliseconds")
    return column


def _shown(column: ColumnElement[Any], kind: ColumnKind, required: bool) -> ColumnElement[Any]:
    if kind is ColumnKind.INSTANT:
        return func.to_char(func.timezone(_text("UTC"), column), literal_column(_MOMENT, Text))
    return func.nullif(column, _json_null()) if kind is ColumnKind.JSON and not required else column


def _word(column: ColumnElement[Any], words: Mapping[str, str], required: bool) -> ColumnElement[Any]:
    known = [(column == _text(word), _text(shown)) for word, shown in words.items()]
    unknown = cast(_failure(column), Text)
    return case(*known, else_=unknown) if required else case(*known, (column.is_not(None), unknown))


def _major(minor_units: ColumnElement[Any], currency: ColumnElement[Any]) -> ColumnElement[Any]:
    by_digits: dict[int, list[str]] = {}
    for code, digits in EXPONENTS.items():
        by_digits.setdefault(digits, []).append(f"'{code}'")
    common_first = sorted(by_digits.items(), key=lambda each: -len(each[1]))
    known = [
        (currency.in_([literal_column(code, Text) for code in codes]), cast(minor_units * _unit(digits), Text))
        for digits, codes in common_first
    ]
    return case(*known, else_=cast(_failure(currency), Text))


def _unit(digits: int) -> ColumnElement[Any]:
    """The factor of minor units; a product has as many digits as its factors together."""
    return literal_column(f"{Decimal(1).scaleb(-digits):f}::numeric", Numeric)


def _failure(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """An expression that fails when it is evaluated. It names a column, otherwise the planner would evaluate it
    beforehand.
    """
    return cast(func.concat(_text("unforeseen "), column), JSON)


def _json_null() -> ColumnElement[Any]:
    return literal_column("'null'::jsonb", JSONB)


def _text(value: str) -> ColumnElement[str]:
    """Names and words of our own schema, written into the statement. Raises NotPushableError for any other."""
    if not value.isascii() or not value.replace("_", "").replace(" ", "").replace("-", "").replace(".", "").isalnum():
        raise NotPushableError(f"{value!r} is no word")
    return literal_column(f"'{value}'", Text)


__all__ = [
    "DOCUMENT",
    "ColumnKind",
    "JsonColumn",
    "JsonConstant",
    "JsonEnum",
    "JsonFields",
    "JsonMany",
    "JsonMoney",
    "JsonObject",
    "JsonOne",
    "NotPushableError",
]
