"""Keeps the sums of the lines of each order right. The caller holds the lock of the fold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

_SUMS = """
min(at) AS at, min(customer_no) AS customer_no, min(country) AS country, bool_and(cancelled) AS cancelled,
    bool_and(paid) AS paid, sum(quantity)::bigint AS units, sum(returned)::bigint AS returned, sum(net)::bigint AS net,
    sum(refunded)::bigint AS refunded,
    (sum(net - refunded) FILTER (WHERE cost IS NOT NULL))::bigint AS costed_revenue, sum(cost)::bigint AS cost
"""
_COLUMNS = "at, customer_no, country, cancelled, paid, units, returned, net, refunded, costed_revenue, cost"


def _of(table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in _COLUMNS.split(", "))


_CHANGE = f"""
WITH named AS MATERIALIZED (
    SELECT * FROM unnest($1::int[], $2::bigint[]) AS named (store_id, order_no)
), summed AS MATERIALIZED (
    SELECT store_id, order_no, {_SUMS} FROM named JOIN sale_line USING (store_id, order_no) GROUP BY 1, 2
), emptied AS (
    DELETE FROM sale_order o USING named n WHERE o.store_id = n.store_id AND o.order_no = n.order_no
    AND NOT EXISTS (SELECT FROM summed s WHERE s.store_id = o.store_id AND s.order_no = o.order_no)
)
INSERT INTO sale_order AS o (store_id, order_no, {_COLUMNS}) SELECT * FROM summed
ON CONFLICT (store_id, order_no) DO UPDATE SET ({_COLUMNS}) = ROW ({_of("excluded")})
WHERE ({_of("o")}) IS DISTINCT FROM ({_of("excluded")})
"""  # noqa: S608 - of constants
REMOVE_ORPHANS = """
DELETE FROM sale_order o WHERE store_id = $1
AND NOT EXISTS (SELECT FROM sale_line l WHERE l.store_id = o.store_id AND l.order_no = o.order_no)
"""
"""Removes the orders of a store without lines."""
COMPARE_ORDERS = f"""
SELECT coalesce(o.order_no, s.order_no) AS order_no, {_of("o")}, {_of("s")}
FROM (SELECT * FROM sale_order WHERE store_id = $1) AS o
FULL JOIN (SELECT order_no, {_SUMS} FROM sale_line WHERE store_id = $1 GROUP BY 1) AS s ON o.order_no = s.order_no
WHERE ({_of("o")}) IS DISTINCT FROM ({_of("s")})
ORDER BY 1
"""  # noqa: S608 - of constants
"""The orders whose sums differ from their lines: what is stored, then what it should be."""


class OrderSums(NamedTuple):
    """What is stored of an order; see ``SaleOrder``."""

    at: datetime | None = None
    customer_no: int | None = None
    country: int | None = None
    cancelled: bool = False
    paid: bool = False
    units: int = 0
    returned: int = 0
    net: int = 0
    refunded: int = 0
    costed_revenue: int | None = None
    cost: int | None = None


async def change_orders(connection: asyncpg.Connection, orders: Sequence[tuple[int, int]]) -> None:
    """Sum the lines of these orders, which are written already. ``orders``: the numbers of stores and orders."""
    if orders:
        await connection.execute(_CHANGE, *map(list, zip(*orders, strict=True)))
