"""How orders are listed, wherever they are: the store's, a customer's."""

from __future__ import annotations

from domain import orders
from schema.enums import sort_input

OrderSort = sort_input(
    "OrderSort",
    orders.reads.orders,
    {
        "created_at": "When it was made.",
        "updated_at": "When it last changed.",
        "total": "What it comes to.",
        "number": "Its number.",
    },
)
