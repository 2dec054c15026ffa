"""The way an order has come: one row a step."""

from __future__ import annotations

from domain.kernel.fields import Unset
from domain.kernel.ids import new_id
from domain.kernel.sql.statements import Statement
from domain.kernel.use_cases.unit_of_work import Work
from domain.orders.model import Order, OrderStatusChange
from domain.orders.states import OrderStatus

_STEPS = Statement.inserting(OrderStatusChange)


def write_history(work: Work, order: Order, came_from: OrderStatus | None, note: str | Unset | None) -> None:
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
