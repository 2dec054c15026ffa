"""Serializers of events, for REST and webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

import orjson

from domain.events.event_types import EventType, area_of
from domain.kernel.event_log import write_position
from domain.kernel.principal import Principal
from domain.kernel.serialization import FieldDoc, format_instant
from domain.kernel.sql.executor import Row


class EventData(TypedDict):
    """The object of an event."""

    object: Annotated[
        dict[str, Any],
        FieldDoc(description="The object at the time of the event.", example={"id": "prod_01jd3v4q8r"}),
    ]
    changed_fields: Annotated[
        list[str],
        FieldDoc(
            description="The fields changed by an update, in REST naming. Empty for other events.", example=["price"]
        ),
    ]


class EventDocument(TypedDict):
    """An immutable event, with its object as it was at the time."""

    id: Annotated[
        str,
        FieldDoc(
            description="The id. The same in GraphQL, REST and webhooks.", example="evt_01jd3v4q8rf9k6w2m5n7t0xhz4"
        ),
    ]
    type: Annotated[EventType, FieldDoc(description="The type of the event.", example="product.updated")]
    created_at: Annotated[
        str, FieldDoc(description="When the event occurred.", example="2026-01-15T10:30:00Z", format="date-time")
    ]
    data: Annotated[EventData, FieldDoc(description="The object of the event.")]
    cursor: Annotated[
        str,
        FieldDoc(
            description="The position in the event log. Pass it as `after` to continue from here.", example="e1.42"
        ),
    ]
    sequence: Annotated[
        int, FieldDoc(description="The number of the event among the events of the same object.", example=2)
    ]


def cursor_of(row: Row) -> str:
    """Format the cursor of an event."""
    return write_position(row.position)


def serialize_event(row: Row, principal: Principal) -> EventDocument:
    """Serialize an event for this caller."""
    return {
        "id": row.id,
        "type": row.type,
        "created_at": format_instant(row.created_at),
        "data": {"object": serialize_object(row, principal), "changed_fields": row.changed_fields},
        "cursor": cursor_of(row),
        "sequence": row.sequence,
    }


def serialize_object(row: Row, principal: Principal) -> dict[str, Any]:
    """Serialize the object of an event, as it was at the time, for this caller."""
    area = area_of(row.type)
    with_cost = any(principal.has_scope(scope) for scope in area.cost_scopes)
    document: Mapping[str, Any] = area.document(row.snapshot, with_cost=with_cost)
    return dict(document)


def with_object(document: EventDocument, object: Any) -> EventDocument:
    """Replace the object of an event by the result of a payload query."""
    return {**document, "data": {**document["data"], "object": object}}


def payload_of(document: EventDocument) -> bytes:
    """Encode the body that webhooks send for an event. Exactly these bytes are signed."""
    return orjson.dumps(document)
