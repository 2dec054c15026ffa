"""Retention of events: first the horizon moves, so that a subscriber that would resume from before it gets an error;
then whole months are dropped at once, and the rest in batches.

Any number of processes may run it: each step is a short transaction, and one process at a time gets it. An event
without a position is never dropped, whatever its age, because no reader can have seen it yet.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from domain.kernel.database import Database
from domain.kernel.database.partitions import (
    LOCK_TIMEOUT_MS,
    Month,
    PartitionedTable,
    drop_month,
    drop_months_before,
)

EVENT_PARTITIONS = PartitionedTable("event", "evt")
RETENTION_LOCK_ID = 7_264_830_117
"""The advisory lock of a retention step."""
_MOVE = """
WITH looked AS MATERIALIZED (
    SELECT position, created_at < $1 AS past FROM event
    WHERE position > (SELECT horizon FROM event_log) ORDER BY position LIMIT $2
)
UPDATE event_log
SET horizon = (SELECT coalesce(min(position) FILTER (WHERE NOT past) - 1, max(position)) FROM looked)
WHERE EXISTS (SELECT FROM looked WHERE past)
RETURNING (SELECT bool_and(past) AND count(*) = $2 FROM looked)
"""
_OLDEST = """
SELECT count(*), max(position) FROM (
    SELECT position FROM event WHERE position <= (SELECT horizon FROM event_log) ORDER BY position LIMIT $1
) AS oldest
"""
_DELETE = "DELETE FROM event WHERE position <= $1"
"""A statement of its own: planned without knowing the bound, it would read the whole table."""
_HOLDS_MORE = """
SELECT EXISTS (SELECT FROM event WHERE id >= $1 AND id < $2 AND position IS NULL)
    OR EXISTS (SELECT FROM event WHERE id >= $1 AND id < $2 AND position > (SELECT horizon FROM event_log))
"""


@dataclass(frozen=True, slots=True)
class RetentionLimits:
    """How much one step does."""

    look: int = 10_000
    """Events that the horizon passes."""
    delete: int = 1_000
    """Events that are deleted."""
    lock_timeout_ms: int = LOCK_TIMEOUT_MS
    """How long dropping a month may wait for the table."""


DEFAULT_LIMITS = RetentionLimits()
RetentionStep = Callable[[asyncpg.Connection], Awaitable[bool]]
"""Done inside a transaction; answers whether there is more to do."""


async def drop_old_events(database: Database, keep: timedelta, pace: RetentionLimits = DEFAULT_LIMITS) -> None:
    """Drop the events written more than ``keep`` ago. Raises Unavailable; begun again, it goes on where it was.

    The log is kept from a position on, so an event stays as long as one before it does.
    """
    before = database.clock() - keep
    while await _alone(database, lambda connection: _move_horizon(connection, before, pace.look)):
        pass
    async with database.system_connection() as connection:
        await drop_months_before(connection, EVENT_PARTITIONS, before, _drop_whole, pace.lock_timeout_ms)
    while await _alone(database, lambda connection: _delete_some(connection, pace.delete)):
        pass


async def _alone(database: Database, step: RetentionStep) -> bool:
    """One step; not while another process is at one."""
    async with database.system_connection() as connection, connection.transaction():
        return await _is_alone(connection) and await step(connection)


async def _is_alone(connection: asyncpg.Connection) -> bool:
    return bool(await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", RETENTION_LOCK_ID))


async def _move_horizon(connection: asyncpg.Connection, before: datetime, most: int) -> bool:
    return bool(await connection.fetchval(_MOVE, before, most))


async def _delete_some(connection: asyncpg.Connection, most: int) -> bool:
    ((count, last),) = await connection.fetch(_OLDEST, most)
    if count:
        await connection.execute(_DELETE, last)
    return bool(count == most)


async def _drop_whole(connection: asyncpg.Connection, month: Month) -> None:
    """Drop a month, unless it has an event that is to stay or another process is at a step."""
    holds_more = (_HOLDS_MORE, month.low, month.high)
    if not await _is_alone(connection) or await connection.fetchval(*holds_more):
        return
    await connection.execute("LOCK TABLE event IN ACCESS EXCLUSIVE MODE")
    if not await connection.fetchval(*holds_more):  # now no process adds to it
        await drop_month(connection, month)
