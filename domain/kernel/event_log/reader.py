"""The reader of the event log, one per process: it fetches each event once and keeps the newest in a ring, which all
followers share. A follower keeps only its position: one that falls behind the ring reads the table, and slows no
other.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Sequence

from sqlalchemy import BigInteger, Integer, bindparam, select

from domain.kernel.database import Database
from domain.kernel.errors import CursorExpired, MalformedRequest
from domain.kernel.event_log.cursors import require_retained
from domain.kernel.event_log.large_events import COLUMNS, LEAN_SNAPSHOT, LargeEvents, size_of
from domain.kernel.event_log.redaction import REDACTED_FIELD
from domain.kernel.events import EventRow
from domain.kernel.poll_loop import PollLoop
from domain.kernel.principal import Store
from domain.kernel.sql.executor import CompiledStatement, Row, compile_select
from domain.kernel.sql.statements import STORE

RING_SIZE = 10_000
"""Events in memory, of all stores together."""
RING_BYTES = 32 * 2**20
"""Bytes of the events in memory, without large snapshots."""
READ_BATCH_SIZE = 500
REPLAY_BATCH_SIZE = 100
"""Events that a follower reads from the table at a time: at most 6 MB."""
LOG_POLL_INTERVAL = 0.2
"""Seconds between two looks for what other processes have placed, where nothing wakes this one."""
LOG_RETRY_DELAY = 0.5
"""Seconds to wait if the database is unavailable."""

_event = EventRow.__table__.c


def _after(*conditions: object) -> CompiledStatement:
    position = bindparam("position", type_=BigInteger())
    statement = select(*COLUMNS, LEAN_SNAPSHOT).where(_event.position > position, *conditions)  # type: ignore[arg-type]
    return compile_select(statement.order_by(_event.position).limit(bindparam("limit", type_=Integer())), "event")


_OF_ALL = _after()
_OF_STORE = _after(_event.store_id == STORE)

log = logging.getLogger("gateway.event_log")


class EventLog:
    """Knows how far the log reaches, and wakes followers when it grows."""

    def __init__(self, database: Database, ring: int = RING_SIZE, ring_bytes: int = RING_BYTES) -> None:
        self._database = database
        self._large = LargeEvents(database)
        self._most_bytes = ring_bytes
        self._bytes = 0
        self._ring: deque[Row] = deque()
        self._by_store: dict[int, deque[Row]] = {}
        self._size = ring
        self._head: int | None = None
        self._floor = 0
        """Everything above this position, up to the head, is in the ring."""
        self._grown = asyncio.Event()
        self._loop = PollLoop(
            self._read_all,
            interval=lambda: LOG_POLL_INTERVAL,
            retry_delay=LOG_RETRY_DELAY,
            log=log,
            failure="reading the event log failed",
        )

    def wake(self) -> None:
        """There may be new positions: look now."""
        self._loop.wake()

    async def run(self) -> None:
        """Read the log until cancelled. Waits while the database is unavailable."""
        await self._loop.run()

    async def _read_all(self) -> None:
        while await self.read_on():
            pass

    async def read_on(self) -> bool:
        """Fetch new events into the ring. Returns whether there may be more. Raises Unavailable."""
        head = await self.head()
        async with self._database.system_connection() as connection:
            arguments = _OF_ALL.arguments({"position": head, "limit": READ_BATCH_SIZE})
            rows: list[Row] = await connection.fetch(_OF_ALL.text, *arguments, record_class=_OF_ALL.row)
            horizon = await connection.fetchval("SELECT horizon FROM event_log") if rows else head
        if horizon > head:
            self._skip_to(horizon)
        for row in rows:
            if row.position > horizon:
                if REDACTED_FIELD in row.changed_fields:
                    self._skip_to(row.position - 1)
                self._keep(row)
        if rows:
            self._head = max(rows[-1].position, horizon)
            grown, self._grown = self._grown, asyncio.Event()
            grown.set()
        return len(rows) == READ_BATCH_SIZE

    async def head(self) -> int:
        """The position of the newest event in this process. Raises Unavailable."""
        if self._head is None:
            async with self._database.system_connection() as connection:
                position = await connection.fetchval("SELECT position FROM event_log")
            if self._head is None:
                self._head = self._floor = int(position)
        return self._head

    async def start_after(self, position: int | None) -> int:
        """The start of a subscription: after ``position``, or after the newest event.

        Raises CursorExpired if events after it are no longer stored, MalformedRequest for a position in the future.
        """
        head = await self.head()
        if position is None:
            return head
        async with self._database.system_connection() as connection:
            row = await connection.fetchrow("SELECT position, horizon FROM event_log")
        if row is None or position > row["position"]:
            raise MalformedRequest.of("after", "Invalid event cursor.")
        if position < row["horizon"]:
            raise CursorExpired
        return position

    async def follow(self, store: Store, position: int) -> AsyncGenerator[Sequence[Row]]:
        """Yield the events of the store after ``position``, in order, each once, without end.

        Yields batches of the available events; ``whole`` loads their snapshots.

        Raises Unavailable only if the follower is behind the ring and the database is unavailable; it may be called
        again with the last position seen. Raises CursorExpired if events that the follower has not seen are no longer
        stored.
        """
        rows: Sequence[Row]
        while True:
            grown = self._grown
            if position < self._floor:
                rows, position = await self._from_table(store, position)
            else:
                head = self._head if self._head is not None else position
                rows = self._from_ring(store, position)
                position = max(position, head)
            if rows:
                yield rows
            elif position >= (self._head or 0):
                await grown.wait()

    async def whole(self, store: Store, row: Row) -> Row | None:
        """An event of a batch with its snapshot, which batches omit if it is large; None if it is no longer stored.
        Raises Unavailable.
        """
        return await self._large.whole(store, row)

    def _from_ring(self, store: Store, position: int) -> list[Row]:
        found: list[Row] = []
        row: Row
        for row in reversed(self._by_store.get(store.number, ())):
            if row.position <= position:
                break
            found.append(row)
        found.reverse()
        return found

    async def _from_table(self, store: Store, position: int) -> tuple[Sequence[Row], int]:
        """A batch, and how far it reaches: all positions up to there are seen."""
        head = self._head if self._head is not None else position
        async with self._database.read_connection(store) as reader:
            rows = await reader.rows(_OF_STORE, {"position": position, "limit": REPLAY_BATCH_SIZE})
            await require_retained(reader, position)
        reached = rows[-1].position if rows else head
        return rows, reached if len(rows) == REPLAY_BATCH_SIZE else max(head, reached)

    def _skip_to(self, position: int) -> None:
        """Drop the events before a position from memory. Either they were dropped from the table before this process
        has read them, and followers must not skip them silently; or a person was erased, and the table has the
        redacted events.
        """
        self._ring.clear()
        self._by_store.clear()
        self._bytes = 0
        self._large.forget()
        self._floor = position

    def _keep(self, row: Row) -> None:
        self._ring.append(row)
        self._by_store.setdefault(row.store_id, deque()).append(row)
        self._bytes += size_of(row)
        while len(self._ring) > self._size or self._bytes > self._most_bytes:
            gone = self._ring.popleft()
            self._bytes -= size_of(gone)
            own = self._by_store[gone.store_id]
            own.popleft()
            if not own:
                del self._by_store[gone.store_id]
            self._floor = gone.position
