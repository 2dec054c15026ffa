"""The sales report: totals, series and groups of a period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.analytics.commands.sales import SalesDimension, SalesMetric, SalesReportInput
from domain.analytics.countries import country_code, region_of
from domain.analytics.periods import Span, Step, interval_of, span_before, span_of, steps_of, zone_of
from domain.analytics.service.report_frame import ReportSpan, read_as_of, report_span
from domain.analytics.statements import sales as sales_statements
from domain.analytics.statements.spans import span_bounds
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor
from domain.kernel.sql.statements import Statement
from domain.kernel.use_cases.calculations import CalculationContext, calculation

PAGED: Mapping[SalesDimension, Statement] = {
    SalesDimension.PRODUCT: sales_statements.BY_PRODUCT,
    SalesDimension.CATEGORY: sales_statements.BY_CATEGORY,
    SalesDimension.CUSTOMER: sales_statements.BY_CUSTOMER,
    SalesDimension.CHANNEL: sales_statements.BY_CHANNEL,
}


@dataclass(frozen=True, slots=True)
class SalesFigures:
    """The figures of some sales. Amounts: minor units. None: not requested, or without a value."""

    currency: str
    revenue: int | None
    orders: int | None
    units: int | None
    avg_order_value: int | None
    """Rounded half up. None without orders."""


@dataclass(frozen=True, slots=True)
class SalesPoint:
    """A step of the series."""

    start: datetime
    label: str
    figures: SalesFigures


@dataclass(frozen=True, slots=True)
class SalesGroup:
    """The sales of a product, category, customer, region, country or channel."""

    key: str | None
    name: str | None
    figures: SalesFigures


@dataclass(frozen=True, slots=True)
class PreviousSales:
    """The totals of the period before."""

    period: ReportSpan
    totals: SalesFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesReport:
    """A sales report."""

    period: ReportSpan
    currency: str
    interval: str
    as_of: datetime | None
    totals: SalesFigures
    series: Sequence[SalesPoint]
    groups: Sequence[SalesGroup]
    group_count: int
    previous: PreviousSales | None


@dataclass(frozen=True, slots=True)
class _Sums:
    """What figures are made of."""

    orders: int = 0
    units: int = 0
    revenue: int = 0

    def __add__(self, other: Any) -> _Sums:
        return _Sums(self.orders + other.orders, self.units + other.units, self.revenue + other.revenue)


@dataclass(frozen=True, slots=True)
class _Figures:
    """Makes figures of sums: those that were requested."""

    currency: str
    metrics: frozenset[SalesMetric]

    def __call__(self, sums: Any) -> SalesFigures:
        mean = (2 * sums.revenue + sums.orders) // (2 * sums.orders) if sums.orders else None
        return SalesFigures(
            self.currency,
            sums.revenue if SalesMetric.REVENUE in self.metrics else None,
            sums.orders if SalesMetric.ORDERS in self.metrics else None,
            sums.units if SalesMetric.UNITS in self.metrics else None,
            mean if SalesMetric.AVG_ORDER_VALUE in self.metrics else None,
        )


@calculation("analytics:read", is_report=True)
async def report_sales(reading: CalculationContext, principal: Principal, command: SalesReportInput) -> SalesReport:
    """Add up what was sold in a period: in all, by step, and by group.

    Revenue is that of item lines after discount, without tax and shipping, less refunds, of orders that are not
    cancelled, by the time the order was created. Raises MalformedRequest (time zone, dates, too many steps).
    """
    span = span_of(command.period, command.start_date, command.end_date, zone_of(command.timezone), reading.now)
    interval = interval_of(command.period, span) if command.interval is UNSET else command.interval
    steps = steps_of(span, interval, reading.now if command.start_date is UNSET else None)
    figures = _Figures(principal.store.currency, frozenset(command.metrics or SalesMetric))
    async with reading.connection() as db:
        sums = await _by_step(db, span, steps, paid_only=command.paid_only)
        groups, count = await _groups(db, principal, span, command, figures)
        as_of = await read_as_of(db)
        previous = None if command.compare is UNSET else await _previous(db, span, command, figures)
    return SalesReport(
        period=report_span(span),
        currency=principal.store.currency,
        interval=interval.value,
        as_of=as_of,
        totals=figures(sum(sums.values(), _Sums())),
        series=[
            SalesPoint(step.start, step.label, figures(sums.get(number, _Sums())))
            for number, step in enumerate(steps, start=1)
        ],
        groups=groups,
        group_count=count,
        previous=previous,
    )


async def _by_step(db: Executor, span: Span, steps: Sequence[Step], *, paid_only: bool) -> dict[int, _Sums]:
    """The sums of steps by their numbers, from 1."""
    bounds = {"start": span.start, "end": span.end, "paid_only": paid_only}
    rows = await sales_statements.SUMS_BY_STEP.rows(db, steps=[step.start for step in steps], **bounds)
    return {row.step: _Sums(row.orders, row.units, row.revenue) for row in rows}


async def _previous(db: Executor, span: Span, command: SalesReportInput, figures: _Figures) -> PreviousSales:
    before = span_before(command.period, span)
    sums = await _by_step(db, before, [Step(before.start, "")], paid_only=command.paid_only)
    return PreviousSales(report_span(before), figures(sum(sums.values(), _Sums())))


async def _groups(
    db: Executor, principal: Principal, span: Span, command: SalesReportInput, figures: _Figures
) -> tuple[list[SalesGroup], int]:
    """A page of groups, the highest revenue first, and the number of all."""
    if command.group_by is UNSET:
        return [], 0
    bounds: dict[str, Any] = {"start": span.start, "end": span.end, "paid_only": command.paid_only}
    bounds |= span_bounds(span.start, span.end)
    offset = (command.page - 1) * command.limit
    if command.group_by not in PAGED:
        places = _places(await sales_statements.BY_COUNTRY.rows(db, **bounds), command.group_by)
        page = places[offset : offset + command.limit]
        return [SalesGroup(place, None, figures(sums)) for place, sums in page], len(places)
    found = await PAGED[command.group_by].rows(db, **bounds, limit=command.limit, offset=offset)
    named = command.group_by != SalesDimension.CUSTOMER or principal.has_scope("customers:read")
    groups = [SalesGroup(row.id, row.name if named else None, figures(row)) for row in found]
    if found or not offset:
        return groups, found[0].group_count if found else 0
    first = await PAGED[command.group_by].rows(db, **bounds, limit=1, offset=0)  # a page past the end
    return groups, first[0].group_count if first else 0


def _places(rows: Sequence[Any], dimension: SalesDimension) -> list[tuple[str | None, _Sums]]:
    """The sums of countries or regions, the highest revenue first."""
    found: dict[str | None, _Sums] = {}
    for row in rows:
        code = country_code(row.key)
        place = region_of(code).value if dimension == SalesDimension.REGION else code
        found[place] = found.get(place, _Sums()) + row
    return sorted(found.items(), key=lambda each: (-each[1].revenue, -each[1].units, each[0] is None, each[0] or ""))
