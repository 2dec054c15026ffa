"""Stock: a level per variant and warehouse, the append-only ledger whose sum it is, and what is set aside of it."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, Computed, ForeignKeyConstraint, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column, validates

from domain.kernel.sql.tables import KEY_TEXT, Base, IdKey, Instant, KeyText, StoreKey, StoreOwned, key_of_name
from domain.kernel.validation import name_key_of

_LEVEL = ["store_id", "variant_id", "warehouse_id"]


class Warehouse(StoreOwned):
    """A place that holds stock; each store has exactly one default."""

    __tablename__ = "warehouse"
    __table_args__ = (
        Index("warehouse_default_idx", "store_id", unique=True, postgresql_where=text("is_default")),
        Index("warehouse_created_idx", "store_id", "created_at", "id"),
        Index("warehouse_name_idx", "store_id", "name_key", "id"),
    )

    name: Mapped[str]
    name_key: Mapped[KeyText] = mapped_column(default=key_of_name)
    """What it is sorted by; follows the name."""
    is_default: Mapped[bool]
    country: Mapped[str | None] = mapped_column(KEY_TEXT)
    """ISO 3166-1 alpha-2; None where it was never said."""
    state: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(Text)
    zip: Mapped[str | None] = mapped_column(Text)
    line1: Mapped[str | None] = mapped_column(Text)
    line2: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    """An inactive one holds no stock and takes none. The default one is always active."""

    @validates("name")
    def _set_name_key(self, _: str, name: str) -> str:
        self.name_key = name_key_of(name)
        return name


class Inventory(Base):
    """The stock of one product: the aggregate root. Whoever changes any of its levels locks this row first."""

    __tablename__ = "inventory"

    store_id: Mapped[StoreKey]
    product_id: Mapped[IdKey]
    sequence: Mapped[int]
    """Counts its events."""


LEVEL_ID = "(('level_'::text || substr(variant_id, 5)) || substr(warehouse_id, 4))"
"""The ids of variant and warehouse without their prefixes, as PostgreSQL spells it."""


class InventoryLevel(Base):
    """What lies in one warehouse of one variant. Available is on hand less reserved, never below zero."""

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
    """The sum of its reservations."""
    updated_at: Mapped[Instant]
    available: Mapped[int] = mapped_column(Integer, Computed("(on_hand - reserved)", persisted=True))
    """Stored, since row-level security lets no index serve a condition on a difference."""
    id: Mapped[str] = mapped_column(KEY_TEXT, Computed(LEVEL_ID, persisted=True))
    """Made of its variant's and its warehouse's, see ``level_id``."""


def level_id(variant_id: str, warehouse_id: str) -> str:
    """The id of the level of a variant in a warehouse: theirs without their prefixes, one after the other."""
    return f"level_{variant_id.partition('_')[2]}{warehouse_id.partition('_')[2]}"


class InventoryReservation(Base):
    """What one holder (an item of an order) has set aside of one level."""

    __tablename__ = "inventory_reservation"
    __table_args__ = (
        # Without a cascade: a variant cannot go while some of it is set aside.
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
    """One change of one level. Never altered; outlives its variant, so it holds no foreign key to it."""

    __tablename__ = "inventory_movement"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "warehouse_id"], ["warehouse.store_id", "warehouse.id"]),
        CheckConstraint("quantity <> 0", name="quantity"),
        Index("inventory_movement_variant_idx", "store_id", "variant_id", "created_at", "id"),
        Index("inventory_movement_product_idx", "store_id", "product_id", "created_at", "id"),
        Index("inventory_movement_warehouse_idx", "store_id", "product_id", "warehouse_id", "created_at", "id"),
        Index("inventory_movement_reason_idx", "store_id", "product_id", "reason", "created_at", "id"),
        Index("inventory_movement_created_idx", "store_id", "created_at", "id"),
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
    """The id of what it was for: an order, a transfer's other half has the same one."""
    actor: Mapped[KeyText]
    created_at: Mapped[Instant]


class AlertState(StrEnum):
    """Whether an alert waits to fire, or has fired and waits for the stock to recover."""

    ARMED = "armed"
    LOW = "low"


class InventoryAlert(StoreOwned):
    """Wanted: to hear when what is available falls below ``threshold``, of a product or a part of it.

    The variant and the warehouse narrow it; each such target has one alert.
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
    """How much to order when it falls below; None: nothing is ordered."""
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    state: Mapped[AlertState] = mapped_column(KEY_TEXT, default=AlertState.ARMED)
    """Follows the stock, under the stock's lock; no change of the alert itself, so it does not bump the version."""


class PurchaseOrderStatus(StrEnum):
    """Whether what was ordered is still to come."""

    OPEN = "open"
    RECEIVED = "received"
    CANCELLED = "cancelled"


class PurchaseOrder(StoreOwned):
    """An order to the supplier: created by hand, or recorded when an alert with a reorder quantity fired."""

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
    """Of its only line; None where it has several."""
    variant_id: Mapped[KeyText | None]
    """As ``product_id``."""
    warehouse_id: Mapped[KeyText]
    alert_id: Mapped[KeyText | None]
    """The alert that fired; None for one that was created by hand."""
    status: Mapped[PurchaseOrderStatus] = mapped_column(KEY_TEXT)
    quantity: Mapped[int]
    """The sum of its lines."""
    received: Mapped[int]
    """How much of it has come so far: the sum of its lines."""
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
    received_at: Mapped[Instant | None]
    """When all of it had come."""
    note: Mapped[str | None] = mapped_column(Text)
    cancelled_at: Mapped[Instant | None]

    @property
    def level_id(self) -> str | None:
        """The level that its only line is to raise; None where it has several."""
        return None if self.variant_id is None else level_id(self.variant_id, self.warehouse_id)


class PurchaseOrderLine(Base):
    """What a purchase order asks for of one variant. Outlives the variant, so it holds no foreign key to it."""

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
    """How much of it has come so far."""
