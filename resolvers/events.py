"""Root reads of events, and subscriptions to them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from domain import events
from domain.events.commands import EventStreamFilter
from domain.events.event_types import EventType
from domain.kernel.event_log import Checkpoint
from domain.kernel.ids import is_id
from domain.kernel.sql.executor import Row
from resolvers.context import Context
from resolvers.types import Cursor, Id


async def event(context: Context, *, id: Annotated[Id, "The event's id (evt_…)."]) -> Row | None:
    """One event, or None when there is no such one or the caller may not see it."""
    row = await context.load(events.reads.event_by_id, id) if is_id("evt", id) else None
    return row if row is not None and row.type in events.readable_types(context.principal) else None


async def follow(
    context: Context,
    *,
    types: Annotated[list[EventType] | None, "Only these; all that the caller may see when left out."] = None,
    after: Annotated[
        Cursor | None, "The cursor of the last event seen; without it, only what comes from now on."
    ] = None,
    filter: EventStreamFilter | None = None,
) -> AsyncGenerator[Row | Checkpoint]:
    """The store's events, each once, in order, for as long as it is asked: see the domain's own ``follow``."""
    narrow = filter or EventStreamFilter()
    wanting = events.select_events(context.principal, types, narrow.object_id, narrow.object_ids, narrow.conditions)
    stream = events.follow(context.log, wanting, context.resume_after or after)
    async with aclosing(stream) as rows:
        async for row in rows:
            yield row
