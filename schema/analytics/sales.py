"""The sales report."""

from __future__ import annotations

from datetime import datetime

import strawberry

from schema.analytics.spans import ReportSpan
from schema.fields import attribute
from schema.money import Money, money
from schema.scalars import BigInt, Currency


@strawberry.type(description="The figures of some sales.")
class SalesFigures:
    """Describes the domain's own SalesFigures."""

    revenue: Money | None = money(
        "revenue",
        description="The price of the lines after discount, without tax and shipping, less refunds. Null if not "
        "requested.",
    )
    orders: int | None = attribute("The number of orders. Null if not requested.")
    units: BigInt | None = attribute("The number of units. Null if not requested.")
    avg_order_value: Money | None = money(
        "avg_order_value",
        description="The revenue per order, rounded half up. Null without orders, or if not requested.",
    )


@strawberry.type(description="A step of a series.")
class SalesPoint:
    """Describes the domain's own SalesPoint."""

    start: datetime = attribute("The time at which the step begins.")
    label: str = attribute(
        "The local date at which the step begins, as YYYY-MM-DD; of an hour with its time, as YYYY-MM-DDTHH:MM."
    )
    figures: SalesFigures = attribute("The figures of the step.")


@strawberry.type(description="The sales of one group.")
class SalesGroup:
    """Describes the domain's own SalesGroup."""

    key: str | None = attribute(
        "The id of the product, category or customer; the code of the country, region or channel. Null for products "
        "without a category, guests, and unknown countries."
    )
    name: str | None = attribute(
        "The name of the product, category or customer. Null without one, and of customers without `customers:read`."
    )
    figures: SalesFigures = attribute("The figures of the group.")


@strawberry.type(description="The totals of the period before.")
class PreviousSales:
    """Describes the domain's own PreviousSales."""

    period: ReportSpan = attribute("The days of the period before.")
    totals: SalesFigures = attribute("The figures of all its sales.")


@strawberry.type(description="A sales report.")
class SalesReport:
    """Describes the domain's own SalesReport."""

    period: ReportSpan = attribute("The days of the report.")
    currency: Currency = attribute("The currency of the store.")
    interval: str = attribute("The length of the steps of the series.")
    as_of: datetime | None = attribute(
        "The time of the last event that the figures contain. Null before the first, and while they are rebuilt."
    )
    totals: SalesFigures = attribute("The figures of all sales.")
    series: list[SalesPoint] = attribute("The steps of the period in order, those without sales too.")
    groups: list[SalesGroup] = attribute("A page of the groups, the highest revenue first. Empty without `groupBy`.")
    group_count: int = attribute("The number of all groups.")
    previous: PreviousSales | None = attribute("The totals of the period before. Null without `compare`.")
