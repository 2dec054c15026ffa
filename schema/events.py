"""Events: what happened, one type for each type of the log; with the object as it was then, and as it is now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

import resolvers.events
from domain import catalog, customers, events, inventory, orders
from domain.events.commands import EventFilter, EventStreamFilter
from domain.events.event_types import EventType
from domain.kernel.events import REGISTRY
from domain.kernel.sql.executor import Row
from resolvers.loaders import LoadRequest
from resolvers.types import Cursor, Id
from schema.catalog import Product
from schema.customers import Customer
from schema.fields import attribute, computed, derived_key, listing, related, root, subscription
from schema.inventory import Inventory, InventoryAlert
from schema.orders import Order
from schema.relay import Connection, Node
from schema.snapshots import CustomerSnapshot, InventorySnapshot, OrderSnapshot, ProductSnapshot


def _type_name(row: Any, *_: Any) -> str:
    return REGISTRY[row.type].__name__


def _cursor(row: Row) -> str:
    return events.cursor_of(row)


def _snapshot_of(row: Row) -> Any:
    return events.object_of(row.type, row.snapshot)


def _snapshot(what: str, scope: str) -> Any:
    """Of the log. The types of snapshots differ: whoever selects several in one place aliases them."""
    return computed(
        _snapshot_of,
        columns=("type", "snapshot"),
        description=f"{what} as it was then: it has an objectId and no id. Alias it where snapshots of several types "
        "are selected side by side.",
        scopes=(scope,),
    )


@strawberry.interface(
    description="An immutable fact. Its `snapshot` is the object as it was then; its object is as it is now."
)
class Event(Node, prefix="evt", named=_type_name):
    """A row of the log."""

    type: EventType = attribute("What happened.")
    object_id: Id = attribute("The id of what it happened to; of stock, the product's.")
    cursor: Cursor = computed(
        _cursor, columns=("position",), description="Its place in the log: a subscription continues after it."
    )
    created_at: datetime = attribute("When it happened.")
    changed_fields: list[str] = attribute("What an update changed, by the names of REST; empty for other events.")
    sequence: int = attribute("Counts the events of this object, to order them by.")

    resolve_type = staticmethod(_type_name)


def _product() -> Any:
    return related(
        catalog.reads.product_by_id, key="object_id", description="The product as it is now; null when it is gone."
    )


def _product_then() -> Any:
    return _snapshot("The product", "products:read")


@strawberry.type(description="A product was added.")
class ProductCreated(Event):
    """``product.created``."""

    product: Product | None = _product()
    snapshot: ProductSnapshot = _product_then()


@strawberry.type(description="A product changed.")
class ProductUpdated(Event):
    """``product.updated``."""

    product: Product | None = _product()
    snapshot: ProductSnapshot = _product_then()


@strawberry.type(description="A product was archived.")
class ProductDeleted(Event):
    """``product.deleted``."""

    product: Product | None = _product()
    snapshot: ProductSnapshot = _product_then()


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
        description="The alert as it is now; null when it was removed.",
    )


def _inventory_then() -> Any:
    return _snapshot("The stock", "inventory:read")


@strawberry.type(description="What is available fell below an alert's threshold; again only after it has recovered.")
class InventoryLow(Event):
    """``inventory.low``."""

    inventory: Inventory | None = _inventory(
        "The stock of the product, or of the alert's variant, as it is now; null when that is gone."
    )
    alert: InventoryAlert | None = _alert()
    snapshot: InventorySnapshot = _inventory_then()


@strawberry.type(description="Nothing of a variant is available any more, in any warehouse.")
class InventoryOutOfStock(Event):
    """``inventory.out_of_stock``."""

    inventory: Inventory | None = _inventory("The stock of the variant as it is now; null when it is gone.")
    snapshot: InventorySnapshot = _inventory_then()


def _customer() -> Any:
    return related(
        customers.reads.customer_by_id, key="object_id", description="The customer as they are now; null when gone."
    )


def _customer_then() -> Any:
    return _snapshot("The customer", "customers:read")


@strawberry.type(description="A customer was added.")
class CustomerCreated(Event):
    """``customer.created``."""

    customer: Customer | None = _customer()
    snapshot: CustomerSnapshot = _customer_then()


@strawberry.type(description="A customer changed, was archived or erased.")
class CustomerUpdated(Event):
    """``customer.updated``."""

    customer: Customer | None = _customer()
    snapshot: CustomerSnapshot = _customer_then()


def _order() -> Any:
    return related(
        orders.reads.order_by_id, key="object_id", description="The order as it is now; null when it is gone."
    )


def _order_then() -> Any:
    return _snapshot("The order", "orders:read")


@strawberry.type(description="An order was placed.")
class OrderCreated(Event):
    """``order.created``."""

    order: Order | None = _order()
    snapshot: OrderSnapshot = _order_then()


@strawberry.type(description="An order changed.")
class OrderUpdated(Event):
    """``order.updated``."""

    order: Order | None = _order()
    snapshot: OrderSnapshot = _order_then()


@strawberry.type(description="An order was cancelled and its stock released.")
class OrderCancelled(Event):
    """``order.cancelled``."""

    order: Order | None = _order()
    snapshot: OrderSnapshot = _order_then()


@strawberry.type(description="All that was still to be sent of an order has gone.")
class OrderFulfilled(Event):
    """``order.fulfilled``."""

    order: Order | None = _order()
    snapshot: OrderSnapshot = _order_then()


@strawberry.type(description="A page of events.")
class EventConnection(Connection[Event]):
    """A page of the log."""


@strawberry.type
class EventsQuery:
    """Root reads of the log."""

    event: Event | None = root(
        resolvers.events.event, description="One event; null for those that the caller may not see."
    )
    events: EventConnection = listing(
        events.reads.events,
        description="The log from the oldest event on, as far as the caller may see it.",
        filter=EventFilter,
        admit=events.check_filters,
    )


@strawberry.type
class EventsSubscription:
    """What can be followed."""

    events: Event = subscription(
        resolvers.events.follow,
        filter=EventStreamFilter,
        description="Events as they happen; with `after`, first what has happened since, without gap or repeat.",
    )


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
)
"""Named to the schema, since no field returns them by name."""
