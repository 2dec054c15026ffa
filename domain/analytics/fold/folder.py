"""The fold: follows the event log, in order of positions, and brings the facts of the orders up to date.

An event only says which order to read: its facts are replaced by what the order is now. So an event that is folded
twice, or late, or together with later ones of its order, gives the same facts. The cursor moves in the transaction that
writes the facts: every event counts once, whatever crashes. Whoever folds holds the row of the cursor; other processes
leave it to them. The sequencer never waits: the fold reads events that have their positions already.

A rebuild reads all orders of a store the same way, batch by batch between the events, and sums the rollups anew at its
end. It begins when a store has asked for it, and for all stores when events were dropped before they were folded.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import asyncpg

from domain.analytics.fold.customer_rows import CLEAR_CUSTOMERS, SUM_CUSTOMERS
from domain.analytics.fold.dimension_rows import set_categories, set_channels, set_dimensions
from domain.analytics.fold.fact_rows import refold
from domain.analytics.fold.order_rows import REMOVE_ORPHANS
from domain.analytics.fold.summed_spans import SPANS, mark_days_of_products, sum_stale_spans
from domain.kernel.database import Database
from domain.kernel.poll_loop import PollLoop

FOLD_BATCH_SIZE = 500
"""Events per transaction: at most as many orders."""
REBUILD_BATCH_SIZE = 500
"""Orders per transaction of a rebuild. Folding waits for one such transaction, about 0.1 s."""
FOLD_POLL_INTERVAL = 1.0
"""Seconds after which to look unasked."""
FOLD_DELAY = 0.1
"""Seconds to wait after a wakeup: changes of an order in quick succession are read once."""
FOLD_RETRY_DELAY = 1.0
"""Seconds to wait if the database is unavailable."""

log = logging.getLogger("gateway.analytics")

_TRY_LOCK = "SELECT position FROM sales_cursor FOR UPDATE SKIP LOCKED"
_LOCK = "SELECT position FROM sales_cursor FOR UPDATE"
_EVENTS = """
SELECT position, store_id, type, object_id, created_at, 'categories' = ANY (changed_fields) AS is_moved,
    'acquisition_channel' = ANY (changed_fields) AS has_moved_channel
FROM event WHERE position > $1 ORDER BY position LIMIT $2
"""
_MOVE = "UPDATE sales_cursor SET position = $1"
_HORIZON = "SELECT horizon FROM event_log"
_REBUILD_ALL = """
INSERT INTO sales_state AS s (store_id, rebuild_after) SELECT number, 0 FROM store
ON CONFLICT (store_id) DO UPDATE SET rebuild_after = 0
"""
_REBUILD = """
INSERT INTO sales_state (store_id, rebuild_after) VALUES ($1, 0)
ON CONFLICT (store_id) DO UPDATE SET rebuild_after = 0
"""
_NOTE = """
INSERT INTO sales_state AS s (store_id, as_of)
SELECT store_id, max(at) FROM unnest($1::int[], $2::timestamptz[]) AS folded (store_id, at) GROUP BY store_id
ON CONFLICT (store_id) DO UPDATE SET as_of = greatest(s.as_of, excluded.as_of)
"""
_PENDING = """
SELECT store_id, rebuild_after FROM sales_state
WHERE rebuild_after IS NOT NULL AND ($1::int IS NULL OR store_id = $1) ORDER BY store_id LIMIT 1
"""
_NEXT_ORDERS = "SELECT number, id FROM sales_order WHERE store_id = $1 AND number > $2 ORDER BY number LIMIT $3"
_NEXT = "UPDATE sales_state SET rebuild_after = $2 WHERE store_id = $1"
_CLEAR = "DELETE FROM sales_quarter_hour WHERE store_id = $1"
_ORPHANS = """
DELETE FROM sale_line l WHERE store_id = $1
AND NOT EXISTS (SELECT FROM sales_order o WHERE o.store_id = l.store_id AND o.number = l.order_no)
"""
_SUM = """
INSERT INTO sales_quarter_hour (store_id, at, paid, orders, units, net, refunded)
SELECT store_id, date_bin('15 minutes', at, '2000-01-01Z'), paid, count(*) FILTER (WHERE first_in_order),
    sum(quantity), sum(net), sum(refunded)
