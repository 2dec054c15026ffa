"""Custom reports: measures by dimensions of the caller's choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from domain.analytics.commands.custom import (
    CustomReportFilter,
    CustomReportInput,
    ReportDimension,
    ReportMeasure,
)
from domain.analytics.commands.customers import CustomerSegment
from domain.analytics.countries import REGION_BYTES, REGION_NUMBERS, Region, country_code, country_number
from domain.analytics.periods import MAX_STEPS, ReportInterval, Span, Step, steps_of, zone_of
from domain.analytics.ranges import range_of
from domain.analytics.service.customer_figures import mean
from domain.analytics.service.report_frame import ReportSpan, read_as_of, report_span
from domain.analytics.statements.custom import custom_rows, custom_totals
from domain.analytics.statements.custom_query import COLUMNS, TIME_DIMENSIONS, CustomQuery
from domain.analytics.statements.segments import AT_RISK_AFTER, SEGMENT_NUMBERS
from domain.kernel.errors import ErrorCode, MalformedRequest, Problem
from domain.kernel.fields import UNSET
from domain.kernel.listing import SortDirection
from domain.kernel.principal import Principal
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.use_cases.calculations import CalculationContext, calculation


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A product, category or customer. The id is None for what belongs to none."""

    id: str | None
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomFigures:
    """The measures. Amounts: minor units. None: not requested, or without a value."""

    currency: str
    revenue: int | None = None
    order_count: int | None = None
    units: int | None = None
    avg_order_value: int | None = None
    """Rounded half up. None without orders."""
    customer_count: int | None = None
    refunds: int | None = None
    returned_units: int | None = None
    cost: int | None = None
    """None if no cost was recorded."""
    profit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomRow(CustomFigures):
    """A row: the values of its dimensions, None for others, and its measures."""

    product: NamedValue | None = None
    product_category: NamedValue | None = None
    customer: NamedValue | None = None
    customer_segment: CustomerSegment | None = None
    region: Region | None = None
    country: str | None = None
    channel: str | None = None
    hour: str | None = None
    day: str | None = None
    week: str | None = None
    month: str | None = None
    quarter: str | None = None
    year: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomReport:
    """A custom report."""

    period: ReportSpan
    currency: str
    as_of: datetime | None
    totals: CustomFigures
    rows: Sequence[CustomRow]
    row_count: int


@calculation("analytics:read", is_report=True)
async def report_custom(reading: CalculationContext, principal: Principal, command: CustomReportInput) -> CustomReport:
    """Add up measures by dimensions, over the order lines that filters choose.

    Orders count as in the sales report. Segments are those of the range, whatever else is filtered. Raises
    MalformedRequest (time zone, dates, too many steps, two dimensions of time, a sort by what is not in the report).
    """
    zone = zone_of(command.timezone)
    query = _query_of(command)
    span = range_of(UNSET if command.filters is UNSET else command.filters.date_range, zone, reading.now)
    steps = _steps(query, span)
    given = _parameters(command, span, steps, reading.now)
    async with reading.connection() as db:
        (sums,) = await custom_totals(query.whole).rows(db, **given)
        rows, count = await _page(db, query, given, command)
        as_of = await read_as_of(db)
    shown = _Shown(query, frozenset(command.measures), principal, steps)
    return CustomReport(
        period=report_span(span),
        currency=principal.store.currency,
        as_of=as_of,
        totals=CustomFigures(**shown.figures(sums)),
        rows=[CustomRow(**shown.values(row), **shown.figures(row)) for row in rows],
        row_count=count,
    )


def _query_of(command: CustomReportInput) -> CustomQuery:
    """What the statement depends on. Raises MalformedRequest."""
    dimensions = tuple(dict.fromkeys(command.dimensions))
    times = [each for each in dimensions if each in TIME_DIMENSIONS]
    if len(times) > 1:
        raise MalformedRequest.of("dimensions", f"Only one dimension of time, not {' and '.join(times)}.")
    filters = frozenset() if command.filters is UNSET else frozenset(_filters(command.filters))
    sort, is_descending = (times[0].value, False) if times else (command.measures[0].value, True)
    if command.sort is not UNSET:
        sort, is_descending = command.sort.field.value, command.sort.order == SortDirection.DESC
    known = [*(each.value for each in dimensions), *(each.value for each in dict.fromkeys(command.measures))]
    if sort not in known:
        message = f"Not in this report. Must be one of its dimensions and measures: {', '.join(known)}."
        raise MalformedRequest(f"`sort`: {message}", [Problem(("sort", "field"), ErrorCode.INVALID, message)])
    return CustomQuery(dimensions, frozenset(command.measures), filters, sort, is_descending)


