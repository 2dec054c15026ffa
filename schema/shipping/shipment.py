"""Shipments, their packages, items and tracking events."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import strawberry

from domain import customers, inventory, orders, shipping
from domain.catalog import WeightUnit
from domain.shipping import DimensionUnit, ShipmentSource, ShipmentStatus
from schema.address import Address, address
from schema.customers import Customer
from schema.enums import sort_input
from schema.fields import attribute, owned_rows, related
from schema.inventory.types import Warehouse
from schema.money import Money, money
from schema.orders import Order, OrderItem
from schema.relay import Connection, Node, Versioned
from schema.scalars import Url

reads = shipping.reads

ShipmentSort = sort_input(
    "ShipmentSort",
    reads.shipments,
    {"created_at": "The time of creation.", "updated_at": "The time of the last change."},
)


@strawberry.type(description="A package of a shipment.")
class ShipmentPackage(Node, prefix="pkg"):
    """A row of the reads of packages."""

    tracking_number: str | None = attribute("The tracking number of the package. Null until the label is created.")
    weight: Decimal = attribute("The weight, in `weightUnit`.")
    weight_unit: WeightUnit = attribute("The unit of mass.")
    length: Decimal = attribute("The length, in `dimensionUnit`.")
    width: Decimal = attribute("The width, in `dimensionUnit`.")
    height: Decimal = attribute("The height, in `dimensionUnit`.")
    dimension_unit: DimensionUnit = attribute("The unit of length.")


@strawberry.type(description="A quantity of a line of the order.")
class ShipmentItem:
    """A row of the reads of shipped items, also in snapshots."""

    item: OrderItem | None = related(
        orders.reads.item_by_id, key="item_id", description="The line. Null if it has been removed from the order."
    )
    sku: str = attribute("The SKU at the time of the order.")
    name: str = attribute("The product name at the time of the order.")
    quantity: int = attribute("The shipped quantity.")


@strawberry.type(description="What became of a shipment at a time and place.")
class TrackingEvent(Node, prefix="trk"):
    """A row of the reads of tracking events."""

    status: ShipmentStatus = attribute("The status that it reports.")
    description: str = attribute("What happened, in words.")
    location: str | None = attribute("Where it happened. Null if it is not known.")
    occurred_at: datetime = attribute("When it happened.")


@strawberry.type(description="Packages that leave one warehouse for one address, with one carrier.")
class Shipment(Node, Versioned, prefix="shp"):
    """A row of the reads of shipments."""

    order: Order = related(orders.reads.order_by_id, key="order_id", description="The order.")
    customer: Customer | None = related(
        customers.reads.customer_by_id, key="customer_id", description="The customer. Null for a guest."
    )
    warehouse: Warehouse = related(
        inventory.reads.warehouse_by_id, key="warehouse_id", description="The warehouse that it leaves."
    )
    status: ShipmentStatus = attribute("The status of the shipment.")
    carrier: str = attribute("The code of the carrier.")
    carrier_name: str = attribute("The name of the carrier.")
    service: str = attribute("The code of the service.")
    service_name: str = attribute("The name of the service.")
    source: ShipmentSource = attribute("The origin of the tracking number.")
    tracking_number: str | None = attribute(
        "The tracking number of the first package. Null until the label is created."
    )
    tracking_url: Url | None = attribute("The page that follows the shipment. Null if the carrier has none.")
    label_url: Url | None = attribute(
        "The URL of the label, which needs an API key. Null if it was bought elsewhere, or there is none."
    )
    failure: str | None = attribute(
        "Why the carrier has made no label, in its words; the shipment is then cancelled. Null otherwise."
    )
    ship_from: Address = address("ship_from", description="The sender's address.")
    ship_to: Address = address("ship_to", description="The recipient's address.")
    packages: list[ShipmentPackage] = owned_rows(reads.packages_by_shipment, key="id", description="The packages.")
    items: list[ShipmentItem] = owned_rows(
        reads.items_by_shipment, key="id", description="The shipped lines of the order."
    )
    tracking: list[TrackingEvent] = owned_rows(
        reads.events_by_shipment, key="id", description="The tracking events, oldest first."
    )
    cost: Money | None = money(
        "cost", description="The price by the tariff of the carrier. Null if it has none in the currency of the store."
    )
    insurance_value: Money | None = money(
        "insurance_value", description="The insured value. Null if it is not insured."
    )
    signature_required: bool = attribute("Whether a signature is required on delivery.")
    estimated_delivery_from: str | None = attribute(
        "The first day on which the delivery is expected, as YYYY-MM-DD. Null if unknown."
    )
    estimated_delivery: str | None = attribute(
        "The last day on which the delivery is expected, as YYYY-MM-DD. Null if unknown."
    )
    shipped_at: datetime | None = attribute("When it was handed over to the carrier. Null before.")
    delivered_at: datetime | None = attribute("When it was delivered. Null before.")
    cancelled_at: datetime | None = attribute("When it was cancelled. Null if it was not.")


@strawberry.type(description="A page of shipments.")
class ShipmentConnection(Connection[Shipment]):
    """A page of shipments."""
