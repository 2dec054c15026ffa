"""The input of custom reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from domain.analytics.commands.customers import CustomerSegment
from domain.analytics.commands.sales import MAX_GROUPS, PAID_ONLY, TIMEZONE, date_text
from domain.analytics.countries import Region
from domain.kernel.fields import UNSET, Choice, Country, Integer, ListOf, NestedObject, Text, Unset
from domain.kernel.ids import example_id
from domain.kernel.listing import SortDirection

MAX_DIMENSIONS = 3


class ReportDimension(StrEnum):
    """What the rows of a custom report are grouped by."""

    PRODUCT = "product"
    PRODUCT_CATEGORY = "product_category"
    CUSTOMER = "customer"
    CUSTOMER_SEGMENT = "customer_segment"
    REGION = "region"
    COUNTRY = "country"
    CHANNEL = "channel"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class ReportMeasure(StrEnum):
    """A figure of a custom report."""

    REVENUE = "revenue"
    ORDER_COUNT = "order_count"
    UNITS = "units"
    AVG_ORDER_VALUE = "avg_order_value"
    CUSTOMER_COUNT = "customer_count"
    REFUNDS = "refunds"
    RETURNED_UNITS = "returned_units"
    COST = "cost"
    PROFIT = "profit"


ReportField = StrEnum(  # type: ignore[misc]  # of the two above
    "ReportField", {each.name: each.value for each in (*ReportDimension, *ReportMeasure)}
)
"""What the rows of a custom report are sorted by: a dimension or a measure."""


class DateRange(StrEnum):
    """A range of days that follows from today."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7_DAYS = "last_7_days"
    LAST_30_DAYS = "last_30_days"
    LAST_90_DAYS = "last_90_days"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    THIS_QUARTER = "this_quarter"
    THIS_YEAR = "this_year"


def _day(which: str, example: str) -> Text:
    return date_text(f"The {which} day, a whole day of `timezone`.", example)


@dataclass(frozen=True, kw_only=True, slots=True)
class DateRangeInput:
    """Days: those of a preset, or from one day to another."""

    preset: Annotated[
        DateRange | Unset,
        Choice(description="A range that follows from today. Not with dates.", example="last_30_days"),
    ] = UNSET
    from_: Annotated[str | Unset, _day("first", "2026-01-01")] = UNSET
    to: Annotated[str | Unset, _day("last", "2026-01-31")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomReportFilter:
    """The order lines that a custom report counts."""

    date_range: Annotated[
        DateRangeInput | Unset,
        NestedObject(
            shorthand="preset",
            example_fields=("preset",),
            description="The days on which the orders were created. Default: this month to date.",
        ),
    ] = UNSET
    product: Annotated[
        str | Unset,
        Text(min=1, max=64, description="Count this product only, by its id.", example=example_id("prod")),
    ] = UNSET
    product_category: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="Count products only that are in this category now, by its id.",
            example=example_id("cat"),
        ),
    ] = UNSET
    customer: Annotated[
        str | Unset,
        Text(min=1, max=64, description="Count orders of this customer only, by the id.", example=example_id("cust")),
    ] = UNSET
    customer_segment: Annotated[
        CustomerSegment | Unset,
        Choice(
            description="Count orders of customers of this segment only. A customer of several is in the first of "
            "`at_risk`, `high_value`, `returning` and `new`.",
            example="returning",
        ),
    ] = UNSET
    region: Annotated[
        Region | Unset, Choice(description="Count orders shipped to this region only.", example="north_america")
    ] = UNSET
    country: Annotated[
        str | Unset,
        Country(
            description="Count orders shipped to this country only, an ISO 3166-1 alpha-2 code in any case.",
            example="US",
        ),
    ] = UNSET
    channel: Annotated[
        str | Unset,
        Text(
            min=1,
            max=255,
            description="Count orders of customers only who were acquired through this channel.",
            example="email",
        ),
    ] = UNSET
    paid_only: Annotated[bool, PAID_ONLY] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomReportSortInput:
    """The sort of the rows. Ties are broken by the dimensions."""

    field: Annotated[
        ReportField, Choice(names_all=True, description="A dimension or measure of the report.", example="revenue")
    ]
    order: Annotated[SortDirection, Choice(description="The direction. Null comes last in both.", example="desc")] = (
        SortDirection.DESC
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomReportInput:
    """The input of a custom report."""

    dimensions: Annotated[
        tuple[ReportDimension, ...],
        ListOf(
            item=Choice(names_all=True, description="A dimension.", example="product_category"),
            max=MAX_DIMENSIONS,
            description="The dimensions of the rows; at most one of time. Without any there are only totals.",
        ),
    ] = ()
    measures: Annotated[
        tuple[ReportMeasure, ...],
        ListOf(
            item=Choice(names_all=True, description="A measure.", example="revenue"),
            min=1,
            max=len(ReportMeasure),
            description="The figures of each row.",
        ),
    ]
    filters: Annotated[
        CustomReportFilter | Unset,
        NestedObject(
            example_fields=("date_range", "region"),
            description="Conditions on the orders that count. Default: all of this month.",
        ),
    ] = UNSET
    timezone: Annotated[str, TIMEZONE] = "UTC"
    sort: Annotated[
        CustomReportSortInput | Unset,
        NestedObject(
            description="The order of the rows. Default: time ascending; without time, the first measure descending."
        ),
    ] = UNSET
    limit: Annotated[int, Integer(min=1, max=MAX_GROUPS, description="The number of rows per page.", example=50)] = 50
    page: Annotated[int, Integer(min=1, max=1_000_000, description="The page of rows, from 1.", example=1)] = 1
