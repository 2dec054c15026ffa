"""Endpoints of events: lists, one event, and the live stream."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from domain import events
from domain.events.commands import EventFilter, FollowEvents
from domain.events.serializers import EventDocument, serialize_event
from domain.kernel.errors import MalformedRequest, NotFound, ValidationFailed
from domain.kernel.event_log import Checkpoint, EventLog
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor, Row
from rest_compat.endpoint import Endpoint, ItemAction, PageAction, PathId, Representation, StreamAction, StreamEvent


async def describe_events(reader: Executor, principal: Principal, rows: Sequence[Row]) -> list[EventDocument]:
    """Events as they were written; nothing else is read."""
    return [serialize_event(row, principal) for row in rows]


async def fetch_event(reader: Executor, principal: Principal, ids: Mapping[str, str]) -> Representation:
    """One event. Raises NotFound for those that the caller may not see, too."""
    row = await events.reads.event_by_id.for_key(reader, ids["id"])
    if row is None or row.type not in events.readable_types(principal):
        raise NotFound("event")
    return Representation(serialize_event(row, principal))


async def follow_events(log: EventLog, principal: Principal, given: Mapping[str, Any]) -> AsyncGenerator[StreamEvent]:
    """Events as they get their place in the log. Raises Forbidden, MalformedRequest, and as ``events.follow``."""
    conditions = (condition.partition(":") for condition in given.get("where", ()))
    where = tuple((path, value) for path, _, value in conditions)
    objects = given.get("object_id", UNSET), given.get("object_ids", UNSET)
    try:
        wanting = events.select_events(principal, given.get("types"), *objects, where)
    except ValidationFailed as failed:  # of a parameter, it cannot be read
        message = failed.problems[0].message
        raise MalformedRequest.of("where", message) from None
    async with aclosing(events.follow(log, wanting, given.get("after"))) as rows:
        async for row in rows:
            cursor = events.cursor_of(row)
            if isinstance(row, Checkpoint):
                yield StreamEvent(cursor)
            else:
                yield StreamEvent(cursor, row.type, serialize_event(row, principal))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/events",
        name="listEvents",
        summary="List events",
        description="The log from the oldest event on, as far as the key may see it: each event needs the read scope "
        "of its own area.",
        tag="Events",
        action=PageAction(
            listing=events.reads.events, describe=describe_events, filters=EventFilter, admit=events.check_filters
        ),
        response=EventDocument,
    ),
    Endpoint(
        method="GET",
        path="/events/stream",
        name="streamEvents",
        summary="Follow the events live",
        description="Server-sent events, in the order of the log, each once: `id` is the cursor, `event` the type, "
        "`data` the document that /events shows. Every few seconds comes a comment, often with an `id` alone: all "
        "events up to there have been seen. Connect again with the last `id` as `Last-Event-ID` (as browsers do) or "
        "`after`, and nothing is missed or repeated. An event named `error` says why the stream cannot go on, as the "
        "error of a request would (also when the key is revoked or expires); it has no `id`.",
        tag="Events",
        action=StreamAction(follow=follow_events, parameters=FollowEvents),
        response=EventDocument,
    ),
    Endpoint(
        method="GET",
        path="/events/{id}",
        name="getEvent",
        summary="Retrieve an event",
        tag="Events",
        action=ItemAction(reads=(events.reads.event_by_id,), fetch=fetch_event),
        response=EventDocument,
        ids={"id": PathId(noun="event", prefix="evt")},
    ),
)
