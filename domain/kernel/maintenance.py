"""Maintenance: what the kernel and the areas do in each round of it, such as removing what has expired."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import asyncpg

from domain.kernel.database import Database

MaintenanceTask = Callable[[Database, timedelta], Awaitable[None]]
"""Run in each round, with the retention of events. Raises Unavailable."""
DeleteBatch = Callable[[asyncpg.Connection, datetime], Awaitable[bool]]
"""Deletes some of what expired before an instant, and returns whether there may be more. Runs as ``gateway_system``."""


def in_batches(*deletions: DeleteBatch) -> MaintenanceTask:
    """Make a task that repeats each deletion until nothing is left.

    Each batch has a connection of its own: others need them too.
    """

    async def delete(database: Database, _: timedelta) -> None:
        for delete_batch in deletions:
            more = True
            while more:
                async with database.system_connection() as connection:
                    more = await delete_batch(connection, database.clock())

    return delete
