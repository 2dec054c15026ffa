"""Rows that are stored as JSON: PostgreSQL reads the members of their objects as columns, like those of a table.

A member that is missing and one that is null are the same. The types are those that the objects were written with: a
text where a number belongs is read as the number, and fails where it is none.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, Numeric, Select, Text, cast, column, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.types import TypeEngine

from domain.kernel.reads.found_rows import FoundRows
from domain.kernel.reads.json_sql import NotPushableError, RowColumns, failure, json_null, word_literal

if TYPE_CHECKING:
    from domain.kernel.reads.read import Read

Types = Mapping[str, TypeEngine[Any]]
Derive = Callable[["StoredColumns"], ColumnElement[Any]]
"""A column that follows from others of the row, or from those of the row that holds it."""


@dataclass(frozen=True, eq=False)
class StoredRows:
    """What the objects are that are stored of some rows.

    ``members``: the types of their members, as a rule those of the columns of a table. ``missing``: what stands for
    members that older objects do not have, if it is not null. ``derived``: columns that are found otherwise. ``owned``:
    the rows that each of them holds, by the read that finds the present ones.
    """

    members: Types
    missing: Mapping[str, Any] = field(default_factory=dict)
    derived: Mapping[str, Derive] = field(default_factory=dict)
    owned: Mapping[Read, OwnedRows] = field(default_factory=dict)

    def complete(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """An object with all members, as the database reads it."""
        whole = {**self._no_members, **stored}
        for name, value in self.missing.items():
            if whole[name] is None:
                whole[name] = value
        return whole

    @cached_property
    def _no_members(self) -> Mapping[str, None]:
        return dict.fromkeys(self.members)


class StoredColumns(RowColumns):
    """The columns of a row that is stored as an object. Those that are used are remembered: only they are read."""

    def __init__(self, rows: StoredRows, name: str, holder: RowColumns) -> None:
        """``name``: the row's name in the statement; ``holder``: the row that holds the object."""
        self.rows = rows
        self.name = name
        self.holder = holder
        self._used: dict[str, TypeEngine[Any]] = {}

    def __contains__(self, name: object) -> bool:
        return name in self.rows.derived or name in self.rows.members

    def __getitem__(self, name: str) -> ColumnElement[Any]:
        derive = self.rows.derived.get(name)
        if derive is not None:
            return derive(self)
        member = self.member(name)
        if name not in self.rows.missing:
            return member
        return func.coalesce(member, _constant(self.rows.missing[name], member.type), type_=member.type)

    def values(self) -> Iterator[ColumnElement[Any]]:
        """Those of the members, first of those that are used."""
        for name in (*self._used, *self.rows.members):
            yield self.member(name)

    def member(self, name: str) -> ColumnElement[Any]:
        """A member as it is stored."""
        type_ = self._used[name] = self.rows.members[name]
        return literal_column(f'{self.name}."{name}"', type_)

    def definitions(self) -> Iterable[ColumnElement[Any]]:
        """The columns that are used, as a function that returns records is told them."""
        if not self._used:
            next(self.values())
        return [column(name, _read_as(type_)) for name, type_ in self._used.items()]


class OwnedRows(ABC):
    """Where a stored row holds rows of its own."""

    @abstractmethod
    def found(self, row: StoredColumns, name: str) -> FoundRows:
        """The rows that this row holds, under a name in the statement. Raises NotPushableError."""


@dataclass(frozen=True)
class OwnedItems(OwnedRows):
    """A list of objects in a member."""

    member: str
    rows: StoredRows

    def found(self, row: StoredColumns, name: str) -> FoundRows:
        """The objects, in the order of the list."""
        return listed_rows(row.member(self.member), self.rows, row, name)


@dataclass(frozen=True)
class OwnedObject(OwnedRows):
    """An object in a member; no row where it is null."""

    member: str
    rows: StoredRows

    def found(self, row: StoredColumns, name: str) -> FoundRows:
        """The object."""
        return single_row(row.member(self.member), self.rows, row, name)


@dataclass(frozen=True)
class OwnedElsewhere(OwnedRows):
    """One of the objects in a member of the row that holds this one: that with the id in ``key``."""

    key: str
    member: str
    rows: StoredRows

    def found(self, row: StoredColumns, name: str) -> FoundRows:
        """The object."""
        if not isinstance(row.holder, StoredColumns):
            raise NotPushableError(f"{self.member} of a row that holds nothing")
        list_ = listed_rows(row.holder.member(self.member), self.rows, row.holder, name)
        return list_.narrowed(list_.columns["id"] == row.member(self.key))


