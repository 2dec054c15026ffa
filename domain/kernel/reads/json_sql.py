"""SQL of single values as JSON: columns with checked types, keywords, amounts, and expressions that fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Integer,
    Numeric,
    Text,
    case,
    cast,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB, TIMESTAMP
from sqlalchemy.types import TypeEngine

from domain.kernel.money import EXPONENTS

_MOMENT = """'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'"""


class RowColumns(Protocol):
    """The columns of a row, by name: a ColumnCollection, or the members of a stored object."""

    def __contains__(self, name: str, /) -> bool: ...

    def __getitem__(self, name: str, /) -> ColumnElement[Any]: ...

    def values(self) -> Iterable[ColumnElement[Any]]:
        """All columns."""


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


def column_of(row: RowColumns, name: str) -> ColumnElement[Any]:
    if name not in row:
        raise NotPushableError(f"no column {name}")
    column: ColumnElement[Any] = row[name]
    return column


def typed_column(row: RowColumns, name: str, kind: ColumnKind) -> ColumnElement[Any]:
    column = column_of(row, name)
    type_: TypeEngine[Any] = column.type
    if not isinstance(type_, kind.value) or (kind is ColumnKind.INTEGER and isinstance(type_, BigInteger)):
        raise NotPushableError(f"{name} is {type_!r}")
    if isinstance(type_, TIMESTAMP) and type_.precision != 3:
        raise NotPushableError(f"{name} is not in milliseconds")
    return column


def shown_column(column: ColumnElement[Any], kind: ColumnKind, required: bool) -> ColumnElement[Any]:
    if kind is ColumnKind.INSTANT:
        return func.to_char(func.timezone(word_literal("UTC"), column), literal_column(_MOMENT, Text))
    return func.nullif(column, json_null()) if kind is ColumnKind.JSON and not required else column


def keyword(column: ColumnElement[Any], words: Mapping[str, str], required: bool) -> ColumnElement[Any]:
    known = [(column == word_literal(word), word_literal(shown)) for word, shown in words.items()]
    unknown = cast(failure(column), Text)
    return case(*known, else_=unknown) if required else case(*known, (column.is_not(None), unknown))


def major_units(
    minor_units: ColumnElement[Any], currency: ColumnElement[Any], type_: type[TypeEngine[Any]]
) -> ColumnElement[Any]:
    """An amount in major units, as text or number with the digits of its currency. Fails for a code without digits."""
    known = [(currency.op("IN")(codes), cast(minor_units * unit, type_)) for codes, unit in _DIGITS]
    return case(*known, else_=cast(cast(failure(currency), Text), type_))


def _unit(digits: int) -> ColumnElement[Any]:
    """The factor of minor units; a product has as many digits as its factors together."""
    return literal_column(f"{Decimal(1).scaleb(-digits):f}::numeric", Numeric)


def failure(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """An expression that fails when it is evaluated. It names a column, otherwise the planner would evaluate it
    beforehand.
    """
    return cast(func.concat(word_literal("unforeseen "), column), JSON)


def json_null() -> ColumnElement[Any]:
    return literal_column("'null'::jsonb", JSONB)


def word_literal(value: str) -> ColumnElement[str]:
    """Names and words of our own schema, written into the statement. Raises NotPushableError for any other."""
    if not value.isascii() or not value.replace("_", "").replace(" ", "").replace("-", "").replace(".", "").isalnum():
        raise NotPushableError(f"{value!r} is no word")
    return literal_column(f"'{value}'", Text)


def _currencies() -> Iterator[tuple[ColumnElement[Any], ColumnElement[Any]]]:
    """The codes of the currencies with equally many digits, and the factor of minor units; the most common first.

    A list of codes is one element of the statement: as one for each code, they took most of the time to build it.
    """
    by_digits: dict[int, list[str]] = {}
    for code, digits in EXPONENTS.items():
        by_digits.setdefault(digits, []).append(f"'{code}'")
    for digits, codes in sorted(by_digits.items(), key=lambda each: -len(each[1])):
        yield literal_column(f"({', '.join(codes)})"), _unit(digits)


_DIGITS = tuple(_currencies())
