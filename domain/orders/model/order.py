"""Orders with their lines, notes and history; drafts; settings. An order is the aggregate root of its children: writes
to them lock it and increase its version.

Amounts are minor units of the store's currency. ``total`` is exactly the sum of the items' totals, the shipping and
the tax on it; a check constraint of the table enforces the sums.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    FetchedValue,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from domain.customers import email_domain_key, email_key
from domain.kernel.sql.tables import (
    INSTANT,
    KEY_TEXT,
    WIDE_COLUMN,
    Document,
    Instant,
    KeyText,
    Minor,
    StoreOwned,
    Texts,
)
from domain.orders.states import (
    FulfillmentStatus,
    OrderStatus,
    PaymentStatus,
    require_transition,
)
from domain.payments import PaymentMethod

AddressJson = dict[str, Any]
"""An address in the stored form of ``domain.kernel.address``."""

PAYMENT_STATUS = (
    "CASE WHEN captured > 0 AND refunded = captured THEN 'refunded' WHEN captured >= total THEN 'paid' "
    "WHEN payment_failed AND captured = 0 THEN 'failed' ELSE 'pending' END"
)
FULFILLMENT_STATUS = (
    "CASE WHEN units_fulfilled = 0 THEN 'unfulfilled' WHEN units_fulfilled < units THEN 'partial' ELSE 'fulfilled' END"
)

DRAFT_STATUS = "CASE WHEN order_id IS NULL THEN 'open' ELSE 'completed' END"


class OrderBase(StoreOwned):
    """The columns that orders and drafts share: customer, terms and amounts."""

    __abstract__ = True

    customer_id: Mapped[KeyText | None]
    email: Mapped[str | None]
    currency: Mapped[KeyText]
    subtotal: Mapped[Minor]
    discount: Mapped[Minor]
    shipping: Mapped[Minor]
    shipping_tax: Mapped[Minor]
    """The part of ``tax`` on the shipping; the rest is on the items."""
    tax: Mapped[Minor]
    total: Mapped[Minor]
    discount_amount: Mapped[int | None] = mapped_column(BigInteger)
    """The discount if it was requested as an amount; stored so that it applies again when the lines change."""
    discount_rate: Mapped[int | None] = mapped_column(Integer)
    """The discount if it was requested as a percentage: millionths of the subtotal."""
    tax_rate: Mapped[int]
    """In millionths: 200,000 is 20 %."""
    tax_on_shipping: Mapped[bool]
    payment_method: Mapped[PaymentMethod | None] = mapped_column(KEY_TEXT)
    shipping_method: Mapped[str | None]
    shipping_address: Mapped[AddressJson | None] = mapped_column(JSONB(none_as_null=True))
    billing_address: Mapped[AddressJson | None] = mapped_column(JSONB(none_as_null=True))
    metadata_: Mapped[Document] = mapped_column("metadata")
    tags: Mapped[Texts]
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class OrderLine(StoreOwned):
    """The columns that lines of orders and of drafts share: a quantity of one variant, with its name and price.

    ``total`` = ``price`` x ``quantity`` - ``discount`` + ``tax``.
    """

    __abstract__ = True

    position: Mapped[int]
    product_id: Mapped[KeyText]
    variant_id: Mapped[KeyText | None]
    """Null if the variant was removed; ``sku`` and ``name`` remain."""
    sku: Mapped[str]
    name: Mapped[str]
    attributes: Mapped[Document]
    quantity: Mapped[int]
    price: Mapped[Minor]
    own_price: Mapped[bool]
    """Whether the price was set in the request and is not the catalog's."""
    currency: Mapped[KeyText]
    discount: Mapped[Minor]
    tax: Mapped[Minor]
    total: Mapped[Minor]
    created_at: Mapped[Instant]


