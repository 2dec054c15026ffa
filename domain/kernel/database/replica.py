"""A read replica: a physical standby that reports are read from as long as it keeps up."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from time import monotonic
from typing import Any

from domain.kernel.database.pool import ReadPool
from domain.kernel.errors import Unavailable
from domain.kernel.sql.executor import Executor, driver_errors_as_unavailable

CHECK_INTERVAL = 1.0
"""Seconds between two looks at a replica that keeps up."""
AWAY_INTERVAL = 5.0
"""The same of one that does not, or is away: a look may take as long as POOL_WAIT."""

_WRITTEN = "SELECT pg_current_wal_flush_lsn()::text AS position, now() AS at"
_REPLAYED = """
SELECT pg_is_in_recovery() AS is_standby, pg_last_wal_replay_lsn() >= $1::text::pg_lsn AS is_current,
    $2::timestamptz - pg_last_xact_replay_timestamp() AS behind
"""
"""How far behind: nothing, if it has all that the primary had a moment before; otherwise the time since the primary
committed what was replayed last, by the primary's clock alone. That time says nothing by itself: it grows while nothing
is written."""


class Replica:
    """The replica. Whoever asks first in an interval looks; meanwhile others go by the last verdict."""

    def __init__(self, pool: ReadPool, primary: ReadPool, max_lag: float) -> None:
        """``max_lag``: seconds that it may be behind."""
        self.pool = pool
        self._primary = primary
        self._max_lag = timedelta(seconds=max_lag)
        self._is_usable: bool | None = None
        self._next_check = 0.0
        self._checking = asyncio.Lock()

    @property
    def is_usable(self) -> bool | None:
        """Whether it kept up when somebody looked last; None if nobody has."""
        return self._is_usable

    async def keeps_up(self) -> bool:
        """Whether reports may be read from it."""
        if monotonic() >= self._next_check and not self._checking.locked():
            async with self._checking:
                try:
                    self._conclude(is_usable=await self._look())
                except Unavailable:
                    self._conclude(is_usable=False)
        return bool(self._is_usable)

    def reading(self, store: int, scopes: Collection[str] = ()) -> AbstractAsyncContextManager[Executor]:
        """A connection that carries the store, for a caller with ``scopes``.
        Raises Unavailable; then others need not try for a while.
        """
        return self.pool.reading(store, scopes=scopes)

    def leave_alone(self) -> None:
        """It has just failed: ask no more for now."""
        self._conclude(is_usable=False)

    def _conclude(self, *, is_usable: bool) -> None:
        self._is_usable = is_usable
        self._next_check = monotonic() + (CHECK_INTERVAL if is_usable else AWAY_INTERVAL)

    async def _look(self) -> bool:
        written = await _row(self._primary, _WRITTEN)
        replayed = await _row(self.pool, _REPLAYED, written["position"], written["at"])
        if not replayed["is_standby"]:  # promoted, or never one: its rows are its own
            return False
        behind = replayed["behind"]
        return bool(replayed["is_current"]) or (behind is not None and behind <= self._max_lag)


async def _row(pool: ReadPool, query: str, *values: Any) -> Any:
    """The row of a query that is about no store. Raises Unavailable."""
    taken = await pool.acquire()
    sound = False
    try:
        with driver_errors_as_unavailable():
            row = await taken.connection.fetchrow(query, *values)
        sound = True
        return row
    finally:
        if not sound:
            taken.connection.clear_store()
        await pool.release(taken, sound=sound)
