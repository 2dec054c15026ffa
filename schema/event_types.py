"""GraphQL types of events, one per event type, with the object at the time of the event and as it is now."""

from __future__ import annotations

from typing import Any

import strawberry

from domain import catalog, customers, inventory, orders, payments, shipping
from domain.kernel.sql.executor import Row
from resolvers.loaders import LoadRequest
from schema.catalog import Product
from schema.customers import Customer
from schema.event_interface import Event, event_snapshot
from schema.fields import derived_key, related
from schema.inventory import Inventory, InventoryAlert
from schema.orders import Order
from schema.payments import Payment
from schema.shipping import Shipment
from schema.snapshots import (
    CustomerSnapshot,
    InventorySnapshot,
    OrderSnapshot,
    PaymentSnapshot,
    ProductSnapshot,
    ShipmentSnapshot,
)


def _product() -> Any:
    return related(
        catalog.reads.product_by_id, key="object_id", description="The current product. Null if it no longer exists."
    )


def _product_snapshot() -> Any:
    return event_snapshot("The product", "product")


@strawberry.type(description="A product was created.")
class ProductCreated(Event):
    """``product.created``."""

    product: Product | None = _product()
    snapshot: ProductSnapshot = _product_snapshot()


@strawberry.type(description="A product was changed.")
class ProductUpdated(Event):
    """``product.updated``."""

    product: Product | None = _product()
    snapshot: ProductSnapshot = _product_snapshot()


@strawberry.type(description="A product was archived.")
class ProductDeleted(Event):
    """``product.deleted``."""

    product: Product | None = _product()
    snapshot: ProductSnapshot = _product_snapshot()


def _inventory_key(row: Row) -> LoadRequest:
    variant_id, product_id = row.snapshot["variant_id"], row.snapshot["product_id"]
    if variant_id is None:
        return LoadRequest(inventory.reads.inventory_by_product, product_id)
    return LoadRequest(inventory.reads.inventory_by_variant, variant_id)


def _alert_key(row: Row) -> LoadRequest | None:
    alert = row.snapshot["alert"]
    return None if alert is None else LoadRequest(inventory.reads.alert_by_id, alert["id"])


def _inventory(description: str) -> Any:
    return derived_key(
        _inventory_key,
        inventory.reads.inventory_by_product,
        inventory.reads.inventory_by_variant,
        columns=("snapshot",),
        description=description,
    )


def _alert() -> Any:
    return derived_key(
        _alert_key,
        inventory.reads.alert_by_id,
        columns=("snapshot",),
        description="The current alert. Null if it was removed.",
    )


def _inventory_snapshot() -> Any:
    return event_snapshot("The stock", "inventory")


@strawberry.type(
    description="The available quantity fell below the threshold of an alert. Fires again only after stock has "
    "recovered."
)
class InventoryLow(Event):
    """``inventory.low``."""

    inventory: Inventory | None = _inventory(
        "The current stock of the product, or of the variant of the alert. Null if it no longer exists."
    )
    alert: InventoryAlert | None = _alert()
    snapshot: InventorySnapshot = _inventory_snapshot()


@strawberry.type(description="A variant is out of stock in all warehouses.")
class InventoryOutOfStock(Event):
    """``inventory.out_of_stock``."""

    inventory: Inventory | None = _inventory("The current stock of the variant. Null if it no longer exists.")
    snapshot: InventorySnapshot = _inventory_snapshot()


def _customer() -> Any:
    return related(
        customers.reads.customer_by_id,
        key="object_id",
        description="The current customer. Null if it no longer exists.",
    )


def _customer_snapshot() -> Any:
    return event_snapshot("The customer", "customer")


@strawberry.type(description="A customer was created.")
class CustomerCreated(Event):
    """``customer.created``."""

    customer: Customer | None = _customer()
    snapshot: CustomerSnapshot = _customer_snapshot()