@dataclass(frozen=True)
class OwnedTexts(OwnedRows):
    """A list of texts in a member: rows with one column."""

    member: str
    column: str

    def found(self, row: StoredColumns, name: str) -> FoundRows:
        """The texts, in the order of the list."""
        texts = func.unnest(_required(row.member(self.member))).table_valued(column(self.column, Text()))
        return SelectedRows(texts.render_derived(name=name))


class SelectedRows(FoundRows):
    """The rows of something that is selected from."""

    def __init__(self, source: FromClause, *order: str) -> None:
        """``order``: the columns that they are sorted by, of ids."""
        self.columns = source.c
        self.order = [source.c[name].collate("C") for name in order]
        self._source = source

    def one(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """The value of the row."""
        found: ColumnElement[Any] = select(value).select_from(self._source).scalar_subquery()
        return found


class RecordRows(FoundRows):
    """Rows that a function of PostgreSQL reads out of JSON."""

    def __init__(self, columns: StoredColumns, function: Any, *where: ColumnElement[bool]) -> None:
        """``function``: returns records; ``where``: which of them."""
        self.columns = columns
        self._row = columns
        self._function = function
        self._where = where

    def narrowed(self, where: ColumnElement[bool]) -> RecordRows:
        """Those of them for which this holds."""
        return RecordRows(self._row, self._function, *self._where, where)

    def one(self, value: ColumnElement[Any]) -> ColumnElement[Any]:
        """The value of the row."""
        found: ColumnElement[Any] = self.selecting(value).scalar_subquery()
        return found

    def selecting(self, *values: ColumnElement[Any]) -> Select[Any]:
        """Values of the rows. They are built before, so that the columns that they use are known."""
        table = self._function.table_valued(*self._row.definitions())
        table = table.render_derived(name=self._row.name, with_types=True)
        return select(*values).select_from(table).where(*self._where)


def listed_rows(stored: ColumnElement[Any], rows: StoredRows, holder: RowColumns, name: str) -> RecordRows:
    """The rows of a list of objects; the statement fails where it is null or no list. Raises NotPushableError."""
    there = _required(_json(stored))
    return RecordRows(StoredColumns(rows, name, holder), func.jsonb_to_recordset(there))


def required_row(stored: ColumnElement[Any], rows: StoredRows, holder: RowColumns, name: str) -> RecordRows:
    """The row of an object; the statement fails where it is null or another value. Raises NotPushableError.

    The column is not compared with JSON's null, which fails anyway: a comparison decompresses the whole value.
    """
    there = _required(_json(stored))
    return RecordRows(StoredColumns(rows, name, holder), func.jsonb_to_record(there))


def single_row(stored: ColumnElement[Any], rows: StoredRows, holder: RowColumns, name: str) -> RecordRows:
    """The row of an object; none where it is null, and failure where it is another value. Raises NotPushableError."""
    there = func.nullif(_json(stored), json_null(), type_=JSONB)
    return RecordRows(StoredColumns(rows, name, holder), func.jsonb_to_record(there), there.is_not(None))


def owned_rows(row: RowColumns, read: Read) -> Callable[[str], FoundRows] | None:
    """What finds the rows that a stored row holds for a read, under the name given to it; None where it holds none."""
    if not isinstance(row, StoredColumns) or read not in row.rows.owned:
        return None
    return partial(row.rows.owned[read].found, row)


def some_column(row: RowColumns) -> ColumnElement[Any]:
    """A column of the row, whichever: one that is used anyway if it can be."""
    return row["id"] if "id" in row and not isinstance(row, StoredColumns) else next(iter(row.values()))


def members_of(read: Read, **others: TypeEngine[Any]) -> Types:
    """The types of the columns of a read, and of other members."""
    return {str(name): each.type for name, each in read.statement.selected_columns.items()} | others


def _required(stored: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column; fails where it is null."""
    return func.coalesce(stored, cast(cast(failure(stored), Text), stored.type), type_=stored.type)


def _constant(value: Any, type_: TypeEngine[Any]) -> ColumnElement[Any]:
    """A constant of our own schema. Raises NotPushableError for one that is no word, number or empty list."""
    if value == []:
        return literal_column("'{}'::text[]", type_)
    return literal_column(str(value), type_) if isinstance(value, int) else word_literal(value)


def _json(stored: ColumnElement[Any]) -> ColumnElement[Any]:
    if not isinstance(stored.type, JSONB):
        raise NotPushableError(f"{stored} is no JSON")
    return stored


def _read_as(type_: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type in which a member is read: as exact as it is stored."""
    match type_:
        case TIMESTAMP():
            return TIMESTAMP(timezone=True)
        case Text():
            return Text()
        case Numeric():
            return Numeric()
    return type_
