"""Events as REST returns them and webhooks carry them."""

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
    """What an event is about."""

    object: Annotated[
        dict[str, Any],
        FieldDoc(description="The object as it was when this happened.", example={"id": "prod_01jd3v4q8r"}),
    ]
    changed_fields: Annotated[
        list[str], FieldDoc(description="What an update changed; empty for other events.", example=["price"])
    ]


class EventDocument(TypedDict):
    """An immutable fact."""

    id: Annotated[str, FieldDoc(description="Its id.", example="evt_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    type: Annotated[EventType, FieldDoc(description="What happened.", example="product.updated")]
    created_at: Annotated[
        str, FieldDoc(description="When it happened, UTC.", example="2026-01-15T10:30:00Z", format="date-time")
    ]
    data: Annotated[EventData, FieldDoc(description="What it is about.")]
    cursor: Annotated[str, FieldDoc(description="Its place in the log: continue after it.", example="e1.42")]
    sequence: Annotated[int, FieldDoc(description="Counts the events of this object, to order them by.", example=2)]


def cursor_of(row: Row) -> str:
    """The cursor of an event."""
    return write_position(row.position)


def serialize_event(row: Row, principal: Principal) -> EventDocument:
    """An event as REST writes it for this caller."""
    return {
        "id": row.id,
        "type": row.type,
        "created_at": format_instant(row.created_at),
        "data": {"object": serialize_object(row, principal), "changed_fields": row.changed_fields},
        "cursor": cursor_of(row),
        "sequence": row.sequence,
    }


def serialize_object(row: Row, principal: Principal) -> dict[str, Any]:
    """The object of an event as it was then, as REST writes it for this caller."""
    kind = area_of(row.type)
    with_cost = any(principal.has_scope(scope) for scope in kind.cost_scopes)
    described: Mapping[str, Any] = kind.document(row.snapshot, with_cost=with_cost)
    return dict(described)


def with_object(document: EventDocument, object: Any) -> EventDocument:
    """The same event, with what an endpoint's own query made of it in place of the object."""
    return {**document, "data": {**document["data"], "object": object}}


def payload_of(document: EventDocument) -> bytes:
    """The body that webhooks send for an event: these very bytes are signed."""
    return orjson.dumps(document)
