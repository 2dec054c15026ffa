"""Import of past payments from elsewhere: they were charged there, and are only booked here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.kernel.ids import new_id
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.payments.methods import METHODS
from domain.payments.model.payment import Payment, PaymentIntent, Refund
from domain.payments.service.changes import INTENTS, PAYMENTS, REFUNDS
from domain.payments.service.ledger import post
from domain.payments.service.processors import EXTERNAL
from domain.payments.service.refunds import after_business_days
from domain.payments.states import (
    CaptureMethod,
    PaymentIntentStatus,
    PaymentMethod,
    PaymentState,
    RefundStatus,
    TransferKind,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PastPayment:
    """A captured payment of an order. Amounts are minor units of the store's currency."""

    order_id: str
    customer_id: str | None
    amount: int
    at: datetime
    method: PaymentMethod = PaymentMethod.CARD
    refunded: int = 0
    """What was paid back of it, in one refund."""
    refunded_at: datetime | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for amounts that do not fit, and for a refund without its time."""
        if not 0 <= self.refunded <= self.amount or self.amount < 1 or (self.refunded > 0) != bool(self.refunded_at):
            raise ValueError(f"invalid past payment: {self}")


def import_payments(work: UnitOfWork, past: Sequence[PastPayment]) -> None:
    """Book past payments with the next message that writes. The sums of their orders are the caller's."""
    for one in past:
        intent = _intent(work, one)
        payment = _payment(work, one, intent)
        INTENTS.append(work, intent)
        PAYMENTS.append(work, payment)
        post(work, TransferKind.CAPTURE, one.amount, payment, at=one.at)
        if one.refunded_at is not None:
            refund = _refund(work, one, payment, one.refunded_at)
            REFUNDS.append(work, refund)
            post(work, TransferKind.REFUND, one.refunded, payment, refund=refund, at=one.refunded_at)


def _intent(work: UnitOfWork, past: PastPayment) -> PaymentIntent:
    return INTENTS.new(
        store_id=work.store.number,
        id=new_id("pi"),
        order_id=past.order_id,
        customer_id=past.customer_id,
        currency=work.store.currency,
        amount=past.amount,
        status=PaymentIntentStatus.SUCCEEDED,
        method=past.method,
        capture_method=CaptureMethod.AUTOMATIC,
        metadata_={},
        version=1,
        created_at=past.at,
        updated_at=past.refunded_at or past.at,
    )


def _payment(work: UnitOfWork, past: PastPayment, intent: PaymentIntent) -> Payment:
    payment = PAYMENTS.new(
        store_id=work.store.number,
        id=new_id("pay"),
        intent_id=intent.id,
        order_id=past.order_id,
        customer_id=past.customer_id,
        currency=intent.currency,
        amount=past.amount,
        captured=past.amount,
        refunded=past.refunded,
        refunding=0,
        disputed=0,
        fee=0,
        status=PaymentState.CAPTURED,
        method=past.method,
        processor=EXTERNAL,
        sequence=0,
        version=1,
        created_at=past.at,
        updated_at=intent.updated_at,
    )
    intent.payment_id = payment.id
    return payment


def _refund(work: UnitOfWork, past: PastPayment, payment: Payment, at: datetime) -> Refund:
    first, last = METHODS[past.method].refund_days
    return REFUNDS.new(
        store_id=work.store.number,
        id=new_id("re"),
        payment_id=payment.id,
        intent_id=payment.intent_id,
        order_id=past.order_id,
        currency=payment.currency,
        amount=past.refunded,
        fee=0,
        fee_share=0,
        status=RefundStatus.SUCCEEDED,
        refund_application_fee=False,
        expected_from=after_business_days(at.date(), first).isoformat(),
        expected_by=after_business_days(at.date(), last).isoformat(),
        created_at=at,
        updated_at=at,
    )
