"""Custom reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

from domain.analytics.commands import CustomerSegment
from domain.analytics.countries import Region
from schema.analytics.spans import ReportSpan
from schema.fields import attribute
from schema.money import Money, money
from schema.scalars import BigInt, Currency


@strawberry.type(description="A product, category or customer.")
class NamedValue:
    """Describes the domain's own NamedValue."""

    id: str | None = attribute("The id. Null for products without a category, and for guests.")
    name: str | None = attribute(
        "The name. Null without one, of customers without `customers:read`, and of an erased customer."
    )


def _revenue() -> Any:
    return money(
        "revenue",
        description="The price of the lines after discount, without tax and shipping, less refunds. Null if not "
        "requested.",
    )


def _avg_order_value() -> Any:
    return money(
        "avg_order_value",
        description="The revenue per order, rounded half up. Null without orders, or if not requested.",
    )


def _refunds() -> Any:
    return money(
        "refunds",
        description="What was paid back of the price of the lines, without tax and shipping. Null if not requested.",
    )


def _cost() -> Any:
    return money(
        "cost",
        description="What the units cost the store, of lines whose cost was recorded. Null without any, or if not "
        "requested.",
    )


def _profit() -> Any:
    return money(
        "profit",
        description="The revenue less the cost, of lines whose cost was recorded. Null without any, or if not "
        "requested.",
    )


_ORDER_COUNT = "The number of orders. Null if not requested."
_UNITS = "The number of units. Null if not requested."
_CUSTOMER_COUNT = "The number of customers, without guests. Null if not requested."
_RETURNED_UNITS = "The number of units that were sent back. Null if not requested."


def _step(what: str) -> Any:
    """The field of a dimension of time."""
    return attribute(
        f"The local date at which the {what} begins, as YYYY-MM-DD; in the first one that of the range. Null unless it "
        "is a dimension."
    )


@strawberry.type(description="The measures of some order lines.")
class CustomFigures:
    """Describes the domain's own CustomFigures."""

    revenue: Money | None = _revenue()
    order_count: int | None = attribute(_ORDER_COUNT)
    units: BigInt | None = attribute(_UNITS)
    avg_order_value: Money | None = _avg_order_value()
    customer_count: int | None = attribute(_CUSTOMER_COUNT)
    refunds: Money | None = _refunds()
    returned_units: BigInt | None = attribute(_RETURNED_UNITS)
    cost: Money | None = _cost()
    profit: Money | None = _profit()


@strawberry.type(description="A row of a custom report: the values of its dimensions, and its measures.")
class CustomRow:
    """Describes the domain's own CustomRow."""

    product: NamedValue | None = attribute("The product. Null unless it is a dimension.")
    product_category: NamedValue | None = attribute("The category of the product. Null unless it is a dimension.")
    customer: NamedValue | None = attribute("The customer. Null unless it is a dimension.")
    customer_segment: CustomerSegment | None = attribute("The segment of the customer. Null unless it is a dimension.")
    region: Region | None = attribute("The region of the shipping country. Null unless it is a dimension.")
    country: str | None = attribute(
        "The shipping country, as an ISO 3166-1 alpha-2 code. Null if unknown, or unless it is a dimension."
    )
    channel: str | None = attribute(
        "The channel through which the customer was acquired. Null of guests, or unless it is a dimension."
    )
    hour: str | None = attribute(
        "The local time at which the hour begins, as YYYY-MM-DDTHH:MM. Null unless it is a dimension."
    )
    day: str | None = attribute("The local date, as YYYY-MM-DD. Null unless it is a dimension.")
    week: str | None = _step("week")
    month: str | None = _step("month")
    quarter: str | None = _step("quarter")
    year: str | None = _step("year")
    revenue: Money | None = _revenue()
    order_count: int | None = attribute(_ORDER_COUNT)
    units: BigInt | None = attribute(_UNITS)
    avg_order_value: Money | None = _avg_order_value()
    customer_count: int | None = attribute(_CUSTOMER_COUNT)
    refunds: Money | None = _refunds()
    returned_units: BigInt | None = attribute(_RETURNED_UNITS)
    cost: Money | None = _cost()
    profit: Money | None = _profit()


@strawberry.type(description="Measures by dimensions.")
class CustomReport:
    """Describes the domain's own CustomReport."""

    period: ReportSpan = attribute("The days of the report.")
    currency: Currency = attribute("The currency of the store.")
    as_of: datetime | None = attribute(
        "The time of the last event that the figures contain. Null before the first, and while they are rebuilt."
    )
    totals: CustomFigures = attribute("The measures of all that is counted.")
    rows: list[CustomRow] = attribute("A page of the rows, in the order of `sort`. Empty without `dimensions`.")
    row_count: int = attribute("The number of all rows.")
