"""The recount: compares facts and rollups with the orders they follow from, and says what differs.

It runs beside writers and the fold. An order that has changed since the fold read it is left out: its event is waiting.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from domain.analytics.fold.customer_rows import COMPARE_CUSTOMERS, CustomerSums
from domain.analytics.fold.dimension_rows import CustomerChannel, ProductCategories, compare_dimensions
from domain.analytics.fold.fact_rows import stored_facts
from domain.analytics.fold.facts import BucketKey, BucketSums, LineFact
from domain.analytics.fold.order_facts import read_facts
from domain.analytics.fold.order_rows import COMPARE_ORDERS, OrderSums
from domain.analytics.fold.span_recount import Sums, recount_spans
from domain.kernel.database import Database

ComparedRow = LineFact | OrderSums | Sums | CustomerSums | ProductCategories | CustomerChannel

_ORDER, _CUSTOMER = len(OrderSums._fields), len(CustomerSums._fields)
RECOUNT_BATCH_SIZE = 1_000
"""Orders that are compared at a time."""
RECOUNT_TIMEOUT = 600
"""Seconds that a statement may take: telling the orders of categories apart took 17 for a million."""

_NEXT_ORDERS = "SELECT number, id FROM sales_order WHERE store_id = $1 AND number > $2 ORDER BY number LIMIT $3"
_LOCK = "SELECT position FROM sales_cursor FOR UPDATE"
_WAITING = """
SELECT DISTINCT object_id FROM event
WHERE store_id = $1 AND object_id = ANY ($2::text[]) AND (position IS NULL OR position > $3)
"""
_BUCKETS = """
SELECT coalesce(b.at, s.at) AS at, coalesce(b.paid, s.paid) AS paid,
    b.orders, b.units, b.net, b.refunded, s.orders, s.units, s.net, s.refunded
FROM (SELECT * FROM sales_quarter_hour WHERE store_id = $1) AS b
FULL JOIN (
    SELECT date_bin('15 minutes', at, '2000-01-01Z') AS at, paid, count(*) FILTER (WHERE first_in_order) AS orders,
        sum(quantity)::bigint AS units, sum(net)::bigint AS net, sum(refunded)::bigint AS refunded
    FROM sale_line WHERE store_id = $1 AND NOT cancelled GROUP BY 1, 2
) AS s ON b.at = s.at AND b.paid = s.paid
WHERE (b.orders, b.units, b.net, b.refunded) IS DISTINCT FROM (s.orders, s.units, s.net, s.refunded)
ORDER BY 1, 2
"""
_ORPHANS = """
SELECT DISTINCT order_no FROM sale_line l WHERE store_id = $1
AND NOT EXISTS (SELECT FROM sales_order o WHERE o.store_id = l.store_id AND o.number = l.order_no)
ORDER BY order_no
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where what is stored differs from the recount. None: it is missing there."""

    what: str
    stored: ComparedRow | None
    counted: ComparedRow | None

    def __str__(self) -> str:
        """A line for a person: the place, and the members that differ."""
        if self.stored is None:
            return f"{self.what}: missing"
        if self.counted is None:
            return f"{self.what}: of no order"
        pairs = zip(self.stored._fields, self.stored, self.counted, strict=True)
        return f"{self.what}: " + ", ".join(f"{name} {old}, should be {new}" for name, old, new in pairs if old != new)


async def recount(database: Database, store: int) -> AsyncGenerator[Difference]:
    """The differences of a store: lines by order, then sums by order, by quarter of an hour, by days and months that
    are not stale, categories and channels, and sums by customer. Raises Unavailable."""
    after = 0
    while True:
        async with database.system_connection() as connection, connection.transaction():
            orders = await connection.fetch(_NEXT_ORDERS, store, after, RECOUNT_BATCH_SIZE)
            differences = await _compare(connection, store, {row["number"]: row["id"] for row in orders})
        for each in differences:
            yield each
        if not orders:
            break
        after = orders[-1]["number"]
    async with database.system_connection() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL statement_timeout = '{RECOUNT_TIMEOUT} s'")
        async for difference in _of_sums(connection, store):
            yield difference


async def _of_sums(connection: asyncpg.Connection, store: int) -> AsyncGenerator[Difference]:
    """The differences of everything that follows from the lines. Each statement reads all of a store."""
    for row in await connection.fetch(_ORPHANS, store, timeout=RECOUNT_TIMEOUT):
        yield Difference(f"order {row[0]}", BucketSums(), None)
    for number, *sums in await connection.fetch(COMPARE_ORDERS, store, timeout=RECOUNT_TIMEOUT):
        yield Difference(f"sums of order {number}", *map(_order_sums, (sums[:_ORDER], sums[_ORDER:])))
    for at, paid, *sums in await connection.fetch(_BUCKETS, store, timeout=RECOUNT_TIMEOUT):
        yield _of_bucket(BucketKey(store, at, paid), sums[:4], sums[4:])
    async for span in recount_spans(connection, store, RECOUNT_TIMEOUT):
        yield Difference(*span)
    for dimension in await compare_dimensions(connection, store, RECOUNT_TIMEOUT):
        yield Difference(*dimension)
    for customer, paid_only, *sums in await connection.fetch(COMPARE_CUSTOMERS, store, timeout=RECOUNT_TIMEOUT):
        what = f"customer {customer}, {'paid orders' if paid_only else 'all orders'}"
        yield Difference(what, _customer_sums(sums[:_CUSTOMER]), _customer_sums(sums[_CUSTOMER:]))


async def _compare(connection: asyncpg.Connection, store: int, orders: Mapping[int, str]) -> list[Difference]:
    """The differences of the lines of these orders, ids by number."""
    if not orders:
        return []
    position = await connection.fetchval(_LOCK)
    counted = await read_facts(connection, [(store, id) for id in orders.values()])
    stored = await stored_facts(connection, [(store, number) for number in orders])
    waiting = {row[0] for row in await connection.fetch(_WAITING, store, list(orders.values()), position)}
    return list(_of_lines(stored, counted, {no for no, id in orders.items() if id in waiting}))


def _of_lines(stored: Sequence[LineFact], counted: Sequence[LineFact], waiting: set[int]) -> Iterator[Difference]:
    old = {(fact.order_no, fact.line_no): fact for fact in stored}
    new = {(fact.order_no, fact.line_no): fact for fact in counted}
    for key in sorted({*old, *new}):
        if key[0] not in waiting and old.get(key) != new.get(key):
            yield Difference(f"order {key[0]}, line {key[1]}", old.get(key), new.get(key))


def _of_bucket(key: BucketKey, stored: Sequence[int | None], counted: Sequence[int | None]) -> Difference:
    what = f"sums from {key.at:%Y-%m-%dT%H:%MZ}, {'paid' if key.paid else 'not paid'}"
    return Difference(what, _sums(stored), _sums(counted))


def _sums(values: Sequence[int | None]) -> BucketSums | None:
    known = [each for each in values if each is not None]
    return BucketSums(*known) if known else None


def _order_sums(values: Sequence[Any]) -> OrderSums | None:
    return None if values[0] is None else OrderSums(*values)


def _customer_sums(values: Sequence[Any]) -> CustomerSums | None:
    return None if values[0] is None else CustomerSums(*values)
