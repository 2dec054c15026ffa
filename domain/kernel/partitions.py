"""Monthly partitions of the tables that only grow. No running process owns a table, so the owner's functions do it."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg

from domain.kernel.ids import lowest_id

PARTITIONED = {"event": "evt"}
"""Each partitioned table and the prefix of its ids."""
MONTHS_AHEAD = 2


async def make_partitions(connection: asyncpg.Connection, now: datetime) -> None:
    """Make the partitions of this month and the next ones, where missing. ``connection``: of ``gateway_system``."""
    month = datetime(now.year, now.month, 1, tzinfo=UTC)
    for _ in range(MONTHS_AHEAD + 1):
        following = datetime(month.year + month.month // 12, month.month % 12 + 1, 1, tzinfo=UTC)
        for table, prefix in PARTITIONED.items():
            name = f"{table}_{month:%Y_%m}"
            await connection.execute(
                "SELECT gateway_make_partition($1, $2, $3, $4)",
                table,
                name,
                lowest_id(prefix, month),
                lowest_id(prefix, following),
            )
        month = following
