"""Event types, and for each area: the scope that reads its events, and the row and document of its snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain import catalog, customers, inventory, orders
from domain.catalog.serializers import COST_SCOPES
from domain.kernel.errors import Forbidden
from domain.kernel.events import SnapshotRow
from domain.kernel.principal import Principal


class EventType(StrEnum):
    """All event types of all areas, by wire name."""

    PRODUCT_CREATED = catalog.ProductCreated.type
    PRODUCT_UPDATED = catalog.ProductUpdated.type
    PRODUCT_DELETED = catalog.ProductDeleted.type
    CUSTOMER_CREATED = customers.CustomerCreated.type
    CUSTOMER_UPDATED = customers.CustomerUpdated.type
    INVENTORY_LOW = inventory.InventoryLow.type
    INVENTORY_OUT_OF_STOCK = inventory.InventoryOutOfStock.type
    ORDER_CREATED = orders.OrderCreated.type
    ORDER_UPDATED = orders.OrderUpdated.type
    ORDER_CANCELLED = orders.OrderCancelled.type
    ORDER_FULFILLED = orders.OrderFulfilled.type


@dataclass(frozen=True, slots=True)
class EventArea:
    """Scope, row and document of the events of one area."""

    scope: str
    """The scope that reads the events."""
    row: Callable[[Mapping[str, Any]], SnapshotRow]
    """Builds the row of a snapshot, for GraphQL."""
    document: Callable[..., Mapping[str, Any]]
    """Builds the document of a snapshot, for REST and webhooks: ``(snapshot, with_cost=…)``."""
    cost_scopes: tuple[str, ...] = ()
    """Any of these scopes shows the purchase cost of the object. Empty if it has none."""


_AREAS: Mapping[str, EventArea] = {
    "product": EventArea(
        "products:read", catalog.snapshot.product_row, catalog.snapshot.serialize_product_event, COST_SCOPES
    ),
    "inventory": EventArea(
        "inventory:read", inventory.snapshot.inventory_row, inventory.snapshot.serialize_inventory_event
    ),
    "customer": EventArea(
        "customers:read", customers.snapshot.customer_row, customers.snapshot.serialize_customer_event
    ),
    "order": EventArea("orders:read", orders.snapshot.order_row, orders.snapshot.serialize_order_event),
}
"""By the part of an event type before the dot."""


def area_of(type: str) -> EventArea:
    """Find the area of an event type."""
    return _AREAS[type.partition(".")[0]]


def object_of(type: str, snapshot: Mapping[str, Any]) -> SnapshotRow:
    """Build the row of an event's object, as it was when the event was written."""
    return area_of(type).row(snapshot)


def readable_types(principal: Principal) -> tuple[EventType, ...]:
    """List the types that the caller may read."""
    return tuple(type for type in EventType if principal.has_scope(area_of(type).scope))


def resolve_types(principal: Principal, named: Iterable[EventType] | None) -> tuple[EventType, ...]:
    """Return the named types, or all that the caller may read. Raises Forbidden for a named type they may not read."""
    if named is None:
        return readable_types(principal)
    types = tuple(dict.fromkeys(named))
    for type in types:
        scope = area_of(type).scope
        if not principal.has_scope(scope):
            raise Forbidden(
                f"The API key lacks the scope {scope}, which events of type {type} require.", missing_scope=scope
            )
    return types
