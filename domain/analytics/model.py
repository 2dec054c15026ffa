"""What was sold, as facts and rollups for reports. They follow from orders, refunds and lines, and can be rebuilt.

Amounts are minor units of the store's currency. Numbers stand for ids (``sale_product``, ``sale_customer``): ids of 31
characters would make the facts and their index three times as large. Orders have a number of their own. There are no
foreign keys: their checks would lock rows of products and customers, and writers of these would wait for the fold.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import INSTANT, KEY_TEXT, Base, IdKey, Instant, KeyText, Minor, StoreKey


class SaleLine(Base):
    """A line of an order as it is now. Lines of cancelled orders stay, and are left out of the index of reports."""

    __tablename__ = "sale_line"
    __table_args__ = (
        CheckConstraint("refunded BETWEEN 0 AND net", name="refunded"),
        Index(
            "sale_line_at_idx",
            "store_id",
            "at",
            postgresql_include=[
                "order_no",
                "product_no",
                "customer_no",
                "country",
                "quantity",
                "net",
                "refunded",
                "returned",
                "cost",
                "first_in_order",
                "first_of_product",
                "paid",
            ],
            postgresql_where=text("NOT cancelled"),
        ),
    )

    store_id: Mapped[StoreKey]
    order_no: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    """The number of the order."""
    line_no: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    """The place of the line in the order, from 0."""
    at: Mapped[Instant]
    """When the order was created."""
    product_no: Mapped[int]
    customer_no: Mapped[int | None]
    """Null for a guest."""
    country: Mapped[int | None] = mapped_column(SmallInteger)
    """The number of the country of the shipping address (``countries.country_number``). Null if unknown."""
    quantity: Mapped[int]
    returned: Mapped[int]
    net: Mapped[Minor]
    """The price of the line after discount, without tax."""
    refunded: Mapped[Minor]
    """The part of ``net`` that was paid back."""
    cost: Mapped[int | None] = mapped_column(BigInteger)
    """What its units cost the store. Null if that was not recorded."""
    first_in_order: Mapped[bool]
    """Whether it is the first line of its order: their number is the number of orders."""
    first_of_product: Mapped[bool]
    """Whether it is the first line of its order with its product."""
    cancelled: Mapped[bool]
    paid: Mapped[bool]
    """Whether what was collected for the order is at least its total."""


class SaleOrder(Base):
    """The sums of the lines of an order as it is now: reports without products read a third of the rows."""

    __tablename__ = "sale_order"
    __table_args__ = (
        Index(
            "sale_order_at_idx",
            "store_id",
            "at",
            postgresql_include=[
                "customer_no",
                "country",
                "units",
                "returned",
                "net",
                "refunded",
                "costed_revenue",
                "cost",
                "paid",
            ],
            postgresql_where=text("NOT cancelled"),
        ),
        Index(
            "sale_order_customer_idx",
            "store_id",
            "customer_no",
            "paid",
            "at",
            postgresql_where=text("NOT cancelled AND customer_no IS NOT NULL"),
        ),
    )

    store_id: Mapped[StoreKey]
    order_no: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    at: Mapped[Instant]
    customer_no: Mapped[int | None]
    country: Mapped[int | None] = mapped_column(SmallInteger)
    cancelled: Mapped[bool]
    paid: Mapped[bool]
    units: Mapped[int] = mapped_column(BigInteger)
    returned: Mapped[int] = mapped_column(BigInteger)
    net: Mapped[Minor]
    refunded: Mapped[Minor]
    costed_revenue: Mapped[int | None] = mapped_column(BigInteger)
    """What was not refunded of the lines with a recorded cost. Null if there is none."""
    cost: Mapped[int | None] = mapped_column(BigInteger)
    """The cost of these lines."""


class SaleProduct(Base):
    """The number of a product that was sold."""

    __tablename__ = "sale_product"
    __table_args__ = (
        Index("sale_product_product_idx", "store_id", "product_id", unique=True, postgresql_include=["no"]),
    )

    store_id: Mapped[StoreKey]
    no: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[KeyText]


class SaleCustomer(Base):
    """The number of a customer who ordered. An erased customer keeps it: it leads to the anonymized row only."""

    __tablename__ = "sale_customer"
    __table_args__ = (
        Index("sale_customer_customer_idx", "store_id", "customer_id", unique=True, postgresql_include=["no"]),
    )

    store_id: Mapped[StoreKey]
    no: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[KeyText]


class CustomerSales(Base):
    """What a customer bought in all, in orders that are paid or not, without cancelled ones. No row without orders."""

    __tablename__ = "customer_sales"

    store_id: Mapped[StoreKey]
    customer_no: Mapped[int] = mapped_column(primary_key=True)
    paid: Mapped[bool] = mapped_column(primary_key=True)
    orders: Mapped[int] = mapped_column(BigInteger)
    net: Mapped[Minor]
    refunded: Mapped[Minor]
    first_at: Mapped[Instant]
    """When the first of these orders was created."""
    last_at: Mapped[Instant]


class SalesQuarterHour(Base):
    """The sums of a quarter of an hour (UTC), of orders that are paid or not, without cancelled ones.

    The offsets of all time zones have been multiples of a quarter of an hour since 1972, so the days of any zone are
    sums of these, when its clocks change too. No check constraint: a sum that is wrong must not stop the fold.
    """

    __tablename__ = "sales_quarter_hour"

    store_id: Mapped[StoreKey]
    at: Mapped[datetime] = mapped_column(INSTANT, primary_key=True)
    paid: Mapped[bool] = mapped_column(primary_key=True)
    orders: Mapped[int] = mapped_column(BigInteger)
    units: Mapped[int] = mapped_column(BigInteger)
    net: Mapped[Minor]
    refunded: Mapped[Minor]


class SalesCategoryDay(Base):
    """The sums of a day (UTC) by a category that products are in now, of orders that are paid or not."""

    __tablename__ = "sales_category_day"

    store_id: Mapped[StoreKey]
    category_id: Mapped[str] = mapped_column(KEY_TEXT, primary_key=True)
    """Empty for products without a category."""
    day: Mapped[datetime] = mapped_column(INSTANT, primary_key=True)
    paid: Mapped[bool] = mapped_column(primary_key=True)
    orders: Mapped[int] = mapped_column(BigInteger)
    """Each once, however many products of the category it has."""
    units: Mapped[int] = mapped_column(BigInteger)
    net: Mapped[Minor]
    refunded: Mapped[Minor]


class SalesCountryDay(Base):
    """The sums of a day (UTC) by the country of the shipping address, of orders that are paid or not."""

    __tablename__ = "sales_country_day"

    store_id: Mapped[StoreKey]
    country: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    """As in the lines; -1 if it is not known."""
    day: Mapped[datetime] = mapped_column(INSTANT, primary_key=True)
    paid: Mapped[bool] = mapped_column(primary_key=True)
    orders: Mapped[int] = mapped_column(BigInteger)
    units: Mapped[int] = mapped_column(BigInteger)
    net: Mapped[Minor]
    refunded: Mapped[Minor]


class SalesProductMonth(Base):
    """The sums of a month (UTC) by product, of orders that are paid or not."""

    __tablename__ = "sales_product_month"

    store_id: Mapped[StoreKey]
    product_no: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[datetime] = mapped_column(INSTANT, primary_key=True)
    paid: Mapped[bool] = mapped_column(primary_key=True)
    orders: Mapped[int] = mapped_column(BigInteger)
    units: Mapped[int] = mapped_column(BigInteger)
    returned: Mapped[int] = mapped_column(BigInteger)
    net: Mapped[Minor]
    refunded: Mapped[Minor]
    costed_revenue: Mapped[int | None] = mapped_column(BigInteger)
    """What was not refunded of the lines with a recorded cost. Null if there is none."""
    cost: Mapped[int | None] = mapped_column(BigInteger)
    """The cost of these lines."""


class SalesStaleMonth(Base):
    """A month (UTC) whose sums by product do not hold: reports read its lines."""

    __tablename__ = "sales_stale_month"

    store_id: Mapped[StoreKey]
    month: Mapped[datetime] = mapped_column(INSTANT, primary_key=True)


class SalesStaleDay(Base):
    """A day (UTC) whose sums by category and country do not hold: reports read its lines."""

    __tablename__ = "sales_stale_day"

    store_id: Mapped[StoreKey]
    day: Mapped[datetime] = mapped_column(INSTANT, primary_key=True)


class ProductViewCount(Base):
    """How often a product was viewed in a quarter of an hour, a day or a month (UTC). Each view is in all three.

    So a period of any time zone is the sum of a few months, days and quarters of an hour.
    """

    __tablename__ = "product_view_count"
    __table_args__ = (
        CheckConstraint("span IN ('quarter_hour', 'day', 'month')", name="span"),
        CheckConstraint("views > 0", name="views"),
        {"postgresql_partition_by": "LIST (span)"},
    )

    store_id: Mapped[StoreKey]
    span: Mapped[IdKey]
    at: Mapped[datetime] = mapped_column(INSTANT, primary_key=True)
    """When the span begins."""
    product_id: Mapped[IdKey]
    views: Mapped[int] = mapped_column(BigInteger)


class SalesState(Base):
    """How far the sales of a store are folded."""

    __tablename__ = "sales_state"
    __table_args__ = (Index("sales_state_rebuild_idx", "store_id", postgresql_where=text("rebuild_after IS NOT NULL")),)

    store_id: Mapped[StoreKey]
    as_of: Mapped[datetime | None] = mapped_column(INSTANT)
    """The time of the last event that was folded."""
    rebuild_after: Mapped[int | None] = mapped_column(BigInteger)
    """The number of the last order that a rebuild has read; null if none is running."""


class SalesCursor(Base):
    """One row: the position up to which the event log is folded. Whoever folds locks it."""

    __tablename__ = "sales_cursor"
    __table_args__ = (CheckConstraint("single", name="single"),)

    single: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    position: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
