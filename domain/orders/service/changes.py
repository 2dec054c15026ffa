"""Changes of an order: lock, compare with the state before, record event and history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.kernel.events import Event
from domain.kernel.fields import Unset
from domain.kernel.ids import new_id
from domain.kernel.sql.statements import RowStatement
from domain.kernel.use_cases.changes import changed_members, count_change
from domain.kernel.use_cases.records import Records
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.events import OrderUpdated
from domain.orders.model.order import Order, OrderItem, OrderStatusChange
from domain.orders.service.indexes import reindex_order
from domain.orders.snapshot import comparable_snapshot, order_snapshot
from domain.orders.states import OrderStatus

ORDERS, ITEMS = Records(Order), Records(OrderItem)
_INSERT_CHANGES = RowStatement.insert_into(OrderStatusChange)


def write_history(
    work: UnitOfWork,
    order: Order,
    previous: OrderStatus | None,
    note: str | Unset | None,
    *,
    status: OrderStatus | None = None,
    at: datetime | None = None,
) -> None:
    """Add a status change to the history of the order. ``note``: the reason; ``status`` and ``at``: of a past change,
    else those of now.
    """
    row = {
        "store_id": work.store.number,
        "id": new_id("step"),
        "order_id": order.id,
        "from_status": previous,
        "status": status or order.status,
        "note": note or None,
        "actor": work.origin.actor,
        "created_at": at or work.now,
    }
    work.append(_INSERT_CHANGES, row)


class OrderChange:
    """A locked order with the snapshot from before the change."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.items = tuple(order.items)
        """The lines from before the change."""
        self._before = comparable_snapshot(order)

    async def announce(self, work: UnitOfWork, event: type[Event] = OrderUpdated, also: tuple[str, ...] = ()) -> None:
        """Increase the version, write the order and record the event, unless nothing changed.

        ``also``: members that changed besides the order's own columns and lines.
        """
        order = self.order
        if comparable_snapshot(order) == self._before and not also:
            return
        count_change(work, order)
        await ORDERS.update(work, order)  # the database computes the derived statuses
        after = comparable_snapshot(order)
        changed = changed_members(self._before, after)
        await reindex_order(work, order, self._before, changed)
        work.record(event(order.id, order.sequence, order_snapshot(order), (*changed, *also)))

    async def announce_sums(self, work: UnitOfWork, event: type[Event]) -> None:
        """Write the sums of payments. If they show (in the payment status), count the change and record the event."""
        order = self.order
        await ORDERS.update(work, order)  # the database computes the payment status
        changed = changed_members(self._before, comparable_snapshot(order))
        if changed:
            count_change(work, order)
            await ORDERS.update(work, order)
            work.record(event(order.id, order.sequence, order_snapshot(order), changed))


async def lock_order(work: UnitOfWork, order_id: str, version: int | Unset) -> OrderChange:
    """Lock an order with its lines. Raises NotFound, Conflict (stale version)."""
    order = await ORDERS.lock(work, order_id, noun="order", version=version)
    order.items = await ITEMS.by_column(work, "order_id", order_id, "position")
    if order.customer_id is not None:
        work.note_person(order.customer_id)
    return OrderChange(order)


async def write_lines(work: UnitOfWork, order: Order, before: Sequence[OrderItem]) -> None:
    """Write the lines of an order that were added, changed or removed. ``before``: those that are stored."""
    stored, now = {item.id for item in before}, {item.id for item in order.items}
    ITEMS.append(work, *(item for item in order.items if item.id not in stored))
    await ITEMS.update_all(work, [item for item in order.items if item.id in stored], apart=True)
    await ITEMS.delete(work, [item for item in before if item.id not in now], apart=True)
