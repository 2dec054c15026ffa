"""Transactions that write: our own BEGIN and COMMIT around a session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, cast

import asyncpg
import orjson
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from domain.kernel.database.connections import plain_url, server_settings
from domain.kernel.database.options import POOL_WAIT, DatabaseOptions
from domain.kernel.sql.executor import orm_errors_as_unavailable
from domain.kernel.sql.instrumentation import instrument_engine, observe_pool_wait, observe_statement
from domain.kernel.sql.metering import MeteredConnection


@asynccontextmanager
async def transaction(
    pool: str, engine: AsyncEngine, setting: str, seconds: float
) -> AsyncGenerator[tuple[AsyncSession, asyncpg.Connection]]:
    """Our own BEGIN and COMMIT around a session in autocommit: one message fewer, and the store is in it."""
    with orm_errors_as_unavailable():
        async with asyncio.timeout(seconds), _connected(pool, engine) as connection:
            raw = cast(asyncpg.Connection, (await connection.get_raw_connection()).driver_connection)
            session = AsyncSession(connection, expire_on_commit=False, autoflush=False)
            try:
                with observe_statement("BEGIN"):
                    await raw.execute(_begin(raw, setting, seconds))
                yield session, raw
                await session.flush()
                with observe_statement("COMMIT"):
                    done = await raw.execute("COMMIT")
                if done != "COMMIT":  # a failed transaction is rolled back without a word
                    raise RuntimeError("the transaction had failed and was rolled back")
            except BaseException:
                await _roll_back(raw)
                raise
            finally:
                session.expunge_all()
                await session.close()


def write_engine(options: DatabaseOptions, url: str, role: str, size: int) -> AsyncEngine:
    """SQLAlchemy's engine for writing sessions, in autocommit: ``transaction`` sends BEGIN and COMMIT itself."""

    async def connect() -> asyncpg.Connection:
        settings = server_settings(role, options.write_timeout)
        return await asyncpg.connect(
            plain_url(url),
            connection_class=MeteredConnection,
            server_settings=settings,
            timeout=POOL_WAIT,
            statement_cache_size=500,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
        )

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
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


@asynccontextmanager
async def _connected(pool: str, engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    async with AsyncExitStack() as held:
        with observe_pool_wait(pool):
            connection = await held.enter_async_context(engine.connect())
        yield connection


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
