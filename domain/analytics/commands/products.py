"""The input of the product report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from domain.analytics.commands.sales import END_DATE, PAID_ONLY, PERIOD, START_DATE, TIMEZONE
from domain.analytics.periods import ReportPeriod
from domain.kernel.fields import UNSET, Boolean, Choice, Integer, ListOf, Text, Unset
from domain.kernel.ids import example_id

MAX_PRODUCTS = 200
"""Products of one page, and of the filter."""


class ProductMetric(StrEnum):
    """A figure of a product report."""

    REVENUE = "revenue"
    ORDERS = "orders"
    UNITS = "units"
    PROFIT = "profit"
    MARGIN = "margin"
    RETURNED = "returned"
    RETURN_RATE = "return_rate"
    VIEWS = "views"
    CONVERSION = "conversion"
    MEAN_STOCK = "mean_stock"
    TURNOVER = "turnover"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductReportInput:
    """The input of a product report."""

    period: Annotated[ReportPeriod, PERIOD] = ReportPeriod.MONTH
    start_date: Annotated[str | Unset, START_DATE] = UNSET
    end_date: Annotated[str | Unset, END_DATE] = UNSET
    timezone: Annotated[str, TIMEZONE] = "UTC"
    metrics: Annotated[
        tuple[ProductMetric, ...] | Unset,
        ListOf(
            item=Choice(names_all=True, description="A figure.", example="revenue"),
            min=1,
            max=len(ProductMetric),
            description="The figures to return. Default: all.",
        ),
    ] = UNSET
    paid_only: Annotated[bool, PAID_ONLY] = False
    category: Annotated[
        str | Unset,
        Text(
            min=1,
            max=64,
            description="The slug of a category. Only products that are in it now are reported.",
            example="electronics",
        ),
    ] = UNSET
    product_ids: Annotated[
        tuple[str, ...] | Unset,
        ListOf(
            item=Text(min=1, max=64, description="An id."),
            min=1,
            max=MAX_PRODUCTS,
            description="Only products with one of these ids are reported. Unknown ids are ignored.",
            example=[example_id("prod")],
        ),
    ] = UNSET
    sort: Annotated[
        ProductMetric,
        Choice(
            description="The figure that products are sorted by; those where it is null come last.", example="units"
        ),
    ] = ProductMetric.REVENUE
    descending: Annotated[bool, Boolean(description="Whether the highest figure comes first.", example=True)] = True
    limit: Annotated[
        int, Integer(min=1, max=MAX_PRODUCTS, description="The number of products per page.", example=50)
    ] = 50
    page: Annotated[int, Integer(min=1, max=1_000_000, description="The page of products, from 1.", example=1)] = 1
