"""Status changes of orders, including cancellation."""

from __future__ import annotations

from domain import inventory, payments
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.commands import CancelOrder, UpdateOrderStatus
from domain.orders.events import OrderCancelled, OrderFulfilled, OrderUpdated
from domain.orders.model.order import Order
from domain.orders.service.changes import ITEMS, OrderChange, lock_order, write_history
from domain.orders.states import OrderStatus

SOLD_REASON = "sold"
"""The reason of the stock movements of shipped orders."""


@use_case("orders:write")
async def update_order_status(work: UnitOfWork, principal: Principal, command: UpdateOrderStatus) -> Order:
    """Change the status of an order. ``shipped`` fulfils all remaining items; ``cancelled`` releases the stock.

    Raises NotFound, Conflict (stale version; transition not allowed).
    """
    change = await lock_order(work, command.id, command.expected_version)
    if command.status == OrderStatus.CANCELLED:
        return await _cancel(work, change, command.note)
    order, previous = change.order, change.order.status
    order.move(command.status)
    write_history(work, order, previous, command.note)
    shipped = order.status == OrderStatus.SHIPPED
    if shipped:
        await _fulfil_rest(work, order)
    await change.announce(work, OrderFulfilled if shipped else OrderUpdated)
    return order


@use_case("orders:write")
async def cancel_order(work: UnitOfWork, principal: Principal, command: CancelOrder) -> Order:
    """Cancel an order that has not been shipped, release its stock and its authorisations, and record the event.

    What was collected is refunded where the command asks for it.

    Raises NotFound, Conflict (already shipped, in whole or in part, or cancelled; stale version).
    """
    change = await lock_order(work, command.id, command.expected_version)
    order = change.order
    order.cancel_reason = command.reason or None
    order.refund_requested = command.refund
    return await _cancel(work, change, command.note)


async def _cancel(work: UnitOfWork, change: OrderChange, note: object) -> Order:
    order, previous = change.order, change.order.status
    order.move(OrderStatus.CANCELLED)
    if order.units_fulfilled:
        message = "Lines of the order were shipped. Cancel the shipments that were not handed over; the rest can be "
        raise Conflict(message + "returned.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    order.cancelled_at = work.now
    await payments.release_order(work, order.id, refund=order.refund_requested)
    write_history(work, order, previous, note if isinstance(note, str) else None)
    await inventory.release(work, {item.id: None for item in order.items})
    await change.announce(work, OrderCancelled)
    return order


async def _fulfil_rest(work: UnitOfWork, order: Order) -> None:
    """Fulfil all remaining items without a shipment: they were sent by other means."""
    await inventory.consume(work, {item.id: None for item in order.items}, reason=SOLD_REASON, reference=order.id)
    for item in order.items:
        item.fulfilled = item.quantity
    await ITEMS.update_all(work, order.items)
    order.units_fulfilled = order.units
