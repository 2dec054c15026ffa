"""A customer's orders in sum, as REST writes it."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, TypedDict

from domain.kernel.serialization import DecimalJson, FieldDoc, format_amount, format_instant
from domain.kernel.sql.executor import Row
from domain.orders.serializers.orders import CURRENCY


class AmountDocument(TypedDict):
    """So much of one currency."""

    currency: Annotated[str, CURRENCY]
    amount: Annotated[DecimalJson, FieldDoc(description="How much.", example=461.92)]


class OrderSummaryDocument(TypedDict):
    """What a customer has ordered so far; cancelled orders left out."""

    order_count: Annotated[int, FieldDoc(description="How many orders.", example=3)]
    total_spent: Annotated[
        list[AmountDocument], FieldDoc(description="What they come to, by currency; empty without orders.")
    ]
    average_order_value: Annotated[
        DecimalJson | None, FieldDoc(description="What one comes to on average; null without orders.", example=153.97)
    ]
    last_order_at: Annotated[
        str | None,
        FieldDoc(description="When the last one was placed, UTC.", example="2026-01-15T10:30:00Z", format="date-time"),
    ]


def serialize_summary(row: Row) -> OrderSummaryDocument:
    """A customer's orders in sum."""
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
    """Minor units of an order on average, rounded half up."""
    return int((Decimal(row.total_spent) / row.order_count).to_integral_value(ROUND_HALF_UP))
