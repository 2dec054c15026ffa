"""When the processor is asked what has become of a payment or refund that it has not settled yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.payments.model.payment import Payment, Refund
from domain.payments.service.processors import STRIPE
from domain.payments.states import PaymentState, RefundStatus

FIRST_AFTER = timedelta(minutes=15)
LONGEST_INTERVAL = timedelta(hours=12)
GIVEN_UP_AFTER = timedelta(days=90)
"""What a buyer has not done by then is not asked about any more."""
WAITING = frozenset({PaymentState.PROCESSING, PaymentState.REQUIRES_ACTION})
"""The states of a payment that was neither charged nor refused yet."""


def schedule_payment(payment: Payment, now: datetime) -> bool:
    """Set the next time of a payment whose outcome the processor has left open; none for others. Returns whether there
    is one.

    Sandboxes settle when they are told, and one without a reference is asked about by its call.
    """
    is_open = payment.status in WAITING and payment.processor == STRIPE and payment.reference is not None
    payment.next_check_at = _next(payment.created_at, now) if is_open else None
    return payment.next_check_at is not None


def schedule_refund(refund: Refund, payment: Payment, now: datetime) -> bool:
    """As ``schedule_payment``, for a refund that is pending at the processor."""
    is_open = refund.status == RefundStatus.PENDING and payment.processor == STRIPE and refund.reference is not None
    refund.next_check_at = _next(refund.created_at, now) if is_open else None
    return refund.next_check_at is not None


def _next(created_at: datetime, now: datetime) -> datetime | None:
    """After a quarter of the age, within limits. Stripe tells by webhook as well: this is for those that are lost."""
    age = now - created_at
    return None if age > GIVEN_UP_AFTER else now + min(max(age / 4, FIRST_AFTER), LONGEST_INTERVAL)
