"""The statuses of orders and drafts, and the allowed transitions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from domain.kernel.errors import Conflict, ErrorCode


class OrderStatus(StrEnum):
    """The status of an order. Payments never change it."""

    PENDING = "pending"
    PROCESSING = "processing"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class PaymentStatus(StrEnum):
    """The payment status: derived from captures and refunds, never set."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"


class FulfillmentStatus(StrEnum):
    """The fulfilment status: derived from shipped quantities, never set."""

    UNFULFILLED = "unfulfilled"
    PARTIAL = "partial"
    FULFILLED = "fulfilled"


class DraftOrderStatus(StrEnum):
    """The status of a draft: derived from whether an order was created from it."""

    OPEN = "open"
    COMPLETED = "completed"


TRANSITIONS: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.PENDING: frozenset({OrderStatus.PROCESSING, OrderStatus.CANCELLED}),
    OrderStatus.PROCESSING: frozenset({OrderStatus.SHIPPED, OrderStatus.CANCELLED}),
    OrderStatus.SHIPPED: frozenset({OrderStatus.DELIVERED}),
    OrderStatus.DELIVERED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}
"""The allowed next statuses. A trigger of the table enforces the same; a test compares the two."""


def require_transition(current: OrderStatus, target: OrderStatus) -> None:
    """Raises Conflict unless ``target`` may follow ``current``. A status may not follow itself."""
    if target not in TRANSITIONS[current]:
        message = f"The order is {current} and cannot become {target}."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("status",))
