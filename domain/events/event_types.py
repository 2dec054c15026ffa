"""The types of events that the areas announce, and who may see which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from domain.areas import load_areas
from domain.kernel.area import EventArea
from domain.kernel.errors import Forbidden
from domain.kernel.events import SnapshotRow
from domain.kernel.principal import Principal

_AREAS = load_areas(below="events")
_EVENT_AREAS: Mapping[str, EventArea] = {name: each for area in _AREAS for name, each in area.event_areas.items()}
"""By the part of a type before its dot."""

if TYPE_CHECKING:

    class EventType(StrEnum):
        """Every type that the areas announce, by its wire name."""

else:
    _NAMES = {event.type.replace(".", "_").upper(): event.type for area in _AREAS for event in area.events}
    EventType = StrEnum("EventType", _NAMES, module=__name__)
    EventType.__doc__ = "Every type that the areas announce, by its wire name."


def area_of(type: str) -> EventArea:
    """What an event of this type is about."""
    return _EVENT_AREAS[type.partition(".")[0]]


def object_of(type: str, snapshot: Mapping[str, Any]) -> SnapshotRow:
    """The object of an event, as it was when the event was written."""
    return area_of(type).row(snapshot)


def readable_types(principal: Principal) -> tuple[EventType, ...]:
    """The types that the caller may see."""
    return tuple(type for type in EventType if principal.has_scope(area_of(type).scope))


def resolve_types(principal: Principal, named: Iterable[EventType] | None) -> tuple[EventType, ...]:
    """The types named, or all that the caller may see. Raises Forbidden for a named one that they may not see."""
    if named is None:
        return readable_types(principal)
    wanted = tuple(dict.fromkeys(named))
    for type in wanted:
        scope = area_of(type).scope
        if not principal.has_scope(scope):
            raise Forbidden(f"Events of type {type} need the scope {scope}.", missing_scope=scope)
    return wanted
