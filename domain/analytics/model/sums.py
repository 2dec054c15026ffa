"""Sums of facts, and of views."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import INSTANT, KEY_TEXT, Base, IdKey, Instant, Minor, StoreKey


class CustomerSales(Base):
    """What a customer bought in all: in all orders, and in those that are paid, without cancelled ones. No row without
    orders."""

    __tablename__ = "customer_sales"

    store_id: Mapped[StoreKey]
    paid_only: Mapped[bool] = mapped_column(primary_key=True)
    customer_no: Mapped[int] = mapped_column(primary_key=True)
    channel_no: Mapped[int | None]
    """As in ``SaleCustomer``: looking it up there takes a report as long as a third of all else."""
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
