"""Disputes: a buyer's bank takes a captured amount back until the case is decided."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import INSTANT, KEY_TEXT, WIDE_COLUMN, Instant, KeyText, Minor, StoreOwned, Texts
from domain.payments.states import DisputeStatus, EvidenceType


class Dispute(StoreOwned):
    """A dispute of one payment."""

    __tablename__ = "payment_dispute"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "payment_id"], ["payment.store_id", "payment.id"]),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("status IN ('needs_response', 'under_review', 'won', 'lost')", name="status"),
        Index("payment_dispute_created_idx", "store_id", "created_at", "id"),
        Index("payment_dispute_status_idx", "store_id", "status", "created_at", "id"),
        Index("payment_dispute_payment_idx", "store_id", "payment_id", "created_at", "id"),
        Index("payment_dispute_order_idx", "store_id", "order_id", "created_at", "id"),
        Index("payment_dispute_reference_idx", "store_id", "reference"),
    )

    payment_id: Mapped[KeyText]
    intent_id: Mapped[KeyText]
    order_id: Mapped[KeyText | None]
    currency: Mapped[KeyText]
    amount: Mapped[Minor]
    fee: Mapped[Minor]
    """The fee for the dispute."""
    status: Mapped[DisputeStatus] = mapped_column(KEY_TEXT)
    reason: Mapped[str]
    respond_by: Mapped[datetime] = mapped_column(INSTANT)
    evidence_parts: Mapped[Texts]
    """The parts of the evidence that the draft or the response has."""
    evidence: Mapped[bytes | None] = mapped_column(LargeBinary, info=WIDE_COLUMN)
    """The texts of the response, encrypted. Null before there is a draft."""
    is_submitting: Mapped[bool]
    """Whether the evidence is on its way to the processor."""
    error_code: Mapped[KeyText | None]
    """Why the processor refused the last submission."""
    error_message: Mapped[str | None]
    submitted_at: Mapped[datetime | None] = mapped_column(INSTANT)
    closed_at: Mapped[datetime | None] = mapped_column(INSTANT)
    reference: Mapped[KeyText]
    """The id of the dispute at the processor."""
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class DisputeFile(StoreOwned):
    """A file of evidence, encrypted."""

    __tablename__ = "payment_dispute_file"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "dispute_id"], ["payment_dispute.store_id", "payment_dispute.id"]),
        Index("payment_dispute_file_dispute_idx", "store_id", "dispute_id", "created_at", "id"),
    )

    dispute_id: Mapped[KeyText]
    evidence_type: Mapped[EvidenceType] = mapped_column(KEY_TEXT)
    """The kind of evidence that it belongs to."""
    name: Mapped[str]
    media_type: Mapped[KeyText]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, info=WIDE_COLUMN)
    created_at: Mapped[Instant]