class Order(OrderBase):
    """An order of a customer or guest, with the names, prices and addresses of the time it was placed."""

    __tablename__ = "sales_order"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "customer_id"], ["customer.store_id", "customer.id"]),
        UniqueConstraint("store_id", "number", name="sales_order_number_key"),
        CheckConstraint("status IN ('pending', 'processing', 'shipped', 'delivered', 'cancelled')", name="status"),
        CheckConstraint("total = subtotal - discount + shipping + tax", name="total"),
        CheckConstraint("discount BETWEEN 0 AND subtotal", name="discount"),
        CheckConstraint("shipping >= 0 AND shipping_tax BETWEEN 0 AND tax", name="shipping"),
        CheckConstraint("refunded BETWEEN 0 AND captured", name="refunded"),
        CheckConstraint("units_fulfilled BETWEEN 0 AND units", name="units"),
        Index("sales_order_created_idx", "store_id", "created_at", "id"),
        Index("sales_order_updated_idx", "store_id", "updated_at", "id"),
        Index("sales_order_total_idx", "store_id", "total", "id"),
        Index("sales_order_status_idx", "store_id", "status", "created_at", "id"),
        Index("sales_order_customer_idx", "store_id", "customer_id", "created_at", "id"),
        Index("sales_order_payment_idx", "store_id", "payment_status", "created_at", "id"),
        Index("sales_order_fulfillment_idx", "store_id", "fulfillment_status", "created_at", "id"),
        # Beside the unique key, so that a list by number walks an index that ends in the id, as every list does.
        Index("sales_order_number_idx", "store_id", "number", "id"),
        Index("sales_order_email_idx", "store_id", "email_key", "id"),
        Index("sales_order_domain_idx", "store_id", "email_domain_key", "id"),
    )
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 - SQLAlchemy's own name; derived columns come back

    number: Mapped[int] = mapped_column(BigInteger, FetchedValue())
    """The order number in the store, from 1001, with gaps. A trigger draws it from the store's own sequence."""
    status: Mapped[OrderStatus] = mapped_column(KEY_TEXT)
    captured: Mapped[Minor]
    refunded: Mapped[Minor]
    payment_failed: Mapped[bool]
    """Whether the last payment attempt failed."""
    payment_status: Mapped[PaymentStatus] = mapped_column(KEY_TEXT, Computed(PAYMENT_STATUS, persisted=True))
    units: Mapped[int]
    units_fulfilled: Mapped[int]
    fulfillment_status: Mapped[FulfillmentStatus] = mapped_column(
        KEY_TEXT, Computed(FULFILLMENT_STATUS, persisted=True)
    )
    cancel_reason: Mapped[str | None]
    cancelled_at: Mapped[datetime | None] = mapped_column(INSTANT)
    refund_requested: Mapped[bool]
    """Whether the cancellation requested a refund."""
    sequence: Mapped[int]
    email_key: Mapped[KeyText | None]
    email_domain_key: Mapped[KeyText | None]
    """Search key of the domain. Like ``email_key``, derived from the e-mail address."""

    items: Mapped[list[OrderItem]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="OrderItem.position"
    )

    @validates("email")
    def _set_email_keys(self, _: str, email: str | None) -> str | None:
        self.email_key = None if email is None else email_key(email)
        self.email_domain_key = None if email is None else email_domain_key(email)
        return email

    def move(self, status: OrderStatus) -> None:
        """Change the status. Raises Conflict if the transition is not allowed."""
        require_transition(self.status, status)
        self.status = status


class OrderItem(OrderLine):
    """A line of an order."""

    __tablename__ = "order_item"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["sales_order.store_id", "sales_order.id"]),
        ForeignKeyConstraint(["store_id", "product_id"], ["product.store_id", "product.id"]),
        ForeignKeyConstraint(
            ["store_id", "variant_id"],
            ["product_variant.store_id", "product_variant.id"],
            ondelete="SET NULL (variant_id)",
        ),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("total = price * quantity - discount + tax", name="total"),
        CheckConstraint("fulfilled BETWEEN 0 AND quantity", name="fulfilled"),
        CheckConstraint("refunded BETWEEN 0 AND quantity", name="refunded"),
        CheckConstraint("returned BETWEEN 0 AND fulfilled", name="returned"),
        CheckConstraint("unit_cost >= 0", name="unit_cost"),
        Index("order_item_order_idx", "store_id", "order_id", "position", "id"),
        Index("order_item_product_idx", "store_id", "product_id"),
        Index("order_item_variant_idx", "store_id", "variant_id"),
    )

    order_id: Mapped[KeyText]
    fulfilled: Mapped[int]
    refunded: Mapped[int]
    returned: Mapped[int]
    unit_cost: Mapped[int | None] = mapped_column(BigInteger)
    """What a unit cost the store when the line was added. Null if the variant had no cost."""


class OrderNote(StoreOwned):
    """An internal note on an order."""

    __tablename__ = "order_note"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["sales_order.store_id", "sales_order.id"]),
        Index("order_note_order_idx", "store_id", "order_id", "created_at", "id"),
    )

    order_id: Mapped[KeyText]
    text: Mapped[str] = mapped_column(info=WIDE_COLUMN)
    actor: Mapped[KeyText]
    created_at: Mapped[Instant]


class OrderStatusChange(StoreOwned):
    """A status change of an order: old and new status, actor and reason."""

    __tablename__ = "order_status_change"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["sales_order.store_id", "sales_order.id"]),
        Index("order_status_change_order_idx", "store_id", "order_id", "created_at", "id"),
    )

    order_id: Mapped[KeyText]
    from_status: Mapped[OrderStatus | None] = mapped_column(KEY_TEXT)
    """Null for the first entry, when the order was placed."""
    status: Mapped[OrderStatus] = mapped_column(KEY_TEXT)
    note: Mapped[str | None]
    actor: Mapped[KeyText]
    created_at: Mapped[Instant]