def _filters(filters: CustomReportFilter) -> dict[str, Any]:
    """The values of the filters by name, those that not every statement has."""
    names = [each.name for each in fields(filters) if each.name not in ("date_range", "paid_only")]
    return {name: value for name in names if (value := getattr(filters, name)) is not UNSET}


def _steps(query: CustomQuery, span: Span) -> list[Step]:
    """The steps of the dimension of time; one if there is none. Raises MalformedRequest."""
    time = next((each for each in query.dimensions if each in TIME_DIMENSIONS), None)
    if time is None:
        return [Step(span.start, "")]
    try:
        return steps_of(span, ReportInterval(time.value))
    except MalformedRequest:
        message = f"A report has at most {MAX_STEPS:,} steps of time. Choose longer ones or a shorter range."
        raise MalformedRequest.of("dimensions", message) from None


def _parameters(command: CustomReportInput, span: Span, steps: Sequence[Step], now: datetime) -> dict[str, Any]:
    """The values of the statements' parameters: each takes those that it has."""
    filters = {} if command.filters is UNSET else _filters(command.filters)
    if "country" in filters:
        filters["country"] = country_number(filters["country"])
    if "customer_segment" in filters:
        filters["customer_segment"] = SEGMENT_NUMBERS.index(filters["customer_segment"])
    if "region" in filters:
        filters["region"] = REGION_NUMBERS.index(filters["region"])
    return {
        "start": span.start,
        "end": span.end,
        "paid_only": command.filters is not UNSET and command.filters.paid_only,
        "steps": [step.start for step in steps],
        "quiet_since": now - AT_RISK_AFTER,
        "regions": REGION_BYTES,
        **filters,
    }


async def _page(
    db: Executor, query: CustomQuery, given: Mapping[str, Any], command: CustomReportInput
) -> tuple[list[Row], int]:
    """A page of the rows, and the number of all."""
    if not query.dimensions:
        return [], 0
    statement, offset = custom_rows(query), (command.page - 1) * command.limit
    found = await statement.rows(db, **given, limit=command.limit, offset=offset)
    if found or not offset:
        return found, found[0].row_count if found else 0
    first = await statement.rows(db, **given, limit=1, offset=0)  # a page past the end
    return [], first[0].row_count if first else 0


@dataclass(frozen=True, slots=True)
class _Shown:
    """Makes the members of rows of what the statement returns."""

    query: CustomQuery
    measures: frozenset[ReportMeasure]
    principal: Principal
    steps: Sequence[Step]

    def figures(self, row: Row) -> dict[str, Any]:
        """The measures that were requested."""
        found = {each.value: self._measure(each, row) for each in self.measures}
        return {"currency": self.principal.store.currency, **found}

    def values(self, row: Row) -> dict[str, Any]:
        """The values of the dimensions."""
        return {each.value: self._value(each, row) for each in self.query.dimensions}

    @staticmethod
    def _measure(measure: ReportMeasure, row: Row) -> int | None:
        if measure == ReportMeasure.AVG_ORDER_VALUE:
            return mean(row.revenue, row.orders)
        found: int | None = getattr(row, COLUMNS[measure])
        return found

    def _value(self, dimension: ReportDimension, row: Row) -> Any:
        key = getattr(row, f"key_{dimension.value}")
        match dimension:
            case ReportDimension.PRODUCT | ReportDimension.PRODUCT_CATEGORY:
                return NamedValue(key, getattr(row, f"name_{dimension.value}"))
            case ReportDimension.CUSTOMER:
                return NamedValue(key, row.name_customer if self.principal.has_scope("customers:read") else None)
            case ReportDimension.CUSTOMER_SEGMENT:
                return SEGMENT_NUMBERS[key]
            case ReportDimension.REGION:
                return REGION_NUMBERS[key]
            case ReportDimension.COUNTRY:
                return country_code(key)
            case ReportDimension.CHANNEL:
                return key
        return self.steps[key - 1].label
