"""Transactions that write: our own BEGIN and COMMIT, and a session within where one is needed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, cast

import asyncpg
import orjson
from sqlalchemy import Connection, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

from domain.kernel.database.connections import plain_url, server_settings
from domain.kernel.database.options import POOL_WAIT, DatabaseOptions, StatementListener
from domain.kernel.sql.executor import Executor, orm_errors_as_unavailable
from domain.kernel.sql.instrumentation import instrument_engine, observe_pool_wait, observe_statement
from domain.kernel.sql.metering import MeteredConnection


class TransactionSession(AsyncSession):
    """A session whose reads see the writes that wait in the units of work of its transaction."""

    executors: Sequence[Executor] = ()
    """Those of the units of work."""

    async def _settle(self) -> None:
        for executor in self.executors:
            if executor.settle is not None:
                await executor.settle()

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        """As of the base."""
        await self._settle()
        return await super().execute(*arguments, **options)

    async def scalars(self, *arguments: Any, **options: Any) -> Any:
        """As of the base."""
        await self._settle()
        return await super().scalars(*arguments, **options)

    async def scalar(self, *arguments: Any, **options: Any) -> Any:
        """As of the base."""
        await self._settle()
        return await super().scalar(*arguments, **options)


class OpenTransaction:
    """A transaction: the driver's connection, and a session on it from when it is first asked for.

    A session that nobody needs costs a tenth of a small change.
    """

    def __init__(self, engine: AsyncEngine, pooled: PoolProxiedConnection) -> None:
        self._engine = engine
        self._pooled = pooled
        self._session: TransactionSession | None = None
        self.raw = cast(asyncpg.Connection, pooled.driver_connection)
        self._executors: list[Executor] = []

    @property
    def session(self) -> TransactionSession:
        """The session; the first use creates it."""
        if self._session is None:
            connection = AsyncConnection(self._engine, Connection(self._engine.sync_engine, self._pooled))
            self._session = TransactionSession(connection, expire_on_commit=False, autoflush=False)
            self._session.executors = self._executors
        return self._session

    @property
    def has_session(self) -> bool:
        """Whether the session was used."""
        return self._session is not None

    def executor(self, store: int, told: StatementListener, scopes: Collection[str] = ()) -> Executor:
        """An executor of this transaction, for one store. ``scopes``: those of the caller."""
        executor = Executor(self.raw, store, told, scopes)
        self._executors.append(executor)
        return executor

    async def flush(self) -> None:
        """Send what waits in the session, if there is one."""
        if self._session is not None:
            await self._session.flush()

    def discard(self) -> None:
        """Let the session forget its entities: their state may be outdated."""
        if self._session is not None:
            self._session.expunge_all()

    def end(self) -> None:
        """Detach the executors, whose every later call raises Unavailable: the connection will be another caller's,
        and a field whose sibling failed may still be waiting to read.
        """
        for executor in self._executors:
            executor.end()

    async def close(self) -> None:
        """Give the connection back."""
        if self._session is not None:
            self._session.expunge_all()
            await self._session.close()
        await greenlet_spawn(self._pooled.close)


class NoTransaction:
    """Stands where a transaction would be, of use cases that only emit signals."""

    has_session = False

    @property
    def session(self) -> AsyncSession:
        """Raises RuntimeError."""
        raise RuntimeError("a buffered use case has no transaction, and so no session")

    async def flush(self) -> None:
        """There is nothing to send."""

    def discard(self) -> None:
        """There is nothing to forget."""


@asynccontextmanager
async def transaction(pool: str, engine: AsyncEngine, setting: str, seconds: float) -> AsyncGenerator[OpenTransaction]:
    """Our own BEGIN and COMMIT around a connection in autocommit: one message fewer, and the store is in it."""
    with orm_errors_as_unavailable():
        async with asyncio.timeout(seconds):
            with observe_pool_wait(pool):
                opened = OpenTransaction(engine, await greenlet_spawn(engine.pool.connect))
            raw = opened.raw
            try:
                with observe_statement("BEGIN"):
                    await raw.execute(_begin(raw, setting, seconds))
                yield opened
                await opened.flush()
                opened.end()
                with observe_statement("COMMIT"):
                    done = await raw.execute("COMMIT")
                if done != "COMMIT":  # a failed transaction is rolled back without a word
                    raise RuntimeError("the transaction had failed and was rolled back")
            except BaseException:
                opened.end()
                await _roll_back(raw)
                raise
            finally:
                await opened.close()


def write_engine(options: DatabaseOptions, url: str, role: str, size: int) -> AsyncEngine:
    """SQLAlchemy's engine for writing sessions, in autocommit: ``transaction`` sends BEGIN and COMMIT itself."""
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=partial(_connect, url, server_settings(role, options.write_timeout)),
        isolation_level="AUTOCOMMIT",
        pool_size=size,
        max_overflow=0,
        pool_timeout=POOL_WAIT,
        pool_use_lifo=True,
        hide_parameters=True,  # errors are logged, and values may be secrets
        json_deserializer=orjson.loads,  # PostgreSQL writes 1e30 in digits, an int that nothing of ours can write again
    )
    instrument_engine(engine.sync_engine)
    _listen(engine, options)
    return engine


async def _connect(url: str, settings: dict[str, str]) -> asyncpg.Connection:
    return await asyncpg.connect(
        plain_url(url),
        connection_class=MeteredConnection,
        server_settings=settings,
        timeout=POOL_WAIT,
        statement_cache_size=500,
        max_cached_statement_lifetime=0,
        max_cacheable_statement_size=0,
    )


def _listen(engine: AsyncEngine, options: DatabaseOptions) -> None:
    """Replace closed connections, and show the statements to the listener."""

    @event.listens_for(engine.sync_engine, "checkout")
    def replace_closed(connection: Any, *_: Any) -> None:
        # Our BEGIN runs beneath SQLAlchemy, which would never learn that it failed on a closed connection.
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    observer = options.observer
    if observer is not None:

        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def tell(_1: Any, _2: Any, statement: str, *_: Any) -> None:
            observer(statement)


def _begin(raw: asyncpg.Connection, setting: str, seconds: float) -> str:
    """BEGIN and the settings of the transaction, in one message. The server limits its duration if it can (17)."""
    limit = f"SET LOCAL transaction_timeout = {int(seconds * 1000)}" if raw.get_server_version() >= (17,) else ""
    return "; ".join(part for part in ("BEGIN", setting, limit) if part)


async def _roll_back(raw: asyncpg.Connection) -> None:
    """End the transaction, or the connection: one that cannot be rolled back must not return to the pool."""
    try:
        async with asyncio.timeout(5):
            await raw.execute("ROLLBACK")
    except BaseException as error:  # a second cancellation too: after any error the connection is unusable
        raw.terminate()
        if not isinstance(error, Exception):
            raise
