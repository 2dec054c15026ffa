"""Values of JSON objects beyond plain columns: lists of texts, figures of other tables, stored objects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Numeric,
    Text,
    and_,
    case,
    cast,
    func,
    literal_column,
    null,
    or_,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSON, JSONB, TIMESTAMP

from domain.kernel.reads.found_rows import EMPTY_LIST
from domain.kernel.reads.json_objects import (
    JsonExpression,
    JsonMany,
    JsonObject,
    JsonRow,
    JsonSqlBuilder,
    RowColumns,
)
from domain.kernel.reads.json_sql import (
    ColumnKind,
    NotPushableError,
    column_of,
    failure,
    json_null,
    keyword,
    shown_column,
    typed_column,
    word_literal,
)

if TYPE_CHECKING:
    from domain.kernel.reads.read import Read

Refusals = Iterable[tuple[str, ColumnElement[bool]]]


@dataclass(frozen=True, slots=True)
class JsonInt(JsonExpression):
    """An integer of 32 bits, whatever the column may hold."""

    name: str
    required: bool

    def refusals(self, row: RowColumns) -> Refusals:
        """Null, and larger integers."""
        column = typed_column(row, self.name, ColumnKind.LONG)
        if self.required:
            yield self.name, column.is_(None)
        if isinstance(column.type, BigInteger):
            yield f"{self.name} is long", _is_long(column)

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The column."""
        return column_of(row, self.name)


@dataclass(frozen=True, slots=True)
class JsonTexts(JsonExpression):
    """A column with an array of texts, none of them null."""

    name: str
    required: bool

    def refusals(self, row: RowColumns) -> Refusals:
        """Null, arrays within arrays, and null in them."""
        column = column_of(row, self.name)
        if not isinstance(column.type, ARRAY) or not isinstance(column.type.item_type, Text):
            raise NotPushableError(f"{self.name} is {column.type!r}")
        if self.required:
            yield self.name, column.is_(None)
        is_nested = func.array_ndims(column) > literal_column("1", Integer)
        yield f"{self.name} as list", or_(func.array_position(column, null()).is_not(None), is_nested)

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The array as a list."""
        return func.to_json(column_of(row, self.name), type_=JSON)


@dataclass(frozen=True, slots=True)
class JsonNumberText(JsonExpression):
    """A column with a number as text: the digits, after ``prefix``."""

    name: str
    required: bool
    prefix: str = ""

    def refusals(self, row: RowColumns) -> Refusals:
        """Null."""
        if not isinstance(column_of(row, self.name).type, Integer | Numeric):
            raise NotPushableError(f"{self.name} is no number")
        if self.required:
            yield self.name, column_of(row, self.name).is_(None)

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The text; null where the column is."""
        digits = cast(column_of(row, self.name), Text)
        return word_literal(self.prefix).concat(digits) if self.prefix else digits


@dataclass(frozen=True, slots=True)
class JsonFigure(JsonExpression):
    """One column, an integer of 32 bits, of the row that ``read`` finds for the row's ``key``; else ``missing``."""

    read: Read
    key: str
    column: str
    missing: int

    def refusals(self, row: RowColumns) -> Refusals:
        """Null as the key."""
        yield self.key, column_of(row, self.key).is_(None)

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The figure. It is looked up once for each row."""
        rows = builder.related(self.read, self.key, row)
        column = typed_column(rows.columns, self.column, ColumnKind.LONG)
        broken = cast(cast(failure(column), Text), BigInteger)
        checked = case((or_(column.is_(None), _is_long(column)), broken), else_=column)
        return func.coalesce(rows.one(checked), literal_column(str(int(self.missing)), Integer))


@dataclass(frozen=True, slots=True)
class JsonStoredObject(JsonExpression):
    """An object that a column holds as JSON with all of ``names``: the members of it that are shown, by their keys."""

    column: str
    names: tuple[str, ...]
    members: tuple[tuple[str, StoredValue], ...]
    required: bool

    def refusals(self, row: RowColumns) -> Refusals:
        """Null, another value than such an object, and members that are no texts."""
        stored = _stored(row, self.column)
        if self.required:
            yield f"{self.column} is stored", stored.is_(None)
        names = literal_column(f"'{{{','.join(self.names)}}}'::text[]", ARRAY(Text))
        whole = and_(func.jsonb_typeof(stored) == word_literal("object"), stored.op("?&")(names))
        shown = [each for _, each in self.members if not isinstance(each, StoredType)]
        yield f"{self.column} as object", or_(~whole, *(each.is_broken(stored) for each in shown))

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The object; null where the column is."""
        stored = _stored(row, self.column)
        pairs = [part for key, each in self.members for part in (word_literal(key), each.sql(stored))]
        return case((stored.is_not(None), func.json_build_object(*pairs)))


