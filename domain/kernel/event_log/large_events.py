"""Events with large snapshots: left out of the ring and of batches, and read one by one on demand.

The followers of an event need it at about the same time, so one read is cached briefly for the others.
"""

from __future__ import annotations

import asyncio

from cachetools import LRUCache
from sqlalchemy import Text, bindparam, case, func, null, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from domain.kernel.database import Database
from domain.kernel.events import EventRow
from domain.kernel.principal import Store
from domain.kernel.sql.executor import Row, compile_select, document_text
from domain.kernel.sql.statements import STORE

LARGE_BYTES = 65_536
"""Of a snapshot as text: larger ones are large."""
CACHED_BYTES = 16 * 2**20
"""Of the large snapshots that were read last."""

_event = EventRow.__table__.c
_is_large = or_(
    func.pg_column_size(_event.snapshot) > LARGE_BYTES,  # of most large ones this need not be unpacked
    func.octet_length(type_coerce(_event.snapshot, JSONB).cast(Text)) > LARGE_BYTES,
)
LEAN_SNAPSHOT = type_coerce(case((_is_large, null()), else_=_event.snapshot), JSONB).label("snapshot")
"""The snapshot, or null where it is large."""
COLUMNS = (
    _event.store_id,
    _event.id,
    _event.position,
    _event.type,
    _event.object_id,
    _event.sequence,
    _event.changed_fields,
    _event.created_at,
)
_WHOLE = compile_select(
    select(*COLUMNS, _event.snapshot).where(_event.store_id == STORE, _event.id == bindparam("id", type_=Text())),
    "event",
)


class LargeEvents:
    """The large events that were read last, of all stores."""

    def __init__(self, database: Database, most: int = CACHED_BYTES) -> None:
        self._database = database
        # One that is larger than all that may be cached is cached alone: its followers need it at the same time.
        self._cached: LRUCache[str, Row] = LRUCache(most, getsizeof=lambda row: min(size_of(row), most))
        self._turn = asyncio.Lock()

    async def whole(self, store: Store, row: Row) -> Row | None:
        """The event with its snapshot; None if it is no longer stored. Raises Unavailable."""
        if document_text(row, "snapshot") is not None:
            return row
        async with self._turn:  # so that concurrent followers find it
            known = self._cached.get(row.id)
            if known is not None:
                return known
            async with self._database.read_connection(store) as db:
                found = await db.rows(_WHOLE, {"id": row.id})
            if found:
                self._cached[row.id] = found[0]
            return found[0] if found else None

    def forget(self) -> None:
        """Clear the cache after an erasure: the table has the redacted events."""
        self._cached.clear()


def size_of(row: Row) -> int:
    """The bytes of an event in memory, about: its snapshot, and ROW_BYTES for the rest."""
    text = document_text(row, "snapshot")
    return ROW_BYTES + (0 if text is None else len(text))


ROW_BYTES = 1_024
"""Of an event without its snapshot."""
