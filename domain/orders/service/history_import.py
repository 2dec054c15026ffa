"""Orders of the past: what was sold elsewhere, taken over with its times, its prices and the way it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain import catalog, customers, inventory
from domain.catalog import ItemReference, Sellable
from domain.inventory import PastMovement
from domain.kernel.address import AddressInput
from domain.kernel.fields import UNSET, merge_metadata
from domain.kernel.ids import new_id
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.commands import OrderItemInput
from domain.orders.events import OrderCreated
from domain.orders.model import Order, OrderStatusChange
from domain.orders.service.indexes import index_orders
from domain.orders.service.placement import StockDemand, new_item, new_order, reservation_requests
from domain.orders.service.status import SOLD_REASON
from domain.orders.service.terms import reprice, stored
from domain.orders.snapshot import order_snapshot
from domain.orders.states import OrderStatus

OPENED = timedelta(hours=1)
"""So long before the first order its stock was there."""
_SENT = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED})


@dataclass(frozen=True, slots=True)
class PastLine:
    """So many of a SKU; ``price`` of one in minor units, None for the catalog's."""

    sku: str
    quantity: int
    price: int | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for less than one, or less than nothing for it."""
        if self.quantity < 1 or (self.price or 0) < 0:
            raise ValueError(f"no line of an order: {self}")


@dataclass(frozen=True, kw_only=True, slots=True)
class PastOrder:
    """An order as it was. Amounts are minor units of the store's currency; no tax is added to them."""

    created_at: datetime
    lines: tuple[PastLine, ...]
    steps: tuple[tuple[OrderStatus, datetime], ...] = ()
    """What followed ``pending``, and when."""
    customer_id: str | None = None
    """Of a customer of the store, who is neither archived nor erased."""
    email: str | None = None
    address: AddressInput | None = None
    """Where it went, and its bill."""
    shipping: int = 0
    discount: int = 0
    cancel_reason: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for nothing bought, amounts below zero, and steps that are not in order of time."""
        moments = [self.created_at, *(at for _, at in self.steps)]
        if not self.lines or min(self.shipping, self.discount) < 0 or moments != sorted(moments):
            raise ValueError(f"no order of the past: {self}")


@dataclass(frozen=True, kw_only=True, slots=True)
class StockLoss:
    """What left the shelf without an order; ``note`` stands in the ledger."""

    at: datetime
    sku: str
    quantity: int
    """At least 1."""
    reason: str
    note: str | None = None


async def import_orders(
    work: UnitOfWork, principal: Principal, past: Sequence[PastOrder], losses: Sequence[StockLoss] = ()
) -> list[Order]:
    """Take over many orders, with the same statements however many they are: what the demo and imports run.

    What is available of each variant stays as it is: what the orders and losses took was there before them. Orders
    get their numbers in the sequence given. Raises ValidationFailed (an unknown SKU, no such customer or an erased
    one, a discount above the subtotal), Conflict (an archived customer, steps that may not follow each other); then
    none is taken over.
    """
    principal.require("orders:write")
    if not past and not losses:
        return []
    skus = sorted({line.sku for one in past for line in one.lines} | {loss.sku for loss in losses})
    namings = [ItemReference(("items", index), sku=sku) for index, sku in enumerate(skus)]
    sold = dict(zip(skus, await catalog.find_past_sellable(work, namings), strict=True))
    people = [one.customer_id for one in past if one.customer_id is not None]
    await customers.find_buyers(work, people, ("customer_id",))
    orders = [_taken_over(work, one, sold) for one in past]
    work.session.add_all(orders)
    await work.flush()
    for order, one in zip(orders, past, strict=True):
        work.session.add_all(_history(work, order, one))
    await work.flush()
    await _replay(work, list(zip(orders, past, strict=True)), losses, sold)
    await index_orders(work, orders)
    for order in orders:
        work.record(OrderCreated(order.id, order.sequence, order_snapshot(order)))
    await work.flush()
    return orders


async def has_orders_until(work: UnitOfWork, until: datetime) -> bool:
    """Whether the store has an order made then or before."""
    made = select(Order.id).where(Order.store_id == work.store.number, Order.created_at <= until)
    return await work.session.scalar(made.limit(1)) is not None


def _taken_over(work: UnitOfWork, past: PastOrder, sold: dict[str, Sellable]) -> Order:
    order = new_order(work)
    for position, line in enumerate(past.lines):
        price = UNSET if line.price is None else Money(line.price, work.store.currency)
        entry = OrderItemInput(sku=line.sku, quantity=line.quantity, price=price)
        item = new_item(work, order, entry, sold[line.sku], position)
        item.created_at = past.created_at
        order.items.append(item)
    order.customer_id, order.email = past.customer_id, past.email
    order.shipping_address = order.billing_address = stored(past.address, ("address",))
    order.shipping, order.discount_amount = past.shipping, past.discount or None
    order.metadata_ = merge_metadata({}, past.metadata)
    reprice(order)
    order.units = sum(item.quantity for item in order.items)
    order.created_at = order.updated_at = past.created_at
    for status, at in past.steps:
        order.move(status)
        order.updated_at = at
    _settle_status(order, past)
    return order


def _settle_status(order: Order, past: PastOrder) -> None:
    """What follows from how far it came."""
    if order.status in _SENT:
        order.units_fulfilled = order.units
        for item in order.items:
            item.fulfilled = item.quantity
    if order.status == OrderStatus.CANCELLED:
        order.cancelled_at = order.updated_at
        order.cancel_reason = past.cancel_reason


def _history(work: UnitOfWork, order: Order, past: PastOrder) -> list[OrderStatusChange]:
    came_from: OrderStatus | None = None
    rows: list[OrderStatusChange] = []
    for status, at in ((OrderStatus.PENDING, past.created_at), *past.steps):
        rows.append(
            OrderStatusChange(
                store_id=work.store.number,
                id=new_id("step"),
                order_id=order.id,
                from_status=came_from,
                status=status,
                note=None,
                actor=work.origin.actor,
                created_at=at,
            )
        )
        came_from = status
    return rows


async def _replay(
    work: UnitOfWork,
    taken_over: Sequence[tuple[Order, PastOrder]],
    losses: Sequence[StockLoss],
    sold: dict[str, Sellable],
) -> None:
    """Book what was sent and lost, and set aside what open orders wait for."""
    gone = [_lost(loss, sold[loss.sku]) for loss in losses]
    held: StockDemand = []
    for order, past in taken_over:
        sent_at = next((at for status, at in past.steps if status == OrderStatus.SHIPPED), None)
        if sent_at is not None:
            gone.extend(_sent(order, sent_at))
        elif order.status != OrderStatus.CANCELLED:
            held.extend((item, item.quantity, ("items", item.position, "quantity")) for item in order.items)
    first = min([past.created_at for _, past in taken_over] + [loss.at for loss in losses])
    await inventory.import_movements(
        work, sorted(gone, key=lambda each: each.at), reservation_requests(held), opened_at=first - OPENED
    )


def _lost(loss: StockLoss, what: Sellable) -> PastMovement:
    return PastMovement(
        product_id=what.product_id,
        variant_id=what.variant_id,
        quantity=loss.quantity,
        at=loss.at,
        reason=loss.reason,
        note=loss.note,
    )


def _sent(order: Order, at: datetime) -> list[PastMovement]:
    return [
        PastMovement(
            product_id=item.product_id,
            variant_id=item.variant_id,
            quantity=item.quantity,
            at=at,
            reason=SOLD_REASON,
            reference=order.id,
        )
        for item in order.items
        if item.variant_id is not None
    ]
