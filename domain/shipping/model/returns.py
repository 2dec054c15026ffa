"""Returns of shipped lines. A return is the aggregate root of its lines and history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.sql.tables import INSTANT, KEY_TEXT, WIDE_COLUMN, Instant, KeyText, Minor, StoreOwned
from domain.shipping.states import ItemCondition, ReturnReason, ReturnStatus


class OrderReturn(StoreOwned):
    """Lines of an order that come back."""

    __tablename__ = "order_return"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["sales_order.store_id", "sales_order.id"]),
        ForeignKeyConstraint(["store_id", "customer_id"], ["customer.store_id", "customer.id"]),
        ForeignKeyConstraint(["store_id", "warehouse_id"], ["warehouse.store_id", "warehouse.id"]),
        CheckConstraint("status IN ('requested', 'approved', 'received', 'closed', 'rejected')", name="status"),
        CheckConstraint("refund_amount >= 0", name="refund_amount"),
        Index("order_return_created_idx", "store_id", "created_at", "id"),
        Index("order_return_updated_idx", "store_id", "updated_at", "id"),
        Index("order_return_status_idx", "store_id", "status", "created_at", "id"),
        Index("order_return_order_idx", "store_id", "order_id", "created_at", "id"),
        Index("order_return_customer_idx", "store_id", "customer_id", "created_at", "id"),
    )

    order_id: Mapped[KeyText]
    customer_id: Mapped[KeyText | None]
    """The customer of the order when the return was requested."""
    status: Mapped[ReturnStatus] = mapped_column(KEY_TEXT)
    note: Mapped[str | None] = mapped_column(info=WIDE_COLUMN)
    currency: Mapped[KeyText]
    refund_amount: Mapped[Minor]
    """What the lines cost, with their shares of discount and tax: the refund that is proposed."""
    refund_id: Mapped[KeyText | None]
    """The refund of the lines; null before."""
    warehouse_id: Mapped[KeyText | None]
    """Where the lines are sent to. Null before the return is approved."""
    carrier: Mapped[KeyText | None]
    carrier_name: Mapped[str | None]
    service: Mapped[KeyText | None]
    service_name: Mapped[str | None]
    tracking_number: Mapped[KeyText | None]
    tracking_url: Mapped[str | None]
    label_url: Mapped[str | None]
    received_at: Mapped[datetime | None] = mapped_column(INSTANT)
    closed_at: Mapped[datetime | None] = mapped_column(INSTANT)
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class ReturnLine(StoreOwned):
    """A quantity of a line of the order that comes back."""

    __tablename__ = "order_return_line"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "return_id"], ["order_return.store_id", "order_return.id"]),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("restocked BETWEEN 0 AND quantity", name="restocked"),
        Index("order_return_line_return_idx", "store_id", "return_id", "position", "id"),
        Index("order_return_line_item_idx", "store_id", "item_id", "id"),
    )

    return_id: Mapped[KeyText]
    position: Mapped[int]
    item_id: Mapped[KeyText]
    """The id of the line."""
    product_id: Mapped[KeyText]
    variant_id: Mapped[KeyText | None]
    sku: Mapped[str]
    name: Mapped[str]
    quantity: Mapped[int]
    reason: Mapped[ReturnReason] = mapped_column(KEY_TEXT)
    condition: Mapped[ItemCondition | None] = mapped_column(KEY_TEXT)
    restocked: Mapped[int]
    """The quantity that went back to stock."""
    warehouse_id: Mapped[KeyText | None]
    """The warehouse that it went to; null if nothing went back."""


class ReturnStatusChange(StoreOwned):
    """A status change of a return: old and new status, actor and note."""

    __tablename__ = "order_return_status_change"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "return_id"], ["order_return.store_id", "order_return.id"]),
        Index("order_return_status_change_return_idx", "store_id", "return_id", "created_at", "id"),
    )

    return_id: Mapped[KeyText]
    from_status: Mapped[ReturnStatus | None] = mapped_column(KEY_TEXT)
    """Null for the first entry, when the return was requested."""
    status: Mapped[ReturnStatus] = mapped_column(KEY_TEXT)
    note: Mapped[str | None]
    actor: Mapped[KeyText]
    created_at: Mapped[Instant]
