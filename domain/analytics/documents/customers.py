"""What REST writes of customer reports."""

from __future__ import annotations

from domain.analytics.commands.customers import CustomerSegment
from domain.analytics.countries import Region
from domain.analytics.documents.sales import ReportPeriodDocument
from domain.kernel.documents import (
    AmountMember,
    DecimalMember,
    DerivedListMember,
    DerivedMember,
    Document,
    EnumMember,
    InstantMember,
    IntegerMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CURRENCY
from domain.kernel.ids import example_id

_ORDERS = IntegerMember("The number of their orders in the period.", example=25)
_REVENUE = AmountMember(
    "The price of the lines of these orders after discount, without tax and shipping, less refunds.", example=1250.00
)


class LifetimeValueDocument(Document):
    """The purchases of all customers over all time."""

    currency = CURRENCY
    customers = IntegerMember("The number of customers with an order.", example=40)
    orders = IntegerMember("The number of their orders.", example=120)
    revenue = AmountMember(
        "The price of the lines of these orders after discount, without tax and shipping, less refunds.",
        example=6000.00,
    )
    average = AmountMember(
        "The revenue per customer, rounded half up. Null without customers.", example=150.00, nullable=True
    )
    orders_per_customer = DecimalMember(
        "The number of orders per customer, with four decimals. Null without customers.", example=3.0, nullable=True
    )


class CustomerValueDocument(Document):
    """The purchases of a customer over all time."""

    customer_id = TextMember("The id of the customer.", example=example_id("cust"))
    name = TextMember(
        "The name of the customer. Null without one, without `customers:read`, and of an erased customer.",
        example="Jane Smith",
        nullable=True,
    )
    currency = CURRENCY
    revenue = AmountMember(
        "The price of the lines of all orders after discount, without tax and shipping, less refunds.", example=480.00
    )
    orders = IntegerMember("The number of orders.", example=6)
    avg_order_value = AmountMember("The revenue per order, rounded half up.", example=80.00, nullable=True)
    first_order_at = InstantMember("The time of the first order.", example="2025-03-02T09:12:00Z")
    last_order_at = InstantMember("The time of the last order.", example="2026-01-12T18:40:00Z")


class SegmentFiguresDocument(Document):
    """The customers of a segment."""

    segment = EnumMember("The segment.", CustomerSegment, example="returning")
    currency = CURRENCY
    customers = IntegerMember("The number of customers; 0 of guests, whose number is unknown.", example=12)
    orders = _ORDERS
    revenue = _REVENUE
    lifetime_revenue = AmountMember(
        "The revenue of all their orders, of any time. Null of guests.", example=4100.00, nullable=True
    )


class CohortMonthDocument(Document):
    """The orders of a cohort in a month."""

    label = TextMember(
        "The local date at which the month begins, as YYYY-MM-DD; that of the period in its first month.",
        example="2026-02-01",
    )
    currency = CURRENCY
    customers = IntegerMember("The number of customers of the cohort who ordered in the month.", example=3)
    retention = DecimalMember("Their share of the cohort, from 0 to 1 with four decimals.", example=0.25)
    orders = IntegerMember("The number of their orders in the month.", example=4)
    revenue = AmountMember("The revenue of these orders.", example=210.00)


class CohortDocument(Document):
    """The customers whose first order was in the same month."""

    label = TextMember(
        "The local date at which the month begins, as YYYY-MM-DD; that of the period in its first month.",
        example="2026-01-01",
    )
    currency = CURRENCY
    customers = IntegerMember("The number of customers.", example=12)
    orders = _ORDERS
    revenue = _REVENUE
    months = DerivedListMember(
        "The months from the first order on until the end of the period or now, those without orders too.",
        CohortMonthDocument,
        lambda row, _: row.months,
    )


class CountryFiguresDocument(Document):
    """The customers of orders to a country."""

    country = TextMember(
        "The shipping country, as an ISO 3166-1 alpha-2 code. Null if unknown.", example="GB", nullable=True
    )
    region = EnumMember("The region of the country.", Region, example="europe")
    currency = CURRENCY
    customers = IntegerMember("The number of customers, without guests.", example=18)
    orders = IntegerMember("The number of orders in the period, those of guests too.", example=25)
    revenue = _REVENUE


class RegionFiguresDocument(Document):
    """The customers of orders to a region."""

    region = EnumMember("The region of the shipping country.", Region, example="europe")
    currency = CURRENCY
    customers = IntegerMember("The number of customers, without guests.", example=18)
    orders = IntegerMember("The number of orders in the period, those of guests too.", example=25)
    revenue = _REVENUE


class ChannelFiguresDocument(Document):
    """The customers who were acquired through a channel."""

    channel = TextMember("The channel of acquisition. Null of guests.", example="email", nullable=True)
    currency = CURRENCY
    customers = IntegerMember("The number of customers with an order in the period.", example=18)
    new_customers = IntegerMember("The number of those whose first order is in the period.", example=7)
    orders = _ORDERS
    revenue = _REVENUE


class CustomerReportDocument(Document):
    """Who bought in a period."""

    period = DerivedMember("The days of the report.", ReportPeriodDocument, lambda row, _: row.period)
    currency = CURRENCY
    as_of = InstantMember(
        "The time of the last event that the figures contain. Null before the first, and while they are rebuilt.",
        example="2026-01-31T18:02:11Z",
        nullable=True,
    )
    customer_count = IntegerMember("The number of customers with an order in the period.", example=30)
    new_customers = IntegerMember("The number of those whose first order is in the period.", example=12)
    returning_customers = IntegerMember("The number of those who had ordered before.", example=18)
    lifetime_value = DerivedMember(
        "The purchases of all customers over all time. Null if not requested.",
        LifetimeValueDocument,
        lambda row, _: row.lifetime_value,
        nullable=True,
    )
    customers = DerivedListMember(
        "A page of all customers with an order of any time, the highest lifetime value first. Empty unless "
        "`lifetime_value` was requested.",
        CustomerValueDocument,
        lambda row, _: row.customers,
    )
    lifetime_customer_count = IntegerMember("The number of all customers of these pages.", example=40)
    segments = DerivedListMember(
        "The segments. A customer may be in several. Empty if not requested.",
        SegmentFiguresDocument,
        lambda row, _: row.segments,
    )
    cohorts = DerivedListMember(
        "The customers of the last 60 months of the period by the month of their first order, in order. Empty if not "
        "requested.",
        CohortDocument,
        lambda row, _: row.cohorts,
    )
    countries = DerivedListMember(
        "The shipping countries, the highest revenue first. Empty unless `geography` was requested.",
        CountryFiguresDocument,
        lambda row, _: row.countries,
    )
    regions = DerivedListMember(
        "The regions of these countries, the highest revenue first. Empty unless `geography` was requested.",
        RegionFiguresDocument,
        lambda row, _: row.regions,
    )
    channels = DerivedListMember(
        "The channels of acquisition, the highest revenue first. Empty if not requested.",
        ChannelFiguresDocument,
        lambda row, _: row.channels,
    )
