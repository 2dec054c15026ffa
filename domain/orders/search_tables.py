"""Search tables of orders. Their rows are derived from the orders by ``service/indexes.py``."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import Base, IdKey, Instant, StoreKey


class OrderSku(Base):
    """A SKU of an order's lines, folded, for the filter. Has the order's ``created_at`` so that the default sort can
    walk this index."""

    __tablename__ = "order_sku"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["sales_order.store_id", "sales_order.id"], ondelete="CASCADE"),
        Index("order_sku_created_idx", "store_id", "sku_key", "created_at", "order_id"),
    )

    store_id: Mapped[StoreKey]
    order_id: Mapped[IdKey]
    sku_key: Mapped[IdKey]
    created_at: Mapped[Instant]


class OrderWord(Base):
    """A search word of an order: from its number, e-mail address and names, or from its customer's names, which can
    change (``of_customer``)."""

    __tablename__ = "order_word"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["sales_order.store_id", "sales_order.id"], ondelete="CASCADE"),
        Index("order_word_order_idx", "store_id", "order_id", "word"),
    )

    store_id: Mapped[StoreKey]
    word: Mapped[IdKey]
    order_id: Mapped[IdKey]
    of_customer: Mapped[bool] = mapped_column(primary_key=True)
