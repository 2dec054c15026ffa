"""What an area of the domain announces of itself; ``domain/areas.py`` lists the areas, and whoever needs all of them
collects it from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from enum import EnumMeta
from typing import Any

from domain.kernel.database.partitions import PartitionedTable
from domain.kernel.documents import Document
from domain.kernel.events import Event, SnapshotRow
from domain.kernel.ids import is_id, prefix_of
from domain.kernel.maintenance import MaintenanceTask
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.reads.stored_rows import StoredRows
from domain.kernel.reencryption import EncryptedColumn
from domain.kernel.sql.executor import Row
from domain.kernel.sql.tables import Base
from domain.kernel.use_cases.personal_data import PersonalData


@dataclass(frozen=True, slots=True)
class EventArea:
    """What the events about one kind of object show."""

    scope: str
    """What the caller must hold to see them."""
    row: Callable[[Mapping[str, Any]], SnapshotRow]
    """The object of a snapshot as a row that owns its related rows."""
    document: type[Document]
    """What REST and webhooks write of that row."""
    for_shoppers: Callable[[Mapping[str, Any]], bool] | None = None
    """Whether shoppers may see the event with a snapshot; None if they may see none of them."""
    stored: StoredRows | None = None
    """How the database finds that row in a snapshot; None if it cannot."""


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


@dataclass(frozen=True, slots=True)
class EnumDoc:
    """What an enum and its values mean to clients."""

    enum: EnumMeta
    description: str
    values: Mapping[Any, str]
    """The description of every value."""
    name: str | None = None
    """The public name, if it is not that of the class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The tables of an area: of stores and under row-level security, but for those that are in ``without_store``."""

    names: Set[str] = frozenset()
    without_store: Set[str] = frozenset()
    """Those that belong to no store, which requests do not read."""
    read_only: Set[str] = frozenset()
    """Those that requests only read."""
    append_only: Set[str] = frozenset()
    """Those whose rows no role may change."""
    partitioned: tuple[PartitionedTable, ...] = ()
    """Those with a partition for each month."""

    @property
    def of_stores(self) -> Set[str]:
        """Those under row-level security."""
        return self.names - self.without_store


def own_tables(
    *modules: str,
    without_store: Set[str] = frozenset(),
    read_only: Set[str] = frozenset(),
    append_only: Set[str] = frozenset(),
    partitioned: tuple[PartitionedTable, ...] = (),
) -> Tables:
    """Declare the tables of all entities in packages or modules, which are imported by now."""
    names = frozenset(
        mapper.class_.__tablename__
        for mapper in Base.registry.mappers
        if f"{mapper.class_.__module__}.".startswith(tuple(f"{module}." for module in modules))
    )
    return Tables(
        names=names,
        without_store=without_store,
        read_only=read_only,
        append_only=append_only,
        partitioned=partitioned,
    )


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
    enums: tuple[EnumDoc, ...] = ()
    """Its enums in the API."""
    encrypted: tuple[EncryptedColumn, ...] = ()
    """Its columns that are encrypted, for the rotation of keys."""
    tables: Tables = field(default_factory=Tables)
    maintenance: Mapping[str, MaintenanceTask] = field(default_factory=dict)
    """What is removed of its tables in time, by the names of the tasks."""
