"""Event types, and for each area: the scope that reads its events, and the row and document of its snapshots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from domain.areas import load_areas
from domain.kernel.area import EventArea
from domain.kernel.events import SnapshotRow
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row

_AREAS = load_areas(below="events")
_EVENT_AREAS: Mapping[str, EventArea] = {name: each for area in _AREAS for name, each in area.event_areas.items()}
"""By the part of an event type before the dot."""

if TYPE_CHECKING:

    class EventType(StrEnum):
        """All event types of all areas, by wire name."""

else:
    _NAMES = {event.type.replace(".", "_").upper(): event.type for area in _AREAS for event in area.events}
    EventType = StrEnum("EventType", _NAMES, module=__name__)
    EventType.__doc__ = "All event types of all areas, by wire name."


def area_of(type: str) -> EventArea:
    """Find the area of an event type."""
    return _EVENT_AREAS[type.partition(".")[0]]


def types_by_area() -> Mapping[EventArea, tuple[str, ...]]:
    """List the areas with their event types."""
    found: dict[EventArea, tuple[str, ...]] = {}
    for type in EventType:
        area = area_of(type)
        found[area] = (*found.get(area, ()), str(type))
    return found


def object_of(type: str, snapshot: Mapping[str, Any]) -> SnapshotRow:
    """Build the row of an event's object, as it was when the event was written."""
    return area_of(type).row(snapshot)


def readable_types(principal: Principal) -> tuple[EventType, ...]:
    """List the types that the caller may read."""
    return tuple(type for type in EventType if _may_read(principal, area_of(type)))


def may_read(principal: Principal, row: Row) -> bool:
    """Whether the caller may read an event."""
    return _may_read(principal, area_of(row.type))


def is_for_shoppers(row: Row) -> bool:
    """Whether shoppers may see an event, which has its snapshot."""
    shown = area_of(row.type).for_shoppers
    return shown is not None and shown(row.snapshot)


def resolve_types(principal: Principal, named: Iterable[EventType] | None) -> tuple[EventType, ...]:
    """Return the named types, or all that the caller may read. Raises Forbidden for a named type they may not read."""
    if named is None:
        return readable_types(principal)
    types = tuple(dict.fromkeys(named))
    for type in types:
        scope = area_of(type).scope
        if not _may_read(principal, area_of(type)):
            raise principal.lacks(scope, purpose=f", which events of type {type} require")
    return types


def _may_read(principal: Principal, area: EventArea) -> bool:
    is_public = area.for_shoppers is not None
    return principal.has_scope(area.scope) and (principal.storefront is None or is_public)
