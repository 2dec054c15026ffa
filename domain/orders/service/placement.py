"""Placement of orders: reserves stock for every line or for none, with current names and prices."""

from __future__ import annotations

from typing import Any

from domain import inventory
from domain.catalog import Sellable
from domain.inventory import ReservationRequest
from domain.kernel.errors import Path
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.commands import CreateOrder, OrderItemInput
from domain.orders.events import OrderCreated
from domain.orders.model.order import Order, OrderItem
from domain.orders.service.buyers import lock_buyer, provided_fields, set_buyer
from domain.orders.service.changes import ITEMS, ORDERS, write_history
from domain.orders.service.indexes import index_orders
from domain.orders.service.terms import (
    apply_tax,
    apply_terms,
    empty_order_columns,
    find_new_lines,
    new_line,
    reprice,
    store_settings,
)
from domain.orders.snapshot import order_snapshot
from domain.orders.states import OrderStatus

StockDemand = list[tuple[OrderItem, int, Path]]
"""Lines with the quantity to reserve and the path of the command field that requests it."""


@use_case("orders:write")
async def create_order(work: UnitOfWork, principal: Principal, command: CreateOrder) -> Order:
    """Create an order and reserve its stock.

    Raises ValidationFailed (unknown customer, product or shipping method, ambiguous variant, discount above the
    subtotal), Conflict (not for sale, not enough in stock for some line; then nothing is reserved).
    """
    order, settings = new_order(work), await store_settings(work)
    buyer = await lock_buyer(work, command.customer_id)
    apply_terms(order, command, settings)
    set_buyer(order, buyer, provided_fields(command))
    apply_tax(order, settings)
    for position, (entry, sold) in enumerate(await find_new_lines(work, command.items)):
        order.items.append(new_item(work, order, entry, sold, position))
    await place_order(work, order)
    return order


async def place_order(work: UnitOfWork, order: Order, path: Path = ()) -> None:
    """Price and write a new order, reserve its stock and record the event. ``path``: reported for invalid totals.

    Raises as ``create_order``.
    """
    reprice(order, path)
    order.units = sum(item.quantity for item in order.items)
    write_history(work, order, None, None)
    ITEMS.append(work, *order.items)
    await ORDERS.insert(work, order)  # with its lines, which lock their variants: these are locked before the stock
    demand: StockDemand = [
        (item, item.quantity, ("items", index, "quantity")) for index, item in enumerate(order.items)
    ]
    await inventory.reserve(work, reservation_requests(demand), destination_of(order))
    await index_orders(work, [order])
    work.record(OrderCreated(order.id, order.sequence, order_snapshot(order)))


def reservation_requests(demand: StockDemand) -> list[ReservationRequest]:
    """Turn the demand of lines into reservation requests."""
    return [
        ReservationRequest(
            holder_id=item.id, product_id=item.product_id, variant_id=item.variant_id, quantity=quantity, path=path
        )
        for item, quantity, path in demand
        if item.variant_id is not None
    ]


def destination_of(order: Order) -> inventory.Locality | None:
    """Return the destination of an order, which decides the warehouse its stock comes from."""
    address = order.shipping_address or order.billing_address
    return None if address is None else inventory.Locality(country=address["country"], state=address["state"])


def new_order(work: UnitOfWork) -> Order:
    """Create an order without lines and customer."""
    return ORDERS.new(
        store_id=work.store.number,
        id=new_id("ord"),
        status=OrderStatus.PENDING,
        **empty_order_columns(work),
        captured=0,
        refunded=0,
        payment_failed=False,
        units=0,
        units_fulfilled=0,
        cancel_reason=None,
        cancelled_at=None,
        refund_requested=False,
        sequence=1,
    )


def new_item(work: UnitOfWork, order: Order, entry: OrderItemInput, sold: Sellable, position: int) -> OrderItem:
    """Create an order line, not priced yet."""
    return new_line(work, ITEMS.new, entry, sold, position, **item_columns(order, sold))


def item_columns(order: Order, sold: Sellable) -> dict[str, Any]:
    """Return the column values that lines of orders have and those of drafts do not."""
    return {"order_id": order.id, "fulfilled": 0, "refunded": 0, "returned": 0, "unit_cost": sold.cost}
