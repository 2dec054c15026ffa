"""What REST writes of reports."""

from __future__ import annotations

from domain.kernel.documents import (
    AmountMember,
    DerivedListMember,
    DerivedMember,
    Document,
    InstantMember,
    IntegerMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CURRENCY
from domain.kernel.ids import example_id


class ReportPeriodDocument(Document):
    """The days of a report."""

    start_date = TextMember("The first day, as YYYY-MM-DD.", example="2026-01-01")
    end_date = TextMember("The last day, as YYYY-MM-DD; today for a calendar period to date.", example="2026-01-31")
    timezone = TextMember("The time zone of the days.", example="Europe/London")


class SalesFiguresDocument(Document):
    """The figures of some sales."""

    currency = CURRENCY
    revenue = AmountMember(
        "The price of the lines after discount, without tax and shipping, less refunds. Null if not requested.",
        example=1250.00,
        nullable=True,
    )
    orders = IntegerMember("The number of orders. Null if not requested.", example=25, nullable=True)
    units = IntegerMember("The number of units. Null if not requested.", example=40, nullable=True)
    avg_order_value = AmountMember(
        "The revenue per order, rounded half up. Null without orders, or if not requested.",
        example=50.00,
        nullable=True,
    )


class SalesPointDocument(Document):
    """A step of a series."""

    start = InstantMember("The time at which the step begins.", example="2026-01-15T00:00:00Z")
    label = TextMember(
        "The local date at which the step begins, as YYYY-MM-DD; of an hour with its time, as YYYY-MM-DDTHH:MM.",
        example="2026-01-15",
    )
    figures = DerivedMember("The figures of the step.", SalesFiguresDocument, lambda row, _: row.figures)


class SalesGroupDocument(Document):
    """The sales of one group."""

    key = TextMember(
        "The id of the product, category or customer; the code of the country, region or channel. Null for products "
        "without a category, guests, and unknown countries.",
        example=example_id("prod"),
        nullable=True,
    )
    name = TextMember(
        "The name of the product, category or customer. Null without one, and of customers without `customers:read`.",
        example="Premium Wireless Headphones",
        nullable=True,
    )
    figures = DerivedMember("The figures of the group.", SalesFiguresDocument, lambda row, _: row.figures)


class PreviousSalesDocument(Document):
    """The totals of the period before."""

    period = DerivedMember("The days of the period before.", ReportPeriodDocument, lambda row, _: row.period)
    totals = DerivedMember("The figures of all its sales.", SalesFiguresDocument, lambda row, _: row.totals)


class SalesReportDocument(Document):
    """A sales report."""

    period = DerivedMember("The days of the report.", ReportPeriodDocument, lambda row, _: row.period)
    currency = CURRENCY
    interval = TextMember("The length of the steps of the series.", example="day")
    as_of = InstantMember(
        "The time of the last event that the figures contain. Null before the first, and while they are rebuilt.",
        example="2026-01-31T18:02:11Z",
        nullable=True,
    )
    totals = DerivedMember("The figures of all sales.", SalesFiguresDocument, lambda row, _: row.totals)
    series = DerivedListMember(
        "The steps of the period in order, those without sales too.", SalesPointDocument, lambda row, _: row.series
    )
    groups = DerivedListMember(
        "A page of the groups, the highest revenue first. Empty without `group_by`.",
        SalesGroupDocument,
        lambda row, _: row.groups,
    )
    group_count = IntegerMember("The number of all groups.", example=12)
    previous = DerivedMember(
        "The totals of the period before. Null without `compare`.",
        PreviousSalesDocument,
        lambda row, _: row.previous,
        nullable=True,
    )
