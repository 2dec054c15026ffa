"""Statements of use cases that run beneath their session: built and compiled once.

The ORM is for entities: identity, versions, locks on roots. Statements without these needs (lookups, locks on guard
rows, rows that are appended and never read again) cost SQLAlchemy several times what they cost the database: building,
caching and running a statement takes 0.2 to 0.3 ms of CPU, the unit of work a millisecond for five rows. Statements do
not see pending changes of the session: flush first if they matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, bindparam, insert, inspect
from sqlalchemy.orm.attributes import set_committed_value

from domain.kernel.sql.executor import CompiledStatement, Executor, Row, WriteStatement, compile_select, compile_write
from domain.kernel.sql.tables import Base

STORE: ColumnElement[int] = bindparam("store", type_=Integer())


class Statement:
    """One statement, its values bound by name; ``store`` is bound to the store of the executor."""

    def __init__(
        self, name: str, statement: Select[Any] | WriteStatement, columns: Sequence[str] | None = None
    ) -> None:
        """``columns``: the columns of an INSERT, if it does not name them itself."""
        self._name = name
        self._statement = statement
        self._columns = columns

    @classmethod
    def insert_into(cls, entity: type[Base]) -> Statement:
        """Insert rows of the table of an entity, given by column: all columns without a value from the database. Those
        with one are returned.
        """
        table: Any = entity.__table__
        made = [column for column in table.c if _is_made(column)]
        statement = insert(table).inline()
        given = [column.name for column in table.c if not _is_made(column)]
        return cls(f"insert_{table.name}", statement.returning(*made) if made else statement, given)

    @cached_property
    def compiled(self) -> CompiledStatement:
        """The compiled statement. Raises TypeError for types that the driver would convert differently."""
        if isinstance(self._statement, Select):
            return compile_select(self._statement, self._name)
        return compile_write(self._statement, self._name, self._columns)

    async def rows(self, db: Executor, **values: Any) -> list[Row]:
        """Run it; the rows it selects or returns. Raises Unavailable."""
        return await db.rows(self.compiled, values)

    async def each(self, db: Executor, many: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each of the values, all sent together; not at all, where there are none. Raises Unavailable."""
        if many:
            await db.each(self.compiled, many)


class EntityInsert:
    """Inserts entities that the session need not track, because they do not change in this transaction.

    Values from the database (numbers, generated columns) are set on the entity.
    """

    def __init__(self, entity: type[Base]) -> None:
        self._statement = Statement.insert_into(entity)
        self._entity = entity

    @cached_property
    def _attributes(self) -> Mapping[str, str]:
        """The names of attributes, by those of their columns."""
        return {each.columns[0].name: each.key for each in inspect(self._entity).column_attrs}

    async def one(self, db: Executor, entity: Base) -> None:
        """Insert it. Raises Unavailable."""
        (row,) = await self._statement.rows(db, **self._values(entity))
        for name, value in row.items():
            set_committed_value(entity, self._attributes[name], value)

    async def each(self, db: Executor, entities: Sequence[Base]) -> None:
        """Insert them, in their order; nothing is set on them. Raises Unavailable."""
        await self._statement.each(db, [self._values(entity) for entity in entities])

    def _values(self, entity: Base) -> dict[str, Any]:
        return {name: getattr(entity, key) for name, key in self._attributes.items()}


def _is_made(column: Any) -> bool:
    """Whether the database generates the value of the column."""
    return column.computed is not None or column.server_default is not None
