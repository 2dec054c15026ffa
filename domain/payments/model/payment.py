"""Payment intents with their payments (attempts to charge) and refunds. An intent is the aggregate root: writes to its
payments and refunds lock it and increase its version.

Amounts are minor units of the store's currency. Sums of a payment follow from its ledger transfers and refunds; check
constraints bound them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import INSTANT, KEY_TEXT, Document, Instant, KeyText, Minor, StoreOwned
from domain.payments.states import (
    CaptureMethod,
    CardBrand,
    PaymentIntentStatus,
    PaymentMethod,
    PaymentState,
    RefundStatus,
    require_transition,
)

NextAction = dict[str, Any]
"""What the buyer has to do, as the processor answered it: ``type`` and what the type needs."""


class PaymentIntent(StoreOwned):
    """The plan to collect an amount: for an order, or without one."""

    __tablename__ = "payment_intent"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["sales_order.store_id", "sales_order.id"]),
        ForeignKeyConstraint(["store_id", "customer_id"], ["customer.store_id", "customer.id"]),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint(
            "status IN ('requires_payment_method', 'requires_action', 'processing', 'requires_capture', 'succeeded', "
            "'failed', 'cancelled')",
            name="status",
        ),
        Index("payment_intent_created_idx", "store_id", "created_at", "id"),
        Index("payment_intent_status_idx", "store_id", "status", "created_at", "id"),
        Index("payment_intent_method_idx", "store_id", "method", "created_at", "id"),
        Index("payment_intent_order_idx", "store_id", "order_id", "created_at", "id"),
        Index("payment_intent_customer_idx", "store_id", "customer_id", "created_at", "id"),
        Index("payment_intent_amount_idx", "store_id", "amount", "id"),
    )

    order_id: Mapped[KeyText | None]
    customer_id: Mapped[KeyText | None]
    currency: Mapped[KeyText]
    amount: Mapped[Minor]
    status: Mapped[PaymentIntentStatus] = mapped_column(KEY_TEXT)
    method: Mapped[PaymentMethod] = mapped_column(KEY_TEXT)
    capture_method: Mapped[CaptureMethod] = mapped_column(KEY_TEXT)
    payment_id: Mapped[KeyText | None]
    """The payment that counts: the attempt in progress, or the one that was charged."""
    next_action: Mapped[NextAction | None] = mapped_column(JSONB(none_as_null=True))
    return_url: Mapped[str | None]
    """Where the buyer is sent after an action."""
    error_code: Mapped[KeyText | None]
    error_message: Mapped[str | None]
    metadata_: Mapped[Document] = mapped_column("metadata")
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]

    def move(self, status: PaymentIntentStatus) -> None:
        """Change the status. Raises Conflict if the transition is not allowed."""
        require_transition(self.status, status)
        self.status = status


class Payment(StoreOwned):
    """An attempt to charge, on one intent."""

    __tablename__ = "payment"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "intent_id"], ["payment_intent.store_id", "payment_intent.id"]),
        CheckConstraint("captured BETWEEN 0 AND amount", name="captured"),
        CheckConstraint("refunded >= 0 AND refunding >= 0 AND refunded + refunding <= captured", name="refunded"),
        CheckConstraint("disputed >= 0", name="disputed"),
        CheckConstraint(
            "status IN ('processing', 'requires_action', 'authorized', 'captured', 'failed', 'cancelled')",
            name="status",
        ),
        Index("payment_intent_id_idx", "store_id", "intent_id", "created_at", "id"),
        Index("payment_created_idx", "store_id", "created_at", "id"),
        Index("payment_status_idx", "store_id", "status", "created_at", "id"),
        Index("payment_method_idx", "store_id", "method", "created_at", "id"),
        Index("payment_order_idx", "store_id", "order_id", "created_at", "id"),
        Index("payment_customer_idx", "store_id", "customer_id", "created_at", "id"),
        Index("payment_amount_idx", "store_id", "amount", "id"),
        Index("payment_reference_idx", "store_id", "reference"),
        Index(
            "payment_expiring_idx",
            "authorization_expires_at",
            postgresql_where=text("authorization_expires_at IS NOT NULL"),
        ),
        Index("payment_check_idx", "next_check_at", postgresql_where=text("next_check_at IS NOT NULL")),
    )

    intent_id: Mapped[KeyText]
    order_id: Mapped[KeyText | None]
    customer_id: Mapped[KeyText | None]
    currency: Mapped[KeyText]
    amount: Mapped[Minor]
    captured: Mapped[Minor]
    refunded: Mapped[Minor]
    """The sum of the refunds that succeeded."""
    refunding: Mapped[Minor]
    """The sum of the pending refunds."""
    disputed: Mapped[Minor]
    """The sum that open and lost disputes withhold. It may exceed what was captured: banks take an amount twice."""
    fee: Mapped[Minor]
    """The fees of the processor for the payment, less those it returned."""
    status: Mapped[PaymentState] = mapped_column(KEY_TEXT)
    method: Mapped[PaymentMethod] = mapped_column(KEY_TEXT)
    card_brand: Mapped[CardBrand | None] = mapped_column(KEY_TEXT)
    card_last4: Mapped[KeyText | None]
    card_exp_month: Mapped[int | None]
    card_exp_year: Mapped[int | None]
    error_code: Mapped[KeyText | None]
    error_message: Mapped[str | None]
    processor: Mapped[KeyText]
    """``sandbox``, ``stripe``, or ``external`` for an imported payment."""
    reference: Mapped[KeyText | None]
    """The id of the payment at the processor. Null while it is not known."""
    authorization_expires_at: Mapped[datetime | None] = mapped_column(INSTANT)
    """When an authorisation lapses, as the processor says."""
    next_check_at: Mapped[datetime | None] = mapped_column(INSTANT)
    """When the processor is asked what has become of it. Null where nothing of it is waited for."""
    sequence: Mapped[int]
    version: Mapped[int]
    """That of the intent."""
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]

    @property
    def refundable(self) -> int:
        """What can still be refunded, in minor units. A dispute may withhold what was refunded already."""
        return max(self.captured - self.refunded - self.refunding - self.disputed, 0)


class Refund(StoreOwned):
    """An amount that is paid back from one payment."""

    __tablename__ = "payment_refund"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "payment_id"], ["payment.store_id", "payment.id"]),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("status IN ('pending', 'succeeded', 'failed')", name="status"),
        Index("payment_refund_payment_idx", "store_id", "payment_id", "created_at", "id"),
        Index("payment_refund_order_idx", "store_id", "order_id", "created_at", "id"),
        Index("payment_refund_reference_idx", "store_id", "reference"),
        Index("payment_refund_check_idx", "next_check_at", postgresql_where=text("next_check_at IS NOT NULL")),
    )

    payment_id: Mapped[KeyText]
    intent_id: Mapped[KeyText]
    order_id: Mapped[KeyText | None]
    currency: Mapped[KeyText]
    amount: Mapped[Minor]
    fee: Mapped[Minor]
    """The part of the processor's fee that came back with it."""
    fee_share: Mapped[Minor]
    """The part of the fee that was asked back with it; 0 without ``refund_application_fee``."""
    status: Mapped[RefundStatus] = mapped_column(KEY_TEXT)
    reason: Mapped[str | None]
    refund_application_fee: Mapped[bool]
    expected_from: Mapped[KeyText]
    """The first day on which the money may arrive, as ISO 8601 writes it."""
    expected_by: Mapped[KeyText]
    error_code: Mapped[KeyText | None]
    error_message: Mapped[str | None]
    reference: Mapped[KeyText | None]
    next_check_at: Mapped[datetime | None] = mapped_column(INSTANT)
    """When the processor is asked what has become of it. Null unless it is pending there."""
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class RefundLine(StoreOwned):
    """A quantity of a line of the order that a refund pays back."""

    __tablename__ = "payment_refund_line"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "refund_id"], ["payment_refund.store_id", "payment_refund.id"]),
        CheckConstraint("quantity > 0", name="quantity"),
        Index("payment_refund_line_refund_idx", "store_id", "refund_id", "id"),
    )

    refund_id: Mapped[KeyText]
    item_id: Mapped[KeyText]
    quantity: Mapped[int]


