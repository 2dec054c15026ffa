"""What facts are of: the numbers of products, customers, categories and channels."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import Base, KeyText, StoreKey


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
    channel_no: Mapped[int | None]
    """The number of the channel of acquisition, as of the last event that was folded."""


class SaleCategory(Base):
    """The number of a category that has products that were sold."""

    __tablename__ = "sale_category"
    __table_args__ = (
        Index("sale_category_category_idx", "store_id", "category_id", unique=True, postgresql_include=["no"]),
    )

    store_id: Mapped[StoreKey]
    no: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[KeyText]


class SaleChannel(Base):
    """The number of a channel through which customers were acquired."""

    __tablename__ = "sale_channel"
    __table_args__ = (Index("sale_channel_channel_idx", "store_id", "channel", unique=True, postgresql_include=["no"]),)

    store_id: Mapped[StoreKey]
    no: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[KeyText]


class SaleProductCategory(Base):
    """A product in a category, both by number, as of the last event that was folded."""

    __tablename__ = "sale_product_category"

    store_id: Mapped[StoreKey]
    product_no: Mapped[int] = mapped_column(primary_key=True)
    category_no: Mapped[int] = mapped_column(primary_key=True)
