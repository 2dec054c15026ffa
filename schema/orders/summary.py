"""The totals of a customer's orders."""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.fields import attribute, computed
from schema.money import Money, MoneyByCurrency, MoneyFromColumns, money


@strawberry.type(description="Totals of a customer's orders, without cancelled orders.")
class OrderSummary:
    """Describes a row of the summaries."""

    order_count: int = attribute("The number of orders.")
    total_spent: list[Money] = computed(
        MoneyByCurrency(MoneyFromColumns("total_spent")),
        likely=1,
        columns=("total_spent", "currency"),
        description="The sum of the order totals, by currency. Empty if there are no orders.",
    )
    average_order_value: Money | None = money(
        "average_order_value", description="The average order total. Null if there are no orders."
    )
    last_order_at: datetime | None = attribute("When the last order was placed. Null if there are no orders.")
