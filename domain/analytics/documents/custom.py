"""What REST writes of custom reports."""

from __future__ import annotations

from domain.analytics.commands.customers import CustomerSegment
from domain.analytics.countries import Region
from domain.analytics.documents.sales import ReportPeriodDocument
from domain.kernel.documents import (
    AmountMember,
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


def _step(what: str, example: str | None = None) -> TextMember:
    """The member of a dimension of time."""
    return TextMember(
        f"The local date at which the {what} begins, as YYYY-MM-DD; in the first one that of the range. Null unless it "
        "is a dimension.",
        example=example,
        nullable=True,
    )


class NamedValueDocument(Document):
    """A product, category or customer."""

    id = TextMember(
        "The id. Null for products without a category, and for guests.", example=example_id("cat"), nullable=True
    )
    name = TextMember(
        "The name. Null without one, of customers without `customers:read`, and of an erased customer.",
        example="Headphones",
        nullable=True,
    )


class CustomFiguresDocument(Document):
    """The measures of some order lines."""

    currency = CURRENCY
    revenue = AmountMember(
        "The price of the lines after discount, without tax and shipping, less refunds. Null if not requested.",
        example=1250.00,
        nullable=True,
    )
    order_count = IntegerMember("The number of orders. Null if not requested.", example=25, nullable=True)
    units = IntegerMember("The number of units. Null if not requested.", nullable=True)
    avg_order_value = AmountMember(
        "The revenue per order, rounded half up. Null without orders, or if not requested.",
        example=50.00,
        nullable=True,
    )
    customer_count = IntegerMember("The number of customers, without guests. Null if not requested.", nullable=True)
    refunds = AmountMember(
        "What was paid back of the price of the lines, without tax and shipping. Null if not requested.",
        nullable=True,
    )
    returned_units = IntegerMember("The number of units that were sent back. Null if not requested.", nullable=True)
    cost = AmountMember(
        "What the units cost the store, of lines whose cost was recorded. Null without any, or if not requested.",
        nullable=True,
    )
    profit = AmountMember(
        "The revenue less the cost, of lines whose cost was recorded. Null without any, or if not requested.",
        nullable=True,
    )


class CustomRowDocument(CustomFiguresDocument):
    """A row of a custom report: the values of its dimensions, and its measures."""

    product = DerivedMember(
        "The product. Null unless it is a dimension.", NamedValueDocument, lambda row, _: row.product, nullable=True
    )
    product_category = DerivedMember(
        "The category of the product. Null unless it is a dimension.",
        NamedValueDocument,
        lambda row, _: row.product_category,
        nullable=True,
    )
    customer = DerivedMember(
        "The customer. Null unless it is a dimension.", NamedValueDocument, lambda row, _: row.customer, nullable=True
    )
    customer_segment = EnumMember(
        "The segment of the customer. Null unless it is a dimension.",
        CustomerSegment,
        example="returning",
        nullable=True,
    )
    region = EnumMember("The region of the shipping country. Null unless it is a dimension.", Region, nullable=True)
    country = TextMember(
        "The shipping country, as an ISO 3166-1 alpha-2 code. Null if unknown, or unless it is a dimension.",
        nullable=True,
    )
    channel = TextMember(
        "The channel through which the customer was acquired. Null of guests, or unless it is a dimension.",
        nullable=True,
    )
    hour = TextMember(
        "The local time at which the hour begins, as YYYY-MM-DDTHH:MM. Null unless it is a dimension.", nullable=True
    )
    day = TextMember("The local date, as YYYY-MM-DD. Null unless it is a dimension.", nullable=True)
    week = _step("week")
    month = _step("month")
    quarter = _step("quarter")
    year = _step("year")


class CustomReportDocument(Document):
    """Measures by dimensions."""

    period = DerivedMember("The days of the report.", ReportPeriodDocument, lambda row, _: row.period)
    currency = CURRENCY
    as_of = InstantMember(
        "The time of the last event that the figures contain. Null before the first, and while they are rebuilt.",
        example="2026-01-31T18:02:11Z",
        nullable=True,
    )
    totals = DerivedMember("The measures of all that is counted.", CustomFiguresDocument, lambda row, _: row.totals)
    rows = DerivedListMember(
        "A page of the rows, in the order of `sort`. Empty without `dimensions`.",
        CustomRowDocument,
        lambda row, _: row.rows,
    )
    row_count = IntegerMember("The number of all rows.", example=12)
