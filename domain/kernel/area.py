"""What an area of the domain announces of itself; ``domain/areas.py`` lists the areas, and whoever needs all of them
collects it from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.kernel.events import Event, SnapshotRow
from domain.kernel.ids import is_id, prefix_of
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Row
from domain.kernel.use_cases.personal_data import PersonalData


@dataclass(frozen=True, slots=True)
class EventArea:
    """What the events about one kind of object show."""

    scope: str
    """What the caller must hold to see them."""
    row: Callable[[Mapping[str, Any]], SnapshotRow]
    """The object of a snapshot as a row, for GraphQL."""
    document: Callable[..., Mapping[str, Any]]
    """The object of a snapshot as REST and webhooks write it: ``(snapshot, with_cost=…)``."""
    cost_scopes: tuple[str, ...] = ()
    """Any of them shows what the object costs its merchant; none where it has no cost."""


def plain_key(id: str) -> str | None:
    """The id itself; None for what has not the form of one."""
    return id if is_id(prefix_of(id), id) else None


def visible_to_all(principal: Principal, row: Row) -> bool:
    """Every row, to whoever holds the scope."""
    return True


@dataclass(frozen=True, slots=True)
class NodeType:
    """How objects with one prefix of ids are found: by the first of ``reads``, all of one scope, that knows the key."""

    reads: tuple[Read, ...]
    key: Callable[[str], str | None] = plain_key
    """The key of an id; None for what has not the form of one."""
    sees: Callable[[Principal, Row], bool] = visible_to_all
    """Whether the caller may see a row, where the row decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The announcement of one area."""

    scopes: frozenset[str] = frozenset()
    """The scopes that its reads and use cases need."""
    events: tuple[type[Event], ...] = ()
    """The classes of its events."""
    event_areas: Mapping[str, EventArea] = field(default_factory=dict)
    """What its events show, by the part of their types before the dot."""
    nodes: Mapping[str, NodeType] = field(default_factory=dict)
    """The objects that ``node(id:)`` finds, by the prefix of their ids."""
    personal_data: PersonalData | None = None
    """What it stores of a person: exported, redacted and erased by this one declaration."""
    append_only: frozenset[str] = frozenset()
    """Its tables whose rows no role may change."""
