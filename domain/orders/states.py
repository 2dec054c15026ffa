"""The states of an order: which there are, and which may follow which."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from domain.kernel.errors import Conflict, ErrorCode


class OrderStatus(StrEnum):
    """How far an order has come. Payment never moves it."""

    PENDING = "pending"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class PaymentStatus(StrEnum):
    """Derived from what was captured and refunded; never set."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"


class FulfillmentStatus(StrEnum):
    """Derived from what was shipped of the items; never set."""

    UNFULFILLED = "unfulfilled"
    PARTIAL = "partial"
    FULFILLED = "fulfilled"


class DraftOrderStatus(StrEnum):
    """Whether a draft can still be changed; follows from whether it became an order."""

    OPEN = "open"
    COMPLETED = "completed"


class PaymentMethod(StrEnum):
    """How the buyer means to pay; charging is another matter."""

    CARD = "card"
    APPLE_PAY = "apple_pay"
    GOOGLE_PAY = "google_pay"
    PAYPAL = "paypal"
    ACH = "ach"
    WIRE = "wire"
    AFFIRM = "affirm"
    KLARNA = "klarna"
    BITCOIN = "bitcoin"
    ETHEREUM = "ethereum"


TRANSITIONS: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset({OrderStatus.PROCESSING, OrderStatus.CANCELLED}),
    OrderStatus.PROCESSING: frozenset({OrderStatus.SHIPPED, OrderStatus.CANCELLED}),
    OrderStatus.SHIPPED: frozenset({OrderStatus.DELIVERED}),
    OrderStatus.DELIVERED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}
"""What may follow each status. A trigger of the table holds the same; a test compares the two."""


def require_transition(current: OrderStatus, wanted: OrderStatus) -> None:
    """Raises Conflict unless ``wanted`` may follow ``current``; the same status again may not."""
    if wanted not in TRANSITIONS[current]:
        message = f"The order is {current} and cannot become {wanted}."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("status",))
