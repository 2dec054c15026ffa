"""The interface of events in GraphQL, and their field ``snapshot``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import strawberry

from domain.events.event_types import EventType, area_of
from domain.kernel.area import EventArea
from domain.kernel.event_log.cursors import POSITION_PREFIX
from domain.kernel.events import REGISTRY, SnapshotRow
from domain.kernel.reads.json_objects import JsonRow, NotPushableError
from domain.kernel.reads.json_stored_rows import JsonStoredRow
from domain.kernel.sql.executor import Row
from resolvers.types import Cursor, Id
from schema.fields import attribute, computed
from schema.relay import Node
from schema.row_functions import NumberAsText, TypeByColumn

_type_name = TypeByColumn("type", {str(type_): event.__name__ for type_, event in REGISTRY.items()})


@dataclass(frozen=True)
class _SnapshotOf:
    """The object of an event of an area, as it was."""

    area: EventArea

    def __call__(self, row: Row) -> SnapshotRow:
        """The row."""
        return self.area.row(row.snapshot)

    def as_row(self, members: JsonRow, *, required: bool) -> JsonStoredRow:
        """The same, written by the database. Raises NotPushableError."""
        if self.area.stored is None:
            raise NotPushableError(self.area.scope)
        return JsonStoredRow("snapshot", self.area.stored, members, required)


def event_snapshot(what: str, area: str) -> Any:
    """Declare ``snapshot``. Its type differs between events, so selecting several in one place needs aliases."""
    found = area_of(area)
    return computed(
        _SnapshotOf(found),
        columns=("type", "snapshot"),
        description=f"{what} at the time of the event. It has an `objectId` and no `id`. Use an alias if snapshots of "
        "several types are selected side by side.",
        scopes=(found.scope,),
    )


@strawberry.interface(
    description="An immutable event. `snapshot` is its object at the time of the event; the object itself, such as "
    "`product` or `order`, is current."
)
class Event(Node, prefix="evt", named=_type_name):
    """A row of the event log."""

    type: EventType = attribute("The type of the event.")
    object_id: Id = attribute("The id of the event's object. For events about stock, the id of the product.")
    cursor: Cursor = computed(
        NumberAsText("position", POSITION_PREFIX),
        columns=("position",),
        description="The position in the event log. Pass it as `after` to continue from here.",
    )
    created_at: datetime = attribute("When the event occurred.")
    changed_fields: list[str] = attribute("The fields changed by an update, in REST naming. Empty for other events.")
    sequence: int = attribute("The number of the event among the events of the same object.")

    resolve_type = staticmethod(_type_name)
