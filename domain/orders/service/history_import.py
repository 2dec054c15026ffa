"""Import of past orders from elsewhere, with their times, prices and status history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain import catalog, customers, inventory, payments
from domain.catalog import ItemReference, Sellable
from domain.inventory import PastMovement
from domain.kernel.address import AddressInput
from domain.kernel.fields import merge_metadata
from domain.kernel.principal import Principal
from domain.kernel.sql.overlap import in_flight
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.events import OrderCreated
from domain.orders.model.order import Order, OrderItem
from domain.orders.pricing import Totals
from domain.orders.service.changes import ITEMS, ORDERS, write_history
from domain.orders.service.indexes import derive_rows, index_orders
from domain.orders.service.order_sources import OrderSource, append_source
from domain.orders.service.placement import StockDemand, item_columns, new_order, reservation_requests
from domain.orders.service.status import SOLD_REASON
from domain.orders.service.terms import line_columns, set_totals, stored_address
from domain.orders.snapshot import order_snapshot
from domain.orders.states import OrderStatus
from domain.payments import PastPayment

STOCK_LEAD_TIME = timedelta(hours=1)
"""How long before the first order its stock is booked in."""
_SHIPPED_STATUSES = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED})


@dataclass(frozen=True, slots=True)
class PastLine:
    """A quantity of a SKU. ``price``: per unit, in minor units; None for the catalog's."""

    sku: str
    quantity: int
    price: int | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a quantity below 1 or a negative price."""
        if self.quantity < 1 or (self.price or 0) < 0:
            raise ValueError(f"invalid line of a past order: {self}")


@dataclass(frozen=True, kw_only=True, slots=True)
class PastOrder:
    """A past order. Amounts are minor units of the store's currency; no tax is added."""

    created_at: datetime
    lines: tuple[PastLine, ...]
    steps: tuple[tuple[OrderStatus, datetime], ...] = ()
    """The statuses after ``pending``, with their times."""
    source: OrderSource | None = None
    """Where it comes from, if it must not be imported twice."""
    customer_id: str | None = None
    """The id of a customer who is not erased; None for a guest."""
    email: str | None = None
    address: AddressInput | None = None
    """The shipping and billing address."""
    shipping: int = 0
    discount: int = 0
    cancel_reason: str | None = None
    is_paid: bool = False
    """Whether its total was collected, elsewhere, when it was placed."""
    is_refunded: bool = False
    """Whether that was paid back with the last step."""
    tags: tuple[str, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for no lines, negative amounts, steps that are not in order of time, and a refund without
        payment.
        """
        instants = [self.created_at, *(at for _, at in self.steps)]
        unpaid = self.is_refunded and not self.is_paid
        if not self.lines or min(self.shipping, self.discount) < 0 or instants != sorted(instants) or unpaid:
            raise ValueError(f"invalid past order: {self}")


@dataclass(frozen=True, kw_only=True, slots=True)
class StockLoss:
    """Stock that was lost without an order. ``note`` is written to the ledger."""

    at: datetime
    sku: str
    quantity: int
    """At least 1."""
    reason: str
    note: str | None = None


async def import_orders(
    work: UnitOfWork,
    principal: Principal,
    past: Sequence[PastOrder],
    losses: Sequence[StockLoss] = (),
    *,
    books_sales: bool = True,
    also_archived: bool = False,
) -> list[Order]:
    """Import past orders, with a fixed number of statements. Used by the demo and by imports.

    The available stock of each variant stays unchanged: the stock that orders and losses consumed is booked in before
    them. ``books_sales``: whether the ledger of stock shows what left with shipped orders; without it only what open
    orders reserve is booked in. ``also_archived``: whether their customers may be archived. Orders are numbered in the
    given sequence. Raises ValidationFailed (unknown SKU, whose path is ``items`` and the SKU; unknown or erased
    customer; discount above the subtotal), Conflict (archived customer, steps that may not follow each other); then no
    order is imported.
    """
    principal.require("orders:write")
    if not past and not losses:
        return []
    skus = sorted({line.sku for one in past for line in one.lines} | {loss.sku for loss in losses})
    references = [ItemReference(("items", sku), sku=sku) for sku in skus]
    sold = dict(zip(skus, await catalog.find_past_sellable(work, references), strict=True))
    people = [one.customer_id for one in past if one.customer_id is not None]
    await customers.find_buyers(work, people, ("customer_id",), also_archived=also_archived)
    imported = await _insert_orders(work, past, sold)
    orders = [order for order, _ in imported]
    async with ITEMS.copying(work, *(item for order in orders for item in order.items)):
        derived = derive_rows(work, orders)
        paid = [(order, one) for order, one in imported if one.is_paid and order.total]
        payments.import_payments(work, [_past_payment(order, one) for order, one in paid])
        created = [OrderCreated(order.id, order.sequence, order_snapshot(order)) for order in orders]
    await _replay(work, imported, losses, sold, books_sales=books_sales)
    await index_orders(work, orders, derived)
    for event in created:
        work.record(event)
    await work.flush()
    return orders


async def _insert_orders(
    work: UnitOfWork, past: Sequence[PastOrder], sold: dict[str, Sellable]
) -> list[tuple[Order, PastOrder]]:
    """Insert the orders, and build their lines meanwhile, which are not inserted yet."""
    priced = [(*_build_order(work, one, sold), one) for one in past]
    for order, _, one in priced:
        _write_history(work, order, one)
        if one.source is not None:
            append_source(work, order.id, one.source)
    async with in_flight(ORDERS.insert(work, *(order for order, _, _ in priced))):
        for order, totals, one in priced:
            order.items.extend(_build_items(work, order, one, sold, totals))
    return [(order, one) for order, _, one in priced]


async def has_orders_until(work: UnitOfWork, until: datetime) -> bool:
    """Return whether the store has an order created at or before this time."""
    statement = select(Order.id).where(Order.store_id == work.store.number, Order.created_at <= until)
    return await work.session.scalar(statement.limit(1)) is not None


def _build_order(work: UnitOfWork, past: PastOrder, sold: dict[str, Sellable]) -> tuple[Order, Totals]:
    """The order without its lines, and the totals of both."""
    order = new_order(work)
    order.customer_id, order.email = past.customer_id, past.email
    order.shipping_address = order.billing_address = stored_address(past.address, ("address",))
    order.shipping, order.discount_amount = past.shipping, past.discount or None
    order.metadata_, order.tags = merge_metadata({}, past.metadata), list(past.tags)
    prices = [sold[line.sku].price if line.price is None else line.price for line in past.lines]
    totals = set_totals(order, [(price, line.quantity) for price, line in zip(prices, past.lines, strict=True)])
    order.units = sum(line.quantity for line in past.lines)
    order.created_at = order.updated_at = past.created_at
    for status, at in past.steps:
        order.move(status)
        order.updated_at = at
    order.captured = order.total if past.is_paid else 0
    order.refunded = order.captured if past.is_refunded else 0
    _apply_final_status(order, past)
    return order, totals


def _build_items(
    work: UnitOfWork, order: Order, past: PastOrder, sold: dict[str, Sellable], totals: Totals
) -> Iterator[OrderItem]:
    is_shipped = order.status in _SHIPPED_STATUSES
    for position, (line, priced) in enumerate(zip(past.lines, totals.lines, strict=True)):
        variant = sold[line.sku]
        columns = line_columns(work, variant, position, line.quantity, line.price)
        item = ITEMS.new(**columns, **item_columns(order, variant), created_at=past.created_at)
        item.discount, item.tax, item.total = priced.discount, priced.tax, priced.total
        item.fulfilled = line.quantity if is_shipped else 0
        yield item


def _apply_final_status(order: Order, past: PastOrder) -> None:
    """Set the fields that derive from the final status."""
    if order.status in _SHIPPED_STATUSES:
        order.units_fulfilled = order.units
    if order.status == OrderStatus.CANCELLED:
        order.cancelled_at = order.updated_at
        order.cancel_reason = past.cancel_reason


def _past_payment(order: Order, past: PastOrder) -> PastPayment:
    return PastPayment(
        order_id=order.id,
        customer_id=order.customer_id,
        amount=order.captured,
        at=past.created_at,
        refunded=order.refunded,
        refunded_at=order.updated_at if order.refunded else None,
    )


def _write_history(work: UnitOfWork, order: Order, past: PastOrder) -> None:
    previous: OrderStatus | None = None
    for status, at in ((OrderStatus.PENDING, past.created_at), *past.steps):
        write_history(work, order, previous, None, status=status, at=at)
        previous = status


async def _replay(
    work: UnitOfWork,
    imported: Sequence[tuple[Order, PastOrder]],
    losses: Sequence[StockLoss],
    sold: dict[str, Sellable],
    *,
    books_sales: bool,
) -> None:
    """Book the movements of shipped orders, if wanted, and of losses, and reserve stock for open orders."""
    movements = [_loss_movement(loss, sold[loss.sku]) for loss in losses]
    demand: StockDemand = []
    for order, past in imported:
        shipped_at = next((at for status, at in past.steps if status == OrderStatus.SHIPPED), None)
        if shipped_at is not None:
            movements.extend(_shipped_movements(order, shipped_at) if books_sales else ())
        elif order.status != OrderStatus.CANCELLED:
            demand.extend((item, item.quantity, ("items", item.position, "quantity")) for item in order.items)
    if not movements and not demand:
        return
    first = min([past.created_at for _, past in imported] + [loss.at for loss in losses])
    await inventory.import_movements(
        work,
        sorted(movements, key=lambda each: each.at),
        reservation_requests(demand),
        opened_at=first - STOCK_LEAD_TIME,
    )


def _loss_movement(loss: StockLoss, sellable: Sellable) -> PastMovement:
    return PastMovement(
        product_id=sellable.product_id,
        variant_id=sellable.variant_id,
        quantity=loss.quantity,
        at=loss.at,
        reason=loss.reason,
        note=loss.note,
    )


def _shipped_movements(order: Order, at: datetime) -> list[PastMovement]:
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
