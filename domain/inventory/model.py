"""Stock: levels per variant and warehouse, the append-only ledger whose sums they are, and reservations."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, Computed, ForeignKeyConstraint, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from domain.kernel.sql.tables import KEY_TEXT, Base, IdKey, Instant, KeyText, StoreKey, StoreOwned, key_of_name
from domain.kernel.validation import name_key_of

_LEVEL = ["store_id", "variant_id", "warehouse_id"]


class Warehouse(StoreOwned):
    """A warehouse. Each store has exactly one default warehouse."""

    __tablename__ = "warehouse"
    __table_args__ = (
        Index("warehouse_default_idx", "store_id", unique=True, postgresql_where=text("is_default")),
        Index("warehouse_created_idx", "store_id", "created_at", "id"),
        Index("warehouse_name_idx", "store_id", "name_key", "id"),
    )

    name: Mapped[str]
    name_key: Mapped[KeyText] = mapped_column(default=key_of_name)
    """Sort key, derived from the name."""
    is_default: Mapped[bool]
    country: Mapped[str | None] = mapped_column(KEY_TEXT)
    """ISO 3166-1 alpha-2. None if not known."""
    state: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(Text)
    zip: Mapped[str | None] = mapped_column(Text)
    line1: Mapped[str | None] = mapped_column(Text)
    line2: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    """An inactive warehouse is empty and accepts no stock. The default warehouse is always active."""

    @validates("name")
    def _set_name_key(self, _: str, name: str) -> str:
        self.name_key = name_key_of(name)
        return name


class Inventory(Base):
    """The stock of one product: the aggregate root. Every change of a level locks this row first."""

    __tablename__ = "inventory"

    store_id: Mapped[StoreKey]
    product_id: Mapped[IdKey]
    sequence: Mapped[int]
    """The number of events of this stock."""


LEVEL_ID = "(('level_'::text || substr(variant_id, 5)) || substr(warehouse_id, 4))"
"""The ids of variant and warehouse without their prefixes, as PostgreSQL spells it."""


class InventoryLevel(Base):
    """The stock of one variant in one warehouse. Available is on hand minus reserved, never below zero."""

    __tablename__ = "inventory_level"
    __table_args__ = (
        ForeignKeyConstraint(
            ["store_id", "variant_id"], ["product_variant.store_id", "product_variant.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["store_id", "warehouse_id"], ["warehouse.store_id", "warehouse.id"]),
        CheckConstraint("reserved >= 0", name="reserved"),
        CheckConstraint("on_hand >= reserved", name="on_hand"),
        Index("inventory_level_product_idx", "store_id", "product_id"),
        Index("inventory_level_id_key", "store_id", "id", unique=True),
        Index("inventory_level_available_idx", "store_id", "available", "id"),
        Index("inventory_level_warehouse_idx", "store_id", "warehouse_id", "available", "id"),
    )

    store_id: Mapped[StoreKey]
    variant_id: Mapped[IdKey]
    warehouse_id: Mapped[IdKey]
    product_id: Mapped[KeyText]
    on_hand: Mapped[int]
    reserved: Mapped[int]
    """The sum of the reservations of this level."""
    updated_at: Mapped[Instant]
    available: Mapped[int] = mapped_column(Integer, Computed("(on_hand - reserved)", persisted=True))
    """Stored, because under row-level security no index serves a condition on a difference."""
    id: Mapped[str] = mapped_column(KEY_TEXT, Computed(LEVEL_ID, persisted=True))
    """Composed of the ids of variant and warehouse, see ``level_id``."""


def level_id(variant_id: str, warehouse_id: str) -> str:
    """Return the id of a level: the ids of variant and warehouse without prefixes, concatenated."""
    return f"level_{variant_id.partition('_')[2]}{warehouse_id.partition('_')[2]}"


class InventoryReservation(Base):
    """The quantity of one level that is reserved for one holder (an order item)."""

    __tablename__ = "inventory_reservation"
    __table_args__ = (
        # Without a cascade: a variant with reservations cannot be removed.
        ForeignKeyConstraint(_LEVEL, [f"inventory_level.{column}" for column in _LEVEL]),
        CheckConstraint("quantity > 0", name="quantity"),
        Index("inventory_reservation_level_idx", *_LEVEL),
    )

    store_id: Mapped[StoreKey]
    holder_id: Mapped[IdKey]
    warehouse_id: Mapped[IdKey]
    variant_id: Mapped[KeyText]
    product_id: Mapped[KeyText]
    quantity: Mapped[int]


class InventoryMovement(StoreOwned):
    """One change of one level. Immutable; outlives its variant, so it has no foreign key to it."""

    __tablename__ = "inventory_movement"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "warehouse_id"], ["warehouse.store_id", "warehouse.id"]),
        CheckConstraint("quantity <> 0", name="quantity"),
        Index("inventory_movement_variant_idx", "store_id", "variant_id", "created_at", "id"),
        Index("inventory_movement_product_idx", "store_id", "product_id", "created_at", "id"),
        Index("inventory_movement_warehouse_idx", "store_id", "product_id", "warehouse_id", "created_at", "id"),
        Index("inventory_movement_reason_idx", "store_id", "product_id", "reason", "created_at", "id"),
        Index(
            "inventory_movement_created_idx",
            "store_id",
            "created_at",
            "id",
            postgresql_include=["product_id", "quantity"],
        ),
        Index("inventory_movement_all_of_warehouse_idx", "store_id", "warehouse_id", "created_at", "id"),
        Index("inventory_movement_all_of_reason_idx", "store_id", "reason", "created_at", "id"),
    )

    product_id: Mapped[KeyText]
    variant_id: Mapped[KeyText]
    warehouse_id: Mapped[KeyText]
    quantity: Mapped[int]
    reason: Mapped[str]
    note: Mapped[str | None] = mapped_column(Text)
    reference: Mapped[str | None] = mapped_column(KEY_TEXT)
    """The id of the related order, purchase order or opposite transfer movement."""
    actor: Mapped[KeyText]
    created_at: Mapped[Instant]


class AlertState(StrEnum):
    """Whether an alert can fire, or has fired and waits for the stock to recover."""

    ARMED = "armed"
    LOW = "low"


class InventoryAlert(StoreOwned):
    """An alert that fires when the available quantity of a product falls below ``threshold``.

    A variant and a warehouse can restrict it. Each combination has at most one alert.
    """

    __tablename__ = "inventory_alert"
    __table_args__ = (
        ForeignKeyConstraint(
            ["store_id", "variant_id"], ["product_variant.store_id", "product_variant.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(["store_id", "warehouse_id"], ["warehouse.store_id", "warehouse.id"]),
        CheckConstraint("threshold > 0", name="threshold"),
        CheckConstraint("reorder_quantity > 0", name="reorder_quantity"),
        CheckConstraint("state IN ('armed', 'low')", name="state"),
        Index(
            "inventory_alert_target_idx",
            "store_id",
            "product_id",
            "variant_id",
            "warehouse_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("inventory_alert_variant_idx", "store_id", "variant_id"),
        Index("inventory_alert_created_idx", "store_id", "created_at", "id"),
        Index("inventory_alert_state_idx", "store_id", "state", "created_at", "id"),
        Index("inventory_alert_warehouse_idx", "store_id", "warehouse_id", "created_at", "id"),
    )

    product_id: Mapped[KeyText]
    variant_id: Mapped[KeyText | None]
    warehouse_id: Mapped[KeyText | None]
    threshold: Mapped[int]
    reorder_quantity: Mapped[int | None]
    """The quantity to order when the alert fires. None if nothing is ordered."""
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    state: Mapped[AlertState] = mapped_column(KEY_TEXT, default=AlertState.ARMED)
    """Updated with the stock, under its lock. Not a change of the alert itself, so the version stays."""


class PurchaseOrderStatus(StrEnum):
    """Whether units of a purchase order are outstanding."""

    OPEN = "open"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class PurchaseOrder(StoreOwned):
    """An order to a supplier, created manually or when an alert with a reorder quantity fires."""

    __tablename__ = "purchase_order"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "warehouse_id"], ["warehouse.store_id", "warehouse.id"]),
        CheckConstraint("status IN ('open', 'received', 'cancelled')", name="status"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("received >= 0 AND received <= quantity", name="received"),
        Index("purchase_order_created_idx", "store_id", "created_at", "id"),
        Index("purchase_order_status_idx", "store_id", "status", "created_at", "id"),
        Index("purchase_order_open_idx", "store_id", "warehouse_id", postgresql_where=text("status = 'open'")),
    )

    product_id: Mapped[KeyText | None]
    """The product of the only line. None if the order has several lines."""
    variant_id: Mapped[KeyText | None]
    """The variant of the only line. None if the order has several lines."""
    warehouse_id: Mapped[KeyText]
    alert_id: Mapped[KeyText | None]
    """The alert that created the order. None if it was created manually."""
    status: Mapped[PurchaseOrderStatus] = mapped_column(KEY_TEXT)
    quantity: Mapped[int]
    """The sum of the lines."""
    received: Mapped[int]
    """The quantity received so far: the sum of the lines."""
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    received_at: Mapped[Instant | None]
    """When the last outstanding unit was received."""
    note: Mapped[str | None] = mapped_column(Text)
    cancelled_at: Mapped[Instant | None]

    @property
    def level_id(self) -> str | None:
        """The level of the only line. None if the order has several lines."""
        return None if self.variant_id is None else level_id(self.variant_id, self.warehouse_id)


class PurchaseOrderLine(Base):
    """A line of a purchase order. Outlives its variant, so it has no foreign key to it."""

    __tablename__ = "purchase_order_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["store_id", "order_id"], ["purchase_order.store_id", "purchase_order.id"], ondelete="CASCADE"
        ),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("received >= 0 AND received <= quantity", name="received"),
    )

    store_id: Mapped[StoreKey]
    order_id: Mapped[IdKey]
    variant_id: Mapped[IdKey]
    product_id: Mapped[KeyText]
    position: Mapped[int]
    quantity: Mapped[int]
    received: Mapped[int]
    """The quantity received so far."""
