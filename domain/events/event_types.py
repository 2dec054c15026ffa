"""The types of events, the scope each needs, and what of each area's snapshots they show."""

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
    """Every type that the areas announce, by its wire name."""

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
    """What the events of one area are about."""

    scope: str
    """What the caller must hold to see them."""
    row: Callable[[Mapping[str, Any]], SnapshotRow]
    """The object of a snapshot as a row, for GraphQL."""
    document: Callable[..., Mapping[str, Any]]
    """The object of a snapshot as REST and webhooks write it: ``(snapshot, with_cost=…)``."""
    cost_scopes: tuple[str, ...] = ()
    """Any of them shows what the object costs its merchant; none where it has no cost."""


_KINDS: Mapping[str, EventArea] = {
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
"""By the part of a type before its dot."""


def area_of(type: str) -> EventArea:
    """What an event of this type is about."""
    return _KINDS[type.partition(".")[0]]


def object_of(type: str, snapshot: Mapping[str, Any]) -> SnapshotRow:
    """The object of an event, as it was when the event was written."""
    return area_of(type).row(snapshot)


def readable_types(principal: Principal) -> tuple[EventType, ...]:
    """The types that the caller may see."""
    return tuple(type for type in EventType if principal.has_scope(area_of(type).scope))


def resolve_types(principal: Principal, named: Iterable[EventType] | None) -> tuple[EventType, ...]:
    """The types named, or all that the caller may see. Raises Forbidden for a named one that they may not see."""
    if named is None:
        return readable_types(principal)
    wanted = tuple(dict.fromkeys(named))
    for type in wanted:
        scope = area_of(type).scope
        if not principal.has_scope(scope):
            raise Forbidden(f"Events of type {type} need the scope {scope}.", missing_scope=scope)
    return wanted
