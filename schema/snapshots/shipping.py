"""Snapshots of shipments."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import strawberry

from domain import customers, inventory, orders, shipping
from domain.catalog import WeightUnit
from domain.shipping import DimensionUnit, ShipmentSource, ShipmentStatus
from resolvers.types import Id
from schema.address import Address
from schema.customers import Customer
from schema.fields import attribute, related
from schema.inventory.types import Warehouse
from schema.money import Money
from schema.orders import Order
from schema.scalars import Url
from schema.shipping import Shipment, ShipmentItem, ShipmentPackage
from schema.snapshots.fields import VERSION, as_in, object_id_of, owned_then


@strawberry.type(description="A package at the time of an event.")
class ShipmentPackageSnapshot:
    """A package in a shipment's snapshot."""

    object_id: Id = object_id_of("The id of the package (`pkg_…`).")
    tracking_number: str | None = as_in(ShipmentPackage, "tracking_number")
    weight: Decimal = as_in(ShipmentPackage, "weight")
    weight_unit: WeightUnit = as_in(ShipmentPackage, "weight_unit")
    length: Decimal = as_in(ShipmentPackage, "length")
    width: Decimal = as_in(ShipmentPackage, "width")
    height: Decimal = as_in(ShipmentPackage, "height")
    dimension_unit: DimensionUnit = as_in(ShipmentPackage, "dimension_unit")


@strawberry.type(description="A shipment at the time of an event, with its packages and items.")
class ShipmentSnapshot:
    """The snapshot of a ``shipment.*`` event."""

    object_id: Id = object_id_of("The id of the shipment (`shp_…`).")
    order: Order | None = related(orders.reads.order_by_id, key="order_id", description="The current order.")
    customer: Customer | None = related(
        customers.reads.customer_by_id, key="customer_id", description="The current customer. Null for a guest."
    )
    warehouse: Warehouse | None = related(
        inventory.reads.warehouse_by_id, key="warehouse_id", description="The current warehouse that it has left."
    )
    status: ShipmentStatus = as_in(Shipment, "status")
    carrier: str = as_in(Shipment, "carrier")
    carrier_name: str = as_in(Shipment, "carrier_name")
    service: str = as_in(Shipment, "service")
    service_name: str = as_in(Shipment, "service_name")
    source: ShipmentSource = as_in(Shipment, "source")
    tracking_number: str | None = as_in(Shipment, "tracking_number")
    tracking_url: Url | None = as_in(Shipment, "tracking_url")
    label_url: Url | None = as_in(Shipment, "label_url")
    failure: str | None = as_in(Shipment, "failure")
    ship_from: Address = as_in(Shipment, "ship_from")
    ship_to: Address = as_in(Shipment, "ship_to")
    packages: list[ShipmentPackageSnapshot] = owned_then(shipping.reads.packages_by_shipment, "The packages.")
    items: list[ShipmentItem] = owned_then(shipping.reads.items_by_shipment, "The shipped lines of the order.")
    cost: Money | None = as_in(Shipment, "cost")
    insurance_value: Money | None = as_in(Shipment, "insurance_value")
    signature_required: bool = as_in(Shipment, "signature_required")
    estimated_delivery_from: str | None = as_in(Shipment, "estimated_delivery_from")
    estimated_delivery: str | None = as_in(Shipment, "estimated_delivery")
    shipped_at: datetime | None = as_in(Shipment, "shipped_at")
    delivered_at: datetime | None = as_in(Shipment, "delivered_at")
    cancelled_at: datetime | None = as_in(Shipment, "cancelled_at")
    version: int = attribute(VERSION)
    created_at: datetime = as_in(Shipment, "created_at")
    updated_at: datetime = as_in(Shipment, "updated_at")
