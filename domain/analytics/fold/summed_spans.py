"""Whole days and months (UTC) whose sales are summed once they are over, so that reports need not read all lines.

What changes a span (a line of it, the categories of a product sold in it) marks it as stale in the same transaction;
reports read stale spans, the present one among them, from the lines. The fold makes the sums of stale spans that are
over anew, under its lock: nobody marks a span meanwhile. So a report is right at any moment.

Days are summed by category and by country. A category counts an order once, however many of its products the order has:
that takes counting orders that differ, and over years it takes ten seconds. By how many products of a category an order
has more than one is stored as well, order by order: custom reports count with it. Months are summed by product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from domain.analytics.fold.facts import LineFact
from domain.kernel.database import Database

_LOCK = "SELECT position FROM sales_cursor FOR UPDATE SKIP LOCKED"
CUSTOM_PLANS = "SET LOCAL plan_cache_mode = force_custom_plan"
"""A plan that was cached while the tables were nearly empty is kept until they are analyzed again: after an import, or
the first minutes of a store, batches then took over ten seconds. Planning one takes a millisecond."""
_MARK = """
INSERT INTO {marks} (store_id, {column}) SELECT * FROM unnest($1::int[], $2::timestamptz[]) ON CONFLICT DO NOTHING
"""
_MARK_ALL = """
INSERT INTO {marks} (store_id, {column})
SELECT store_id, date_trunc('{column}', at, 'UTC') FROM sale_line WHERE store_id = $1
"""
_MARK_SUMMED = "UNION SELECT store_id, date_trunc('{span}', {column}, 'UTC') FROM {table} WHERE store_id = $1\n"
_NEXT = """
DELETE FROM {marks} s USING (
    SELECT store_id, {column} FROM {marks} WHERE {column} < $1 ORDER BY store_id, {column} LIMIT $2
) AS oldest
WHERE s.store_id = oldest.store_id AND s.{column} = oldest.{column} RETURNING s.store_id, s.{column}
"""
_CLEAR = """
DELETE FROM {table} s USING unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) AS named (store_id, start, stop)
WHERE s.store_id = named.store_id AND s.{column} >= named.start AND s.{column} < named.stop
"""
# OFFSET 0 keeps it one look into the index for each span: as a join it became a hash of all lines of the store.
_LINES = """
FROM unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) AS named (store_id, start, stop) CROSS JOIN LATERAL (
    SELECT * FROM sale_line
    WHERE store_id = named.store_id AND at >= named.start AND at < named.stop AND NOT cancelled
    OFFSET 0
) AS l
"""
_BY_CATEGORY = f"""
INSERT INTO sales_category_day (store_id, category_id, day, paid, orders, units, net, refunded)
SELECT named.store_id, coalesce(m.category_id, ''), named.start, l.paid, count(DISTINCT l.order_no), sum(l.quantity),
    sum(l.net), sum(l.refunded)
{_LINES}
JOIN sale_product p ON p.store_id = l.store_id AND p.no = l.product_no
LEFT JOIN product_category m ON m.store_id = p.store_id AND m.product_id = p.product_id
GROUP BY 1, 2, 3, 4
"""
_BY_COUNTRY = f"""
INSERT INTO sales_country_day (store_id, country, day, paid, orders, units, net, refunded)
SELECT named.store_id, coalesce(l.country, -1), named.start, l.paid, count(*) FILTER (WHERE l.first_in_order),
    sum(l.quantity), sum(l.net), sum(l.refunded)
{_LINES}
GROUP BY 1, 2, 3, 4
"""
_OVERLAPS = f"""
INSERT INTO sale_category_overlap (store_id, order_no, category_no, at, customer_no, country, paid, overlap)
SELECT l.store_id, l.order_no, coalesce(m.category_no, 0), l.at, l.customer_no, l.country, l.paid, count(*) - 1
{_LINES}
LEFT JOIN sale_product_category m ON m.store_id = l.store_id AND m.product_no = l.product_no
WHERE l.first_of_product GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING count(*) > 1
"""
_BY_PRODUCT = f"""
INSERT INTO sales_product_month (store_id, product_no, month, paid, orders, units, returned, net, refunded,
    costed_revenue, cost)
