"""Assignment of guest orders to the customer who placed them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from domain import customers
from domain.kernel.errors import NotFound, ValidationFailed
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.commands import AssignOrders
from domain.orders.events import OrderUpdated
from domain.orders.model import DraftOrder, Order
from domain.orders.service.indexes import index_customer_names, record_last_orders
from domain.orders.snapshot import order_snapshot

MAX_ASSIGNED_ORDERS = 500
"""Orders assigned per call: each is locked, increases its version and writes an event."""


@dataclass(frozen=True, slots=True)
class AssignedOrders:
    """The orders and drafts that were assigned to a customer."""

    customer_id: str
    order_ids: Sequence[str]
    draft_ids: Sequence[str]
    has_more: bool
    """Whether there are more orders; repeating the call assigns the next ones."""

    @property
    def order_count(self) -> int:
        """The number of assigned orders."""
        return len(self.order_ids)

    @property
    def draft_count(self) -> int:
        """The number of assigned drafts."""
        return len(self.draft_ids)


@use_case("orders:write")
async def assign_orders(work: UnitOfWork, principal: Principal, command: AssignOrders) -> AssignedOrders:
    """Assign the guest orders and drafts with an e-mail address to a customer. Their own data stays unchanged.

    Raises NotFound (no such customer, or erased), Conflict (archived).
    """
    try:
        buyer = await customers.find_buyer(work, command.customer_id, ("customer_id",))
    except ValidationFailed:  # the customer is named by the path, not by a field
        raise NotFound("customer", ("customer_id",)) from None
    email = command.email or buyer.email
    orders, has_more = await _lock_guest_orders(work, email)
    for order in orders:
        order.customer_id = buyer.id
        order.version += 1
        order.sequence += 1
        order.updated_at = work.now
    drafts = await _lock_guest_drafts(work, email)
    for draft in drafts:
        draft.customer_id = buyer.id
        draft.version += 1
        draft.updated_at = work.now
    await work.flush()
    await index_customer_names(work, orders)
    await record_last_orders(work, [buyer.id] if orders else [])
    for order in orders:
        work.record(OrderUpdated(order.id, order.sequence, order_snapshot(order), ("customer_id",)))
    await work.flush()
    return AssignedOrders(buyer.id, [order.id for order in orders], [draft.id for draft in drafts], has_more)


async def _lock_guest_orders(work: UnitOfWork, email: str) -> tuple[Sequence[Order], bool]:
    """Lock the oldest guest orders with this address, with their lines. Returns them and whether there are more."""
    statement = (
        select(Order)
        .where(
            Order.store_id == work.store.number,
            Order.customer_id.is_(None),
            Order.email_key == customers.email_key(email),
        )
        .order_by(Order.created_at, Order.id)
        .limit(MAX_ASSIGNED_ORDERS + 1)
        .with_for_update(of=Order, key_share=True)
        .options(selectinload(Order.items))
        .execution_options(populate_existing=True)
    )
    found = (await work.session.scalars(statement)).all()
    return found[:MAX_ASSIGNED_ORDERS], len(found) > MAX_ASSIGNED_ORDERS


async def _lock_guest_drafts(work: UnitOfWork, email: str) -> Sequence[DraftOrder]:
    """Lock the guest drafts with this address."""
    statement = (
        select(DraftOrder)
        .where(
            DraftOrder.store_id == work.store.number,
            DraftOrder.customer_id.is_(None),
            func.lower(DraftOrder.email) == func.lower(email),
        )
        .order_by(DraftOrder.id)
        .limit(MAX_ASSIGNED_ORDERS)
        .with_for_update(of=DraftOrder, key_share=True)
        .execution_options(populate_existing=True)
    )
    return (await work.session.scalars(statement)).all()
