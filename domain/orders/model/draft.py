"""Draft orders and their lines."""

from __future__ import annotations

from sqlalchemy import (
    Computed,
    ForeignKeyConstraint,
    Index,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.kernel.sql.tables import (
    KEY_TEXT,
    KeyText,
)
from domain.orders.model.order import DRAFT_STATUS, OrderBase, OrderLine
from domain.orders.states import (
    DraftOrderStatus,
)


class DraftOrder(OrderBase):
    """A draft of an order: reserves no stock and creates no events until it is completed."""

    __tablename__ = "draft_order"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "customer_id"], ["customer.store_id", "customer.id"]),
        ForeignKeyConstraint(["store_id", "order_id"], ["sales_order.store_id", "sales_order.id"]),
        Index("draft_order_created_idx", "store_id", "created_at", "id"),
        Index("draft_order_customer_idx", "store_id", "customer_id", "created_at", "id"),
        Index("draft_order_status_idx", "store_id", "status", "created_at", "id"),
    )

    order_id: Mapped[KeyText | None]
    """The order created from the draft; null while the draft is open."""
    own_email: Mapped[bool]
    """Whether the e-mail address was set on the draft. Otherwise it follows the customer."""
    own_shipping_address: Mapped[bool]
    own_billing_address: Mapped[bool]
    status: Mapped[DraftOrderStatus] = mapped_column(KEY_TEXT, Computed(DRAFT_STATUS, persisted=True))

    items: Mapped[list[DraftOrderItem]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="DraftOrderItem.position"
    )


class DraftOrderItem(OrderLine):
    """A line of a draft, with the price at the last update of the draft."""

    __tablename__ = "draft_order_item"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "draft_id"], ["draft_order.store_id", "draft_order.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["store_id", "product_id"], ["product.store_id", "product.id"]),
        ForeignKeyConstraint(
            ["store_id", "variant_id"],
            ["product_variant.store_id", "product_variant.id"],
            ondelete="SET NULL (variant_id)",
        ),
        Index("draft_order_item_draft_idx", "store_id", "draft_id", "position", "id"),
        Index("draft_order_item_product_idx", "store_id", "product_id"),
        Index("draft_order_item_variant_idx", "store_id", "variant_id"),
    )

    draft_id: Mapped[KeyText]
