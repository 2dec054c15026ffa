"""Following a store's events from the command line: one JSON document a line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, suppress

from domain import access, events
from domain.events.serializers import serialize_event
from domain.kernel.database import Database
from domain.kernel.event_log import Checkpoint, EventLog
from domain.kernel.principal import Store
from rest_compat.get_handler import encode_document


async def tail(
    database: Database, store: Store, types: Iterable[events.EventType] | None, after: str | None
) -> AsyncGenerator[str]:
    """The store's events after a cursor (else from now on) as REST writes them, for as long as it is asked.

    Looks into the log by itself, so it sees what any server on this database writes, a fifth of a second later. Raises
    MalformedRequest for what is no cursor, CursorExpired.
    """
    log, operator = EventLog(database), access.system_principal(store)
    reading = asyncio.create_task(log.run())
    try:
        stream = events.follow(log, events.select_events(operator, types), after)
        async with aclosing(stream) as rows:
            async for row in rows:
                if not isinstance(row, Checkpoint):
                    yield encode_document(serialize_event(row, operator)).decode()
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading
