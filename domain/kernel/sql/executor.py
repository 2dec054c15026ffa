"""SELECTs compiled once to the text that asyncpg runs, and their rows.

SQLAlchemy Core builds the statement; its own execution costs more than the query (DECISIONS.md), so the compiled text
runs on the asyncpg connection beneath it. Anything that this could get silently wrong is refused here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, cast

import asyncpg
import orjson
from sqlalchemy import Boolean, Delete, Insert, LargeBinary, Select, Update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi, dialect
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.types import NullType, TypeEngine

from domain.kernel.budget import ROW_BYTES, budget, count_decoded
from domain.kernel.errors import Unavailable
from domain.kernel.sql.instrumentation import observe_statement
from domain.kernel.sql.metering import Meter

Row = Any
"""A row of some read: its columns are its attributes."""
WriteStatement = Insert | Update | Delete
COUNTED_TEXT = 1_000
"""Characters of JSON that is decoded without counting: its row is counted."""
COUNTED_ROWS = 100
"""Results of fewer rows are counted by their bytes alone."""

_DIALECT = dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class CompiledStatement:
    """A statement's text, its row class, and where its arguments come from."""

    text: str
    row: type[asyncpg.Record]
    names: tuple[str, ...]
    constants: Mapping[str, Any]
    documents: frozenset[str] = frozenset()
    """The names of values that are sent as JSON."""

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The values in the order of ``$1, $2, …``. Raises KeyError for one that is missing."""
        found = [values[name] if name in values else self.constants[name] for name in self.names]
        if self.documents:
            for index, name in enumerate(self.names):
                if name in self.documents and found[index] is not None:
                    found[index] = orjson.dumps(found[index]).decode()
        return found


class Executor:
    """Runs compiled statements for one store on one connection."""

    __slots__ = ("_connection", "_meter", "_on_statement", "own_values", "settle", "store")

    def __init__(
        self,
        connection: asyncpg.Connection,
        store: int,
        on_statement: Callable[[str], None] = lambda _: None,
        scopes: Collection[str] = (),
    ) -> None:
        """``on_statement``: receives the text of each statement if the connection itself has no listener; ``scopes``:
        those of the caller. Without them, nothing is shown that needs one.
        """
        self._connection = connection
        self._meter: Meter | None = getattr(connection, "meter", None)
        self._on_statement = on_statement
        self.store = store
        self.own_values: Mapping[str, Any] = {"store": store, "caller_scopes": scopes}
        """The parameters that every statement may have."""
        self.settle: Callable[[], Awaitable[None]] | None = None
        """Sends writes that wait and that a read must see."""

    def end(self) -> None:
        """Detach the executor from its connection. Every later call raises Unavailable."""
        self._connection = _ENDED

    async def rows(self, compiled: CompiledStatement, values: Mapping[str, Any]) -> list[Row]:
        """The rows of the statement; the values of the executor are added. Raises Unavailable when the database is,
        LimitExceeded when they are more than the current budget has left."""
        if self.settle is not None:
            await self.settle()
        return await self.fetch(compiled.text, compiled.row, compiled.arguments({**values, **self.own_values}))

    async def fetch(self, text: str, row: type[asyncpg.Record], arguments: Sequence[Any]) -> list[Row]:
        """The rows of a statement whose arguments are in the order of its parameters. Raises as ``rows``."""
        self._on_statement(text)
        spent = budget.get()
        with driver_errors_as_unavailable(), observe_statement(text):
            if spent is None:
                return await self._connection.fetch(text, *arguments, record_class=row)
            await spent.admit()
            fetch = self._connection.fetch(text, *arguments, record_class=row)
            rows: list[Row] = await (fetch if self._meter is None else self._meter.run(spent, fetch))
        if len(rows) > COUNTED_ROWS and not spent.take_rows(ROW_BYTES * len(rows)):
            spent.check()
        return rows

    async def command(self, text: str) -> None:
        """Run a statement without values or rows. Raises as ``rows``."""
        self._on_statement(text)
        with driver_errors_as_unavailable(), observe_statement(text):
            await self._connection.execute(text)

    async def each(self, compiled: CompiledStatement, many: Sequence[Mapping[str, Any]]) -> None:
        """Run the statement once for each of the values, sent together. Raises as ``rows``."""
        arguments = [compiled.arguments({**values, **self.own_values}) for values in many]
        self._on_statement(compiled.text)
        with driver_errors_as_unavailable(), observe_statement(compiled.text):
            await self._connection.executemany(compiled.text, arguments)

    async def copy(self, create: str, table: str, columns: Sequence[str], records: Sequence[Sequence[Any]]) -> None:
        """Copy records into the temporary table that ``create`` makes. Raises as ``rows``."""
        self._on_statement(create)
        with driver_errors_as_unavailable(), observe_statement(create):
            await self._connection.execute(create)
            await self._connection.copy_records_to_table(table, records=records, columns=columns, schema_name="pg_temp")


UNAVAILABLE_ERRORS = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)
"""The exceptions of asyncpg and the socket if the server is unavailable, overloaded or too slow (TimeoutError is an
OSError), if it resolved a deadlock of writers, or, on a standby, a conflict with what it replays (a SerializationError:
nothing here runs above READ COMMITTED). A connection raises InternalClientError between the last message of a stopping
server and its own end.
"""


class _DetachedConnection:
    """Stands where a reader's connection was."""

    async def fetch(self, *_: Any, **__: Any) -> None:
        """Raises InterfaceError."""
        raise asyncpg.InterfaceError("the executor was used after its block")

    execute = executemany = fetch


