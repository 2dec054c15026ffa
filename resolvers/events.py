"""Resolvers of events: one event, and the subscription."""

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
from resolvers.loaders import LoadRequest
from resolvers.types import Cursor, Id


def event(*, id: Annotated[Id, "The id of the event (`evt_…`)."]) -> LoadRequest | None:
    """Load one event, or None."""
    return LoadRequest(events.reads.event_by_id, id) if is_id("evt", id) else None


async def follow(
    context: Context,
    *,
    types: Annotated[
        list[EventType] | None, "Return only these event types. Default: all that the API key may read."
    ] = None,
    after: Annotated[
        Cursor | None, "The cursor of the last event received. If omitted, only new events are sent."
    ] = None,
    filter: EventStreamFilter | None = None,
) -> AsyncGenerator[Row | Checkpoint]:
    """Follow the events of the store: see ``domain.events.follow``."""
    conditions = filter or EventStreamFilter()
    objects = conditions.object_id, conditions.object_ids
    selection = events.select_events(context.principal, types, *objects, conditions.conditions)
    stream = events.follow(context.log, selection, context.resume_after or after)
    async with aclosing(stream) as rows:
        async for row in rows:
            yield row
