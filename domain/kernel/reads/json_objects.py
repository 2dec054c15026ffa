"""Objects that the database writes as JSON: a row and its related rows, in the statement that reads the row.

Only values that come out as if the rows were read and written in Python can be expressed here. If a row breaks a
guarantee (null in a non-null field, an unknown keyword), the statement fails instead of returning another value.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Text, case, cast, false, func, literal, or_
from sqlalchemy.dialects.postgresql import JSON

from domain.kernel.reads.found_rows import FoundRows, TableRows
from domain.kernel.reads.json_sql import (
    ColumnKind,
    NotPushableError,
    RowColumns,
    column_of,
    failure,
    json_null,
    keyword,
    major_units,
    shown_column,
    typed_column,
    word_literal,
)
from domain.kernel.reads.stored_rows import owned_rows, some_column

if TYPE_CHECKING:
    from domain.kernel.reads.read import Read

DOCUMENT = "document"
"""The column in which the database writes the object."""
MAX_MEMBERS_PER_CALL = 50
"""Members per call: a function of PostgreSQL accepts 100 arguments."""


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
    """The row that ``read`` finds for the row's ``key``. If there is none, the JSON ``otherwise``, by default null."""

    read: Read
    key: str
    members: JsonRow
    required: bool
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class JsonMany:
    """The list of what ``read`` finds for the row's ``key``."""

    read: Read
    key: str
    members: JsonRow


class JsonExpression(ABC):
    """A value that says itself how it is written: see ``json_values``."""

    def refusals(self, row: RowColumns) -> Iterable[tuple[str, ColumnElement[bool]]]:
        """The conditions under which the row breaks a guarantee, by what is broken: the column, if it is null."""
        return ()

    @abstractmethod
    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The value. Raises NotPushableError."""


Value = JsonExpression | JsonConstant | JsonColumn | JsonEnum | JsonMoney | JsonObject | JsonOne | JsonMany
JsonFields = tuple[tuple[str, Value], ...]
"""An object's values by their names, in order."""
JsonRow = JsonFields | JsonExpression
"""How a row is written: as an object of these values, or as the value says."""


def json_object(members: JsonRow, row: RowColumns) -> ColumnElement[Any]:
    """The object of a row, as JSON. Raises NotPushableError."""
    (made,) = json_objects([members], row)
    return made


def json_objects(
    documents: Sequence[JsonRow], row: RowColumns, pages: Sequence[object] = ()
) -> list[ColumnElement[Any]]:
    """Several objects of a row, each in a column of its own, as the text of JSON, which no connection decodes. Raises
    NotPushableError. ``pages``: see the builder.
    """
    builder = JsonSqlBuilder(pages)
    made = [cast(builder.object(each, row), Text) for each in documents]
    return [each.label(document_name(number)) for number, each in enumerate(made)]


def document_name(number: int) -> str:
    """The column of one of several objects of a row, counted from 0."""
    return DOCUMENT if number == 0 else f"{DOCUMENT}_{number + 1}"


class JsonSqlBuilder:
    """Writes one statement: every table in it has a name of its own."""

    def __init__(self, pages: Sequence[object] = ()) -> None:
        """``pages``: the shapes of the pages in the statement (see ``json_pages``)."""
        self.pages = pages
        self._numbers = itertools.count(1)

    def object(self, members: JsonRow, row: RowColumns, known: str | None = None) -> ColumnElement[Any]:
        """``known``: a column that is not null here."""
        if isinstance(members, JsonExpression):
            return members.sql(row, self)
        if len(members) > MAX_MEMBERS_PER_CALL:
            raise NotPushableError(f"more than {MAX_MEMBERS_PER_CALL} members")
        broken = {name: refused for _, value in members for name, refused in self._refused(value, row) if name != known}
        pairs = [part for name, value in members for part in (word_literal(name), self.value(value, row))]
        made = func.json_build_object(*pairs)
        if not broken:
            return made
        return case((or_(false(), *broken.values()), failure(some_column(row))), else_=made)

    def _refused(self, value: Value, row: RowColumns) -> Iterable[tuple[str, ColumnElement[bool]]]:
        """The condition under which the row breaks a guarantee, with the column that shows it."""
        match value:
            case JsonExpression():
                yield from value.refusals(row)
            case JsonMany(read) | JsonOne(read) if owned_rows(row, read) is not None:
                return
            case JsonColumn(name, ColumnKind.JSON, True):
                yield f"{name} is JSON", typed_column(row, name, ColumnKind.JSON) == json_null()
                yield name, column_of(row, name).is_(None)
            case (
                JsonMoney(name, _)
                | JsonColumn(name, _, True)
                | JsonEnum(name, _, True)
                | JsonObject(name, _, True)
                | JsonMany(_, name, _)
                | JsonOne(key=name, otherwise=str())
            ):
                yield name, column_of(row, name).is_(None)

    def value(self, value: Value, row: RowColumns) -> ColumnElement[Any]:
        """A value of a row. Raises NotPushableError."""
        match value:
            case JsonExpression():
                return value.sql(row, self)
            case JsonConstant(text):
                return word_literal(text)
            case JsonColumn(name, kind, required):
                return shown_column(typed_column(row, name, kind), kind, required)
            case JsonEnum(name, words, required):
                return keyword(typed_column(row, name, ColumnKind.TEXT), words, required)
            case JsonMoney(name, currency):
                minor = typed_column(row, name, ColumnKind.LONG)
                return major_units(minor, typed_column(row, currency, ColumnKind.TEXT), Text)
            case JsonObject(name, members, required):
                part = self.object(members, row, known=name)
                return part if required else case((column_of(row, name).is_not(None), part))
            case JsonOne():
                return self._one(value, row)
            case JsonMany():
                return self.many(value, row)

    def _one(self, value: JsonOne, row: RowColumns) -> ColumnElement[Any]:
        rows = self.related(value.read, value.key, row)
        found = rows.one(self.object(value.members, rows.columns))
        if value.otherwise is not None:
            return func.coalesce(found, cast(literal(value.otherwise, Text), JSON))
        return func.coalesce(found, failure(some_column(row))) if value.required else found

    def many(self, value: JsonMany, row: RowColumns) -> ColumnElement[Any]:
        """The list of a relation."""
        rows = self.related(value.read, value.key, row)
        return rows.listed(self.object(value.members, rows.columns))

    def related(self, read: Read, key: str, row: RowColumns) -> FoundRows:
        """What ``read`` finds for the row's ``key``; of a stored row, what it owned."""
        owned = owned_rows(row, read)
        if owned is not None:
            return owned(self.name())
        return TableRows(read, column_of(row, key), self.name())

    def name(self) -> str:
        """A name that nothing else in the statement has."""
        return f"t{next(self._numbers)}"


__all__ = [
    "DOCUMENT",
    "ColumnKind",
    "JsonColumn",
    "JsonConstant",
    "JsonEnum",
    "JsonExpression",
    "JsonFields",
    "JsonMany",
    "JsonMoney",
    "JsonObject",
    "JsonOne",
    "JsonRow",
    "JsonSqlBuilder",
    "NotPushableError",
    "RowColumns",
    "document_name",
    "json_object",
    "json_objects",
]
