"""The gateway's tables, as far as they are asked for, by SQLAlchemy's ORM."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """Every table here has its rows by store and id; row-level security narrows to the store."""

    id: Mapped[str] = mapped_column(primary_key=True)


class Product(Base):
    """A product."""

    __tablename__ = "product"

    name: Mapped[str]
    sku: Mapped[str]
    status: Mapped[str]
    price: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Variant(Base):
    """A variant of a product."""

    __tablename__ = "product_variant"

    product_id: Mapped[str]
    sku: Mapped[str]
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    price: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int]


class Customer(Base):
    """A customer."""

    __tablename__ = "customer"

    email: Mapped[str]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]


class Order(Base):
    """An order."""

    __tablename__ = "sales_order"

    customer_id: Mapped[str | None]
    status: Mapped[str]
    payment_status: Mapped[str]
    total: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Item(Base):
    """A line of an order."""

    __tablename__ = "order_item"

    order_id: Mapped[str]
    product_id: Mapped[str]
    variant_id: Mapped[str | None]
    position: Mapped[int]
    quantity: Mapped[int]
    price: Mapped[int] = mapped_column(BigInteger)
