"""What payments ask of orders, which lie above them, and tell them; in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.kernel.use_cases.unit_of_work import Signal


@dataclass(frozen=True, slots=True)
class PayableOrder:
    """An order as payments see it. It is locked until the transaction ends."""

    id: str
    total: int
    """Minor units."""
    currency: str
    customer_id: str | None
    email: str | None
    is_cancelled: bool
    payment_failed: bool
    """Whether the last attempt to pay it failed."""
    billing_address: Mapping[str, Any] | None


@dataclass(slots=True)
class OrderRequested(Signal):
    """Payments lock an order: the handler sets ``order``, or leaves None where the store has none with this id."""

    order_id: str
    order: PayableOrder | None = None


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """A quantity of a line whose price is paid back."""

    item_id: str
    quantity: int


@dataclass(slots=True)
class LinesRefunded(Signal):
    """Lines of a locked order are to be refunded: the handler sets ``amount`` to what they cost, tax included.

    It raises ValidationFailed (not a line of the order) and Conflict (more than is left of a line).
    """

    order_id: str
    lines: Sequence[ReturnedLine]
    amount: int = 0


@dataclass(frozen=True, slots=True)
class LinesNotRefunded(Signal):
    """A refund failed: its quantities can be refunded again."""

    order_id: str
    lines: Sequence[ReturnedLine]


@dataclass(frozen=True, slots=True)
class FailedLinesRefunded(Signal):
    """A refund that had failed has succeeded after all: its quantities are refunded."""

    order_id: str
    lines: Sequence[ReturnedLine]


@dataclass(frozen=True, slots=True)
class OrderPaid(Signal):
    """The money of a locked order changed: sums of its payments, in minor units."""

    order_id: str
    captured: int = 0
    """Added to what was collected."""
    refunded: int = 0
    """Added to what was paid back; negative if a refund failed later."""
    has_failed: bool | None = None
    """Whether the last attempt to charge failed; None if there was none."""
    also_changed: tuple[str, ...] = field(default=())
