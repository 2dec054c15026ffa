"""The interface of events in GraphQL, and their field ``snapshot``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from domain import events
from domain.events.event_types import EventType
from domain.kernel.event_log.cursors import POSITION_PREFIX
from domain.kernel.events import REGISTRY
from domain.kernel.sql.executor import Row
from resolvers.types import Cursor, Id
from schema.fields import attribute, computed
from schema.relay import Node
from schema.row_functions import NumberAsText, TypeByColumn

_type_name = TypeByColumn("type", {str(type_): event.__name__ for type_, event in REGISTRY.items()})


def _snapshot_of(row: Row) -> Any:
    return events.object_of(row.type, row.snapshot)


def event_snapshot(what: str, scope: str) -> Any:
    """Declare ``snapshot``. Its type differs between events, so selecting several in one place needs aliases."""
    return computed(
        _snapshot_of,
        columns=("type", "snapshot"),
        description=f"{what} at the time of the event. It has an `objectId` and no `id`. Use an alias if snapshots of "
        "several types are selected side by side.",
        scopes=(scope,),
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
