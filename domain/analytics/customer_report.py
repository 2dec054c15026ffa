"""The customer report: lifetime values, segments, cohorts, geography and channels of acquisition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from domain.analytics import customer_statements
from domain.analytics.countries import REGION_BYTES, REGION_NUMBERS, Region, country_code, region_of
from domain.analytics.customer_commands import CustomerMetric, CustomerReportInput, CustomerSegment
from domain.analytics.periods import ReportInterval, Span, Step, span_of, steps_of, zone_of
from domain.analytics.report_frame import ReportSpan, read_as_of, report_span
from domain.analytics.segments import AT_RISK_AFTER
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.use_cases.calculations import CalculationContext, calculation

MAX_COHORTS = 60
"""Months of cohorts: the last of the period."""
SHARE = Decimal("0.0001")
"""Shares have four decimals."""


@dataclass(frozen=True, slots=True)
class LifetimeValue:
    """What customers bought over all time. Amounts: minor units."""

    currency: str
    customers: int
    orders: int
    revenue: int
    average: int | None
    """Revenue per customer, rounded half up. None without customers."""
    orders_per_customer: Decimal | None


@dataclass(frozen=True, slots=True)
class CustomerValue:
    """What a customer bought over all time. Amounts: minor units."""

    customer_id: str
    name: str | None
    currency: str
    revenue: int
    orders: int
    avg_order_value: int | None
    first_order_at: datetime
    last_order_at: datetime


@dataclass(frozen=True, slots=True)
class SegmentFigures:
    """The customers of a segment, and what they ordered in the period and over all time."""

    segment: CustomerSegment
    currency: str
    customers: int
    orders: int
    revenue: int
    lifetime_revenue: int | None
    """None of guests."""


@dataclass(frozen=True, slots=True)
class CohortMonth:
    """What a cohort ordered in a month."""

    label: str
    currency: str
    customers: int
    retention: Decimal
    orders: int
    revenue: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """The customers whose first order was in the same month."""

    label: str
    currency: str
    customers: int
    orders: int
    revenue: int
    months: Sequence[CohortMonth]


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """The customers of orders to a country or region."""

    country: str | None
    region: Region
    currency: str
    customers: int
    orders: int
    revenue: int


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """The customers who were acquired through a channel."""

    channel: str | None
    currency: str
    customers: int
    new_customers: int
    orders: int
    revenue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerReport:
    """A customer report."""

    period: ReportSpan
    currency: str
    as_of: datetime | None
    customer_count: int
    new_customers: int
    returning_customers: int
    lifetime_value: LifetimeValue | None
    customers: Sequence[CustomerValue]
    lifetime_customer_count: int
    segments: Sequence[SegmentFigures]
    cohorts: Sequence[Cohort]
    countries: Sequence[PlaceFigures]
    regions: Sequence[PlaceFigures]
    channels: Sequence[ChannelFigures]


@calculation("analytics:read", is_report=True)
async def report_customers(
    reading: CalculationContext, principal: Principal, command: CustomerReportInput
) -> CustomerReport:
    """Report the customers of a period: segments, cohorts, places, channels, and lifetime values over all time.

    Orders count as in the sales report; with ``paid_only`` others do not exist for any figure. Raises MalformedRequest
    (time zone, dates).
    """
    span = span_of(command.period, command.start_date, command.end_date, zone_of(command.timezone), reading.now)
    wanted = frozenset(command.metrics or CustomerMetric)
    months = _months(span, reading.now)
    currency = principal.store.currency
    async with reading.connection() as db:
        parts = await _parts(db, _bounds(span, command, reading.now), months, wanted)
        lifetime = await _lifetime_value(db, command, currency) if CustomerMetric.LIFETIME_VALUE in wanted else None
        best = [] if lifetime is None else await _best_customers(db, principal, command)
        as_of = await read_as_of(db)
    (whole,), guests = parts["customers"], parts["guest"][0]
    return CustomerReport(
        period=report_span(span),
        currency=currency,
        as_of=as_of,
        customer_count=whole.customers,
        new_customers=whole.new_customers,
        returning_customers=whole.customers - whole.new_customers,
        lifetime_value=lifetime,
        customers=best,
        lifetime_customer_count=0 if lifetime is None else lifetime.customers,
        segments=_segments(parts, currency) if CustomerMetric.SEGMENTS in wanted else [],
        cohorts=_cohorts(parts.get("cohort", ()), months, currency),
        countries=_places(parts.get("country", ()), currency, country_code),
        regions=_places(parts.get("region", ()), currency, None),
        channels=_channels(parts.get("channel", ()), guests, currency) if CustomerMetric.CHANNELS in wanted else [],
    )


def _months(span: Span, now: datetime) -> list[Step]:
    """The months of cohorts: those of the period until now, the last of them if they are many."""
    return steps_of(span, ReportInterval.MONTH, now)[-MAX_COHORTS:]


def _bounds(span: Span, command: CustomerReportInput, now: datetime) -> Mapping[str, Any]:
    """What the statement is given of the period."""
    quiet_since = now - AT_RISK_AFTER
    return {"start": span.start, "end": span.end, "paid_only": command.paid_only, "quiet_since": quiet_since}


async def _parts(
    db: Executor, bounds: Mapping[str, Any], months: Sequence[Step], wanted: frozenset[CustomerMetric]
) -> Mapping[str, Sequence[Row]]:
    """The rows of each part. Months that nobody asked for are not told apart."""
    cohorts = CustomerMetric.COHORTS in wanted
    rows = await customer_statements.PARTS.rows(
        db,
        **bounds,
        regions=REGION_BYTES,
        steps=[step.start for step in months] if cohorts else [bounds["start"]],
        with_segments=CustomerMetric.SEGMENTS in wanted,
        with_cohorts=cohorts,
        with_geography=CustomerMetric.GEOGRAPHY in wanted,
        with_channels=CustomerMetric.CHANNELS in wanted,
    )
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.part, []).append(row)
    return found


async def _lifetime_value(db: Executor, command: CustomerReportInput, currency: str) -> LifetimeValue:
    (row,) = await customer_statements.LIFETIME_VALUE.rows(db, paid_only=command.paid_only)
    return LifetimeValue(
        currency,
        row.customers,
        row.orders,
        row.revenue,
        mean(row.revenue, row.customers),
        share(row.orders, row.customers),
    )


async def _best_customers(db: Executor, principal: Principal, command: CustomerReportInput) -> list[CustomerValue]:
    """A page of customers, the highest revenue first; names for who may see them."""
    rows = await customer_statements.BEST_CUSTOMERS.rows(
        db, paid_only=command.paid_only, limit=command.limit, offset=(command.page - 1) * command.limit
    )
    is_named = principal.has_scope("customers:read")
    return [
        CustomerValue(
            row.id,
            row.name if is_named else None,
            principal.store.currency,
            row.revenue,
            row.orders,
            mean(row.revenue, row.orders),
            row.first_at,
            row.last_at,
        )
        for row in rows
    ]


def _segments(parts: Mapping[str, Sequence[Row]], currency: str) -> list[SegmentFigures]:
    """All of them, those without customers too."""
    found = []
    for segment in CustomerSegment:
        row = parts[segment.value][0]
        found.append(SegmentFigures(segment, currency, row.customers, row.orders, row.revenue, row.lifetime_revenue))
    return found


def _cohorts(rows: Sequence[Row], months: Sequence[Step], currency: str) -> list[Cohort]:
    """The cohorts in order, each with all months from its first, those without orders too."""
    by_cohort: dict[int, dict[int, Row]] = {}
    for row in rows:
        by_cohort.setdefault(int(row.key), {})[row.step] = row
    return [_cohort(number, cells, months, currency) for number, cells in sorted(by_cohort.items())]


def _cohort(number: int, cells: Mapping[int, Row], months: Sequence[Step], currency: str) -> Cohort:
    size = cells[number].customers  # all of them ordered in the month of their first order
    shown = []
    for month in range(number, len(months) + 1):
        cell, label = cells.get(month), months[month - 1].label
        if cell is None:
            shown.append(CohortMonth(label, currency, 0, Decimal(0).quantize(SHARE), 0, 0))
        else:
            kept = share(cell.customers, size) or Decimal(0)
            shown.append(CohortMonth(label, currency, cell.customers, kept, cell.orders, cell.revenue))
    orders, revenue = (sum(getattr(cell, name) for cell in cells.values()) for name in ("orders", "revenue"))
    return Cohort(months[number - 1].label, currency, size, orders, revenue, shown)


def _places(rows: Sequence[Row], currency: str, code_of: Any) -> list[PlaceFigures]:
    """The highest revenue first. ``code_of``: the country of a number; None if they are numbers of regions."""
    found = []
    for row in rows:
        code = None if code_of is None else code_of(row.step)
        region = REGION_NUMBERS[row.step] if code_of is None else region_of(code)
        found.append(PlaceFigures(code, region, currency, row.customers, row.orders, row.revenue))
    return sorted(found, key=lambda each: (-each.revenue, -each.orders, each.country or "~", each.region))


def _channels(rows: Sequence[Row], guests: Row, currency: str) -> list[ChannelFigures]:
    """The highest revenue first, guests among them if there were any."""
    found = [
        ChannelFigures(row.key, currency, row.customers, row.new_customers, row.orders, row.revenue) for row in rows
    ]
    if guests.orders:
        found.append(ChannelFigures(None, currency, 0, 0, guests.orders, guests.revenue))
    return sorted(found, key=lambda each: (-each.revenue, -each.orders, each.channel is None, each.channel or ""))


def mean(revenue: int, count: int) -> int | None:
    """An amount by a number, rounded half up; None by none."""
    return (2 * revenue + count) // (2 * count) if count else None


def share(part: int, whole: int) -> Decimal | None:
    """A part of a whole with four decimals, rounded half up; None of none."""
    return (Decimal(part) / whole).quantize(SHARE, ROUND_HALF_UP) if whole else None
