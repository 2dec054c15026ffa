"""Facts: the lines and orders that reports count."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import Base, Instant, Minor, StoreKey


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


class SaleCategoryOverlap(Base):
    """An order with several products of a category: by how many they are more than the one order that counts.

    The orders of a category are then a difference of two sums: the first lines of products, less the overlaps. No row
    for cancelled orders, nor for stale days (``SalesStaleDay``).
    """

    __tablename__ = "sale_category_overlap"
    __table_args__ = (
        Index(
            "sale_category_overlap_at_idx",
            "store_id",
            "at",
            postgresql_include=["category_no", "customer_no", "country", "paid", "overlap"],
        ),
    )

    store_id: Mapped[StoreKey]
    order_no: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    category_no: Mapped[int] = mapped_column(primary_key=True)
    """0 for products without a category."""
    at: Mapped[Instant]
    customer_no: Mapped[int | None]
    country: Mapped[int | None] = mapped_column(SmallInteger)
    paid: Mapped[bool]
    overlap: Mapped[int]
