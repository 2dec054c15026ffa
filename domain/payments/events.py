"""The events of payments. Their object is the payment: the attempt to charge."""

from __future__ import annotations

from domain.kernel.events import Event


class PaymentSucceeded(Event, type="payment.succeeded"):
    """A payment was collected."""


class PaymentFailed(Event, type="payment.failed"):
    """An attempt to charge failed."""


class PaymentRefunded(Event, type="payment.refunded"):
    """A payment was refunded, in whole or in part."""
