"""What REST writes of product reports."""

from __future__ import annotations

from domain.analytics.documents.sales import ReportPeriodDocument
from domain.kernel.documents import (
    AmountMember,
    DecimalMember,
    DerivedListMember,
    DerivedMember,
    Document,
    InstantMember,
    IntegerMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CURRENCY
from domain.kernel.ids import example_id


class ProductFiguresDocument(Document):
    """The figures of products."""

    currency = CURRENCY
    revenue = AmountMember(
        "The price of the lines after discount, without tax and shipping, less refunds. Null if not requested.",
        example=1250.00,
        nullable=True,
    )
    orders = IntegerMember(
        "The number of orders with the product; in the totals an order counts for each of its products. Null if not "
        "requested.",
        example=25,
        nullable=True,
    )
    units = IntegerMember("The number of units that were ordered. Null if not requested.", example=40, nullable=True)
    profit = AmountMember(
        "The revenue of the lines whose cost was recorded, less the cost of their units. Null if no cost was recorded, "
        "or if not requested.",
        example=450.00,
        nullable=True,
    )
    margin = DecimalMember(
        "The profit per revenue of the lines whose cost was recorded, with four decimals. Null without that revenue, "
        "or if not requested.",
        example=0.36,
        nullable=True,
    )
    returned = IntegerMember(
        "The number of these units that came back. Null if not requested.", example=2, nullable=True
    )
    return_rate = DecimalMember(
        "The returned units per ordered one, with four decimals. Null without units, or if not requested.",
        example=0.05,
        nullable=True,
    )
    views = IntegerMember("The number of views. Null if not requested.", example=500, nullable=True)
    conversion = DecimalMember(
        "The orders per view, with four decimals. Null without views, or if not requested.",
        example=0.05,
        nullable=True,
    )
    mean_stock = DecimalMember(
        "The units on hand in all warehouses, averaged over the time of the period until now, with four decimals. Null "
        "before the period, or if not requested.",
        example=80,
        nullable=True,
    )
    turnover = DecimalMember(
        "The ordered units per unit of the mean stock, with four decimals. Null without stock, or if not requested.",
        example=0.5,
        nullable=True,
    )


class ReportedProductDocument(Document):
    """A product of a report."""

    product_id = TextMember("The id of the product.", example=example_id("prod"))
    name = TextMember("The name of the product.", example="Premium Wireless Headphones")
    figures = DerivedMember("The figures of the product.", ProductFiguresDocument, lambda row, _: row.figures)


class ProductReportDocument(Document):
    """A product report."""

    period = DerivedMember("The days of the report.", ReportPeriodDocument, lambda row, _: row.period)
    currency = CURRENCY
    as_of = InstantMember(
        "The time of the last event that the figures contain. Null before the first, and while they are rebuilt.",
        example="2026-01-31T18:02:11Z",
        nullable=True,
    )
    totals = DerivedMember("The figures of all these products.", ProductFiguresDocument, lambda row, _: row.totals)
    products = DerivedListMember(
        "A page of the products that were sold or viewed.", ReportedProductDocument, lambda row, _: row.products
    )
    product_count = IntegerMember("The number of all these products.", example=12)
