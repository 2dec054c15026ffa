"""``python -m benchmarks.analytics``: reports over a million orders of three years, and the pace of the fold.

The facts are written as the fold would leave them: three million lines, a hundred thousand customers, ten thousand
products in two of fifty categories each; sums of customers, days and months as well. Every report is asked for by its
function, without HTTP, three times; the fastest counts. The fold reads the orders of the shop of the other benchmarks,
as a rebuild does.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Any

import asyncpg
import uvloop

from benchmarks.environment import BenchEnvironment, ground
from benchmarks.shop import Size
from domain import access, analytics
from domain.analytics.commands import (
    CustomerReportInput,
    CustomReportFilter,
    CustomReportInput,
    DateRangeInput,
    ProductMetric,
    ProductReportInput,
    ReportComparison,
    ReportDimension,
    ReportMeasure,
    SalesDimension,
    SalesReportInput,
)
from domain.analytics.periods import ReportPeriod
from domain.kernel.clock import system_clock
from domain.kernel.database import OWNER_ROLE, Database, DatabaseOptions
from domain.kernel.errors import Unavailable
from domain.kernel.use_cases.calculations import CalculationContext
from domain.signal_handlers import SIGNAL_HANDLERS

ORDERS = 1_000_000
SIZE = Size(products=10_000, customers=100_000, orders=20_000)
DAYS = {"month": 31, "quarter": 92, "year": 365, "3 years": 1_096}
STANDARD_MS, CUSTOM_MS = 300, 1_000
"""What a standard report and a custom one may take over a year."""
EVENTS_PER_SECOND = 400
"""What the fold must keep up with."""
ROUNDS = 3
CUSTOM = (
    (ReportDimension.COUNTRY, ReportDimension.MONTH),
    (ReportDimension.PRODUCT_CATEGORY, ReportDimension.CUSTOMER_SEGMENT),
    (ReportDimension.PRODUCT_CATEGORY, ReportDimension.COUNTRY),
)


@dataclass(frozen=True, slots=True)
class Timed:
    """A report: milliseconds by the name of the span."""

    name: str
    wanted: int
    times: dict[str, float]


@dataclass(frozen=True, slots=True)
class AnalyticsFigures:
    """What was measured."""

    orders: int
    orders_folded: float
    """Orders a second."""
    reports: list[Timed]


async def measure(stand: BenchEnvironment, orders: int = ORDERS, rounds: int = ROUNDS) -> AnalyticsFigures:
    """Fold the orders of the shop, replace the facts by those of so many orders, and ask for every report."""
    database = Database(DatabaseOptions(stand.database_url, reactions=SIGNAL_HANDLERS))
    await database.open()
    try:
        folded = await _fold(database, stand)
        await _fill(stand, orders)
        while await analytics.sum_stale_spans(database):
            pass
        return AnalyticsFigures(orders, folded, [await _time(database, stand, report, rounds) for report in _reports()])
    finally:
        await database.close()


async def _fold(database: Database, stand: BenchEnvironment) -> float:
    await analytics.start_rebuild(database, stand.store.number)
    begun, orders = time.perf_counter(), 0
    while batch := await analytics.rebuild_batch(database, stand.store.number):
        orders += batch.orders
    return orders / (time.perf_counter() - begun)


async def _fill(stand: BenchEnvironment, orders: int) -> None:
    connection = await asyncpg.connect(stand.database_url, server_settings={"role": OWNER_ROLE, "jit": "off"})
    values = {
        "store": stand.store.number,
        "products": stand.size.products,
        "customers": stand.size.customers,
        "orders": orders,
        "seconds": DAYS["3 years"] * 86_400,
    }
    try:
        for statement in _FACTS.split(";\n"):
            await connection.execute(statement.format(**values), timeout=600)
    finally:
        await connection.close()


# A tenth of the lines is of guests, a fiftieth is cancelled; half of the sales are of a tenth of the products.
_FACTS = """
TRUNCATE sale_line, sale_order, sale_product, sale_customer, sale_channel, sale_category, sale_product_category,
    sale_category_overlap, sales_quarter_hour, sales_category_day, sales_country_day, sales_stale_day,
    sales_product_month, sales_stale_month, customer_sales;
