"""The input of reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from domain.analytics.periods import ReportInterval, ReportPeriod
from domain.kernel.fields import UNSET, Boolean, Choice, FieldLocation, Integer, ListOf, Text, Unset
from domain.kernel.ids import example_id

MAX_GROUPS = 200
"""Groups of one page."""


class SalesMetric(StrEnum):
    """A figure of a sales report."""

    REVENUE = "revenue"
    ORDERS = "orders"
    UNITS = "units"
    AVG_ORDER_VALUE = "avg_order_value"


class SalesDimension(StrEnum):
    """What sales are grouped by."""

    PRODUCT = "product"
    CATEGORY = "category"
    CUSTOMER = "customer"
    REGION = "region"
    COUNTRY = "country"
    CHANNEL = "channel"


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordProductView:
    """Count a view of a product, as of its page in the shop."""

    product_id: Annotated[
        str,
        Text(
            min=1,
            max=64,
            description="The id of the product (`prod_…`).",
            place=FieldLocation.PATH,
            example=example_id("prod"),
        ),
    ]


class ReportComparison(StrEnum):
    """What a report is compared with."""

    PREVIOUS_PERIOD = "previous_period"


_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


def date_text(description: str, example: str) -> Text:
    """The rule of a date without a time."""
    return Text(
        min=10,
        max=10,
        pattern=_DATE,
        form="a date, such as 2026-01-15",
        format="date",
        description=description,
        example=example,
    )


def _day(which: str, example: str) -> Text:
    return date_text(
        f"The {which} day of the period `custom`, a whole day of `timezone`. Only with this period.", example
    )


PERIOD = Choice(
    description="The current calendar period to date in `timezone` (weeks begin on Monday), or `custom` with "
    "`start_date` and `end_date`.",
    example="custom",
)
START_DATE, END_DATE = _day("first", "2026-01-01"), _day("last", "2026-01-31")
TIMEZONE = Text(
    min=1,
    max=64,
    description="The time zone of days and hours, as a name of the IANA database.",
    example="Europe/London",
)
PAID_ONLY = Boolean(description="Whether only orders count that are paid in full.", example=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class SalesReportInput:
    """The input of a sales report."""

    period: Annotated[ReportPeriod, PERIOD] = ReportPeriod.MONTH
    start_date: Annotated[str | Unset, START_DATE] = UNSET
    end_date: Annotated[str | Unset, END_DATE] = UNSET
    timezone: Annotated[str, TIMEZONE] = "UTC"
    interval: Annotated[
        ReportInterval | Unset,
        Choice(
            description="The length of the steps of the series. Default: `hour` for a day, `day` for a week or month, "
            "`week` for a quarter, `month` for a year; for `custom` by its length.",
            example="day",
        ),
    ] = UNSET
    group_by: Annotated[
        SalesDimension | Unset,
        Choice(
            names_all=True,
            description="The dimension that sales are grouped by. Default: no groups.",
            example="product",
        ),
    ] = UNSET
    metrics: Annotated[
        tuple[SalesMetric, ...] | Unset,
        ListOf(
            item=Choice(names_all=True, description="A figure.", example="revenue"),
            min=1,
            max=4,
            description="The figures to return. Default: all.",
        ),
    ] = UNSET
    paid_only: Annotated[bool, PAID_ONLY] = False
    compare: Annotated[
        ReportComparison | Unset,
        Choice(
            description="The period whose totals are added: as many days of the calendar period before, or just before "
            "those of `custom`. Default: none.",
            example="previous_period",
        ),
    ] = UNSET
    limit: Annotated[int, Integer(min=1, max=MAX_GROUPS, description="The number of groups per page.", example=50)] = 50
    page: Annotated[int, Integer(min=1, max=1_000_000, description="The page of groups, from 1.", example=1)] = 1