@strawberry.type(description="A customer was changed, archived or erased.")
class CustomerUpdated(Event):
    """``customer.updated``."""

    customer: Customer | None = _customer()
    snapshot: CustomerSnapshot = _customer_snapshot()


def _order() -> Any:
    return related(
        orders.reads.order_by_id, key="object_id", description="The current order. Null if it no longer exists."
    )


def _order_snapshot() -> Any:
    return event_snapshot("The order", "order")


@strawberry.type(description="An order was created.")
class OrderCreated(Event):
    """``order.created``."""

    order: Order | None = _order()
    snapshot: OrderSnapshot = _order_snapshot()


@strawberry.type(description="An order was changed.")
class OrderUpdated(Event):
    """``order.updated``."""

    order: Order | None = _order()
    snapshot: OrderSnapshot = _order_snapshot()


@strawberry.type(description="An order was cancelled and its stock released.")
class OrderCancelled(Event):
    """``order.cancelled``."""

    order: Order | None = _order()
    snapshot: OrderSnapshot = _order_snapshot()


@strawberry.type(description="All remaining items of an order were shipped.")
class OrderFulfilled(Event):
    """``order.fulfilled``."""

    order: Order | None = _order()
    snapshot: OrderSnapshot = _order_snapshot()


@strawberry.type(description="An order was refunded, in whole or in part.")
class OrderRefunded(Event):
    """``order.refunded``."""

    order: Order | None = _order()
    snapshot: OrderSnapshot = _order_snapshot()


def _payment() -> Any:
    return related(
        payments.reads.payment_by_id, key="object_id", description="The current payment. Null if it no longer exists."
    )


def _payment_snapshot() -> Any:
    return event_snapshot("The payment", "payment")


@strawberry.type(description="A payment was collected.")
class PaymentSucceeded(Event):
    """``payment.succeeded``."""

    payment: Payment | None = _payment()
    snapshot: PaymentSnapshot = _payment_snapshot()


@strawberry.type(description="An attempt to charge failed.")
class PaymentFailed(Event):
    """``payment.failed``."""

    payment: Payment | None = _payment()
    snapshot: PaymentSnapshot = _payment_snapshot()


@strawberry.type(description="A payment was refunded, in whole or in part.")
class PaymentRefunded(Event):
    """``payment.refunded``."""

    payment: Payment | None = _payment()
    snapshot: PaymentSnapshot = _payment_snapshot()


def _shipment() -> Any:
    return related(
        shipping.reads.shipment_by_id, key="object_id", description="The current shipment. Null if it no longer exists."
    )


def _shipment_snapshot() -> Any:
    return event_snapshot("The shipment", "shipment")


@strawberry.type(description="A shipment was created.")
class ShipmentCreated(Event):
    """``shipment.created``."""

    shipment: Shipment | None = _shipment()
    snapshot: ShipmentSnapshot = _shipment_snapshot()


@strawberry.type(description="A shipment was handed over to its carrier.")
class ShipmentInTransit(Event):
    """``shipment.in_transit``."""

    shipment: Shipment | None = _shipment()
    snapshot: ShipmentSnapshot = _shipment_snapshot()


@strawberry.type(description="A shipment was delivered.")
class ShipmentDelivered(Event):
    """``shipment.delivered``."""

    shipment: Shipment | None = _shipment()
    snapshot: ShipmentSnapshot = _shipment_snapshot()


TYPES = (
    ProductCreated,
    ProductUpdated,
    ProductDeleted,
    CustomerCreated,
    CustomerUpdated,
    InventoryLow,
    InventoryOutOfStock,
    OrderCreated,
    OrderUpdated,
    OrderCancelled,
    OrderFulfilled,
    OrderRefunded,
    PaymentSucceeded,
    PaymentFailed,
    PaymentRefunded,
    ShipmentCreated,
    ShipmentInTransit,
    ShipmentDelivered,
)
"""Passed to the schema, since no field returns these types by name."""
