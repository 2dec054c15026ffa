"""Stock: a level per variant and warehouse, and the append-only ledger whose sum it is."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.tables import Base, IdKey, Instant, KeyText, StoreKey, StoreOwned


class Warehouse(StoreOwned):
    """A place that holds stock; each store has exactly one default."""

    __tablename__ = "warehouse"
    __table_args__ = (
        Index("warehouse_default_idx", "store_id", unique=True, postgresql_where=text("is_default")),
        Index("warehouse_created_idx", "store_id", "created_at", "id"),
    )

    name: Mapped[str]
    is_default: Mapped[bool]
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


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
    )

    store_id: Mapped[StoreKey]
    variant_id: Mapped[IdKey]
    warehouse_id: Mapped[IdKey]
    product_id: Mapped[KeyText]
    on_hand: Mapped[int]
    reserved: Mapped[int]
    updated_at: Mapped[Instant]


class InventoryMovement(StoreOwned):
    """One change of one level. Never altered; outlives its variant, so it holds no foreign key to it."""

    __tablename__ = "inventory_movement"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "warehouse_id"], ["warehouse.store_id", "warehouse.id"]),
        CheckConstraint("quantity <> 0", name="quantity"),
        Index("inventory_movement_variant_idx", "store_id", "variant_id", "created_at", "id"),
        Index("inventory_movement_product_idx", "store_id", "product_id", "created_at", "id"),
    )

    product_id: Mapped[KeyText]
    variant_id: Mapped[KeyText]
    warehouse_id: Mapped[KeyText]
    quantity: Mapped[int]
    reason: Mapped[str]
    note: Mapped[str | None] = mapped_column(Text)
    actor: Mapped[KeyText]
    created_at: Mapped[Instant]
