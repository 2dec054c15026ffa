"""Events: what happened, with the object as it was at that moment; one type for each type of the log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import strawberry

import resolvers.webhooks
from domain import inventory, webhooks
from domain.kernel.events import REGISTRY
from domain.kernel.sql import Row
from domain.webhooks.commands import EventFilter, EventStreamFilter
from domain.webhooks.types import EventType
from resolvers.arguments import Cursor, Id
from schema.catalog import Product
from schema.connections import Connection
from schema.customers import Customer
from schema.fields import attribute, computed, listing, root, subscription
from schema.inventory import Inventory, InventoryAlert
from schema.orders import Order


def _type_name(row: Any, *_: Any) -> str:
    return REGISTRY[row.type].__name__


def _cursor(row: Row) -> str:
    return webhooks.cursor_of(row)


def _object(row: Row) -> Any:
    return webhooks.object_of(row.type, row.snapshot)


@strawberry.interface(description="An immutable fact. Its object is as it was then; relations are as they are now.")
class Event:
    """A row of the log."""

    id: Id = attribute("Its id: the same in webhooks and in REST.")
    type: EventType = attribute("What happened.")
    cursor: Cursor = computed(
        _cursor, columns=("position",), description="Its place in the log: a subscription continues after it."
    )
    created_at: datetime = attribute("When it happened.")
    changed_fields: list[str] = attribute("What an update changed, by the names of REST; empty for other events.")
    sequence: int = attribute("Counts the events of this object, to order them by.")

    resolve_type = staticmethod(_type_name)


def _product() -> Any:
    return computed(
        _object,
        columns=("type", "snapshot"),
        description="The product as it was then, with the variants and images it had.",
        scopes=("products:read",),
    )


@strawberry.type(description="A product was added.")
class ProductCreated(Event):
    """``product.created``."""

    product: Product | None = _product()


@strawberry.type(description="A product changed.")
class ProductUpdated(Event):
    """``product.updated``."""

    product: Product | None = _product()


@strawberry.type(description="A product was archived.")
class ProductDeleted(Event):
    """``product.deleted``."""

    product: Product | None = _product()


def _alert(row: Row) -> Any:
    return inventory.snapshot.alert_row(row.snapshot)


def _inventory(description: str) -> Any:
    return computed(_object, columns=("type", "snapshot"), description=description, scopes=("inventory:read",))


@strawberry.type(description="What is available fell below an alert's threshold; again only after it has recovered.")
class InventoryLow(Event):
    """``inventory.low``."""

    inventory: Inventory | None = _inventory("The stock of the product, or of the alert's variant, as it was then.")
    alert: InventoryAlert | None = computed(
        _alert, columns=("snapshot",), description="The alert as it was then.", scopes=("inventory:read",)
    )


@strawberry.type(description="Nothing of a variant is available any more, in any warehouse.")
class InventoryOutOfStock(Event):
    """``inventory.out_of_stock``."""

    inventory: Inventory | None = _inventory("The stock of the variant as it was then.")


def _customer() -> Any:
    return computed(
        _object,
        columns=("type", "snapshot"),
        description="The customer as they were then, with the addresses they had.",
        scopes=("customers:read",),
    )


@strawberry.type(description="A customer was added.")
class CustomerCreated(Event):
    """``customer.created``."""

    customer: Customer | None = _customer()


@strawberry.type(description="A customer changed, was archived or erased.")
class CustomerUpdated(Event):
    """``customer.updated``."""

    customer: Customer | None = _customer()


def _order() -> Any:
    return computed(
        _object,
        columns=("type", "snapshot"),
        description="The order as it was then, with the lines it had.",
        scopes=("orders:read",),
    )


@strawberry.type(description="An order was placed.")
class OrderCreated(Event):
    """``order.created``."""

    order: Order | None = _order()


@strawberry.type(description="An order changed.")
class OrderUpdated(Event):
    """``order.updated``."""

    order: Order | None = _order()


@strawberry.type(description="An order was cancelled and its stock released.")
class OrderCancelled(Event):
    """``order.cancelled``."""

    order: Order | None = _order()


@strawberry.type(description="All that was still to be sent of an order has gone.")
class OrderFulfilled(Event):
    """``order.fulfilled``."""

    order: Order | None = _order()


@strawberry.type(description="A page of events.")
class EventConnection(Connection[Event]):
    """A page of the log."""


@strawberry.type
class EventsQuery:
    """Root reads of the log."""

    event: Event | None = root(
        resolvers.webhooks.event, description="One event; null for those that the caller may not see."
    )
    events: EventConnection = listing(
        webhooks.reads.events,
        description="The log from the oldest event on, as far as the caller may see it.",
        filter=EventFilter,
        admit=webhooks.admitted,
    )


@strawberry.type
class EventsSubscription:
    """What can be followed."""

    events: Event = subscription(
        resolvers.webhooks.follow,
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
