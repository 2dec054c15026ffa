"""Statements of use cases that run beneath their session: built and compiled once.

The ORM is for entities: identity, versions, locks on roots. Statements without these needs (lookups, locks on guard
rows, rows that are appended and never read again) cost SQLAlchemy several times what they cost the database: building,
caching and running a statement takes 0.2 to 0.3 ms of CPU, the unit of work a millisecond for five rows. Statements do
not see pending changes of the session: flush first if they matter.

Rows are sent as one JSON text each statement, whatever their number: the driver encodes one value instead of one a
column, and PostgreSQL reads the columns with their own types (bigint from its digits, so amounts are exact).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    ColumnElement,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    column,
    delete,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert

from domain.kernel.sql.executor import CompiledStatement, Executor, Row, WriteStatement, compile_select, compile_write
from domain.kernel.sql.tables import Base

STORE: ColumnElement[int] = bindparam("store", type_=Integer())
CALLER_SCOPES: ColumnElement[Any] = bindparam("caller_scopes", type_=ARRAY(Text))
"""The scopes of the caller, for what only some of them may see of a row."""
OF_EXECUTOR = frozenset({"store", "caller_scopes"})
"""The parameters whose values the executor has."""
_LOCK_NAME = bindparam("lock_name", type_=Text())
_LOCK_KEY = func.hashtextextended(_LOCK_NAME, literal_column("0"))
TRY_NAMED_LOCK: ColumnElement[Any] = func.pg_try_advisory_xact_lock(_LOCK_KEY)
"""Whether the lock with the name ``lock_name`` was free; the transaction holds it then until its end."""
NAMED_LOCK: ColumnElement[Any] = func.pg_advisory_xact_lock(_LOCK_KEY)
"""The same, after waiting for it. As a column it is void."""
_PARAMETER = re.compile(r"\$(\d+)")


class Statement:
    """One statement, its values bound by name; ``store`` is bound to the store of the executor."""

    def __init__(
        self,
        name: str,
        statement: Select[Any] | WriteStatement | Callable[[], Select[Any]],
        columns: Sequence[str] | None = None,
    ) -> None:
        """``statement``: or what builds it, which is called when it is first run: large ones take milliseconds.

        ``columns``: the columns of an INSERT, if it does not name them itself.
        """
        self.name = name
        self._statement = statement
        self._columns = columns

    @property
    def table(self) -> str | None:
        """The name of the table that it writes; None if it only reads."""
        written: Any = self._statement
        return None if isinstance(written, Select) or callable(written) else str(written.table.name)

    @cached_property
    def compiled(self) -> CompiledStatement:
        """The compiled statement. Raises TypeError for types that the driver would convert differently."""
        statement = self._statement() if callable(self._statement) else self._statement
        if isinstance(statement, Select):
            return compile_select(statement, self.name)
        return compile_write(statement, self.name, self._columns)

    async def rows(self, db: Executor, **values: Any) -> list[Row]:
        """Run it; the rows it selects or returns. Raises Unavailable."""
        return await db.rows(self.compiled, values)

    async def each(self, db: Executor, many: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each of the values, all sent together; not at all, where there are none. Raises Unavailable."""
        if many:
            await db.each(self.compiled, many)


