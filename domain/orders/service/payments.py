"""What orders do when payments, which lie below them, ask for an order or change its money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.kernel.errors import Conflict, ErrorCode, NotFound, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.events import OrderRefunded, OrderUpdated
from domain.orders.model.order import OrderItem
from domain.orders.service.changes import ITEMS, ORDERS, lock_order
from domain.orders.service.fulfillment import cost_of_units
from domain.orders.states import OrderStatus
from domain.payments import signals


async def find_payable_order(work: UnitOfWork, request: signals.OrderRequested) -> None:
    """Lock the order of a payment and say what it costs; nothing where there is none."""
    try:
        order = await ORDERS.lock(work, request.order_id, noun="order")
    except NotFound:
        return
    if order.customer_id is not None:
        work.note_person(order.customer_id)
    request.order = signals.PayableOrder(
        id=order.id,
        total=order.total,
        currency=order.currency,
        customer_id=order.customer_id,
        email=order.email,
        is_cancelled=order.status == OrderStatus.CANCELLED,
        payment_failed=order.payment_failed,
        billing_address=order.billing_address or order.shipping_address,
    )


async def follow_payment(work: UnitOfWork, signal: signals.OrderPaid) -> None:
    """Change the sums of an order, from which its payment status follows, and announce what shows."""
    change = await lock_order(work, signal.order_id, UNSET)
    order = change.order
    order.captured += signal.captured
    order.refunded += signal.refunded
    if signal.has_failed is not None:
        order.payment_failed = signal.has_failed
    await change.announce_sums(work, OrderRefunded if signal.refunded > 0 else OrderUpdated)


async def refund_lines(work: UnitOfWork, signal: signals.LinesRefunded) -> None:
    """Count the refunded quantities of lines of a locked order, and say what they cost.

    Raises ValidationFailed (not a line of the order), Conflict (more than is left of a line).
    """
    items = await _items(work, signal.order_id)
    _require_known(items, signal.lines)
    _require_left(items, signal.lines)
    for line in signal.lines:
        item = items[line.item_id]
        signal.amount += cost_of_units(item, item.refunded + line.quantity) - cost_of_units(item, item.refunded)
        item.refunded += line.quantity
    await ITEMS.update_all(work, list(items.values()))


async def restore_lines(work: UnitOfWork, signal: signals.LinesNotRefunded) -> None:
    """Give the quantities of a failed refund back: they can be refunded again."""
    items = await _items(work, signal.order_id)
    for line in signal.lines:
        item = items.get(line.item_id)
        if item is not None:  # removed by an edit since
            item.refunded = max(item.refunded - line.quantity, 0)
    await ITEMS.update_all(work, list(items.values()))


async def recount_lines(work: UnitOfWork, signal: signals.FailedLinesRefunded) -> None:
    """Count the quantities of a refund that has succeeded after all, as far as no other refund has taken them since."""
    items = await _items(work, signal.order_id)
    for line in signal.lines:
        item = items.get(line.item_id)
        if item is not None:  # removed by an edit since
            item.refunded = min(item.refunded + line.quantity, item.quantity)
    await ITEMS.update_all(work, list(items.values()))


async def _items(work: UnitOfWork, order_id: str) -> dict[str, OrderItem]:
    return {item.id: item for item in await ITEMS.by_column(work, "order_id", order_id, "position")}


def _require_known(items: Mapping[str, OrderItem], lines: Sequence[signals.ReturnedLine]) -> None:
    unknown = [
        Problem(("items", index, "id"), ErrorCode.NOT_FOUND, "The order has no line with this id.")
        for index, line in enumerate(lines)
        if line.item_id not in items
    ]
    if unknown:
        raise ValidationFailed(unknown)
    if len({line.item_id for line in lines}) < len(lines):
        raise ValidationFailed.of(("items",), ErrorCode.DUPLICATE, "Each line may be named once.")


def _require_left(items: Mapping[str, OrderItem], lines: Sequence[signals.ReturnedLine]) -> None:
    for index, line in enumerate(lines):
        left = items[line.item_id].quantity - items[line.item_id].refunded
        if line.quantity > left:
            message = f"At most {left} of this line can be refunded."
            raise Conflict(message, ErrorCode.AMOUNT_EXCEEDED, ("items", index, "quantity"))
