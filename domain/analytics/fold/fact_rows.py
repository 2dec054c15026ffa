"""Writes facts, and keeps the rollups right by what changed. The caller holds the lock of the fold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg

from domain.analytics.fold.customer_rows import change_customers
from domain.analytics.fold.dimension_rows import number_customers, number_products
from domain.analytics.fold.facts import BucketKey, BucketSums, LineFact, add_to_buckets
from domain.analytics.fold.order_facts import OrderKey, read_facts
from domain.analytics.fold.order_rows import change_orders
from domain.analytics.fold.summed_spans import CUSTOM_PLANS, SPANS

LineKey = tuple[int, int, int]
"""Store, order and line by number."""

_STORED = """
SELECT l.store_id, l.order_no, l.line_no, l.at, p.product_id, c.customer_id, l.country, l.quantity, l.returned, l.net,
    l.refunded, l.cost, l.first_in_order, l.first_of_product, l.cancelled, l.paid
FROM unnest($1::int[], $2::bigint[]) AS named (store_id, order_no)
JOIN sale_line l ON l.store_id = named.store_id AND l.order_no = named.order_no
JOIN sale_product p ON p.store_id = l.store_id AND p.no = l.product_no
LEFT JOIN sale_customer c ON c.store_id = l.store_id AND c.no = l.customer_no
"""
_DELETE = """
DELETE FROM sale_line l USING unnest($1::int[], $2::bigint[], $3::int[]) AS gone (store_id, order_no, line_no)
WHERE l.store_id = gone.store_id AND l.order_no = gone.order_no AND l.line_no = gone.line_no
"""
_WRITE = """
INSERT INTO sale_line AS l (
    store_id, order_no, line_no, at, product_no, customer_no, country, quantity, returned, net, refunded, cost,
    first_in_order, first_of_product, cancelled, paid
)
SELECT * FROM unnest(
    $1::int[], $2::bigint[], $3::smallint[], $4::timestamptz[], $5::int[], $6::int[], $7::smallint[], $8::int[],
    $9::int[], $10::bigint[], $11::bigint[], $12::bigint[], $13::boolean[], $14::boolean[], $15::boolean[],
    $16::boolean[]
)
ON CONFLICT (store_id, order_no, line_no) DO UPDATE SET at = excluded.at, product_no = excluded.product_no,
    customer_no = excluded.customer_no, country = excluded.country, quantity = excluded.quantity,
    returned = excluded.returned, net = excluded.net, refunded = excluded.refunded, cost = excluded.cost,
    first_in_order = excluded.first_in_order, first_of_product = excluded.first_of_product,
    cancelled = excluded.cancelled, paid = excluded.paid
"""
# A row that is to be deleted is not updated first: no bucket without an order is ever stored.
_ADD = """
WITH change AS MATERIALIZED (
    SELECT * FROM unnest($1::int[], $2::timestamptz[], $3::boolean[], $4::bigint[], $5::bigint[], $6::bigint[],
        $7::bigint[]) AS c (store_id, at, paid, orders, units, net, refunded)
), emptied AS (
    DELETE FROM sales_quarter_hour b USING change c
    WHERE b.store_id = c.store_id AND b.at = c.at AND b.paid = c.paid AND b.orders + c.orders = 0
    RETURNING b.store_id, b.at, b.paid
), changed AS (
    UPDATE sales_quarter_hour b SET orders = b.orders + c.orders, units = b.units + c.units, net = b.net + c.net,
        refunded = b.refunded + c.refunded
    FROM change c
    WHERE b.store_id = c.store_id AND b.at = c.at AND b.paid = c.paid AND b.orders + c.orders <> 0
    RETURNING b.store_id, b.at, b.paid
)
INSERT INTO sales_quarter_hour (store_id, at, paid, orders, units, net, refunded)
SELECT * FROM change WHERE (store_id, at, paid) NOT IN (TABLE emptied UNION ALL TABLE changed)
"""


async def refold(connection: asyncpg.Connection, keys: Sequence[OrderKey]) -> None:
    """Replace the facts of these orders by what the orders are now, and change the rollups by the difference.

    Only lines that differ are written, so that repeating it costs reads alone.
    """
    await connection.execute(CUSTOM_PLANS)
    current = await read_facts(connection, keys)
    numbers = sorted({(fact.store_id, fact.order_no) for fact in current})
    stored = {_key(fact): fact for fact in await stored_facts(connection, numbers)}
    now = {_key(fact): fact for fact in current}
    written = [fact for key, fact in now.items() if stored.get(key) != fact]
    removed = [fact for key, fact in stored.items() if now.get(key) != fact]
    await _delete(connection, [_key(fact) for fact in removed if _key(fact) not in now])
    await _write(connection, written)
    await change_orders(connection, numbers)
    buckets: dict[BucketKey, BucketSums] = {}
    add_to_buckets(buckets, removed, -1)
    add_to_buckets(buckets, written)
    await _add(connection, {key: sums for key, sums in buckets.items() if any(sums)})
    for spans in SPANS:
        await spans.mark(connection, [*removed, *written])
    await change_customers(connection, removed, written)


async def stored_facts(connection: asyncpg.Connection, orders: Sequence[tuple[int, int]]) -> list[LineFact]:
    """The facts that are stored of orders, by the numbers of their store and of themselves."""
    rows = await connection.fetch(_STORED, [store for store, _ in orders], [number for _, number in orders])
    return [LineFact(*row) for row in rows]


def _key(fact: LineFact) -> LineKey:
    return fact.store_id, fact.order_no, fact.line_no


async def _delete(connection: asyncpg.Connection, keys: Sequence[LineKey]) -> None:
    if keys:
        await connection.execute(_DELETE, *map(list, zip(*keys, strict=True)))


async def _write(connection: asyncpg.Connection, facts: Sequence[LineFact]) -> None:
    if not facts:
        return
    products = await number_products(connection, {(fact.store_id, fact.product_id) for fact in facts})
    people = {(fact.store_id, fact.customer_id) for fact in facts if fact.customer_id is not None}
    customers: Mapping[Any, int] = await number_customers(connection, people)
    rows = [
        (
            *fact[:4],
            products[fact.store_id, fact.product_id],
            customers.get((fact.store_id, fact.customer_id)),
            *fact[6:],
        )
        for fact in facts
    ]
    await connection.execute(_WRITE, *_columns(rows))


async def _add(connection: asyncpg.Connection, changes: Mapping[BucketKey, BucketSums]) -> None:
    if changes:
        await connection.execute(_ADD, *_columns([(*key, *sums) for key, sums in changes.items()]))


def _columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
