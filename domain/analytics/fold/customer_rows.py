"""Keeps what customers bought in all right, by the facts that changed. The caller holds the lock of the fold.

Sums change by the difference; the first and the last order are looked up in an index, whatever their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from domain.analytics.fold.facts import LineFact

CLEAR_CUSTOMERS = "DELETE FROM customer_sales WHERE store_id = $1"
_GROUPED = """
SELECT o.store_id, o.customer_no, paid_only, c.channel_no, count(*) AS orders, sum(o.net)::bigint AS net,
    sum(o.refunded)::bigint AS refunded, min(o.at) AS first_at, max(o.at) AS last_at
FROM sale_order o JOIN sale_customer c ON c.store_id = o.store_id AND c.no = o.customer_no
CROSS JOIN (VALUES (false), (true)) AS scope (paid_only)
WHERE o.store_id = $1 AND NOT o.cancelled AND (o.paid OR NOT paid_only) GROUP BY 1, 2, 3, 4
"""
_COLUMNS = "store_id, customer_no, paid_only, channel_no, orders, net, refunded, first_at, last_at"
SUM_CUSTOMERS = f"INSERT INTO customer_sales ({_COLUMNS}) {_GROUPED}"
COMPARE_CUSTOMERS = f"""
SELECT c.customer_id, coalesce(b.paid_only, s.paid_only) AS paid_only,
    b.orders, b.net, b.refunded, b.first_at, b.last_at, b.channel_no,
    s.orders, s.net, s.refunded, s.first_at, s.last_at, s.channel_no
FROM (SELECT * FROM customer_sales WHERE store_id = $1) AS b
FULL JOIN ({_GROUPED}) AS s ON b.customer_no = s.customer_no AND b.paid_only = s.paid_only
LEFT JOIN sale_customer c ON c.store_id = $1 AND c.no = coalesce(b.customer_no, s.customer_no)
WHERE (b.orders, b.net, b.refunded, b.first_at, b.last_at, b.channel_no)
    IS DISTINCT FROM (s.orders, s.net, s.refunded, s.first_at, s.last_at, s.channel_no)
ORDER BY 1, 2
"""  # noqa: S608 - of constants
"""The customers whose sums differ from their orders: what is stored, then what it should be."""
# A look at the end of the index for paid orders, and one for others.
_END = """
(SELECT {which}(found.at) FROM (VALUES (true), (false)) AS p (paid) CROSS JOIN LATERAL (
    SELECT o.at FROM sale_order o WHERE o.store_id = c.store_id AND o.customer_no = c.no AND o.paid = p.paid
    AND NOT o.cancelled AND o.customer_no IS NOT NULL ORDER BY o.at {direction} LIMIT 1
) AS found WHERE p.paid OR NOT d.paid_only)
"""
_CHANGE = f"""
WITH change AS MATERIALIZED (
    SELECT c.store_id, c.no, d.paid_only, c.channel_no, d.orders, d.net, d.refunded,
        {_END.format(which="min", direction="ASC")} AS first_at, {_END.format(which="max", direction="DESC")} AS last_at
    FROM unnest($1::int[], $2::text[], $3::boolean[], $4::bigint[], $5::bigint[], $6::bigint[])
        AS d (store_id, customer_id, paid_only, orders, net, refunded)
    JOIN sale_customer c ON c.store_id = d.store_id AND c.customer_id = d.customer_id
), emptied AS (
    DELETE FROM customer_sales s USING change c
    WHERE s.store_id = c.store_id AND s.customer_no = c.no AND s.paid_only = c.paid_only AND c.first_at IS NULL
)
INSERT INTO customer_sales AS s ({_COLUMNS})
SELECT * FROM change WHERE first_at IS NOT NULL
ON CONFLICT (store_id, paid_only, customer_no) DO UPDATE SET orders = s.orders + excluded.orders,
    net = s.net + excluded.net, refunded = s.refunded + excluded.refunded,
    first_at = excluded.first_at, last_at = excluded.last_at
"""  # noqa: S608 - of constants


class CustomerKey(NamedTuple):
    """A customer of a store, and whether it is about the orders that are paid, or about all."""

    store_id: int
    customer_id: str
    paid_only: bool


class CustomerSums(NamedTuple):
    """What a customer bought in all."""

    orders: int = 0
    net: int = 0
    refunded: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    channel_no: int | None = None


async def change_customers(
    connection: asyncpg.Connection, removed: Sequence[LineFact], written: Sequence[LineFact]
) -> None:
    """Change the sums of the customers of these lines, whose orders are written already.

    Those whose sums stay are written too: another order of the same amount may be their last.
    """
    changes: dict[CustomerKey, list[int]] = {}
    for sign, facts in ((-1, removed), (1, written)):
        for fact in facts:
            for key in _keys(fact):
                sums = changes.setdefault(key, [0, 0, 0])
                for index, value in enumerate((int(fact.first_in_order), fact.net, fact.refunded)):
                    sums[index] += sign * value
    if changes:
        rows = [(*key, *sums) for key, sums in changes.items()]
        await connection.execute(_CHANGE, *(list(column) for column in zip(*rows, strict=True)))


def _keys(fact: LineFact) -> list[CustomerKey]:
    """The sums that a line counts in."""
    if fact.cancelled or fact.customer_id is None:
        return []
    scopes = (False, True) if fact.paid else (False,)
    return [CustomerKey(fact.store_id, fact.customer_id, paid_only) for paid_only in scopes]