FROM sale_line WHERE store_id = $1 AND NOT cancelled GROUP BY 1, 2, 3
"""
# As of the newest event: all that has happened before was read.
_DONE = """
UPDATE sales_state SET rebuild_after = NULL, as_of = greatest(as_of, (
    SELECT created_at FROM event WHERE store_id = $1 AND position <= $2 ORDER BY position DESC LIMIT 1
)) WHERE store_id = $1
"""


class SalesFolder:
    """Folds events into facts, when woken and at intervals. Any number of processes may run one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._loop = PollLoop(
            self._fold_later,
            interval=lambda: FOLD_POLL_INTERVAL,
            retry_delay=FOLD_RETRY_DELAY,
            log=log,
            failure="folding sales failed",
        )

    def wake(self) -> None:
        """Wake the folder: the log has grown."""
        self._loop.wake()

    async def run(self) -> None:
        """Fold until cancelled."""
        await self._loop.run()

    async def fold_all(self) -> int:
        """Fold all events that have a position, finish the rebuilds, and sum stale days and months. Returns the number
        of events. Raises Unavailable.

        Returns at once where another process folds: that one goes on until there is nothing left.
        """
        total = 0
        while True:
            folded = await self._fold_batch()
            if folded is None:
                return total
            total += folded
            if folded == FOLD_BATCH_SIZE or await rebuild_batch(self._database):
                continue
            if not await sum_stale_spans(self._database):
                return total

    async def _fold_later(self) -> None:
        await asyncio.sleep(FOLD_DELAY)
        await self.fold_all()

    async def _fold_batch(self) -> int | None:
        """The number of events that were folded; None while another process folds."""
        async with self._database.system_connection() as connection, connection.transaction():
            position = await connection.fetchval(_TRY_LOCK)
            return None if position is None else await _fold_events(connection, position)


async def _fold_events(connection: asyncpg.Connection, position: int) -> int:
    events = await connection.fetch(_EVENTS, position, FOLD_BATCH_SIZE)
    horizon = await connection.fetchval(_HORIZON)
    if horizon > position and (not events or events[0]["position"] > position + 1):
        log.warning("events were dropped before their sales were folded: all stores are rebuilt")
        await connection.execute(_REBUILD_ALL)
        position = horizon
        await connection.execute(_MOVE, position)
    if events:
        orders = {(row["store_id"], row["object_id"]) for row in events if row["type"].startswith("order.")}
        if orders:
            await refold(connection, sorted(orders))
        moved = sorted({(row["store_id"], row["object_id"]) for row in events if row["is_moved"]})
        await set_categories(connection, moved)
        await mark_days_of_products(connection, moved)
        people = {(row["store_id"], row["object_id"]) for row in events if row["has_moved_channel"]}
        await set_channels(connection, sorted(people))
        await connection.execute(_NOTE, [row["store_id"] for row in events], [row["created_at"] for row in events])
        await connection.execute(_MOVE, max(position, events[-1]["position"]))
    return len(events)


async def start_rebuild(database: Database, store: int) -> None:
    """Have the sales of a store read from its orders again. The workers do it, and ``rebuild_batch``."""
    async with database.system_connection() as connection:
        await connection.execute(_REBUILD, store)


@dataclass(frozen=True, slots=True)
class RebuildBatch:
    """A part of a rebuild: the number of orders that were read, 0 in the last."""

    orders: int


async def rebuild_batch(database: Database, store: int | None = None) -> RebuildBatch | None:
    """Read the next orders of a rebuild, of this store or of any; the last batch sums the rollups anew.

    Waits for the process that folds. None if no rebuild is running. Raises Unavailable.
    """
    async with database.system_connection() as connection, connection.transaction():
        if await connection.fetchrow(_PENDING, store) is None:
            return None
        position = await connection.fetchval(_LOCK)
        running = await connection.fetchrow(_PENDING, store)  # another process may have finished it meanwhile
        if running is None:
            return None
        number, after = running
        orders = await connection.fetch(_NEXT_ORDERS, number, after, REBUILD_BATCH_SIZE)
        if orders:
            await refold(connection, [(number, row["id"]) for row in orders])
            await connection.execute(_NEXT, number, orders[-1]["number"])
        else:
            await set_dimensions(connection, number)
            for statement in (_ORPHANS, REMOVE_ORPHANS, _CLEAR, _SUM, CLEAR_CUSTOMERS, SUM_CUSTOMERS):
                await connection.execute(statement, number)
            for spans in SPANS:
                await spans.mark_all(connection, number)
            await connection.execute(_DONE, number, position)
            log.info("the sales of store %d were rebuilt", number)
        return RebuildBatch(len(orders))