class LedgerTransfer(StoreOwned):
    """One movement of money between two accounts of the ledger. Rows are never changed: a correction is another one.

    Debits equal credits by the shape of the row. ``key`` names the fact, so that no fact is recorded twice.
    """

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "payment_id"], ["payment.store_id", "payment.id"]),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("debit <> credit", name="accounts"),
        CheckConstraint("debit IN ('receivable', 'processor', 'refunds', 'fees', 'disputes')", name="debit"),
        CheckConstraint("credit IN ('receivable', 'processor', 'refunds', 'fees', 'disputes')", name="credit"),
        Index("ledger_transfer_key_idx", "store_id", "key", unique=True),
        Index("ledger_transfer_payment_idx", "store_id", "payment_id", "created_at", "id"),
        Index("ledger_transfer_created_idx", "store_id", "created_at", "id"),
    )

    kind: Mapped[KeyText]
    debit: Mapped[KeyText]
    credit: Mapped[KeyText]
    currency: Mapped[KeyText]
    amount: Mapped[int] = mapped_column(BigInteger)
    payment_id: Mapped[KeyText]
    intent_id: Mapped[KeyText]
    refund_id: Mapped[KeyText | None]
    dispute_id: Mapped[KeyText | None]
    key: Mapped[KeyText]
    created_at: Mapped[Instant]
