"""What REST and webhooks write of events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from domain.events.event_types import EventType, area_of, types_by_area
from domain.kernel.area import EventArea
from domain.kernel.documents import (
    ComputedMember,
    Document,
    EnumMember,
    InstantMember,
    IntegerMember,
    ObjectMember,
    TextListMember,
)
from domain.kernel.documents.members import Scopes, View
from domain.kernel.documents.shared_members import id_member
from domain.kernel.event_log import write_position
from domain.kernel.event_log.cursors import POSITION_PREFIX
from domain.kernel.principal import Principal
from domain.kernel.reads.json_objects import NotPushableError, Value
from domain.kernel.reads.json_stored_rows import JsonStoredRow
from domain.kernel.reads.json_values import JsonNumberText, JsonTyped
from domain.kernel.sql.executor import Row


def serialize_object(row: Row, principal: Principal) -> dict[str, Any]:
    """Serialize the object of an event, as it was at the time, for this caller."""
    area = area_of(row.type)
    return area.document.of_row(area.row(row.snapshot), principal)


class EventCursor:
    """The cursor of an event."""

    def __call__(self, row: Row, _: Principal | None = None) -> str:
        """The text."""
        return write_position(row.position)

    def as_json(self, *, required: bool) -> JsonNumberText:
        """The same, written by the database."""
        return JsonNumberText("position", required, POSITION_PREFIX)


cursor_of = EventCursor()


@dataclass(frozen=True)
class EventObjectMember(ComputedMember):
    """The document of an event's object, by the type of the event."""

    @property
    def guards(self) -> Iterator[Scopes]:
        for area in types_by_area():
            yield from area.document.guards

    def json_value(self, view: View) -> Value:
        return JsonTyped("type", tuple((types, _stored(area, view)) for area, types in types_by_area().items()))


def _stored(area: EventArea, view: View) -> JsonStoredRow:
    if area.stored is None:
        raise NotPushableError(area.document.title())
    return JsonStoredRow("snapshot", area.stored, area.document.json_fields(view), required=True)


class EventData(Document):
    """The object of an event."""

    object = EventObjectMember(
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
