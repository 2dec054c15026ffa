"""The recount of whole days and months: their sums, compared with those of the lines. Stale ones are left out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import asyncpg

from domain.analytics.fold.facts import BucketSums

_COMPARE = """
SELECT coalesce(d.{span}, s.{span}) AS start, coalesce(d.key, s.key)::text AS key, coalesce(d.paid, s.paid) AS paid,
    {stored_sums}, {counted_sums}
FROM (SELECT *, {column} AS key FROM {table} WHERE store_id = $1) AS d
FULL JOIN (
    SELECT date_trunc('{span}', l.at, 'UTC') AS {span}, {key} AS key, l.paid,
        count(DISTINCT l.order_no) AS orders, sum(l.quantity)::bigint AS units, sum(l.returned)::bigint AS returned,
        sum(l.net)::bigint AS net, sum(l.refunded)::bigint AS refunded,
        (sum(l.net - l.refunded) FILTER (WHERE l.cost IS NOT NULL))::bigint AS costed_revenue,
        sum(l.cost)::bigint AS cost
    FROM sale_line l JOIN sale_product p ON p.store_id = l.store_id AND p.no = l.product_no {join}
    WHERE l.store_id = $1 AND NOT l.cancelled GROUP BY 1, 2, 3
) AS s ON d.{span} = s.{span} AND d.key = s.key AND d.paid = s.paid
WHERE ({stored_sums}) IS DISTINCT FROM ({counted_sums})
AND NOT EXISTS (SELECT FROM sales_stale_{span} m WHERE m.store_id = $1 AND m.{span} = coalesce(d.{span}, s.{span}))
ORDER BY 1, 2, 3
"""
_OVERLAP = "at, customer_no, country, paid, overlap"
_COMPARE_OVERLAPS = f"""
SELECT order_no, category_no, {", ".join(f"o.{each}" for each in _OVERLAP.split(", "))},
    {", ".join(f"s.{each}" for each in _OVERLAP.split(", "))}
FROM (SELECT * FROM sale_category_overlap WHERE store_id = $1) AS o
FULL JOIN (
    SELECT l.order_no, coalesce(m.category_no, 0) AS category_no, l.at, l.customer_no, l.country, l.paid,
        (count(*) - 1)::int AS overlap
    FROM sale_line l LEFT JOIN sale_product_category m ON m.store_id = l.store_id AND m.product_no = l.product_no
    WHERE l.store_id = $1 AND NOT l.cancelled AND l.first_of_product GROUP BY 1, 2, 3, 4, 5, 6 HAVING count(*) > 1
) AS s USING (order_no, category_no)
WHERE (o.at, o.customer_no, o.country, o.paid, o.overlap) IS DISTINCT FROM
    (s.at, s.customer_no, s.country, s.paid, s.overlap)
AND NOT EXISTS (
    SELECT FROM sales_stale_day d
    WHERE d.store_id = $1 AND d.day IN (date_trunc('day', o.at, 'UTC'), date_trunc('day', s.at, 'UTC'))
)
ORDER BY 1, 2
"""  # noqa: S608 - of constants
_MOVES_WAIT = """
SELECT EXISTS (
    SELECT FROM event WHERE store_id = $1 AND 'categories' = ANY (changed_fields)
    AND (position IS NULL OR position > (SELECT position FROM sales_cursor))
)
"""
_CATEGORIES = "LEFT JOIN product_category m ON m.store_id = p.store_id AND m.product_id = p.product_id"


class MonthSums(NamedTuple):
    """The sums of a product in a month."""

    orders: int = 0
    units: int = 0
    returned: int = 0
    net: int = 0
    refunded: int = 0
    costed_revenue: int | None = None
    cost: int | None = None


class Overlap(NamedTuple):
    """An order with several products of a category; see ``SaleCategoryOverlap``."""

    at: datetime
    customer_no: int | None
    country: int | None
    paid: bool
    overlap: int


Sums = BucketSums | MonthSums | Overlap


class SpanDifference(NamedTuple):
    """A sum that is not that of the lines. None: it is missing there."""

    what: str
    stored: Sums | None
    counted: Sums | None


class _Compared(NamedTuple):
    """A table of sums, and how its key follows from a line."""

    name: str
    span: str
    table: str
    column: str
    key: str
    kind: type[Sums]
    join: str = ""

    @property
    def statement(self) -> str:
        """The sums that differ: those that are stored, then those that were counted."""
        stored, counted = (", ".join(f"{of}.{name}" for name in self.kind._fields) for of in ("d", "s"))
        named = {name: getattr(self, name) for name in ("span", "table", "column", "key", "join")}
        return _COMPARE.format(stored_sums=stored, counted_sums=counted, **named)

    def sums(self, values: Sequence[int | None]) -> Sums | None:
        """None where there is no row: every row has orders."""
        return None if values[0] is None else self.kind(*values)  # type: ignore[arg-type]  # nullable ones are last


_BY_CATEGORY = _Compared(
    "category", "day", "sales_category_day", "category_id", "coalesce(m.category_id, '')", BucketSums, _CATEGORIES
)
_OTHERS = (
    _Compared("country", "day", "sales_country_day", "country", "coalesce(l.country, -1)", BucketSums),
    _Compared("product", "month", "sales_product_month", "product_no", "l.product_no", MonthSums),
)


async def recount_spans(connection: asyncpg.Connection, store: int, seconds: float) -> AsyncGenerator[SpanDifference]:
    """The differences of a store; those by category only where no product has moved since the fold. ``seconds``: of
    each statement."""
    moves_wait = await connection.fetchval(_MOVES_WAIT, store)
    for compared in _OTHERS if moves_wait else (*_OTHERS, _BY_CATEGORY):
        count = len(compared.kind._fields)
        for start, key, paid, *values in await connection.fetch(compared.statement, store, timeout=seconds):
            what = f"sums of the {compared.span} {start:%Y-%m-%d}, {compared.name} {key}, {'' if paid else 'not '}paid"
            yield SpanDifference(what, compared.sums(values[:count]), compared.sums(values[count:]))
    for order, category, *values in await connection.fetch(_COMPARE_OVERLAPS, store, timeout=seconds):
        middle = len(Overlap._fields)
        what = f"overlap of order {order} in category number {category}"
        yield SpanDifference(what, _overlap(values[:middle]), _overlap(values[middle:]))


def _overlap(values: Sequence[Any]) -> Overlap | None:
    return None if values[0] is None else Overlap(*values)
