"""Many rows of one table by COPY, which takes half the time of an INSERT from JSON.

COPY is refused into tables under row-level security. So the rows go into a temporary table of this transaction, which
nobody else sees and which needs no clearing up, and from there by one statement of the gateway's own role into the
table, whose policy checks them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cached_property
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy.dialects.postgresql import JSONB, dialect

from domain.kernel.sql.executor import Executor
from domain.kernel.sql.overlap import in_flight
from domain.kernel.sql.statements import is_made
from domain.kernel.sql.tables import Base

MIN_COPIED_ROWS = 100
"""Fewer rows are quicker in a message with others: COPY takes four messages of its own."""


class RowCopy:
    """Writes rows of the table of an entity: all columns without a value from the database."""

    def __init__(self, entity: type[Base]) -> None:
        self._table: Any = entity.__table__

    @asynccontextmanager
    async def writing(self, db: Executor, rows: Sequence[Mapping[str, Any]]) -> AsyncGenerator[None]:
        """Write these rows, given by column; PostgreSQL inserts them during the block, which must not use it.

        Raises Unavailable, KeyError for a row without one of its columns.
        """
        values_of, documents = itemgetter(*self._columns), self._documents
        records = [list(values_of(row)) for row in rows]
        for record in records:
            for index in documents:
                record[index] = _json(record[index])
        await db.copy(self._create, self._staged, self._columns, records)
        async with in_flight(db.command(self._finish)):
            yield

    @cached_property
    def _columns(self) -> list[str]:
        return [str(each.name) for each in self._table.c if not is_made(each)]

    @cached_property
    def _documents(self) -> list[int]:
        """The places of those columns that hold JSON."""
        types = {each.name: each.type for each in self._table.c}
        return [index for index, name in enumerate(self._columns) if isinstance(types[name], JSONB)]

    @cached_property
    def _staged(self) -> str:
        return f"staged_{self._table.name}"

    @cached_property
    def _create(self) -> str:
        """JSON is staged as text: for its own types the driver calls a function of Python for each value."""
        kinds = {each.name: each.type.compile(dialect()) for each in self._table.c}  # type: ignore[no-untyped-call]
        kinds |= {self._columns[index]: "TEXT" for index in self._documents}
        columns = ", ".join(f"{name} {kinds[name]}" for name in self._columns)
        return f"CREATE TEMPORARY TABLE {self._staged} ({columns}) ON COMMIT DROP"

    @cached_property
    def _finish(self) -> str:
        columns = ", ".join(self._columns)
        documents = {self._columns[index] for index in self._documents}
        selected = ", ".join(f"{name}::jsonb" if name in documents else name for name in self._columns)
        source = f"pg_temp.{self._staged}"
        insert = f"INSERT INTO {self._table.name} ({columns}) SELECT {selected} FROM {source}"  # noqa: S608 - own names
        return f"{insert}; DROP TABLE {source}"


def _json(value: Any) -> str | None:
    """None of JSON is NULL."""
    return None if value is None else orjson.dumps(value).decode()
