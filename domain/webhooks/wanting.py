"""What a follower wants of the log: types, an object, and conditions on what the object was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.kernel.fields import UNSET, Unset
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row
from domain.webhooks.condition_paths import require_paths
from domain.webhooks.event_types import EventType, resolve_types


@dataclass(frozen=True, slots=True)
class EventSelection:
    """Decides event by event. What the caller may not see of an object, no condition finds out either."""

    principal: Principal
    types: frozenset[str]
    object_ids: frozenset[str] | None
    """Those of which the caller hears; None for all."""
    where: Sequence[tuple[str, str]]

    def matches(self, row: Row) -> bool:
        """Whether the event is of the types and about the objects that are wanted; its snapshot is not looked at."""
        return row.type in self.types and (self.object_ids is None or row.object_id in self.object_ids)

    def meets(self, scalars: Mapping[str, str]) -> bool:
        """Whether each condition's scalar is as it says, both as JSON writes them, texts without their quotes."""
        return all(scalars.get(path) == value for path, value in self.where)


def select_events(
    principal: Principal,
    types: Iterable[EventType] | None = None,
    object_id: str | Unset = UNSET,
    object_ids: Iterable[str] | Unset = UNSET,
    where: Sequence[tuple[str, str]] = (),
) -> EventSelection:
    """What this caller wants. ``object_id`` and ``object_ids``: both must hold where both are given. ``where``: dotted
    paths in the object's REST document (``status``, ``shipping_address.country``), each with the text that must stand
    there. Raises Forbidden for a type that the caller may not see, ValidationFailed for a path that none of the objects
    has.
    """
    wanted = resolve_types(principal, types)
    require_paths(wanted, [path for path, _ in where])
    objects = None if object_ids is UNSET else frozenset(object_ids)
    if object_id is not UNSET:
        objects = frozenset((object_id,)) if objects is None else objects & {object_id}
    return EventSelection(principal, frozenset(wanted), objects, where)
