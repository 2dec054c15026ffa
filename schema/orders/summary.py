"""A customer's orders in sum."""

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


@strawberry.type(description="What a customer has ordered so far; cancelled orders left out.")
class OrderSummary:
    """A row of the summaries."""

    order_count: int = attribute("How many orders.")
    total_spent: list[Money] = computed(
        _total_spent,
        likely=1,
        columns=("order_count", "total_spent", "currency"),
        description="What they come to, by currency; empty without orders.",
    )
    average_order_value: Money | None = computed(
        _average,
        columns=("order_count", "total_spent", "currency"),
        description="What one comes to on average; null without orders.",
    )
    last_order_at: datetime | None = attribute("When the last one was placed; null without orders.")
