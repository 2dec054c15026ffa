"""Monthly partitions of the tables that only grow. No running process owns a table, so the owner's functions do it."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg

from domain.kernel.ids import lowest_id

MONTHS_AHEAD = 2
LOCK_TIMEOUT_MS = 500
"""Milliseconds that dropping a month may wait for the table lock. Meanwhile all other statements wait behind it."""

_NAMES = """
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = $1::text::regclass ORDER BY relname
"""

log = logging.getLogger("gateway.database")


@dataclass(frozen=True, slots=True)
class PartitionedTable:
    """A table with a partition for each month."""

    name: str
    id_prefix: str


@dataclass(frozen=True, slots=True)
class Month:
    """A partition of a table: the rows whose ids were created in one month (UTC)."""

    table: PartitionedTable
    begins: datetime

    @property
    def name(self) -> str:
        """The name of the partition."""
        return f"{self.table.name}_{self.begins:%Y_%m}"

    @property
    def following(self) -> Month:
        """The month after it."""
        year, month = self.begins.year + self.begins.month // 12, self.begins.month % 12 + 1
        return Month(self.table, datetime(year, month, 1, tzinfo=UTC))

    @property
    def low(self) -> str:
        """The lowest id in it."""
        return lowest_id(self.table.id_prefix, self.begins)

    @property
    def high(self) -> str:
        """The lowest id after it."""
        return self.following.low


async def make_partitions(connection: asyncpg.Connection, now: datetime, tables: Iterable[PartitionedTable]) -> None:
    """Make the partitions of this month and the next ones, where missing. ``connection``: of ``gateway_system``."""
    for table in tables:
        month = Month(table, datetime(now.year, now.month, 1, tzinfo=UTC))
        for _ in range(MONTHS_AHEAD + 1):
            make = "SELECT gateway_make_partition($1, $2, $3, $4)"
            await connection.execute(make, table.name, month.name, month.low, month.high)
            month = month.following


async def months_before(connection: asyncpg.Connection, table: PartitionedTable, instant: datetime) -> list[Month]:
    """The partitions whose month was over at ``instant``, oldest first."""
    found = []
    for row in await connection.fetch(_NAMES, table.name):
        parts = re.fullmatch(rf"{table.name}_(\d{{4}})_(\d{{2}})", row["relname"])
        if parts is not None:  # the default partition has no month
            found.append(Month(table, datetime(int(parts[1]), int(parts[2]), 1, tzinfo=UTC)))
    return [month for month in found if month.following.begins <= instant]


async def drop_month(connection: asyncpg.Connection, month: Month) -> None:
    """Drop a partition with all that is in it; waits for everybody who uses the table."""
    await connection.execute("SELECT gateway_drop_partition($1, $2)", month.table.name, month.name)


async def drop_months_before(
    connection: asyncpg.Connection,
    table: PartitionedTable,
    instant: datetime,
    drop: Callable[[asyncpg.Connection, Month], Awaitable[None]] = drop_month,
    lock_timeout_ms: int = LOCK_TIMEOUT_MS,
) -> None:
    """Drop the months of a table that were over at ``instant``, each in a transaction of its own.

    ``drop``: what is done with a month. One that is in use stays: its rows have to be deleted.
    """
    for month in await months_before(connection, table, instant):
        try:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL lock_timeout = {lock_timeout_ms:d}")
                await drop(connection, month)
        except asyncpg.LockNotAvailableError:
            log.info("partition %s is in use; its rows are deleted in batches", month.name)
