"""Reads the facts of orders by one statement: an order, its lines and its refunds as of one instant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import asyncpg
import orjson

from domain.analytics.countries import country_number
from domain.analytics.fold.facts import LineFact, LineRefund, PricedLine, spread_refunds

OrderKey = tuple[int, str]
"""The number of a store and the id of an order."""

_LINES = """
SELECT o.store_id, o.number, o.created_at, o.status = 'cancelled' AS cancelled, o.captured >= o.total AS paid,
    o.refunded, o.shipping + o.shipping_tax AS shipping, o.customer_id, o.shipping_address ->> 'country' AS country,
    CASE WHEN o.refunded > 0 THEN (
        SELECT jsonb_agg(jsonb_build_array(r.id, r.amount, l.item_id, l.quantity) ORDER BY r.created_at, r.id, l.id)
        FROM payment_refund r
        JOIN payment_refund_line l ON l.store_id = r.store_id AND l.refund_id = r.id
        WHERE r.store_id = o.store_id AND r.order_id = o.id AND r.status = 'succeeded'
    ) END AS refunds,
    i.id AS item_id, i.product_id, i.quantity, i.returned, i.total - i.tax AS net, i.total,
    i.unit_cost * i.quantity AS cost
FROM unnest($1::int[], $2::text[]) AS named (store_id, id)
JOIN sales_order o ON o.store_id = named.store_id AND o.id = named.id
JOIN order_item i ON i.store_id = o.store_id AND i.order_id = o.id
ORDER BY o.store_id, o.number, i.position, i.id
"""


async def read_facts(connection: asyncpg.Connection, keys: Sequence[OrderKey]) -> list[LineFact]:
    """The facts of these orders, by store, order and line."""
    rows = await connection.fetch(_LINES, [store for store, _ in keys], [id for _, id in keys])
    by_order = groupby(rows, key=lambda row: (row["store_id"], row["number"]))
    return [fact for _, lines in by_order for fact in _facts(list(lines))]


def _facts(rows: list[Any]) -> Iterator[LineFact]:
    """Those of one order."""
    order = rows[0]
    lines = [PricedLine(row["item_id"], row["quantity"], row["net"], row["total"]) for row in rows]
    refunded = spread_refunds(lines, order["shipping"], order["refunded"], _line_refunds(order["refunds"]))
    seen: set[str] = set()
    for number, (row, paid_back) in enumerate(zip(rows, refunded, strict=True)):
        product = row["product_id"]
        yield LineFact(
            store_id=row["store_id"],
            order_no=row["number"],
            line_no=number,
            at=row["created_at"],
            product_id=product,
            customer_id=row["customer_id"],
            country=country_number(row["country"]),
            quantity=row["quantity"],
            returned=row["returned"],
            net=row["net"],
            refunded=paid_back,
            cost=row["cost"],
            first_in_order=number == 0,
            first_of_product=product not in seen,
            cancelled=row["cancelled"],
            paid=row["paid"],
        )
        seen.add(product)


def _line_refunds(stored: str | None) -> list[LineRefund]:
    """The refunds that name lines, from rows of refund, amount, line and quantity."""
    rows = [] if stored is None else orjson.loads(stored)
    return [
        LineRefund(amount, {item: quantity for _, _, item, quantity in lines})
        for (_, amount), lines in groupby(rows, key=lambda row: (row[0], row[1]))
    ]
