"""The totals of a customer's orders."""

from __future__ import annotations

from datetime import datetime

import strawberry

from domain.kernel.money import Money as KernelMoney
from domain.kernel.sql.executor import Row
from domain.orders.serializers import average
from schema.fields import attribute, computed
from schema.money import Money


def _total_spent(row: Row) -> list[KernelMoney]:
    return [KernelMoney(row.total_spent, row.currency)] if row.order_count else []


def _average(row: Row) -> KernelMoney | None:
    return KernelMoney(average(row), row.currency) if row.order_count else None


@strawberry.type(description="Totals of a customer's orders, without cancelled orders.")
class OrderSummary:
    """Describes a row of the summaries."""

    order_count: int = attribute("The number of orders.")
    total_spent: list[Money] = computed(
        _total_spent,
        likely=1,
        columns=("order_count", "total_spent", "currency"),
        description="The sum of the order totals, by currency. Empty if there are no orders.",
    )
    average_order_value: Money | None = computed(
        _average,
        columns=("order_count", "total_spent", "currency"),
        description="The average order total. Null if there are no orders.",
    )
    last_order_at: datetime | None = attribute("When the last order was placed. Null if there are no orders.")
