"""Following the log: what one caller may see of it, from any cursor on, whichever door they came by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from domain.kernel.errors import Unavailable
from domain.kernel.event_log import Checkpoint, EventLog, read_position
from domain.kernel.sql.executor import Row
from domain.webhooks.recent_documents import recent_documents
from domain.webhooks.wanting import EventSelection

STREAM_RETRY_DELAY = 0.5
"""Seconds between two tries while the database is away from a follower who is catching up."""


async def follow(log: EventLog, wanting: EventSelection, after: str | None = None) -> AsyncGenerator[Row | Checkpoint]:
    """What is wanted of the store's events after a cursor (else from now on), each once, in order, for as long as it is
    asked.

    The first that is yielded is always a Passed: where it begins. More follow where nothing wanted was passed over.
    Once begun, a database that is away is waited for. Raises MalformedRequest for what is no cursor, CursorExpired,
    also later, when retention has overtaken the caller; Unavailable before it has begun.
    """
    position = await log.start_after(None if after is None else read_position(after))
    yield Checkpoint(position)
    while True:
        try:
            async with aclosing(log.follow(wanting.principal.store, position)) as batches:
                async for rows in batches:
                    told = False
                    for row in rows:
                        found = await _wanted(log, wanting, row)
                        told = found is not None
                        if found is not None:
                            yield found
                        position = row.position
                    if not told:
                        yield Checkpoint(position)
        except Unavailable:
            await asyncio.sleep(STREAM_RETRY_DELAY)


async def _wanted(log: EventLog, wanting: EventSelection, row: Row) -> Row | None:
    """The event with its snapshot where the follower is told of it. Raises Unavailable."""
    if not wanting.matches(row):
        return None
    whole = await log.whole(wanting.principal.store, row)
    if whole is None or not wanting.where:
        return whole
    scalars = await recent_documents(log).scalars(whole, wanting.principal)
    return whole if wanting.meets(scalars) else None
