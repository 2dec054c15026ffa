"""Snapshots: a read-only transaction of one store that sees everything as it was at its first statement."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

import asyncpg

from domain.kernel.database.connections import plain_url, server_settings
from domain.kernel.database.options import APP_ROLE, POOL_WAIT, DatabaseOptions
from domain.kernel.sql.executor import Executor, driver_errors_as_unavailable
from domain.kernel.sql.instrumentation import observe_statement
from domain.kernel.sql.metering import MeteredConnection

STATEMENT_TIMEOUT = 60.0
"""Seconds of one statement of a snapshot, and of a pause between two: nobody waits for the answer."""
CLOSE_TIMEOUT = 5.0


@asynccontextmanager
async def open_snapshot(
    options: DatabaseOptions, store: int, seconds: float, scopes: Collection[str] = ()
) -> AsyncGenerator[Executor]:
    """A snapshot of a store, for at most ``seconds``, on a connection of its own: it may last long, and the pools are
    for what is short.

    As long as it is open, the database keeps what it sees: rows that others have deleted, partitions that are to be
    dropped. Raises Unavailable.
    """
    with driver_errors_as_unavailable():
        connection = await asyncpg.connect(
            plain_url(options.url),
            connection_class=MeteredConnection,
            server_settings=server_settings(APP_ROLE, STATEMENT_TIMEOUT),
            timeout=POOL_WAIT,
            statement_cache_size=500,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
        )
    executor = Executor(connection, store, options.observer or (lambda _: None), scopes)
    try:
        with driver_errors_as_unavailable(), observe_statement("BEGIN"):
            await connection.execute(_begin(connection, store, seconds))
        yield executor
    finally:
        executor.end()
        await _close(connection)


def _begin(connection: asyncpg.Connection, store: int, seconds: float) -> str:
    """BEGIN and the settings of the transaction. The server limits its duration if it can (17)."""
    newer = connection.get_server_version() >= (17,)
    limit = f"SET LOCAL transaction_timeout = {int(seconds * 1000)}" if newer else ""
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    return "; ".join(part for part in (begin, f"SET LOCAL app.store_id = {store:d}", limit) if part)


async def _close(connection: asyncpg.Connection) -> None:
    """Nothing was written, so closing is enough; without a response, and at a cancellation, it is cut."""
    try:
        await connection.close(timeout=CLOSE_TIMEOUT)
    except BaseException as error:  # whatever it is, the connection must not stay open
        connection.terminate()
        if not isinstance(error, Exception):
            raise
