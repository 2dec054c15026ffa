"""Endpoints that events are sent to, and what became of each sending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, FetchedValue, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import INSTANT, KEY_TEXT, WIDE_COLUMN, Instant, KeyText, StoreOwned, Texts


class DeliveryStatus(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class AttemptOutcome(StrEnum):
    """What came of one attempt, in a word."""

    DELIVERED = "delivered"
    RETRIED = "retried"
    """The receiver did not take it, and will be asked again."""
    FAILED = "failed"
    """It did not take it, and that was the last time."""
    REFUSED = "refused"
    """Its address is not public: it was not asked."""
    UNSENT = "unsent"
    """There was nothing to send: the query failed, the event is gone, the secret cannot be read."""
    LATE = "late"
    """It was over only after its lease, and somebody else has taken the delivery."""


class DisableReason(StrEnum):
    """Why the gateway makes an endpoint inactive, in a word."""

    GONE = "gone"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """One try to deliver, as a delivery keeps it."""

    number: int
    """Counted from 1 since the delivery was last asked for."""
    at: datetime
    duration_ms: int
    status: int | None
    """Of HTTP; None where no answer came."""
    error: str | None
    response: str | None

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> DeliveryAttempt:
        """An entry of ``attempts``."""
        return cls(**{**stored, "at": datetime.fromisoformat(stored["at"])})


class Webhook(StoreOwned):
    """An endpoint. It sees what its creator may see, whoever reads the events there."""

    __tablename__ = "webhook"
    __table_args__ = (
        Index("webhook_created_idx", "store_id", "created_at", "id"),
        Index("webhook_credential_idx", "store_id", "credential", "created_at", "id"),
    )

    url: Mapped[str]
    events: Mapped[Texts]
    """Names of event types, or ``*``."""
    active: Mapped[bool]
    include_imported: Mapped[bool]
    """Whether events of imports are sent too."""
    query: Mapped[str | None] = mapped_column(info=WIDE_COLUMN)
    """A GraphQL document that says what of each event is sent; null: the object as REST writes it."""
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted, as is the one before it."""
    secret_hint: Mapped[str]
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_until: Mapped[datetime | None] = mapped_column(INSTANT)
    credential: Mapped[KeyText]
    """Who made it, or last chose where or what it is sent."""
    scopes: Mapped[Texts]
    """What may be sent: these scopes of the credential's, less what it has lost since."""
    heard_from: Mapped[str] = mapped_column(FetchedValue())
    """The database's snapshot when it began to hear (``pg_snapshot``): what had been committed before is not sent."""
    heard_seq: Mapped[int] = mapped_column(BigInteger, FetchedValue())
    """The last ``seq`` that an event had drawn then. Only those up to it are judged by the snapshot, which means
    nothing in a database that was restored into another server."""
    failing_since: Mapped[datetime | None] = mapped_column(INSTANT)
    """The first of the failures that it has had without a success, or a day of silence, in between."""
    last_failed_at: Mapped[datetime | None] = mapped_column(INSTANT)
    """The last of them."""
    disabled_reason: Mapped[str | None]
    """Why the gateway made it inactive; null where it is active, or a caller did."""
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class WebhookDelivery(StoreOwned):
    """One event for one endpoint. Partitioned by range of id, which carries the event's time."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="status"),
        CheckConstraint("(status = 'pending') = (due_at IS NOT NULL)", name="due_at"),
        Index(
            "webhook_delivery_due_idx", "store_id", "webhook_id", "due_at", postgresql_where=text("due_at IS NOT NULL")
        ),
        Index("webhook_delivery_created_idx", "store_id", "webhook_id", "created_at", "id"),
        Index("webhook_delivery_status_idx", "store_id", "webhook_id", "status", "created_at", "id"),
        Index("webhook_delivery_type_idx", "store_id", "webhook_id", "type", "created_at", "id"),
        Index("webhook_delivery_object_idx", "store_id", "object_id"),
        Index("webhook_delivery_age_idx", "id"),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    webhook_id: Mapped[KeyText]
    event_id: Mapped[str | None] = mapped_column(KEY_TEXT)
    """Null for a test."""
    type: Mapped[KeyText]
    object_id: Mapped[KeyText]
    """What the event is about; of a test, the endpoint."""
    status: Mapped[DeliveryStatus] = mapped_column(KEY_TEXT)
    due_at: Mapped[datetime | None] = mapped_column(INSTANT)
    """When it is to be tried; while somebody does, when others may take it over."""
    lease: Mapped[str | None] = mapped_column(KEY_TEXT)
    """Who is trying it: only they may say what came of it."""
    attempt: Mapped[int]
    """How many attempts of the present round were made."""
    attempts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """The newest attempts, oldest first."""
    request: Mapped[str | None] = mapped_column(info=WIDE_COLUMN)
    """The body, as it was first made; every attempt sends the same."""
    body_scopes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """What is needed to see the body: of each entry, one of the scopes that it names (``rights.py``). Null with a body
    of before this was noted: every scope."""
    redactions: Mapped[int]
    """Counts how often persons were taken out: what was made before is not written after."""
    delivered_at: Mapped[datetime | None] = mapped_column(INSTANT)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
