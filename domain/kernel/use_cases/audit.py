"""The audit log: who changed what about access, or has read which export, and when. Never altered.

A change is recorded in its own transaction, an export before it is handed out.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from domain.kernel.ids import new_id
from domain.kernel.sql.statements import RowStatement
from domain.kernel.sql.tables import Document, Instant, KeyText, StoreOwned
from domain.kernel.use_cases.unit_of_work import UnitOfWork


class AuditEntry(StoreOwned):
    """One change or export, with the credential of the caller."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("audit_entry_created_idx", "store_id", "created_at", "id"),
        Index("audit_entry_actor_idx", "store_id", "actor", "created_at", "id"),
        Index("audit_entry_action_idx", "store_id", "action", "created_at", "id"),
        Index("audit_entry_object_idx", "store_id", "object_id", "created_at", "id"),
    )

    action: Mapped[KeyText]
    actor: Mapped[KeyText]
    object_id: Mapped[KeyText]
    details: Mapped[Document]
    request_id: Mapped[str | None]
    created_at: Mapped[Instant]


_ENTRIES = RowStatement.insert_into(AuditEntry)


def audit(work: UnitOfWork, action: str, object_id: str, **details: Any) -> None:
    """Record that ``action`` (``key.created``) was done to an object. ``details`` must not contain secrets."""
    entry = {
        "store_id": work.store.number,
        "id": new_id("aud"),
        "action": action,
        "actor": work.origin.actor,
        "object_id": object_id,
        "details": details,
        "request_id": work.origin.request_id,
        "created_at": work.now,
    }
    work.append(_ENTRIES, entry)
