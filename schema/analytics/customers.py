"""Customer reports."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import strawberry

from domain.analytics.commands import CustomerSegment
from domain.analytics.countries import Region
from resolvers.types import Id
from schema.analytics.spans import ReportSpan
from schema.fields import attribute
from schema.money import Money, money
from schema.scalars import Currency

_ORDERS = "The number of their orders in the period."
_REVENUE = "The price of the lines of these orders after discount, without tax and shipping, less refunds."


@strawberry.type(description="The purchases of all customers over all time.")
class LifetimeValue:
    """Describes the domain's own LifetimeValue."""

    customers: int = attribute("The number of customers with an order.")
    orders: int = attribute("The number of their orders.")
    revenue: Money = money("revenue", description=_REVENUE)
    average: Money | None = money(
        "average", description="The revenue per customer, rounded half up. Null without customers."
    )
    orders_per_customer: Decimal | None = attribute(
        "The number of orders per customer, with four decimals. Null without customers."
    )


@strawberry.type(description="The purchases of a customer over all time.")
class CustomerValue:
    """Describes the domain's own CustomerValue."""

    customer_id: Id = attribute("The id of the customer.")
    name: str | None = attribute(
        "The name of the customer. Null without one, without `customers:read`, and of an erased customer."
    )
    revenue: Money = money(
        "revenue",
        description="The price of the lines of all orders after discount, without tax and shipping, less refunds.",
    )
    orders: int = attribute("The number of orders.")
    avg_order_value: Money | None = money("avg_order_value", description="The revenue per order, rounded half up.")
    first_order_at: datetime = attribute("The time of the first order.")
    last_order_at: datetime = attribute("The time of the last order.")


@strawberry.type(description="The customers of a segment.")
class SegmentFigures:
    """Describes the domain's own SegmentFigures."""

    segment: CustomerSegment = attribute("The segment.")
    customers: int = attribute("The number of customers; 0 of guests, whose number is unknown.")
    orders: int = attribute(_ORDERS)
    revenue: Money = money("revenue", description=_REVENUE)
    lifetime_revenue: Money | None = money(
        "lifetime_revenue", description="The revenue of all their orders, of any time. Null of guests."
    )


@strawberry.type(description="The orders of a cohort in a month.")
class CohortMonth:
    """Describes the domain's own CohortMonth."""

    label: str = attribute(
        "The local date at which the month begins, as YYYY-MM-DD; that of the period in its first month."
    )
    customers: int = attribute("The number of customers of the cohort who ordered in the month.")
    retention: Decimal = attribute("Their share of the cohort, from 0 to 1 with four decimals.")
    orders: int = attribute("The number of their orders in the month.")
    revenue: Money = money("revenue", description="The revenue of these orders.")


@strawberry.type(description="The customers whose first order was in the same month.")
class Cohort:
    """Describes the domain's own Cohort."""

    label: str = attribute(
        "The local date at which the month begins, as YYYY-MM-DD; that of the period in its first month."
    )
    customers: int = attribute("The number of customers.")
    orders: int = attribute(_ORDERS)
    revenue: Money = money("revenue", description=_REVENUE)
    months: list[CohortMonth] = attribute(
        "The months from the first order on until the end of the period or now, those without orders too."
    )


@strawberry.type(description="The customers of orders to a country.")
class CountryFigures:
    """Describes the domain's own PlaceFigures."""

    country: str | None = attribute("The shipping country, as an ISO 3166-1 alpha-2 code. Null if unknown.")
    region: Region = attribute("The region of the country.")
    customers: int = attribute("The number of customers, without guests.")
    orders: int = attribute("The number of orders in the period, those of guests too.")
    revenue: Money = money("revenue", description=_REVENUE)


@strawberry.type(description="The customers of orders to a region.")
class RegionFigures:
    """Describes the domain's own PlaceFigures."""

    region: Region = attribute("The region of the shipping country.")
    customers: int = attribute("The number of customers, without guests.")
    orders: int = attribute("The number of orders in the period, those of guests too.")
    revenue: Money = money("revenue", description=_REVENUE)


@strawberry.type(description="The customers who were acquired through a channel.")
class ChannelFigures:
    """Describes the domain's own ChannelFigures."""

    channel: str | None = attribute("The channel of acquisition. Null of guests.")
    customers: int = attribute("The number of customers with an order in the period.")
    new_customers: int = attribute("The number of those whose first order is in the period.")
    orders: int = attribute(_ORDERS)
    revenue: Money = money("revenue", description=_REVENUE)


@strawberry.type(description="Who bought in a period.")
class CustomerReport:
    """Describes the domain's own CustomerReport."""

    period: ReportSpan = attribute("The days of the report.")
    currency: Currency = attribute("The currency of the store.")
    as_of: datetime | None = attribute(
        "The time of the last event that the figures contain. Null before the first, and while they are rebuilt."
    )
    customer_count: int = attribute("The number of customers with an order in the period.")
    new_customers: int = attribute("The number of those whose first order is in the period.")
    returning_customers: int = attribute("The number of those who had ordered before.")
    lifetime_value: LifetimeValue | None = attribute(
        "The purchases of all customers over all time. Null if not requested."
    )
    customers: list[CustomerValue] = attribute(
        "A page of all customers with an order of any time, the highest lifetime value first. Empty unless "
        "`LIFETIME_VALUE` was requested."
    )
    lifetime_customer_count: int = attribute("The number of all customers of these pages.")
    segments: list[SegmentFigures] = attribute("The segments. A customer may be in several. Empty if not requested.")
    cohorts: list[Cohort] = attribute(
        "The customers of the last 60 months of the period by the month of their first order, in order. Empty if not "
        "requested."
    )
    countries: list[CountryFigures] = attribute(
        "The shipping countries, the highest revenue first. Empty unless `GEOGRAPHY` was requested."
    )
    regions: list[RegionFigures] = attribute(
        "The regions of these countries, the highest revenue first. Empty unless `GEOGRAPHY` was requested."
    )
    channels: list[ChannelFigures] = attribute(
        "The channels of acquisition, the highest revenue first. Empty if not requested."
    )