class RowStatement(Statement):
    """A statement that writes any number of rows of one table, given by column."""

    def __init__(self, name: str, statement: WriteStatement, given: Sequence[str]) -> None:
        """``given``: the columns that every row has."""
        super().__init__(name, statement)
        self._given = frozenset(given)

    @classmethod
    def insert_into(
        cls,
        entity: type[Base],
        refine: Callable[[Insert], Insert] = lambda made: made,
        *,
        returning: Sequence[str] | None = None,
    ) -> RowStatement:
        """Insert rows of the table of an entity: all columns without a value from the database.

        ``refine`` adds what else belongs to the INSERT; ``returning``: the columns to return besides those that the
        database makes; None returns nothing.
        """
        table: Any = entity.__table__
        made = [each for each in table.c if is_made(each) or each.name in (returning or ())]
        given = [each.name for each in table.c if not is_made(each)]
        rows = _recordset(table, given)
        statement = refine(insert(table).from_select(given, select(*(rows.c[name] for name in given))).inline())
        return cls(f"insert_{table.name}", statement if returning is None else statement.returning(*made), given)

    @classmethod
    def update_rows(
        cls, entity: type[Base], keys: Sequence[str], columns: Sequence[str], *, returning: bool = False
    ) -> RowStatement:
        """Set ``columns`` of the rows of the store with these ``keys``. ``returning``: the columns that are computed.

        Two rows with the same keys in one message are a mistake: only one of them would be written.
        """
        table: Any = entity.__table__
        rows = _recordset(table, [*keys, *columns])
        made = [each for each in table.c if each.computed is not None] if returning else []
        statement = update(table).where(*_is_row(table, rows, keys)).values({name: rows.c[name] for name in columns})
        name = f"update_{table.name}"
        return cls(name, statement.returning(*made) if made else statement, [*keys, *columns])

    @classmethod
    def delete_rows(cls, entity: type[Base], keys: Sequence[str]) -> RowStatement:
        """Delete the rows of the store with these ``keys``."""
        table: Any = entity.__table__
        return cls(f"delete_{table.name}", delete(table).where(*_is_row(table, _recordset(table, keys), keys)), keys)

    async def each(self, db: Executor, many: Sequence[Mapping[str, Any]]) -> None:
        """Write these rows with one statement; not at all, where there are none. Raises Unavailable, KeyError."""
        if many:
            await db.rows(self.compiled, self.values(many))

    def values(self, many: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The parameters for these rows. Raises KeyError for a row without one of its columns."""
        for row in many:
            if not self._given <= row.keys():
                raise KeyError(f"{self.name}: {sorted(self._given - row.keys())}")
        return {"rows": orjson.dumps(many, default=_text_of).decode()}


Write = tuple[Statement, Mapping[str, Any]]
"""A statement with its values."""


async def run_together(db: Executor, writes: Sequence[Write]) -> list[Row]:
    """Run statements as one, which saves a message to and fro for each; the rows of the last.

    PostgreSQL runs them on one snapshot, in no order that could be relied on: none sees what the others write, and no
    two may write the same row. Keys and constraints are checked at the end of them all. Raises Unavailable.
    """
    joined = _joined(tuple(statement for statement, _ in writes))
    own = db.own_values
    arguments = [value for statement, values in writes for value in statement.compiled.arguments({**values, **own})]
    return await db.fetch(joined, writes[-1][0].compiled.row, arguments)


@lru_cache(maxsize=2_000)
def _joined(statements: tuple[Statement, ...]) -> str:
    """The text of statements run as one: all but the last as common table expressions of the last."""
    texts: list[str] = []
    count = 0
    for statement in statements:
        compiled, shift = statement.compiled, count
        texts.append(_PARAMETER.sub(lambda found, by=shift: f"${int(found[1]) + by}", compiled.text))  # type: ignore[misc]  # the default binds it
        count += len(compiled.names)
    *others, last = texts
    parts = ", ".join(f"w{index} AS ({text})" for index, text in enumerate(others))
    return f"WITH {parts} {last}" if others else last


def is_made(column: Any) -> bool:
    """Whether the database generates the value of the column."""
    return column.computed is not None or column.server_default is not None


def _recordset(table: Any, names: Sequence[str]) -> Any:
    """The rows of the parameter ``rows``, with these columns of a table."""
    columns = [column(name, table.c[name].type) for name in names]
    rows = func.json_to_recordset(cast(bindparam("rows", type_=Text()), JSON))
    return rows.table_valued(*columns).render_derived(name="rows", with_types=True)


def _is_row(table: Any, rows: Any, keys: Sequence[str]) -> list[ColumnElement[bool]]:
    return [table.c.store_id == STORE, *(table.c[key] == rows.c[key] for key in keys)]


def _text_of(value: object) -> str:
    """Bytes and decimal numbers as PostgreSQL reads them."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} in a row")