INSERT INTO sale_product SELECT {store}, n, 'prod_' || lpad(n::text, 26, '0') FROM generate_series(1, {products}) n;
INSERT INTO sale_channel SELECT {store}, row_number() OVER (ORDER BY channel), channel
FROM (SELECT DISTINCT acquisition_channel AS channel FROM customer WHERE store_id = {store}) AS known;
INSERT INTO sale_customer SELECT {store}, n, c.id, h.no
FROM generate_series(1, {customers}) AS n JOIN customer c ON c.store_id = {store}
    AND c.id = 'cust_' || lpad(n::text, 26, '0')
JOIN sale_channel h ON h.store_id = {store} AND h.channel = c.acquisition_channel;
INSERT INTO sale_category SELECT {store}, row_number() OVER (ORDER BY id), id FROM category WHERE store_id = {store};
INSERT INTO sale_product_category SELECT {store}, p.no, c.no FROM product_category m
JOIN sale_product p ON p.store_id = m.store_id AND p.product_id = m.product_id
JOIN sale_category c ON c.store_id = m.store_id AND c.category_id = m.category_id;
INSERT INTO sale_line (store_id, order_no, line_no, at, product_no, customer_no, country, quantity, returned, net,
    refunded, cost, first_in_order, first_of_product, cancelled, paid)
SELECT {store}, n, line,
    date_trunc('milliseconds', now() - ({orders} - n) * {seconds}.0 / {orders} * interval '1 second'),
    CASE WHEN line % 2 = 0 THEN 1 + r % {products} ELSE 1 + r % ({products} / 10) END,
    CASE WHEN o % 10 = 0 THEN NULL ELSE 1 + o % {customers} END, 1 + (o % 97 % 33) * 20, 1 + r % 3, 0, net,
    CASE WHEN r % 50 = 0 THEN net / 2 ELSE 0 END, net / 2, line = 0, true, o % 50 = 7, o % 20 <> 3
FROM generate_series(1, {orders}) AS n CROSS JOIN generate_series(0, 2) AS line,
    LATERAL (SELECT abs(hashint8(n)::bigint), abs(hashint8(n * 3 + line)::bigint)) AS h(o, r),
    LATERAL (SELECT 500 + r % 9000) AS p(net)
ORDER BY n, line;
INSERT INTO sale_order (store_id, order_no, at, customer_no, country, cancelled, paid, units, returned, net, refunded,
    costed_revenue, cost)
SELECT store_id, order_no, min(at), min(customer_no), min(country), bool_and(cancelled), bool_and(paid), sum(quantity),
    sum(returned), sum(net), sum(refunded), sum(net - refunded), sum(cost)
FROM sale_line GROUP BY 1, 2 ORDER BY 2;
INSERT INTO sales_quarter_hour (store_id, at, paid, orders, units, net, refunded)
SELECT store_id, date_bin('15 minutes', at, '2000-01-01Z'), paid, count(*) FILTER (WHERE first_in_order),
    sum(quantity), sum(net), sum(refunded)
