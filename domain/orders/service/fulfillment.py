"""What shipments and returns, which lie above orders, change of a locked order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain import inventory
from domain.inventory import Allocation
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.events import OrderFulfilled
from domain.orders.model.order import OrderItem
from domain.orders.service.changes import ITEMS, OrderChange, write_history
from domain.orders.service.status import SOLD_REASON
from domain.orders.states import OrderStatus

UNSHIPPED_REASON = "shipment_cancelled"
"""The reason of the stock movements of cancelled shipments."""
SHIPPABLE = frozenset({OrderStatus.PENDING, OrderStatus.PROCESSING})
"""The statuses of orders whose lines may be shipped."""


def is_shippable(change: OrderChange) -> bool:
    """Whether lines of the order may still be shipped."""
    return change.order.status in SHIPPABLE


def require_shippable(change: OrderChange) -> None:
    """Raises Conflict unless lines of the order may still be shipped."""
    if not is_shippable(change):
        message = f"The order is {change.order.status}. Only pending and processing orders can be shipped."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("order_id",))


async def ship_lines(
    work: UnitOfWork, change: OrderChange, quantities: Mapping[str, int], *, warehouse_id: str, reference: str
) -> None:
    """Take quantities of lines, by id, out of the stock of a warehouse in which they are reserved.

    A pending order becomes processing. ``reference``: the shipment, for the ledger.
    """
    order, previous = change.order, change.order.status
    await inventory.consume(work, dict(quantities), reason=SOLD_REASON, reference=reference, warehouse_id=warehouse_id)
    await _count(work, change, quantities, 1)
    if previous == OrderStatus.PENDING:
        order.move(OrderStatus.PROCESSING)
        write_history(work, order, previous, None)
    await change.announce(work)


async def unship_lines(work: UnitOfWork, change: OrderChange, shipped: Sequence[Allocation], *, reference: str) -> None:
    """Put the lines of a cancelled shipment back to the stock they left, reserved as before.

    Their variants exist: none is removed while a shipment of it can be cancelled. Raises Conflict if the order is no
    longer open.
    """
    if not is_shippable(change):
        message = f"The order is {change.order.status}. Its shipments cannot be cancelled any more."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
    await inventory.reinstate(work, shipped, reason=UNSHIPPED_REASON, reference=reference)
    quantities: dict[str, int] = {}
    for each in shipped:
        quantities[each.holder_id] = quantities.get(each.holder_id, 0) + each.quantity
    await _count(work, change, quantities, -1)
    await change.announce(work)


async def follow_shipments(work: UnitOfWork, change: OrderChange, *, all_moving: bool, delivered: int) -> None:
    """Move the order on as its parcels move.

    ``all_moving``: whether all its shipments were handed over; ``delivered``: the units that have arrived.
    """
    order = change.order
    if order.status == OrderStatus.PROCESSING and order.units_fulfilled == order.units and all_moving:
        order.move(OrderStatus.SHIPPED)
        write_history(work, order, OrderStatus.PROCESSING, None)
        await change.announce(work, OrderFulfilled)
    if order.status == OrderStatus.SHIPPED and delivered == order.units:
        arrival = OrderChange(order)
        order.move(OrderStatus.DELIVERED)
        write_history(work, order, OrderStatus.SHIPPED, None)
        await arrival.announce(work)


async def count_returned(work: UnitOfWork, change: OrderChange, quantities: Mapping[str, int]) -> None:
    """Count quantities of lines, by id, that have come back. The caller announces the change."""
    for item in change.order.items:
        item.returned += quantities.get(item.id, 0)
    await ITEMS.update_all(work, change.order.items)


def cost_of_lines(
    items: Sequence[OrderItem], quantities: Mapping[str, int], before: Mapping[str, int] | None = None
) -> int:
    """What quantities of lines that are not refunded yet cost in minor units, discount and tax included.

    ``before``: quantities, by line, that will be refunded before them.
    """
    cost = 0
    for item in items:
        if item.id in quantities:
            first = min(item.refunded + (before or {}).get(item.id, 0), item.quantity)
            last = min(first + quantities[item.id], item.quantity)
            cost += cost_of_units(item, last) - cost_of_units(item, first)
    return cost


def cost_of_units(item: OrderItem, quantity: int) -> int:
    """What so many units of a line cost, discount and tax included: the parts of a line add up to its total."""
    return item.total * quantity // item.quantity


async def _count(work: UnitOfWork, change: OrderChange, quantities: Mapping[str, int], sign: int) -> None:
    for item in change.order.items:
        item.fulfilled += sign * quantities.get(item.id, 0)
    await ITEMS.update_all(work, change.order.items)
    change.order.units_fulfilled += sign * sum(quantities.values())
