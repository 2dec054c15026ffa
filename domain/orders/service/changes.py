"""Changes of an order: lock, compare with the state before, record event and history."""

from __future__ import annotations

from sqlalchemy.orm import selectinload

from domain.kernel.events import Event
from domain.kernel.fields import UNSET, Unset
from domain.kernel.ids import new_id
from domain.kernel.sql.statements import Statement
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.events import OrderUpdated
from domain.orders.model import Order, OrderStatusChange
from domain.orders.service.indexes import reindex_order
from domain.orders.snapshot import comparable_snapshot, order_snapshot
from domain.orders.states import OrderStatus

_INSERT_CHANGES = Statement.insert_into(OrderStatusChange)


def write_history(work: UnitOfWork, order: Order, previous: OrderStatus | None, note: str | Unset | None) -> None:
    """Add a status change to the history of the order. ``note``: the reason."""
    row = {
        "store_id": work.store.number,
        "id": new_id("step"),
        "order_id": order.id,
        "from_status": previous,
        "status": order.status,
        "note": note or None,
        "actor": work.origin.actor,
        "created_at": work.now,
    }
    work.append(_INSERT_CHANGES, row)


class OrderChange:
    """A locked order with the snapshot from before the change."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self._before = comparable_snapshot(order)

    async def announce(self, work: UnitOfWork, event: type[Event] = OrderUpdated, also: tuple[str, ...] = ()) -> None:
        """Increase the version, write the order and record the event, unless nothing changed.

        ``also``: members that changed besides the order's own columns and lines.
        """
        order = self.order
        if comparable_snapshot(order) == self._before and not also:
            return
        order.version += 1
        order.sequence += 1
        order.updated_at = work.now
        await work.flush()  # the database computes the derived statuses
        after = comparable_snapshot(order)
        changed = tuple(name for name in after if after[name] != self._before[name])
        await reindex_order(work, order, self._before, changed)
        work.record(event(order.id, order.sequence, order_snapshot(order), (*changed, *also)))
        await work.flush()


async def lock_order(work: UnitOfWork, order_id: str, version: int | Unset) -> OrderChange:
    """Lock an order with its lines. Raises NotFound, Conflict (stale version)."""
    order = await work.lock(
        Order,
        order_id,
        noun="order",
        version=None if version is UNSET else version,
        options=(selectinload(Order.items),),
    )
    if order.customer_id is not None:
        work.note_person(order.customer_id)
    return OrderChange(order)
