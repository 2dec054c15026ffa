"""Shipments of orders. A shipment is the aggregate root of its packages, items and tracking events."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.catalog import WeightUnit
from domain.kernel.sql.tables import INSTANT, KEY_TEXT, WIDE_COLUMN, Instant, KeyText, StoreOwned
from domain.shipping.measures import DimensionUnit
from domain.shipping.states import ShipmentSource, ShipmentStatus

AddressJson = dict[str, Any]
"""An address in the stored form of ``domain.kernel.address``."""


class Shipment(StoreOwned):
    """Packages that leave one warehouse for one address, with one carrier."""

    __tablename__ = "shipment"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "order_id"], ["sales_order.store_id", "sales_order.id"]),
        ForeignKeyConstraint(["store_id", "customer_id"], ["customer.store_id", "customer.id"]),
        ForeignKeyConstraint(["store_id", "warehouse_id"], ["warehouse.store_id", "warehouse.id"]),
        CheckConstraint(
            "status IN ('pending', 'created', 'in_transit', 'out_for_delivery', 'exception', 'delivered', 'cancelled')",
            name="status",
        ),
        CheckConstraint("source IN ('sandbox', 'custom', 'caller', 'carrier')", name="source"),
        CheckConstraint("(status = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_at"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_at"),
        CheckConstraint("(status IN ('pending', 'created', 'cancelled')) = (shipped_at IS NULL)", name="shipped_at"),
        CheckConstraint("tracking_number IS NOT NULL OR status IN ('pending', 'cancelled')", name="tracking_number"),
        CheckConstraint("failure IS NULL OR status = 'cancelled'", name="failure"),
        Index("shipment_created_idx", "store_id", "created_at", "id"),
        Index("shipment_updated_idx", "store_id", "updated_at", "id"),
        Index("shipment_status_idx", "store_id", "status", "created_at", "id"),
        Index("shipment_carrier_idx", "store_id", "carrier", "created_at", "id"),
        Index("shipment_order_idx", "store_id", "order_id", "created_at", "id"),
        Index("shipment_customer_idx", "store_id", "customer_id", "created_at", "id"),
        Index("shipment_tracking_due_idx", "next_tracking_at", postgresql_where=text("next_tracking_at IS NOT NULL")),
        Index("shipment_tracking_number_idx", "store_id", "tracking_number", "id"),
        Index("shipment_warehouse_idx", "store_id", "warehouse_id", "created_at", "id"),
    )

    order_id: Mapped[KeyText]
    customer_id: Mapped[KeyText | None]
    """The customer of the order when the shipment was created."""
    warehouse_id: Mapped[KeyText]
    carrier: Mapped[KeyText]
    carrier_name: Mapped[str]
    service: Mapped[KeyText]
    service_name: Mapped[str]
    status: Mapped[ShipmentStatus] = mapped_column(KEY_TEXT)
    source: Mapped[ShipmentSource] = mapped_column(KEY_TEXT)
    tracking_number: Mapped[KeyText | None]
    """Null until the carrier has made the label, and after it refused to."""
    tracking_url: Mapped[str | None]
    failure: Mapped[str | None]
    """Why the carrier made no label."""
    label_url: Mapped[str | None]
    """Null where the label was bought elsewhere, or the carrier has none."""
    ship_from: Mapped[AddressJson] = mapped_column(JSONB)
    ship_to: Mapped[AddressJson] = mapped_column(JSONB)
    currency: Mapped[KeyText]
    cost: Mapped[int | None] = mapped_column(BigInteger)
    """What the carrier's tariff asks, in minor units. Null where it has none in the currency of the store."""
    insurance_value: Mapped[int | None] = mapped_column(BigInteger)
    signature_required: Mapped[bool]
    estimated_delivery_from: Mapped[KeyText | None]
    """YYYY-MM-DD."""
    estimated_delivery: Mapped[KeyText | None]
    """YYYY-MM-DD: the last day."""
    shipped_at: Mapped[datetime | None] = mapped_column(INSTANT)
    delivered_at: Mapped[datetime | None] = mapped_column(INSTANT)
    cancelled_at: Mapped[datetime | None] = mapped_column(INSTANT)
    next_tracking_at: Mapped[datetime | None] = mapped_column(INSTANT)
    """When the carrier is asked next what has become of it; null if it is not asked."""
    sequence: Mapped[int]
    version: Mapped[int]
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]


class ShipmentPackage(StoreOwned):
    """A package of a shipment, as it was measured."""

    __tablename__ = "shipment_package"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "shipment_id"], ["shipment.store_id", "shipment.id"]),
        CheckConstraint("weight > 0", name="weight"),
        CheckConstraint("length > 0 AND width > 0 AND height > 0", name="sides"),
        CheckConstraint("weight_unit IN ('g', 'kg', 'oz', 'lb')", name="weight_unit"),
        CheckConstraint("dimension_unit IN ('in', 'cm')", name="dimension_unit"),
        Index("shipment_package_shipment_idx", "store_id", "shipment_id", "position", "id"),
    )

    shipment_id: Mapped[KeyText]
    position: Mapped[int]
    weight: Mapped[Decimal] = mapped_column(Numeric)
    weight_unit: Mapped[WeightUnit] = mapped_column(KEY_TEXT)
    length: Mapped[Decimal] = mapped_column(Numeric)
    width: Mapped[Decimal] = mapped_column(Numeric)
    height: Mapped[Decimal] = mapped_column(Numeric)
    dimension_unit: Mapped[DimensionUnit] = mapped_column(KEY_TEXT)
    tracking_number: Mapped[KeyText | None]


class ShipmentItem(StoreOwned):
    """A quantity of a line of the order."""

    __tablename__ = "shipment_item"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "shipment_id"], ["shipment.store_id", "shipment.id"]),
        CheckConstraint("quantity > 0", name="quantity"),
        Index("shipment_item_shipment_idx", "store_id", "shipment_id", "position", "id"),
        Index("shipment_item_item_idx", "store_id", "item_id", "id"),
    )

    shipment_id: Mapped[KeyText]
    position: Mapped[int]
    item_id: Mapped[KeyText]
    """The id of the line."""
    product_id: Mapped[KeyText]
    variant_id: Mapped[KeyText | None]
    sku: Mapped[str]
    name: Mapped[str]
    quantity: Mapped[int]


class ShipmentLabel(StoreOwned):
    """The label that a carrier has made: a PDF with a page for each package. Others are drawn when asked for."""

    __tablename__ = "shipment_label"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "shipment_id"], ["shipment.store_id", "shipment.id"]),
        UniqueConstraint("store_id", "shipment_id", name="shipment_label_shipment_key"),
    )

    shipment_id: Mapped[KeyText]
    content: Mapped[bytes] = mapped_column(LargeBinary, info=WIDE_COLUMN)
    created_at: Mapped[Instant]


class TrackingEvent(StoreOwned):
    """What became of a shipment: a status at a time and place. Append-only."""

    __tablename__ = "tracking_event"
    __table_args__ = (
        ForeignKeyConstraint(["store_id", "shipment_id"], ["shipment.store_id", "shipment.id"]),
        Index("tracking_event_shipment_idx", "store_id", "shipment_id", "occurred_at", "id"),
    )

    shipment_id: Mapped[KeyText]
    status: Mapped[ShipmentStatus] = mapped_column(KEY_TEXT)
    description: Mapped[str]
    location: Mapped[str | None]
    occurred_at: Mapped[datetime] = mapped_column(INSTANT)
    created_at: Mapped[Instant]
