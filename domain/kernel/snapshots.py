"""Rows of a moment: what the log stored of an object, with the attributes its read would have given.

REST documents and the GraphQL types of snapshots describe rows; rendered from a snapshot they show the object as it
was. What the object owned then is in the snapshot too (``owned``); other relations are read as they are now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from domain.kernel.reads.read import Read


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