_ENDED = cast(asyncpg.Connection, _DetachedConnection())


def ended_executor(store: int) -> Executor:
    """An executor that has no connection."""
    return Executor(_ENDED, store)


class driver_errors_as_unavailable:  # noqa: N801 - reads as a phrase: `with available():`
    """Turns the failures of an absent or overloaded database into Unavailable."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, UNAVAILABLE_ERRORS):
            raise Unavailable("The database is unavailable. Try again in a few seconds.") from error


class orm_errors_as_unavailable(driver_errors_as_unavailable):  # noqa: N801 - reads as a phrase
    """As ``driver_errors_as_unavailable``, for what SQLAlchemy wraps the same failures in."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        away = isinstance(error, OperationalError | InterfaceError | PoolTimeout)
        if isinstance(error, AsyncAdapt_asyncpg_dbapi.Error):  # of the pool, which nothing of SQLAlchemy's wraps
            away = isinstance(error.__cause__, UNAVAILABLE_ERRORS)
        if isinstance(error, DBAPIError):
            away = (
                away
                or error.connection_invalidated
                or isinstance(getattr(error.orig, "__cause__", None), UNAVAILABLE_ERRORS)
            )
        if away:
            raise Unavailable("The database is unavailable. Try again in a few seconds.") from error
        super().__exit__(kind, error, trace)


def compile_select(statement: Select[Any], name: str) -> CompiledStatement:
    """The statement as asyncpg runs it.

    Raises TypeError for what the raw driver would treat differently from SQLAlchemy: expanding IN lists, values
    that need a Python-side conversion, parameters without a type.
    """
    return _compiled(statement, name, {column.name: column.type for column in statement.selected_columns})


def compile_write(statement: WriteStatement, name: str, columns: Sequence[str] | None = None) -> CompiledStatement:
    """As ``compile_select``, for a statement that writes; values of JSONB columns are passed unchanged.

    ``columns``: the columns of an INSERT, if it does not name them itself.
    """
    returned = {column.name: column.type for column in statement.exported_columns}
    return _compiled(statement, name, returned, columns)


def _compiled(
    statement: Select[Any] | WriteStatement,
    name: str,
    columns: Mapping[str, Any],
    given: Sequence[str] | None = None,
) -> CompiledStatement:
    compiled = statement.compile(dialect=_DIALECT, column_keys=given)
    if compiled.post_compile_params:
        raise TypeError(f"{name}: an expanding IN; use `= any(array)`")
    documents = set()
    for bind, key in compiled.bind_names.items():
        if isinstance(bind.type, NullType):
            raise TypeError(f"{name}: the parameter {bind.key} has no type")
        if isinstance(bind.type, JSONB) and not isinstance(statement, Select):
            documents.add(key)
        elif _converted(bind.type):
            raise TypeError(f"{name}: the parameter {bind.key} would need a conversion")
    names = tuple(compiled.positiontup or ())
    constants = {key: bind.value for bind, key in compiled.bind_names.items() if not bind.required}
    return CompiledStatement(str(compiled), _row_class(name, columns), names, constants, frozenset(documents))


def _converted(type_: TypeEngine[Any]) -> bool:
    """Whether SQLAlchemy would convert a value; for an array, whether it would convert its items."""
    item = type_.item_type if isinstance(type_, ARRAY) else type_
    if isinstance(item, Boolean | LargeBinary):  # what it would do is to look whether they are
        return False
    return item.dialect_impl(_DIALECT).bind_processor(_DIALECT) is not None


def _row_class(name: str, columns: Mapping[str, Any]) -> type[asyncpg.Record]:
    """A record class with a property a column: 67 ns an attribute, where ``__getattr__`` would cost 540."""
    documents = {column: index for index, (column, type_) in enumerate(columns.items()) if isinstance(type_, JSONB)}
    members: dict[str, Any] = {"__slots__": (), "_documents": documents}
    for index, (column, type_) in enumerate(columns.items()):
        members[column] = property(_document(index) if isinstance(type_, JSONB) else itemgetter(index))
    return type(name, (asyncpg.Record,), members)


def document_text(row: Row, column: str) -> str | None:
    """The JSON in a column of a row that was read, as text; None for null, JSON's own too, and where it is no text."""
    if not isinstance(row, asyncpg.Record):
        return None
    documents: Mapping[str, int] = type(row)._documents  # type: ignore[attr-defined]  # of the classes created below
    value = row[documents[column]]
    return value if isinstance(value, str) and value != "null" else None


def _document(index: int) -> Callable[[Row], Any]:
    """asyncpg returns jsonb as text, which is decoded on access. On the connection of a session, SQLAlchemy's codec has
    already decoded it.
    """

    def read(row: Row) -> Any:
        value = row[index]
        if not isinstance(value, str):
            return value
        if len(value) > COUNTED_TEXT:
            count_decoded(value)
        return orjson.loads(value)

    return read
