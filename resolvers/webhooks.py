"""Root reads of the event log, and the following of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from domain import webhooks
from domain.kernel.event_log import Checkpoint
from domain.kernel.ids import is_id
from domain.kernel.sql.executor import Row
from domain.webhooks.commands import EventStreamFilter
from domain.webhooks.event_types import EventType
from resolvers.context import Context
from resolvers.loaders import LoadRequest
from resolvers.types import Cursor, Id


async def event(context: Context, *, id: Annotated[Id, "The event's id (evt_…)."]) -> Row | None:
    """One event, or None when there is no such one or the caller may not see it."""
    row = await context.load(webhooks.reads.event_by_id, id) if is_id("evt", id) else None
    return row if row is not None and row.type in webhooks.readable_types(context.principal) else None


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
    wanting = webhooks.select_events(context.principal, types, narrow.object_id, narrow.object_ids, narrow.conditions)
    stream = webhooks.follow(context.log, wanting, context.resume_after or after)
    async with aclosing(stream) as rows:
        async for row in rows:
            yield row


def webhook(*, id: Annotated[Id, "The endpoint's id (whk_…)."]) -> LoadRequest | None:
    """One endpoint, or None."""
    return LoadRequest(webhooks.reads.webhook_by_id, id) if is_id("whk", id) else None


async def delivery(context: Context, *, id: Annotated[Id, "The delivery's id (dlv_…)."]) -> Row | None:
    """One delivery, or None when there is no such one or the caller may not see its event."""
    row = await context.load(webhooks.reads.delivery_by_id, id) if is_id("dlv", id) else None
    return row if row is not None and webhooks.may_see_delivery(context.principal, row.type) else None
