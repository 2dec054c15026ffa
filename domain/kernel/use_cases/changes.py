"""Changes of an object that is compared with its state before, and announced if it differs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from domain.kernel.use_cases.unit_of_work import UnitOfWork


class VersionedEntity(Protocol):
    """An object whose changes are events."""

    version: Any
    """Increases with every change."""
    sequence: Any
    """The number of its events."""
    updated_at: Any
    """The time of the last change (UTC)."""


def changed_members(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the members that differ, in the order of ``after``."""
    return tuple(name for name in after if after[name] != before[name])


def count_change(work: UnitOfWork, changed: VersionedEntity) -> None:
    """Count one change of the object and its event, and set its time."""
    changed.version += 1
    changed.sequence += 1
    changed.updated_at = work.now
