"""An order about to change: locked, remembered as it was, and announced if it is different in the end."""

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
from domain.orders.snapshot import compared, order_snapshot
from domain.orders.states import OrderStatus

_STEPS = Statement.insert_into(OrderStatusChange)


def write_history(work: UnitOfWork, order: Order, came_from: OrderStatus | None, note: str | Unset | None) -> None:
    """Write down that the order has just reached its status, and why."""
    step = {
        "store_id": work.store.number,
        "id": new_id("step"),
        "order_id": order.id,
        "from_status": came_from,
        "status": order.status,
        "note": note or None,
        "actor": work.origin.actor,
        "created_at": work.now,
    }
    work.append(_STEPS, step)


class OrderChange:
    """What ``lock_order`` hands out: the order, and how it was."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self._before = compared(order)

    async def announce(self, work: UnitOfWork, event: type[Event] = OrderUpdated, also: tuple[str, ...] = ()) -> None:
        """Bump the version, write, and record the event; a change that changed nothing does none of it.

        ``also``: what changed beside the order's own columns and lines.
        """
        order = self.order
        if compared(order) == self._before and not also:
            return
        order.version += 1
        order.sequence += 1
        order.updated_at = work.now
        await work.flush()  # the database works the derived statuses out
        after = compared(order)
        changed = tuple(name for name in after if after[name] != self._before[name])
        await reindex_order(work, order, self._before, changed)
        work.record(event(order.id, order.sequence, order_snapshot(order), (*changed, *also)))
        await work.flush()


async def lock_order(work: UnitOfWork, order_id: str, version: int | Unset) -> OrderChange:
    """The order, locked with its lines. Raises NotFound, Conflict (stale version)."""
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
