"""What an event is: an immutable fact, written as a row in the transaction of the change it reports.

A row stores the object as its own area sees it at that moment (own columns and owned children). Its ``position`` in
the log is given after the commit, in commit order; until then the row is invisible to every reader of the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, FetchedValue, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.reads.read import Read
from domain.kernel.sql.tables import Base, Document, Instant, KeyText, StoreOwned, Texts


class SnapshotRow(SimpleNamespace):
    """A row whose columns are its attributes."""

    owned: Mapping[Read, Any]
    """What these reads would have found for this row then."""


def snapshot_row(stored: Mapping[str, Any]) -> SnapshotRow:
    """The row of a stored object: its scalar members and its JSON, times as datetimes; nothing owned yet."""
    columns = {
        name: datetime.fromisoformat(value) if name.endswith("_at") and value is not None else value
        for name, value in stored.items()
        if not _holds_objects(value)
    }
    return SnapshotRow(**columns, owned={})


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


REGISTRY: dict[str, type[Event]] = {}
"""Every event class by its wire name (``product.created``)."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to one aggregate.

    ``sequence`` counts the aggregate's events and is set under its lock; ``snapshot`` is the object as it is now,
    in the area's own words (minor units, ISO times), JSON through and through.
    """

    type: ClassVar[str]
    object_id: str
    sequence: int
    snapshot: dict[str, Any]
    changed_fields: tuple[str, ...] = ()

    def __init_subclass__(cls, *, type: str, **options: Any) -> None:
        super(Event, cls).__init_subclass__(**options)
        cls.type = type
        REGISTRY[type] = cls


class EventRow(StoreOwned):
    """The log. Partitioned by range of id: the time-sortable id carries the month."""

    __tablename__ = "event"
    __table_args__ = (
        Index("event_pending_idx", "seq", postgresql_where=text("position IS NULL")),
        Index("event_position_idx", "store_id", "position", postgresql_where=text("position IS NOT NULL")),
        Index("event_object_idx", "store_id", "object_id", "position"),
        Index("event_order_idx", "position", postgresql_where=text("position IS NOT NULL")),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    seq: Mapped[int] = mapped_column(BigInteger, FetchedValue())
    xact: Mapped[int | None] = mapped_column(BigInteger, FetchedValue())
    """The full id of the transaction that wrote it, which tells whether it was over at another instant. Null for events
    from before this column.
    """
    position: Mapped[int | None] = mapped_column(BigInteger)
    type: Mapped[KeyText]
    object_id: Mapped[KeyText]
    sequence: Mapped[int]
    snapshot: Mapped[Document]
    changed_fields: Mapped[Texts]
    origin: Mapped[str]
    actor: Mapped[KeyText]
    request_id: Mapped[str | None]
    created_at: Mapped[Instant]


class LogState(Base):
    """One row: how far the log reaches, and the highest position that retention has dropped."""

    __tablename__ = "event_log"
    __table_args__ = (CheckConstraint("single", name="single"),)

    single: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    position: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    horizon: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