SELECT named.store_id, l.product_no, named.start, l.paid, count(*) FILTER (WHERE l.first_of_product), sum(l.quantity),
    sum(l.returned), sum(l.net), sum(l.refunded), sum(l.net - l.refunded) FILTER (WHERE l.cost IS NOT NULL), sum(l.cost)
{_LINES}
GROUP BY 1, 2, 3, 4
"""
_MARK_DAYS_OF_PRODUCTS = """
INSERT INTO sales_stale_day (store_id, day)
SELECT DISTINCT l.store_id, date_trunc('day', l.at, 'UTC')
FROM unnest($1::int[], $2::text[]) AS moved (store_id, product_id)
JOIN sale_product p ON p.store_id = moved.store_id AND p.product_id = moved.product_id
JOIN sale_line l ON l.store_id = p.store_id AND l.product_no = p.no
WHERE NOT l.cancelled ON CONFLICT DO NOTHING
"""


def day_of(instant: datetime) -> datetime:
    """The beginning of a day (UTC)."""
    return instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def month_of(instant: datetime) -> datetime:
    """The beginning of a month (UTC)."""
    return day_of(instant).replace(day=1)


@dataclass(frozen=True, slots=True)
class SummedTable:
    """What is made of the lines of spans."""

    column: str
    """When a row's span begins, or an instant in it."""
    statement: str


@dataclass(frozen=True, slots=True)
class SummedSpans:
    """The spans of one length."""

    column: str
    """``day`` or ``month``."""
    begin: Callable[[datetime], datetime]
    """The beginning of the span that an instant is in."""
    longest: timedelta
    batch_size: int
    """Spans of one transaction: the fold waits for it."""
    sums: Mapping[str, SummedTable]
    """By the name of the table."""

    @property
    def marks(self) -> str:
        """The table of stale spans."""
        return f"sales_stale_{self.column}"

    def after(self, start: datetime) -> datetime:
        """The end of the span that begins then."""
        return self.begin(start + self.longest)

    def whole(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """The beginning of the first whole span between two instants, and the end of the last; twice the end if there
        is none."""
        first, after = self.begin(start), self.begin(end)
        if first < start:
            first = self.after(first)
        return (first, after) if first < after else (end, end)

    async def mark(self, connection: asyncpg.Connection, facts: Iterable[LineFact]) -> None:
        """Mark the spans of lines that have changed. The caller holds the lock of the fold."""
        spans = sorted({(fact.store_id, self.begin(fact.at)) for fact in facts})
        if spans:
            statement = _MARK.format(marks=self.marks, column=self.column)
            await connection.execute(statement, *map(list, zip(*spans, strict=True)))

    async def mark_all(self, connection: asyncpg.Connection, store: int) -> None:
        """Mark every span of a store, those that have sums without lines too."""
        summed = "".join(
            _MARK_SUMMED.format(span=self.column, column=made.column, table=table) for table, made in self.sums.items()
        )
        statement = _MARK_ALL.format(marks=self.marks, column=self.column)
        await connection.execute(f"{statement}{summed}ON CONFLICT DO NOTHING", store)

    async def sum_stale(self, database: Database) -> int:
        """Make the sums of some stale spans anew that are over. Returns their number, 0 while another process folds.
        Raises Unavailable."""
        names = {"marks": self.marks, "column": self.column}
        async with database.system_connection() as connection, connection.transaction():
            if await connection.fetchval(_LOCK) is None:
                return 0
            await connection.execute(CUSTOM_PLANS)
            present = self.begin(database.clock())
            found: Sequence[Any] = await connection.fetch(_NEXT.format(**names), present, self.batch_size)
            if found:
                starts = [row[self.column] for row in found]
                named = [row["store_id"] for row in found], starts, [self.after(start) for start in starts]
                for table, made in self.sums.items():
                    await connection.execute(_CLEAR.format(table=table, column=made.column), *named)
                    await connection.execute(made.statement, *named)
            return len(found)


DAYS = SummedSpans(
    "day",
    day_of,
    timedelta(hours=24),
    20,
    {
        "sales_category_day": SummedTable("day", _BY_CATEGORY),
        "sales_country_day": SummedTable("day", _BY_COUNTRY),
        "sale_category_overlap": SummedTable("at", _OVERLAPS),
    },
)
MONTHS = SummedSpans(
    "month", month_of, timedelta(days=31), 1, {"sales_product_month": SummedTable("month", _BY_PRODUCT)}
)
SPANS = (DAYS, MONTHS)


async def mark_days_of_products(connection: asyncpg.Connection, products: Sequence[tuple[int, str]]) -> None:
    """Mark the days on which products were sold whose categories have changed, by store and id.

    It reads all lines of their stores: an index of the lines by product would cost every order more.
    """
    if products:
        await connection.execute(_MARK_DAYS_OF_PRODUCTS, *map(list, zip(*products, strict=True)))


async def sum_stale_spans(database: Database) -> int:
    """Make the sums of some stale days and months anew. Returns their number, 0 while another process folds. Raises
    Unavailable."""
    return sum([await spans.sum_stale(database) for spans in SPANS])
