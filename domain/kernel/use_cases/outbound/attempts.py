"""Attempts: the rows that say which calls are in flight, and what came of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import INSTANT, KEY_TEXT, Document, Instant, KeyText, StoreOwned


class AttemptState(StrEnum):
    """Whether the outcome of an attempt is known and has been applied."""

    IN_FLIGHT = "in_flight"
    SETTLED = "settled"


class OutboundAttempt(StoreOwned):
    """One call of a use case to the outside. Its id is the idempotency key there."""

    __tablename__ = "outbound_attempt"
    __table_args__ = (
        CheckConstraint("state IN ('in_flight', 'settled')", name="state"),
        CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled_at"),
        CheckConstraint("(state = 'settled') = (next_check_at IS NULL)", name="next_check_at"),
        CheckConstraint("(state = 'settled') = (outcome IS NOT NULL)", name="outcome"),
        Index("outbound_attempt_due_idx", "next_check_at", postgresql_where=text("next_check_at IS NOT NULL")),
        Index("outbound_attempt_settled_idx", "settled_at", postgresql_where=text("settled_at IS NOT NULL")),
    )

    use_case: Mapped[KeyText]
    """The name in the register."""
    request: Mapped[Document]
    """The fields of the request that may be stored; empty once the attempt is settled."""
    state: Mapped[AttemptState] = mapped_column(KEY_TEXT)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """``{"data": …}`` or ``{"code": …, "message": …}``; null in flight."""
    credential: Mapped[KeyText]
    """The credential that asked. The events of the second half name it, whichever process settles."""
    request_id: Mapped[str | None]
    created_at: Mapped[Instant]
    settled_at: Mapped[datetime | None] = mapped_column(INSTANT)
    next_check_at: Mapped[datetime | None] = mapped_column(INSTANT)
    """When the reconciler asks the outside; while it does, the end of its lease. Null once settled."""
    checks: Mapped[int]
    """How often the reconciler has leased it."""
