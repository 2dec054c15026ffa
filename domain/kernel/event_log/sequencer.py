"""Positions in commit order (architecture, "Positions").

A number drawn at insert would order events by the time they were written, and a reader past it would never see one that
commits late. So events commit without a position, and one sequencer at a time, in one of any number of processes,
assigns positions to committed events. It scans from the highest ``seq`` of a minute ago, since no writing transaction
lasts that long, and once a minute everything: that sweep makes it correct.

Redacting events (erasing a person) updates rows that may get positions at the same time. It holds a lock of its store,
exclusively until its commit; the sequencer acquires the locks of the stores whose events it processes, shared and
without waiting, and skips the stores whose lock it does not get. So only the events of that store are delayed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable

import asyncpg

from domain.kernel.database import Database
from domain.kernel.poll_loop import PollLoop

SEQUENCER_LOCK_ID = 7_264_830_116
"""The advisory lock of the sequencer."""
SEQUENCER_BATCH_SIZE = 1_000
LEFT_OUT_INTERVAL = 0.05
"""Seconds after which to look again for the events of a store that was left out."""
SEQUENCER_POLL_INTERVAL = 1.0
"""Seconds after which to look unasked: a process may have died between its commit and its call."""
STORE_LOCKS = 726_483
"""The class of the advisory locks of stores whose events are being redacted; ``gateway_redact_events`` takes them."""
BUSY_DELAY = 0.005
"""Seconds to wait while another process places events."""
SWEEP_INTERVAL = 60.0
"""Seconds that the ordinary scan reaches back, and between two sweeps of everything."""
SEQUENCER_RETRY_DELAY = 1.0
"""Seconds to wait when the database is away."""

_PLACE = f"""
WITH pending AS MATERIALIZED (
    SELECT store_id, id, seq, row_number() OVER (ORDER BY seq) AS place
    FROM (
        SELECT store_id, id, seq FROM event
        WHERE position IS NULL AND seq >= $1 AND pg_try_advisory_xact_lock_shared({STORE_LOCKS}, store_id)
        ORDER BY seq LIMIT $2
    ) AS found
), head AS (
    UPDATE event_log SET position = position + (SELECT count(*) FROM pending)
    RETURNING position - (SELECT count(*) FROM pending) AS position
), placed AS (
    UPDATE event SET position = head.position + pending.place FROM pending, head
    WHERE event.store_id = pending.store_id AND event.id = pending.id
    RETURNING event.seq
)
SELECT count(*) AS events, max(seq) AS seq, (SELECT position FROM head) AS after FROM placed
"""  # noqa: S608 - put together from a constant
_LEFT_OUT = "SELECT EXISTS (SELECT FROM event WHERE position IS NULL AND seq >= $1)"
PositionHook = Callable[[asyncpg.Connection, int, int], Awaitable[None]]
"""What follows from events whose positions lie above the first number and not above the second; done in the transaction
that gave them."""

log = logging.getLogger("gateway.event_log")


class Sequencer:
    """Assigns positions to committed events, when woken and at intervals."""

    def __init__(self, database: Database, placed: Callable[[], None], plan: PositionHook | None = None) -> None:
        """``placed`` is called after positions were given: readers may look."""
        self._database = database
        self._placed = placed
        self._plan = plan
        self._loop = PollLoop(
            self.assign_all,
            interval=lambda: LEFT_OUT_INTERVAL if self._left_out else SEQUENCER_POLL_INTERVAL,
            retry_delay=SEQUENCER_RETRY_DELAY,
            log=log,
            failure="sequencing events failed",
        )
        self._seen: deque[tuple[float, int]] = deque()
        self._swept = float("-inf")
        self._left_out = False
        """Whether the last look left out events of a store that is being redacted."""

    def wake(self) -> None:
        """Wake the sequencer: there are committed events."""
        self._loop.wake()

    async def run(self) -> None:
        """Place events until cancelled."""
        await self._loop.run()

    async def assign_all(self) -> int:
        """Assign positions to all committed events. Returns their number. Raises Unavailable."""
        total = 0
        while True:
            placed = await self._place_batch()
            if placed is None:
                await asyncio.sleep(BUSY_DELAY)  # whoever is at it may have looked before our commit: look again
                continue
            total += placed
            if placed:
                self._placed()
            if placed < SEQUENCER_BATCH_SIZE:
                return total

    async def _place_batch(self) -> int | None:
        """How many events were placed; None while another process is at it."""
        now = time.monotonic()
        sweeping = now - self._swept >= SWEEP_INTERVAL
        floor = 0 if sweeping else self._floor(now)
        async with self._database.system_connection() as connection, connection.transaction():
            if not await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", SEQUENCER_LOCK_ID):
                return None
            row = await connection.fetchrow(_PLACE, floor, SEQUENCER_BATCH_SIZE)
            if self._plan is not None and row is not None and row["events"]:
                await self._plan(connection, row["after"], row["after"] + row["events"])
            if row is None or row["events"] < SEQUENCER_BATCH_SIZE:
                self._left_out = await connection.fetchval(_LEFT_OUT, floor)
        if row is None or not row["events"]:
            self._swept = now if sweeping and not self._left_out else self._swept
            return 0
        self._seen.append((now, row["seq"]))
        return int(row["events"])

    def _floor(self, now: float) -> int:
        """The highest ``seq`` that was placed at least REACH ago; what lies below is left to the sweep."""
        while len(self._seen) > 1 and self._seen[1][0] <= now - SWEEP_INTERVAL:
            self._seen.popleft()
        return self._seen[0][1] if self._seen and self._seen[0][0] <= now - SWEEP_INTERVAL else 0
