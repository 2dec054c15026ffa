"""What a customer report has, and how its figures follow from the rows of the statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from domain.analytics.commands.customers import CustomerSegment
from domain.analytics.countries import REGION_NUMBERS, Region, country_code, region_of
from domain.analytics.periods import Step
from domain.analytics.service.report_frame import ReportSpan
from domain.kernel.sql.executor import Row

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


def segment_figures(parts: Mapping[str, Sequence[Row]], currency: str) -> list[SegmentFigures]:
    """All of them, those without customers too."""
    found = []
    for segment in CustomerSegment:
        row = parts[segment.value][0]
        found.append(SegmentFigures(segment, currency, row.customers, row.orders, row.revenue, row.lifetime_revenue))
    return found


def cohorts_of(rows: Sequence[Row], months: Sequence[Step], currency: str) -> list[Cohort]:
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


def country_figures(rows: Sequence[Row], currency: str) -> list[PlaceFigures]:
    """The highest revenue first."""
    found = []
    for row in rows:
        code = country_code(row.country)
        found.append(PlaceFigures(code, region_of(code), currency, row.customers, row.orders, row.revenue))
    return _sorted(found)


def region_figures(rows: Sequence[Row], countries: Sequence[PlaceFigures], currency: str) -> list[PlaceFigures]:
    """The highest revenue first: orders and revenue are those of their countries. ``rows``: their customers, each once
    in a region."""
    people = {REGION_NUMBERS[row.step]: row.customers for row in rows}
    by_region: dict[Region, list[PlaceFigures]] = {}
    for each in countries:
        by_region.setdefault(each.region, []).append(each)
    found = []
    for region, own in by_region.items():
        orders, revenue = sum(each.orders for each in own), sum(each.revenue for each in own)
        found.append(PlaceFigures(None, region, currency, people.get(region, 0), orders, revenue))
    return _sorted(found)


def _sorted(places: list[PlaceFigures]) -> list[PlaceFigures]:
    return sorted(places, key=lambda each: (-each.revenue, -each.orders, each.country or "~", each.region))


def channel_figures(rows: Sequence[Row], guests: Row, currency: str) -> list[ChannelFigures]:
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
