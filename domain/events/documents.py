"""What REST and webhooks write of events."""

from __future__ import annotations

from typing import Any

import orjson

from domain.events.event_types import EventType, area_of
from domain.kernel.documents import (
    ComputedMember,
    Document,
    EnumMember,
    InstantMember,
    IntegerMember,
    ObjectMember,
    TextListMember,
)
from domain.kernel.documents.shared_members import id_member
from domain.kernel.event_log import write_position
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row


def serialize_object(row: Row, principal: Principal) -> dict[str, Any]:
    """Serialize the object of an event, as it was at the time, for this caller."""
    area = area_of(row.type)
    return area.document.of_row(area.row(row.snapshot), principal)


def cursor_of(row: Row, _: Principal | None = None) -> str:
    """Format the cursor of an event."""
    return write_position(row.position)


class EventData(Document):
    """The object of an event."""

    object = ComputedMember(
        "The object at the time of the event.", serialize_object, dict[str, Any], example={"id": "prod_01jd3v4q8r"}
    )
    changed_fields = TextListMember(
        "The fields changed by an update, in REST naming. Empty for other events.", example=["price"]
    )


class EventDocument(Document):
    """An immutable event, with its object as it was at the time."""

    id = id_member("evt")
    type = EnumMember("The type of the event.", EventType, example="product.updated")
    created_at = InstantMember("When the event occurred.", example="2026-01-15T10:30:00Z")
    data = ObjectMember("The object of the event.", EventData, column="id")
    cursor = ComputedMember(
        "The position in the event log. Pass it as `after` to continue from here.", cursor_of, str, example="e1.42"
    )
    sequence = IntegerMember("The number of the event among the events of the same object.", example=2)


def with_object(document: dict[str, Any], object: Any) -> dict[str, Any]:
    """Replace the object of an event by the result of a payload query."""
    return {**document, "data": {**document["data"], "object": object}}


def payload_of(document: dict[str, Any]) -> bytes:
    """Encode the body that webhooks send for an event. Exactly these bytes are signed."""
    return orjson.dumps(document)
