"""A recount of what was sold, in plain Python over the rows of orders, lines and refunds, without the area's code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import orjson

from domain.kernel.database import Database


@dataclass(frozen=True, slots=True)
class Sale:
    """A line of an order that counts. Amounts in minor units."""

    at: datetime
    order: int
    line: int
    product: str
    customer: str | None
    country: str | None
    quantity: int
    returned: int
    net: int
    refunded: int
    cost: int | None
    paid: bool


async def plain_recount(database: Database, store: int) -> list[Sale]:
    """The lines of all orders of a store that are not cancelled, by order and line."""
    async with database.system_connection() as connection, connection.transaction(isolation="repeatable_read"):
        orders = await connection.fetch("SELECT * FROM sales_order WHERE store_id = $1 ORDER BY number", store)
        items = await connection.fetch("SELECT * FROM order_item WHERE store_id = $1 ORDER BY position, id", store)
        refunds = await connection.fetch(
            "SELECT * FROM payment_refund WHERE store_id = $1 AND status = 'succeeded' ORDER BY created_at, id",
            store,
        )
        lines = await connection.fetch("SELECT * FROM payment_refund_line WHERE store_id = $1 ORDER BY id", store)
    sales = []
    for order in orders:
        if order["status"] == "cancelled":
            continue
        own = [item for item in items if item["order_id"] == order["id"]]
        named = [
            (refund["amount"], {row["item_id"]: row["quantity"] for row in lines if row["refund_id"] == refund["id"]})
            for refund in refunds
            if refund["order_id"] == order["id"]
        ]
        address = orjson.loads(order["shipping_address"]) if order["shipping_address"] else {}
        for number, (item, refunded) in enumerate(zip(own, _refunds(order, own, named), strict=True)):
            cost = item["unit_cost"]
            sale = Sale(
                at=order["created_at"],
                order=order["number"],
                line=number,
                product=item["product_id"],
                customer=order["customer_id"],
                country=address.get("country"),
                quantity=item["quantity"],
                returned=item["returned"],
                net=item["price"] * item["quantity"] - item["discount"],
                refunded=refunded,
                cost=None if cost is None else cost * item["quantity"],
                paid=order["captured"] >= order["total"],
            )
            sales.append(sale)
    return sales


def _refunds(order: Any, items: Sequence[Any], named: Sequence[tuple[int, Mapping[str, int]]]) -> list[int]:
    """What was paid back of each line, without tax: first what names lines, then the rest in proportion."""
    gross: dict[str, int] = defaultdict(int)
    units: dict[str, int] = defaultdict(int)
    for amount, quantities in named:
        priced = {}
        for item in items:
            count = quantities.get(item["id"], 0)
            before = item["total"] * units[item["id"]] // item["quantity"]
            units[item["id"]] += count
            priced[item["id"]] = item["total"] * units[item["id"]] // item["quantity"] - before
        for id, part in _shares(min(amount, sum(priced.values())), priced).items():
            gross[id] += part
    left = {item["id"]: item["total"] - gross[item["id"]] for item in items}
    left["shipping"] = order["shipping"] + order["shipping_tax"]
    rest = min(order["refunded"] - sum(gross.values()), sum(left.values()))
    for id, part in _shares(rest, left).items():
        gross[id] += part
    return [
        0
        if not item["total"]
        else int(Fraction((item["total"] - item["tax"]) * gross[item["id"]], item["total"]) + Fraction(1, 2))
        for item in items
    ]


def _shares(amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """By largest remainder; of equal ones the first."""
    whole = sum(weights.values())
    if not whole:
        return dict.fromkeys(weights, 0)
    exact = {key: Fraction(amount * weight, whole) for key, weight in weights.items()}
    shares = {key: int(each) for key, each in exact.items()}
    by_remainder = sorted(weights, key=lambda key: shares[key] - exact[key])
    for key in by_remainder[: amount - sum(shares.values())]:
        shares[key] += 1
    return shares
