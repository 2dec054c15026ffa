"""The product report: what each product sold, earned, and how often it was viewed, returned and turned over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from domain.analytics.commands.products import ProductMetric, ProductReportInput
from domain.analytics.periods import Span, span_of, zone_of
from domain.analytics.service.report_frame import ReportSpan, read_as_of, report_span
from domain.analytics.statements.products import REPORT, REPORT_WITH_STOCK, SUMS
from domain.analytics.statements.spans import span_bounds
from domain.analytics.statements.view_spans import view_ranges
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.use_cases.calculations import CalculationContext, calculation

DIGITS = 4
"""Digits after the point of ratios and of the mean stock."""
_OF_STOCK = frozenset({ProductMetric.MEAN_STOCK, ProductMetric.TURNOVER})
"""The figures that need the movements of stock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFigures:
    """The figures of a product, or of several. Amounts: minor units; ratios: exact to DIGITS, rounded half up.

    None: not requested, or without a value.
    """

    currency: str
    revenue: int | None
    orders: int | None
    units: int | None
    profit: int | None
    """The revenue of the units whose cost was recorded, less that cost. None if none was."""
    margin: Decimal | None
    returned: int | None
    return_rate: Decimal | None
    views: int | None
    conversion: Decimal | None
    mean_stock: Decimal | None
    turnover: Decimal | None


@dataclass(frozen=True, slots=True)
class ReportedProduct:
    """The figures of one product."""

    product_id: str
    name: str
    figures: ProductFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductReport:
    """A product report."""

    period: ReportSpan
    currency: str
    as_of: datetime | None
    totals: ProductFigures
    products: Sequence[ReportedProduct]
    product_count: int


@dataclass(frozen=True, slots=True)
class _Figures:
    """Makes figures of sums: those that were requested."""

    currency: str
    metrics: frozenset[ProductMetric]
    milliseconds: int
    """The time over which the stock is averaged."""

    def __call__(self, row: Any = None, prefix: str = "") -> ProductFigures:
        """``prefix``: of the columns of the row; without a row, everything is zero."""
        sums: dict[str, Any] = {name: None if row is None else getattr(row, prefix + name) for name in SUMS}
        orders, units, returned, revenue, views, held = (
            int(sums[name] or 0) for name in ("orders", "units", "returned", "revenue", "views", "stock_time")
        )
        cost, costed = sums["cost"], int(sums["costed_revenue"] or 0)
        profit = None if cost is None else costed - int(cost)
        figures: dict[ProductMetric, Any] = {
            ProductMetric.REVENUE: revenue,
            ProductMetric.ORDERS: orders,
            ProductMetric.UNITS: units,
            ProductMetric.PROFIT: profit,
            ProductMetric.MARGIN: None if profit is None else ratio(profit, costed),
            ProductMetric.RETURNED: returned,
            ProductMetric.RETURN_RATE: ratio(returned, units),
            ProductMetric.VIEWS: views,
            ProductMetric.CONVERSION: ratio(orders, views),
            ProductMetric.MEAN_STOCK: ratio(held, self.milliseconds),
            ProductMetric.TURNOVER: ratio(units * self.milliseconds, held),
        }
        shown = {each.value: figure if each in self.metrics else None for each, figure in figures.items()}
        return ProductFigures(currency=self.currency, **shown)


def ratio(part: int, whole: int) -> Decimal | None:
    """The exact quotient with DIGITS digits, rounded half up. None if ``whole`` is not above zero."""
    if whole <= 0:
        return None
    scaled = (2 * part * 10**DIGITS + whole) // (2 * whole)
    return Decimal(scaled).scaleb(-DIGITS)


@calculation("analytics:read", is_report=True)
async def report_products(
    reading: CalculationContext, principal: Principal, command: ProductReportInput
) -> ProductReport:
    """Report the products that were sold or viewed in a period: a page of them, and the totals of all.

    Orders count as in the sales report. Raises MalformedRequest (time zone, dates).
    """
    span = span_of(command.period, command.start_date, command.end_date, zone_of(command.timezone), reading.now)
    until = max(span.start, min(span.end, reading.now))
    metrics = frozenset(command.metrics or ProductMetric)
    figures = _Figures(principal.store.currency, metrics, (until - span.start) // timedelta(milliseconds=1))
    async with reading.connection() as db:
        page, first = await _page(db, span, until, command, figures)
        as_of = await read_as_of(db)
    return ProductReport(
        period=report_span(span),
        currency=principal.store.currency,
        as_of=as_of,
        totals=figures(first, "total_"),
        products=[ReportedProduct(row.id, row.name, figures(row)) for row in page],
        product_count=0 if first is None else first.product_count,
    )


async def _page(
    db: Executor, span: Span, until: datetime, command: ProductReportInput, figures: _Figures
) -> tuple[Sequence[Row], Row | None]:
    """The products of the page, and a row with the totals; None if there is no product."""
    needs_stock = bool(_OF_STOCK & {*figures.metrics, command.sort})
    ranges = view_ranges(span.start, span.end)
    values = {
        "start": span.start,
        "end": span.end,
        **span_bounds(span.start, span.end),
        "paid_only": command.paid_only,
        **{f"start_{number}": each.start for number, each in enumerate(ranges)},
        **{f"end_{number}": each.end for number, each in enumerate(ranges)},
        "category": command.category or None,
        "product_ids": list(command.product_ids) if command.product_ids else None,
        "sort": command.sort.value,
        "descending": command.descending,
        **({"until": until, "milliseconds": figures.milliseconds} if needs_stock else {}),
    }
    statement, offset = REPORT_WITH_STOCK if needs_stock else REPORT, (command.page - 1) * command.limit
    page = await statement.rows(db, **values, limit=command.limit, offset=offset)
    if page or not offset:
        return page, page[0] if page else None
    first = await statement.rows(db, **values, limit=1, offset=0)  # a page past the end
    return page, first[0] if first else None
