"""What a follower wants of the log: types, an object, and conditions on what the object was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from domain.events.condition_paths import require_paths
from domain.events.event_types import EventType, resolve_types
from domain.events.recent_documents import recent_documents
from domain.kernel.errors import Unavailable
from domain.kernel.event_log import Checkpoint, EventLog, read_position
from domain.kernel.fields import UNSET, Unset
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Row


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


STREAM_RETRY_DELAY = 0.5
"""Seconds between two tries while the database is away from a follower who is catching up."""


async def follow(log: EventLog, wanting: EventSelection, after: str | None = None) -> AsyncGenerator[Row | Checkpoint]:
    """What is wanted of the store's events after a cursor (else from now on), each once, in order, for as long as it is
    asked.

    The first that is yielded is always a Passed: where it begins. More follow where nothing wanted was passed over.
    Once begun, a database that is away is waited for. Raises MalformedRequest for what is no cursor, CursorExpired,
    also later, when retention has overtaken the caller; Unavailable before it has begun.
    """
    position = await log.start_after(None if after is None else read_position(after))
    yield Checkpoint(position)
    while True:
        try:
            async with aclosing(log.follow(wanting.principal.store, position)) as batches:
                async for rows in batches:
                    told = False
                    for row in rows:
                        found = await _wanted(log, wanting, row)
                        told = found is not None
                        if found is not None:
                            yield found
                        position = row.position
                    if not told:
                        yield Checkpoint(position)
        except Unavailable:
            await asyncio.sleep(STREAM_RETRY_DELAY)


async def _wanted(log: EventLog, wanting: EventSelection, row: Row) -> Row | None:
    """The event with its snapshot where the follower is told of it. Raises Unavailable."""
    if not wanting.matches(row):
        return None
    whole = await log.whole(wanting.principal.store, row)
    if whole is None or not wanting.where:
        return whole
    scalars = await recent_documents(log).scalars(whole, wanting.principal)
    return whole if wanting.meets(scalars) else None
