"""The JSON document of a customer's order totals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, TypedDict

from domain.kernel.serialization import DecimalJson, FieldDoc, format_amount, format_instant
from domain.kernel.sql.executor import Row
from domain.orders.serializers.orders import CURRENCY


class AmountDocument(TypedDict):
    """An amount of money."""

    currency: Annotated[str, CURRENCY]
    amount: Annotated[DecimalJson, FieldDoc(description="The amount in major units.", example=461.92)]


class OrderSummaryDocument(TypedDict):
    """Totals of a customer's orders, without cancelled orders."""

    order_count: Annotated[int, FieldDoc(description="The number of orders.", example=3)]
    total_spent: Annotated[
        list[AmountDocument],
        FieldDoc(description="The sum of the order totals, by currency. Empty if there are no orders."),
    ]
    average_order_value: Annotated[
        DecimalJson | None,
        FieldDoc(description="The average order total. Null if there are no orders.", example=153.97),
    ]
    last_order_at: Annotated[
        str | None,
        FieldDoc(
            description="When the last order was placed. Null if there are no orders.",
            example="2026-01-15T10:30:00Z",
            format="date-time",
        ),
    ]


def serialize_summary(row: Row) -> OrderSummaryDocument:
    """Build the REST document of a customer's order totals."""
    if row.order_count == 0:
        return {"order_count": 0, "total_spent": [], "average_order_value": None, "last_order_at": None}
    spent = format_amount(row.total_spent, row.currency)
    return {
        "order_count": row.order_count,
        "total_spent": [{"currency": row.currency.lower(), "amount": spent}],
        "average_order_value": format_amount(average(row), row.currency),
        "last_order_at": format_instant(row.last_order_at),
    }


def average(row: Row) -> int:
    """Return the average order total in minor units, rounded half up."""
    return int((Decimal(row.total_spent) / row.order_count).to_integral_value(ROUND_HALF_UP))