@dataclass(frozen=True, slots=True)
class StoredText:
    """A text in a stored object."""

    name: str
    required: bool

    def is_broken(self, stored: ColumnElement[Any]) -> ColumnElement[bool]:
        """Whether it is no text; null where there is no object."""
        return _is_no_text(stored, self.name, self.required)

    def sql(self, stored: ColumnElement[Any]) -> ColumnElement[Any]:
        """The text, as JSON."""
        return stored.op("->")(word_literal(self.name))


@dataclass(frozen=True, slots=True)
class StoredKeyword:
    """One of a few keywords in a stored object, each written as another."""

    name: str
    words: tuple[tuple[str, str], ...]
    required: bool

    def is_broken(self, stored: ColumnElement[Any]) -> ColumnElement[bool]:
        """Whether it is no text; null where there is no object."""
        return _is_no_text(stored, self.name, self.required)

    def sql(self, stored: ColumnElement[Any]) -> ColumnElement[Any]:
        """The other word; fails for an unknown one."""
        return keyword(stored.op("->>")(word_literal(self.name)), dict(self.words), self.required)


@dataclass(frozen=True, slots=True)
class StoredInstant:
    """A time in a stored object, as ISO 8601 writes it with an offset."""

    name: str
    required: bool

    def is_broken(self, stored: ColumnElement[Any]) -> ColumnElement[bool]:
        """Whether it is no text; null where there is no object."""
        return _is_no_text(stored, self.name, self.required)

    def sql(self, stored: ColumnElement[Any]) -> ColumnElement[Any]:
        """The time in UTC, to the millisecond; fails for a text that is none."""
        instant = cast(stored.op("->>")(word_literal(self.name)), TIMESTAMP(timezone=True))
        return shown_column(instant, ColumnKind.INSTANT, self.required)


@dataclass(frozen=True, slots=True)
class StoredType:
    """The name of the type of a stored object."""

    name: str

    def sql(self, stored: ColumnElement[Any]) -> ColumnElement[Any]:
        """The name."""
        return word_literal(self.name)


StoredValue = StoredText | StoredKeyword | StoredInstant | StoredType


@dataclass(frozen=True, slots=True)
class JsonSingleton(JsonExpression):
    """A list of one object of columns of the row; empty where the object is null."""

    item: JsonObject

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The list."""
        name = self.item.column
        listed = func.json_build_array(builder.object(self.item.members, row, known=name))
        return case((column_of(row, name).is_not(None), listed), else_=EMPTY_LIST)


@dataclass(frozen=True, slots=True)
class JsonEither(JsonExpression):
    """The list of ``present`` for rows in which its key is not null, else that of ``absent``."""

    present: JsonMany
    absent: JsonMany

    def refusals(self, row: RowColumns) -> Refusals:
        """Null in both keys."""
        keys = self.present.key, self.absent.key
        yield " and ".join(keys), and_(*(column_of(row, key).is_(None) for key in keys))

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The list."""
        has_key = column_of(row, self.present.key).is_not(None)
        return case((has_key, builder.many(self.present, row)), else_=builder.many(self.absent, row))


@dataclass(frozen=True, slots=True)
class JsonTyped(JsonExpression):
    """The row as an object of the type that the keyword in a column stands for: of several keywords the same."""

    column: str
    types: tuple[tuple[tuple[str, ...], JsonRow], ...]

    def sql(self, row: RowColumns, builder: JsonSqlBuilder) -> ColumnElement[Any]:
        """The object."""
        column = typed_column(row, self.column, ColumnKind.TEXT)
        known = [(column.in_(list(map(word_literal, words))), builder.object(of, row)) for words, of in self.types]
        return case(*known, else_=failure(column))


def _stored(row: RowColumns, name: str) -> ColumnElement[Any]:
    """A column of JSON; null where it holds JSON's null."""
    column = column_of(row, name)
    if not isinstance(column.type, JSONB):
        raise NotPushableError(f"{name} is no JSON")
    return func.nullif(column, json_null(), type_=JSONB)


def _is_no_text(stored: ColumnElement[Any], name: str, required: bool) -> ColumnElement[bool]:
    """Whether a member of a stored object is no text; null where there is no object, and where it may be left out."""
    kind = func.jsonb_typeof(stored.op("->")(word_literal(name)), type_=Text)
    text = kind != word_literal("string")
    return text if required else and_(text, kind != word_literal("null"))


def _is_long(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether an integer has more than 32 bits."""
    return or_(column > literal_column(str(2**31 - 1), BigInteger), column < literal_column(str(-(2**31)), BigInteger))
