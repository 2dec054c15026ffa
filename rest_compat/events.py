"""REST endpoints of events: the list, one event, the stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from domain import events
from domain.events.commands import EventFilter, FollowEvents
from domain.events.documents import EventDocument
from domain.kernel.errors import MalformedRequest, ValidationFailed
from domain.kernel.event_log import Checkpoint, EventLog
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row
from rest_compat.actions import ItemAction, PageAction, StreamAction, StreamEvent
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.objects import RestObject


def _may_read(principal: Principal, event: Row) -> bool:
    return event.type in events.readable_types(principal)


EVENT = RestObject(
    path="/events/{id}",
    noun="event",
    prefix="evt",
    read=events.reads.event_by_id,
    document=EventDocument,
    sees=_may_read,
    seen_by=("type",),
)


async def follow_events(log: EventLog, principal: Principal, values: Mapping[str, Any]) -> AsyncGenerator[StreamEvent]:
    """Follow the log. Raises Forbidden, MalformedRequest, and as ``events.follow``."""
    conditions = (condition.partition(":") for condition in values.get("where", ()))
    where = tuple((path, value) for path, _, value in conditions)
    objects = values.get("object_id", UNSET), values.get("object_ids", UNSET)
    try:
        selection = events.select_events(principal, values.get("types"), *objects, where)
    except ValidationFailed as failed:  # REST passes the conditions in a query parameter
        message = failed.problems[0].message
        raise MalformedRequest.of("where", message) from None
    async with aclosing(events.follow(log, selection, values.get("after"))) as rows:
        async for row in rows:
            cursor = events.cursor_of(row)
            if isinstance(row, Checkpoint):
                yield StreamEvent(cursor)
            else:
                yield StreamEvent(cursor, row.type, EventDocument.of_row(row, principal))


ENDPOINTS = tagged(
    "Events",
    Endpoint(
        method="GET",
        path="/events",
        name="listEvents",
        summary="List events",
        description="Events, oldest first. Contains only events that the API key may read: each requires the read "
        "scope of its area.",
        action=PageAction(
            listing=events.reads.events, document=EventDocument, filters=EventFilter, check_filters=events.check_filters
        ),
    ),
    Endpoint(
        method="GET",
        path="/events/stream",
        name="streamEvents",
        summary="Stream events",
        description="Sends events as server-sent events, in the order of the log, each once: `id` is the cursor, "
        "`event` the type, `data` the document that /events returns. A comment is sent every few seconds, often with "
        "an `id` alone: all events up to that position have been sent. To resume without gaps or duplicates, connect "
        "again with the last `id` as `Last-Event-ID` (as browsers do) or as `after`. An event named `error` ends the "
        "stream; its data is an error response, for example if the key is revoked or expires. It has no `id`.",
        action=StreamAction(follow=follow_events, parameters=FollowEvents, document=EventDocument),
    ),
    Endpoint(
        method="GET",
        path="/events/{id}",
        name="getEvent",
        summary="Get an event",
        action=ItemAction(source=EVENT),
        ids={"id": EVENT.id_in_path()},
    ),
)
