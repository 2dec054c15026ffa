"""Records: rows of an entity as plain objects, which use cases read, change and write by compiled statements.

A record has the attributes and methods of its entity, without the ORM's instrumentation: setting and reading an
attribute, loading and flushing cost a tenth. Nothing tracks it: who changes it writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import cached_property
from types import FunctionType
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Select, bindparam, inspect, select, true
from sqlalchemy.orm import Mapper, RelationshipProperty

from domain.kernel.errors import NotFound
from domain.kernel.fields import UNSET, Unset
from domain.kernel.fields.versions import require_version
from domain.kernel.reads.read import KnownRows
from domain.kernel.sql.executor import Row
from domain.kernel.sql.row_copy import RowCopy
from domain.kernel.sql.statements import NAMED_LOCK, STORE, RowStatement, Statement, is_made
from domain.kernel.sql.tables import KEY_TEXT, StoreOwned
from domain.kernel.use_cases.unit_of_work import UnitOfWork

E = TypeVar("E", bound=StoreOwned)


class Records(Generic[E]):
    """The records of one entity. They are typed as the entity, but the session does not know them."""

    def __init__(self, entity: type[E]) -> None:
        self._entity = entity
        self._table: Any = entity.__table__
        self._updates: dict[tuple[str, ...], RowStatement] = {}
        self._lists: dict[tuple[str, str], Statement] = {}

    def new(self, **values: Any) -> E:
        """A record that is not stored yet. Attributes without a value are None, relations empty lists."""
        return cast(E, self._record_class(values))

    async def lock(
        self, work: UnitOfWork, id: str, *, noun: str, version: int | Unset = UNSET, after: str | None = None
    ) -> E:
        """The record, locked as ``UnitOfWork.lock`` does. Raises NotFound, Conflict (stale version).

        ``after``: the name of a lock that the transaction takes first, see ``NAMED_LOCK``.
        """
        if after is None:
            rows = await self._lock.rows(work.reader, id=id)
        else:
            rows = await self._lock_after.rows(work.reader, id=id, lock_name=after)
        if not rows:
            raise NotFound(noun)
        record = self._of(rows[0])
        require_version(record, noun, version)
        return record

    async def by_column(self, work: UnitOfWork, column: str, value: str, order: str) -> list[E]:
        """The records with this value, by another column. Lock their owner first: they may change otherwise."""
        return [self._of(row) for row in await self._select(column, order).rows(work.reader, value=value)]

    async def insert(self, work: UnitOfWork, *records: E) -> None:
        """Insert records now, with all that waits; the values that the database makes are set on them."""
        values = self._insert_returning.values([self._values(record) for record in records])
        made = {row.id: row for row in await work.write_now(self._insert_returning, values)}
        for record in records:
            self._fill(record, made[record.id])

    def append(self, work: UnitOfWork, *records: E) -> None:
        """Insert records with the next message that writes; nothing is set on them."""
        work.append(self._insert, *map(self._values, records))

    def copying(self, work: UnitOfWork, *records: E) -> AbstractAsyncContextManager[None]:
        """Insert many records now, after all that waits; nothing is set on them. As of ``UnitOfWork.copying``."""
        return work.copying(self._insert, self._copied, list(map(self._values, records)))

    async def update(self, work: UnitOfWork, record: E) -> None:
        """Write what has changed of a record now, with all that waits; computed columns are set on it."""
        changed = self._changed(record)
        if changed:
            statement = self._update_of(tuple(changed))
            rows = await work.write_now(statement, statement.values([{"id": record.id, **changed}]))
            self._fill(record, rows[0] if rows else {})  # a table without computed columns returns none

    async def update_all(self, work: UnitOfWork, records: Sequence[E], *, apart: bool = False) -> None:
        """Write what has changed of records, with the next message that writes; computed columns are not set on them.

        ``apart``: as of ``UnitOfWork.write``.
        """
        changes = [(record, self._changed(record)) for record in records]
        columns = tuple(sorted({name for _, changed in changes for name in changed}))
        current = [self._values(record) for record, changed in changes if changed]
        if current:
            rows = [{name: values[name] for name in ("id", *columns)} for values in current]
            await work.write(self._update_of(columns), rows, apart=apart)
            for record, _ in changes:
                self._fill(record, {})

    async def delete(self, work: UnitOfWork, records: Sequence[E], *, apart: bool = False) -> None:
        """Delete records with the next message that writes. ``apart``: as of ``UnitOfWork.write``."""
        await work.write(self._delete, [{"id": record.id} for record in records], apart=apart)

    def _of(self, row: Row) -> E:
        """The record of a row that was read."""
        record = self._record_class({})
        record.__dict__.update({key: getattr(row, name) for name, key in self._attributes.items()})
        record.stored = self._values(record)
        return cast(E, record)

    def _values(self, record: Any) -> dict[str, Any]:
        """The values by column, without those that the database makes."""
        values = record.__dict__
        return {name: values[key] for name, key in self._written.items()}

    def _changed(self, record: Any) -> dict[str, Any]:
        """The values by column that differ from the stored ones."""
        stored, current = record.stored, self._values(record)
        return {name: value for name, value in current.items() if value != stored[name]}

    def _fill(self, record: Any, row: Mapping[str, Any]) -> None:
        """Set what the database made. The record is stored as it is now."""
        for name, value in row.items():
            record.__dict__[self._attributes[name]] = value
        record.stored = self._values(record)

    @cached_property
    def _attributes(self) -> Mapping[str, str]:
        """The names of attributes, by those of their columns."""
        return {str(each.columns[0].name): each.key for each in inspect(self._entity).column_attrs}

    @cached_property
    def _written(self) -> Mapping[str, str]:
        """As ``_attributes``, of the columns that are written."""
        columns = self._table.c
        return {name: key for name, key in self._attributes.items() if not is_made(columns[name])}

    @cached_property
    def _record_class(self) -> Callable[[Mapping[str, Any]], Any]:
        return _record_class(self._entity)

    @cached_property
    def _locking(self) -> Select[Any]:
        columns = self._table.c
        own = (columns.store_id == STORE, columns.id == bindparam("id", type_=KEY_TEXT))
        # Keys never change: rows that refer to it need not wait.
        return select(*columns).where(*own).with_for_update(of=self._table, key_share=True)

    @cached_property
    def _lock(self) -> Statement:
        return Statement(f"lock_{self._table.name}", self._locking)

    @cached_property
    def _lock_after(self) -> Statement:
        """PostgreSQL locks the rows that a query has found: by then it has run the functions in its FROM."""
        named = select(NAMED_LOCK.label("taken")).subquery("named")
        return Statement(f"lock_{self._table.name}_after", self._locking.join_from(self._table, named, true()))

    @cached_property
    def _insert(self) -> RowStatement:
        return RowStatement.insert_into(self._entity)

    @cached_property
    def _copied(self) -> RowCopy:
        return RowCopy(self._entity)

    @cached_property
    def _insert_returning(self) -> RowStatement:
        return RowStatement.insert_into(self._entity, returning=("id",))

    @cached_property
    def _delete(self) -> RowStatement:
        return RowStatement.delete_rows(self._entity, ("id",))

    def _update_of(self, columns: tuple[str, ...]) -> RowStatement:
        known = self._updates.get(columns)
        if known is None:
            known = RowStatement.update_rows(self._entity, ("id",), columns, returning=True)
            self._updates[columns] = known
        return known

    def _select(self, column: str, order: str) -> Statement:
        known = self._lists.get((column, order))
        if known is None:
            columns = self._table.c
            own = (columns.store_id == STORE, columns[column] == bindparam("value", type_=KEY_TEXT))
            listing = select(*columns).where(*own).order_by(columns[order])
            known = self._lists[column, order] = Statement(f"{self._table.name}_by_{column}", listing)
        return known


class _Record(KnownRows):
    """The base of all record classes."""

    table: str
    lists: Mapping[str, tuple[str, str]]
    """The attributes with related records, by table, and the column there that refers to this record."""
    id: str

    def rows_of(self, table: str, column: str, key: str) -> Sequence[Any] | None:
        """As of the base: itself, and the related records."""
        if key != self.id:
            return None
        if table == self.table and column == "id":
            return [self]
        name, owner = self.lists.get(table, ("", ""))
        return getattr(self, name) if name and owner == column else None


def _record_class(entity: type[StoreOwned]) -> type[Any]:
    """A class with the attributes, methods and validators of an entity, and no instrumentation."""
    mapper = inspect(entity)
    related = [each for each in mapper.relationships if each.uselist]
    members: dict[str, Any] = {
        name: member
        for base in reversed(entity.__mro__)
        for name, member in vars(base).items()
        if isinstance(member, FunctionType | property) and not name.startswith("__")
    }
    validators: Mapping[str, tuple[Any, Any]] = mapper.validators
    members |= {name: _validated(name, method) for name, (method, _) in validators.items()}
    lists = {str(each.entity.local_table.description): (each.key, _owner_column(each)) for each in related}
    members |= {"__init__": _initialiser(mapper), "table": str(mapper.local_table.description), "lists": lists}
    return type(f"{entity.__name__}Record", (_Record,), members)


def _initialiser(mapper: Mapper[Any]) -> Callable[[Any, Mapping[str, Any]], None]:
    """The ``__init__`` of a record class."""
    empty = dict.fromkeys(each.key for each in mapper.column_attrs)
    related = tuple(each.key for each in mapper.relationships if each.uselist)
    validated = tuple(mapper.validators)

    def initialise(self: Any, values: Mapping[str, Any]) -> None:
        attributes = self.__dict__
        attributes.update(empty)
        for name in related:
            attributes[name] = []
        attributes.update(values)
        for name in validated:
            if name in values:
                setattr(self, name, values[name])

    return initialise


def _validated(name: str, validate: Callable[[Any, str, Any], Any]) -> property:
    """An attribute that passes through a validator of its entity."""

    def read(self: Any) -> Any:
        return self.__dict__[name]

    def write(self: Any, value: Any) -> None:
        self.__dict__[name] = validate(self, name, value)

    return property(read, write)


def _owner_column(relation: RelationshipProperty[Any]) -> str:
    """The column of the related table that holds the id of the owner."""
    return next(str(far.name) for near, far in relation.local_remote_pairs or () if near.name == "id")
