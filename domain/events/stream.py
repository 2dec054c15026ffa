"""Event streams: selecting events by type, object and conditions, and following the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from domain.events.condition_paths import require_paths
from domain.events.event_types import EventType, is_for_shoppers, resolve_types
from domain.events.recent_documents import recent_documents
from domain.kernel.errors import Forbidden, Unavailable
from domain.kernel.event_log import Checkpoint, EventLog, read_position
from domain.kernel.fields import UNSET, Unset
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row


@dataclass(frozen=True, slots=True)
class EventSelection:
    """The types, objects and conditions of a subscriber.

    Conditions are evaluated on what the caller may see of an object, so they reveal nothing else.
    """

    principal: Principal
    types: frozenset[str]
    object_ids: frozenset[str] | None
    """None for all objects."""
    where: Sequence[tuple[str, str]]

    def matches(self, row: Row) -> bool:
        """Whether the type and object of the event are selected. Does not look at the snapshot."""
        return row.type in self.types and (self.object_ids is None or row.object_id in self.object_ids)

    def meets(self, scalars: Mapping[str, str]) -> bool:
        """Whether the scalars of the object meet all conditions. Both as in JSON, but strings without quotes."""
        return all(scalars.get(path) == value for path, value in self.where)


def select_events(
    principal: Principal,
    types: Iterable[EventType] | None = None,
    object_id: str | Unset = UNSET,
    object_ids: Iterable[str] | Unset = UNSET,
    where: Sequence[tuple[str, str]] = (),
) -> EventSelection:
    """Build the selection of a caller.

    If both ``object_id`` and ``object_ids`` are given, both must match. ``where``: pairs of a dotted path in the
    object's REST document (``status``, ``shipping_address.country``) and the text it must have. Raises Forbidden (a
    type that the caller may not read; conditions of a publishable key, which would tell what it does not show),
    ValidationFailed (a path that none of the objects has).
    """
    selected = resolve_types(principal, types)
    if principal.storefront is not None and where:
        raise Forbidden("Conditions on what events contain need a secret API key.")
    require_paths(selected, [path for path, _ in where])
    objects = None if object_ids is UNSET else frozenset(object_ids)
    if object_id is not UNSET:
        objects = frozenset((object_id,)) if objects is None else objects & {object_id}
    return EventSelection(principal, frozenset(selected), objects, where)


STREAM_RETRY_DELAY = 0.5
"""Seconds between two tries while the database is unavailable."""


async def follow(
    log: EventLog, selection: EventSelection, after: str | None = None
) -> AsyncGenerator[Row | Checkpoint]:
    """Follow the selected events of the store after a cursor, or from now on: each once, in order, without end.

    The first item is always a Checkpoint: the start. Others follow when events that are not selected were passed. Once
    begun, an unavailable database is waited for. Raises MalformedRequest (no event cursor); CursorExpired, also later,
    if retention has overtaken the caller; Unavailable before the first item.
    """
    position = await log.start_after(None if after is None else read_position(after))
    yield Checkpoint(position)
    while True:
        try:
            async with aclosing(log.follow(selection.principal.store, position)) as batches:
                async for rows in batches:
                    is_sent = False
                    for row in rows:
                        found = await _selected(log, selection, row)
                        is_sent = found is not None
                        if found is not None:
                            yield found
                        position = row.position
                    if not is_sent:
                        yield Checkpoint(position)
        except Unavailable:
            await asyncio.sleep(STREAM_RETRY_DELAY)


async def _selected(log: EventLog, selection: EventSelection, row: Row) -> Row | None:
    """Return the event with its snapshot if it is selected. Raises Unavailable."""
    if not selection.matches(row):
        return None
    whole = await log.whole(selection.principal.store, row)
    if whole is None or (selection.principal.storefront is not None and not is_for_shoppers(whole)):
        return None
    if not selection.where:
        return whole
    scalars = await recent_documents(log).scalars(whole, selection.principal)
    return whole if selection.meets(scalars) else None
