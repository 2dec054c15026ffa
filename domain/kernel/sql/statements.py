"""Statements of use cases that run beneath their session: built and compiled once, however often they run.

The ORM is for entities: identity, versions, locks on roots. What needs none of it (facts looked up, locks on rows that
are guards, rows that are appended and never looked at again) costs SQLAlchemy several times what it costs the database:
building, caching and running a statement takes 0.2 to 0.3 ms of CPU, the unit of work a millisecond for five rows.
Pending changes of the session are not seen: flush first where they matter.
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
    """One statement, its values bound by name; ``store`` is bound to the reader's store."""

    def __init__(
        self, name: str, statement: Select[Any] | WriteStatement, columns: Sequence[str] | None = None
    ) -> None:
        """``columns``: those that an INSERT gives, where it does not say it itself."""
        self._name = name
        self._statement = statement
        self._columns = columns

    @classmethod
    def insert_into(cls, entity: type[Base]) -> Statement:
        """Inserts rows of an entity's table, given by column, every one that the database does not make by itself;
        those that it makes are returned."""
        table: Any = entity.__table__
        made = [column for column in table.c if _is_made(column)]
        statement = insert(table).inline()
        given = [column.name for column in table.c if not _is_made(column)]
        return cls(f"insert_{table.name}", statement.returning(*made) if made else statement, given)

    @cached_property
    def compiled(self) -> CompiledStatement:
        """As it is run. Raises TypeError for what the driver would take otherwise."""
        if isinstance(self._statement, Select):
            return compile_select(self._statement, self._name)
        return compile_write(self._statement, self._name, self._columns)

    async def rows(self, reader: Executor, **values: Any) -> list[Row]:
        """Run it; the rows it selects or returns. Raises Unavailable."""
        return await reader.rows(self.compiled, values)

    async def each(self, reader: Executor, many: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each of the values, all sent together; not at all, where there are none. Raises Unavailable."""
        if many:
            await reader.each(self.compiled, many)


class EntityInsert:
    """Inserts entities of a class that the session need not know: nothing of them changes in this transaction.

    What the database makes of a row (numbers, generated columns) is set on the entity.
    """

    def __init__(self, entity: type[Base]) -> None:
        self._statement = Statement.insert_into(entity)
        self._entity = entity

    @cached_property
    def _attributes(self) -> Mapping[str, str]:
        """The names of attributes, by those of their columns."""
        return {each.columns[0].name: each.key for each in inspect(self._entity).column_attrs}

    async def one(self, reader: Executor, entity: Base) -> None:
        """Insert it. Raises Unavailable."""
        (row,) = await self._statement.rows(reader, **self._values(entity))
        for name, value in row.items():
            set_committed_value(entity, self._attributes[name], value)

    async def each(self, reader: Executor, entities: Sequence[Base]) -> None:
        """Insert them, in their order; nothing is set on them. Raises Unavailable."""
        await self._statement.each(reader, [self._values(entity) for entity in entities])

    def _values(self, entity: Base) -> dict[str, Any]:
        return {name: getattr(entity, key) for name, key in self._attributes.items()}


def _is_made(column: Any) -> bool:
    """Whether the database gives the column its value."""
    return column.computed is not None or column.server_default is not None
