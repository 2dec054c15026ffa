"""Keeps what customers bought in all right, by the facts that changed. The caller holds the lock of the fold.

Sums change by the difference; the first and the last order are looked up in an index, whatever their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from domain.analytics.facts import LineFact

CLEAR_CUSTOMERS = "DELETE FROM customer_sales WHERE store_id = $1"
_GROUPED = """
SELECT store_id, customer_no, paid, count(*) AS orders, sum(net)::bigint AS net, sum(refunded)::bigint AS refunded,
    min(at) AS first_at, max(at) AS last_at
FROM sale_order WHERE store_id = $1 AND NOT cancelled AND customer_no IS NOT NULL GROUP BY 1, 2, 3
"""
SUM_CUSTOMERS = f"""
INSERT INTO customer_sales (store_id, customer_no, paid, orders, net, refunded, first_at, last_at) {_GROUPED}
"""
COMPARE_CUSTOMERS = f"""
SELECT c.customer_id, coalesce(b.paid, s.paid) AS paid,
    b.orders, b.net, b.refunded, b.first_at, b.last_at, s.orders, s.net, s.refunded, s.first_at, s.last_at
FROM (SELECT * FROM customer_sales WHERE store_id = $1) AS b
FULL JOIN ({_GROUPED}) AS s ON b.customer_no = s.customer_no AND b.paid = s.paid
LEFT JOIN sale_customer c ON c.store_id = $1 AND c.no = coalesce(b.customer_no, s.customer_no)
WHERE (b.orders, b.net, b.refunded, b.first_at, b.last_at)
    IS DISTINCT FROM (s.orders, s.net, s.refunded, s.first_at, s.last_at)
ORDER BY 1, 2
"""  # noqa: S608 - of constants
"""The customers whose sums differ from their orders: what is stored, then what it should be."""
_END = """
(SELECT o.at FROM sale_order o WHERE o.store_id = c.store_id AND o.customer_no = c.no AND o.paid = d.paid
    AND NOT o.cancelled AND o.customer_no IS NOT NULL ORDER BY o.at {direction} LIMIT 1)
"""
_CHANGE = f"""
WITH change AS MATERIALIZED (
    SELECT c.store_id, c.no, d.paid, d.orders, d.net, d.refunded,
        {_END.format(direction="ASC")} AS first_at, {_END.format(direction="DESC")} AS last_at
    FROM unnest($1::int[], $2::text[], $3::boolean[], $4::bigint[], $5::bigint[], $6::bigint[])
        AS d (store_id, customer_id, paid, orders, net, refunded)
    JOIN sale_customer c ON c.store_id = d.store_id AND c.customer_id = d.customer_id
), emptied AS (
    DELETE FROM customer_sales s USING change c
    WHERE s.store_id = c.store_id AND s.customer_no = c.no AND s.paid = c.paid AND c.first_at IS NULL
)
INSERT INTO customer_sales AS s (store_id, customer_no, paid, orders, net, refunded, first_at, last_at)
SELECT * FROM change WHERE first_at IS NOT NULL
ON CONFLICT (store_id, customer_no, paid) DO UPDATE SET orders = s.orders + excluded.orders, net = s.net + excluded.net,
    refunded = s.refunded + excluded.refunded, first_at = excluded.first_at, last_at = excluded.last_at
"""  # noqa: S608 - of constants


class CustomerKey(NamedTuple):
    """A customer of a store, and whether it is about orders that are paid."""

    store_id: int
    customer_id: str
    paid: bool


class CustomerSums(NamedTuple):
    """What a customer bought in all."""

    orders: int = 0
    net: int = 0
    refunded: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


async def change_customers(
    connection: asyncpg.Connection, removed: Sequence[LineFact], written: Sequence[LineFact]
) -> None:
    """Change the sums of the customers of these lines, whose orders are written already.

    Those whose sums stay are written too: another order of the same amount may be their last.
    """
    changes: dict[CustomerKey, list[int]] = {}
    for sign, facts in ((-1, removed), (1, written)):
        for fact in facts:
            if not fact.cancelled and fact.customer_id is not None:
                sums = changes.setdefault(CustomerKey(fact.store_id, fact.customer_id, fact.paid), [0, 0, 0])
                for index, value in enumerate((int(fact.first_in_order), fact.net, fact.refunded)):
                    sums[index] += sign * value
    if changes:
        rows = [(*key, *sums) for key, sums in changes.items()]
        await connection.execute(_CHANGE, *(list(column) for column in zip(*rows, strict=True)))
