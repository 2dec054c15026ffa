"""Entities of webhooks: endpoints and deliveries."""

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


class WebhookDeliveryStatus(StrEnum):
    """The status of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class AttemptOutcome(StrEnum):
    """The result of one attempt; a metric label."""

    DELIVERED = "delivered"
    RETRIED = "retried"
    """The receiver did not accept it; it will be retried."""
    FAILED = "failed"
    """The receiver did not accept it, and this was the last attempt."""
    REFUSED = "refused"
    """The address is not public; nothing was sent."""
    SKIPPED = "skipped"
    """There was nothing to send: the query failed, the event is gone, the secret cannot be decrypted."""
    LEASE_LOST = "lease_lost"
    """The attempt ended after its lease, and another worker has leased the delivery."""


class DisableReason(StrEnum):
    """Why the gateway deactivates an endpoint; a metric label."""

    GONE = "gone"
    FAILING = "failing"


_PLAIN_MEMBERS = ("number", "duration_ms", "status", "error", "response")
"""Of attempts, as they are stored. One that is missing is null."""


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """One delivery attempt, as stored with its delivery."""

    number: int
    """Counted from 1 for every (re)delivery."""
    started_at: datetime
    duration_ms: int
    status: int | None
    """The HTTP status; None if there was no response."""
    error: str | None
    response: str | None

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> DeliveryAttempt:
        """Read an entry of ``attempts``. The stored key of ``started_at`` is ``at``; both are read."""
        values: dict[str, Any] = {name: stored.get(name) for name in _PLAIN_MEMBERS}
        started_at = stored.get("at") or stored["started_at"]
        return cls(started_at=datetime.fromisoformat(started_at), **values)


class Webhook(StoreOwned):
    """An endpoint. It receives what its creator may read, whoever reads the events there."""

    __tablename__ = "webhook"
    __table_args__ = (
        Index("webhook_created_idx", "store_id", "created_at", "id"),
        Index("webhook_credential_idx", "store_id", "credential", "created_at", "id"),
    )

    url: Mapped[str]
    events: Mapped[Texts]
    """Selectors of event types: see ``domain.events.selectors``."""
    active: Mapped[bool]
    include_imported: Mapped[bool]
    """Whether events of imports are also sent."""
    query: Mapped[str | None] = mapped_column(info=WIDE_COLUMN)
    """A GraphQL subscription whose result is sent as ``data.object``. Null: the REST document of the object is sent."""
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted, like ``previous_secret``."""
    secret_hint: Mapped[str]
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_until: Mapped[datetime | None] = mapped_column(INSTANT)
    credential: Mapped[KeyText]
    """The API key that created the endpoint, or last changed what is sent or where."""
    scopes: Mapped[Texts]
    """The scopes of what may be sent: those of the credential at the last change, minus those it has lost since."""
    heard_from: Mapped[str] = mapped_column(FetchedValue())
    """The database's snapshot (``pg_snapshot``) from which on events are sent; those committed before are not."""
    heard_seq: Mapped[int] = mapped_column(BigInteger, FetchedValue())
    """The last ``seq`` drawn at that time. Only events up to it are compared with the snapshot, which is meaningless in
    a database that was restored into another server."""
    failing_since: Mapped[datetime | None] = mapped_column(INSTANT)
    """The first failure of the current run: without a success, or a day without any failure, in between."""
    last_failed_at: Mapped[datetime | None] = mapped_column(INSTANT)
    """The last failure of the current run."""
    disabled_reason: Mapped[str | None]
    """Why the gateway deactivated it. Null if it is active, or if a caller deactivated it."""
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class WebhookDelivery(StoreOwned):
    """One event for one endpoint. Partitioned by range of id, which contains the event's time."""

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
    """The object of the event; for a test, the endpoint."""
    status: Mapped[WebhookDeliveryStatus] = mapped_column(KEY_TEXT)
    due_at: Mapped[datetime | None] = mapped_column(INSTANT)
    """When the next attempt is due; while one is in flight, when its lease ends and others may take over."""
    lease: Mapped[str | None] = mapped_column(KEY_TEXT)
    """The lease of the attempt in flight: only its holder may save the outcome."""
    attempt: Mapped[int]
    """The number of attempts made in the current round."""
    attempts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """The latest attempts, oldest first. The key of ``started_at`` is ``at``."""
    request: Mapped[str | None] = mapped_column(info=WIDE_COLUMN)
    """The body as first built; every attempt sends the same."""
    body_scopes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """The scopes needed to see the body: one of each entry (``rights.py``). Null with a body that is older than this
    column: all scopes."""
    redactions: Mapped[int]
    """The number of redactions. A body that was built before a redaction is not saved after it."""
    delivered_at: Mapped[datetime | None] = mapped_column(INSTANT)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
