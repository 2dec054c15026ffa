"""The event log's routes. Webhooks themselves follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain import webhooks
from domain.kernel.errors import NotFound
from domain.kernel.principal import Principal
from domain.kernel.sql import Reader, Row
from domain.webhooks.commands import EventFilter
from domain.webhooks.document import EventDocument, event_document
from rest_compat.endpoint import Endpoint, Paged, PathId, Represented, Single

reads = webhooks.reads


async def describe_events(reader: Reader, principal: Principal, rows: Sequence[Row]) -> list[EventDocument]:
    """Events as they were written; nothing else is read."""
    return [event_document(row, principal) for row in rows]


async def fetch_event(reader: Reader, principal: Principal, ids: Mapping[str, str]) -> Represented:
    """One event. Raises NotFound for those that the caller may not see, too."""
    row = await reads.event_by_id.for_key(reader, ids["id"])
    if row is None or row.type not in webhooks.readable_types(principal):
        raise NotFound("event")
    return Represented(event_document(row, principal))


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/events",
        name="listEvents",
        summary="List events",
        description="The log from the oldest event on, as far as the key may see it: each event needs the read scope "
        "of its own area.",
        tag="Events",
        action=Paged(listing=reads.events, describe=describe_events, filters=EventFilter, admit=webhooks.admitted),
        answer=EventDocument,
    ),
    Endpoint(
        method="GET",
        path="/events/{id}",
        name="getEvent",
        summary="Retrieve an event",
        tag="Events",
        action=Single(reads=(reads.event_by_id,), fetch=fetch_event),
        answer=EventDocument,
        ids={"id": PathId(noun="event", prefix="evt")},
    ),
)
