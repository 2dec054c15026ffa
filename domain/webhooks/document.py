"""An event as REST answers it and as webhooks will carry it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypedDict

from domain.catalog.document import COST_SCOPES
from domain.kernel.documents import Shown, instant
from domain.kernel.event_log import write_position
from domain.kernel.principal import Principal
from domain.kernel.sql import Row
from domain.webhooks.types import EventType, kind_of


class EventData(TypedDict):
    """What an event is about."""

    object: Annotated[
        dict[str, Any], Shown(description="The object as it was when this happened.", example={"id": "prod_01jd3v4q8r"})
    ]
    changed_fields: Annotated[
        list[str], Shown(description="What an update changed; empty for other events.", example=["price"])
    ]


class EventDocument(TypedDict):
    """An immutable fact."""

    id: Annotated[str, Shown(description="Its id.", example="evt_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    type: Annotated[EventType, Shown(description="What happened.", example="product.updated")]
    created_at: Annotated[
        str, Shown(description="When it happened, UTC.", example="2026-01-15T10:30:00Z", format="date-time")
    ]
    data: Annotated[EventData, Shown(description="What it is about.")]
    cursor: Annotated[str, Shown(description="Its place in the log: continue after it.", example="e1.42")]
    sequence: Annotated[int, Shown(description="Counts the events of this object, to order them by.", example=2)]


def cursor_of(row: Row) -> str:
    """The cursor of an event."""
    return write_position(row.position)


def event_document(row: Row, principal: Principal) -> EventDocument:
    """An event as REST writes it for this caller."""
    return {
        "id": row.id,
        "type": row.type,
        "created_at": instant(row.created_at),
        "data": {"object": object_document(row, principal), "changed_fields": row.changed_fields},
        "cursor": cursor_of(row),
        "sequence": row.sequence,
    }


def object_document(row: Row, principal: Principal) -> dict[str, Any]:
    """The object of an event as it was then, as REST writes it for this caller."""
    with_cost = any(principal.may(scope) for scope in COST_SCOPES)
    described: Mapping[str, Any] = kind_of(row.type).document(row.snapshot, with_cost=with_cost)
    return dict(described)