FROM sale_line WHERE NOT cancelled GROUP BY 1, 2, 3;
INSERT INTO customer_sales (store_id, customer_no, paid_only, channel_no, orders, net, refunded, first_at, last_at)
SELECT o.store_id, o.customer_no, paid_only, c.channel_no, count(*), sum(net), sum(refunded), min(at), max(at)
FROM sale_order o JOIN sale_customer c ON c.store_id = o.store_id AND c.no = o.customer_no
CROSS JOIN (VALUES (false), (true)) AS scope (paid_only)
WHERE NOT o.cancelled AND (o.paid OR NOT paid_only) GROUP BY 1, 2, 3, 4;
INSERT INTO sales_stale_day SELECT DISTINCT store_id, date_trunc('day', at, 'UTC') FROM sale_line;
INSERT INTO sales_stale_month SELECT DISTINCT store_id, date_trunc('month', at, 'UTC') FROM sale_line;
VACUUM ANALYZE sale_line;
VACUUM ANALYZE sale_order;
VACUUM ANALYZE sale_product;
VACUUM ANALYZE sale_customer;
VACUUM ANALYZE sales_quarter_hour;
VACUUM ANALYZE customer_sales;
VACUUM ANALYZE sale_product_category;
VACUUM ANALYZE sale_channel;
VACUUM ANALYZE sale_category;
ANALYZE sales_stale_day
"""

Report = Callable[[CalculationContext, Any, datetime, datetime], Awaitable[Any]]


def _reports() -> Iterator[tuple[str, int, Report]]:
    yield "sales", STANDARD_MS, _sales()
    yield "sales, compared", STANDARD_MS, _sales(compare=ReportComparison.PREVIOUS_PERIOD)
    for dimension in SalesDimension:
        yield f"sales by {dimension}", STANDARD_MS, _sales(group_by=dimension)
    of_sales = (ProductMetric.REVENUE, ProductMetric.UNITS, ProductMetric.MARGIN, ProductMetric.CONVERSION)
    yield (
        "products, without stock",
        STANDARD_MS,
        _report(analytics.report_products, ProductReportInput, metrics=of_sales),
    )
    yield "products", STANDARD_MS, _report(analytics.report_products, ProductReportInput)
    yield "customers", STANDARD_MS, _report(analytics.report_customers, CustomerReportInput)
    for dimensions in CUSTOM:
        yield f"custom: {' and '.join(dimensions)}", CUSTOM_MS, _custom(dimensions)


def _sales(**given: Any) -> Report:
    return _report(analytics.report_sales, SalesReportInput, **given)


def _report(calculate: Callable[..., Awaitable[Any]], form: type[Any], **given: Any) -> Report:
    """A report of days."""

    async def ask(reading: CalculationContext, caller: Any, start: datetime, end: datetime) -> Any:
        days = {"start_date": f"{start:%Y-%m-%d}", "end_date": f"{end:%Y-%m-%d}"}
        return await calculate(reading, caller, form(period=ReportPeriod.CUSTOM, **days, **given))

    return ask


def _custom(dimensions: tuple[ReportDimension, ...]) -> Report:
    async def ask(reading: CalculationContext, caller: Any, start: datetime, end: datetime) -> Any:
        days = DateRangeInput(from_=f"{start:%Y-%m-%d}", to=f"{end:%Y-%m-%d}")
        measures = (ReportMeasure.REVENUE, ReportMeasure.ORDER_COUNT, ReportMeasure.AVG_ORDER_VALUE)
        filters = CustomReportFilter(date_range=days)
        command = CustomReportInput(dimensions=dimensions, measures=measures, filters=filters)
        return await analytics.report_custom(reading, caller, command)

    return ask


async def _time(database: Database, stand: BenchEnvironment, report: tuple[str, int, Report], rounds: int) -> Timed:
    name, wanted, ask = report
    caller = access.system_principal(stand.store)
    now = system_clock()
    reading = CalculationContext(lambda: database.read_connection(stand.store), database.dependency, now)
    times = {}
    for span, days in DAYS.items():
        walls = []
        for _ in range(rounds):
            begun = time.perf_counter()
            try:
                await ask(reading, caller, now - timedelta(days=days - 1), now)
            except Unavailable:  # over the time of a statement, ten seconds
                walls.append(inf)
                break
            walls.append(time.perf_counter() - begun)
        times[span] = min(walls) * 1_000
    return Timed(name, wanted, times)


def section(found: AnalyticsFigures) -> str:
    """As a part of the report."""
    rows = "\n".join(
        f"| {each.name} | {' | '.join(_written(ms) for ms in each.times.values())} | {each.wanted} |"
        for each in found.reports
    )
    return f"""
## Analytics over {found.orders:,} orders of three years

| report, ms | {" | ".join(DAYS)} | wanted over a year |
| --- |{" --- |" * (len(DAYS) + 1)}
{rows}

The fold reads {found.orders_folded:,.0f} orders a second (wanted: {EVENTS_PER_SECOND}).
"""


def _written(milliseconds: float) -> str:
    return "refused" if milliseconds == inf else f"{milliseconds:.0f}"


async def main() -> None:
    """Measure and print."""
    async with ground(SIZE) as stand:
        sys.stdout.write(section(await measure(stand)))


if __name__ == "__main__":
    uvloop.run(main())
