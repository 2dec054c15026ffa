"""Snapshots of payments: written to the event log, and turned back into rows and documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Text
from sqlalchemy.dialects.postgresql import JSONB

from domain.kernel.events import SnapshotRow, snapshot_row
from domain.kernel.reads.stored_rows import OwnedItems, StoredRows, members_of
from domain.payments import reads
from domain.payments.model.payment import Payment, Refund, RefundLine

_LINE = StoredRows({"id": Text(), "item_id": Text(), "quantity": Integer()})
_REFUND = StoredRows(
    members_of(reads.refunds_by_payment, items=JSONB()), owned={reads.lines_by_refund: OwnedItems("items", _LINE)}
)
PAYMENT = StoredRows(
    members_of(reads.payment_by_id, refunds=JSONB()),
    owned={reads.refunds_by_payment: OwnedItems("refunds", _REFUND)},
)
"""Snapshots of payments."""


def payment_snapshot(
    payment: Payment, refunds: Sequence[Refund], lines: Mapping[str, Sequence[RefundLine]]
) -> dict[str, Any]:
    """Build the snapshot of a payment with its refunds: money in minor units, times in ISO 8601.

    ``lines``: the refunded lines of the order, by refund.
    """
    return {
        "id": payment.id,
        "intent_id": payment.intent_id,
        "order_id": payment.order_id,
        "customer_id": payment.customer_id,
        "currency": payment.currency,
        "amount": payment.amount,
        "captured": payment.captured,
        "refunded": payment.refunded,
        "disputed": payment.disputed,
        "fee": payment.fee,
        "status": str(payment.status),
        "method": str(payment.method),
        **_card(payment),
        "error_code": payment.error_code,
        "error_message": payment.error_message,
        "processor": payment.processor,
        "authorization_expires_at": _moment(payment.authorization_expires_at),
        "version": payment.version,
        "created_at": payment.created_at.isoformat(),
        "updated_at": payment.updated_at.isoformat(),
        "refunds": [_refund(refund, lines[refund.id]) for refund in refunds],
    }


def _card(payment: Payment) -> dict[str, Any]:
    return {
        "card_brand": None if payment.card_brand is None else str(payment.card_brand),
        "card_last4": payment.card_last4,
        "card_exp_month": payment.card_exp_month,
        "card_exp_year": payment.card_exp_year,
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def payment_row(snapshot: Mapping[str, Any]) -> SnapshotRow:
    """Turn a snapshot into a row that owns the refunds of that time."""
    payment = snapshot_row(PAYMENT.complete(snapshot))
    payment.owned = {reads.refunds_by_payment: [_refund_row(refund) for refund in snapshot["refunds"]]}
    return payment


def _refund_row(snapshot: Mapping[str, Any]) -> SnapshotRow:
    refund = snapshot_row(_REFUND.complete(snapshot))
    refund.owned = {reads.lines_by_refund: [snapshot_row(_LINE.complete(line)) for line in snapshot["items"]]}
    return refund


def _refund(refund: Refund, lines: Sequence[RefundLine]) -> dict[str, Any]:
    return {
        "id": refund.id,
        "payment_id": refund.payment_id,
        "intent_id": refund.intent_id,
        "order_id": refund.order_id,
        "currency": refund.currency,
        "amount": refund.amount,
        "fee": refund.fee,
        "status": str(refund.status),
        "reason": refund.reason,
        "refund_application_fee": refund.refund_application_fee,
        "expected_from": refund.expected_from,
        "expected_by": refund.expected_by,
        "error_code": refund.error_code,
        "error_message": refund.error_message,
        "items": [{"id": each.id, "item_id": each.item_id, "quantity": each.quantity} for each in lines],
        "created_at": refund.created_at.isoformat(),
        "updated_at": refund.updated_at.isoformat(),
    }
