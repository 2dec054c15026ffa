"""Stock: what lies where, how it got there, and who wants to hear when it runs low. The types, and what can be read."""

from __future__ import annotations

from datetime import datetime

import strawberry

import resolvers.inventory
from domain import catalog, inventory
from domain.inventory import AlertState, PurchaseOrderStatus
from domain.inventory.commands import (
    InventoryAlertFilter,
    InventoryLedgerFilter,
    InventoryLevelFilter,
    InventoryMovementFilter,
    PurchaseOrderFilter,
)
from resolvers.types import Id
from schema.catalog import Product, ProductVariant
from schema.enums import sort_input
from schema.fields import attribute, listing, lookup, nested, related, root
from schema.relay import Connection, Node, Versioned

reads = inventory.reads

WarehouseSort = sort_input(
    "WarehouseSort",
    reads.warehouses,
    {"created_at": "When it was made.", "name": "Its name, whatever the case and accents."},
)


@strawberry.type(description="What lies of a product in all warehouses; or of the one variant that was asked for.")
class Inventory(Node, prefix="inv"):
    """A row of the reads of inventory. Its id is made of the product's or the variant's."""

    product: Product = related(catalog.reads.product_by_id, key="product_id", description="Whose stock it is.")
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id,
        key="variant_id",
        description="The variant that all of this is of; null: all of the product's.",
    )
    total_available: int = attribute("What can be sold: on hand less reserved.")
    total_reserved: int = attribute("What orders have set aside.")
    total_on_hand: int = attribute("What lies there.")
    levels: list[InventoryLevel] = related(
        reads.levels_by_product,
        key="product_id",
        instead=(reads.levels_by_variant, "variant_id"),
        description="By variant and warehouse.",
    )
    alerts: list[InventoryAlert] = related(
        reads.alerts_by_product,
        key="product_id",
        instead=(reads.alerts_by_variant, "variant_id"),
        description="Who wants to hear when it runs low, the oldest first; 200 at most.",
    )
    movements: InventoryMovementConnection = nested(
        reads.movements_by_product,
        key="product_id",
        narrowed={"variant_id": "variant_id"},
        filter=InventoryMovementFilter,
        admit=reads.check_filters,
        description="The ledger, newest first. Levels are the sums of their movements.",
    )


@strawberry.type(description="What lies in one warehouse of one variant.")
class InventoryLevel(Node, prefix="level"):
    """A row of the reads of levels. Its id is made of the variant's and the warehouse's."""

    variant: ProductVariant = related(catalog.reads.variant_by_id, key="variant_id", description="What lies there.")
    warehouse: Warehouse = related(reads.warehouse_by_id, key="warehouse_id", description="Where it lies.")
    on_hand: int = attribute("How much lies there.")
    reserved: int = attribute("How much of it orders have set aside.")
    available: int = attribute("How much of it can be sold.")


@strawberry.type(description="A place that holds stock.")
class Warehouse(Node, Versioned, prefix="wh"):
    """A row of the reads of warehouses."""

    name: str = attribute("What people call it.")
    is_default: bool = attribute("Whether stock lies here where nothing else is said.")
    active: bool = attribute("Whether stock can lie in it; an inactive one is empty and takes none.")
    country: str | None = attribute("ISO 3166-1 alpha-2; null where it was never said.")
    state: str | None = attribute("State, province or county.")
    city: str | None = attribute("The town.")
    zip: str | None = attribute("The postal code.")
    line1: str | None = attribute("Street and number.")
    line2: str | None = attribute("Building, unit.")


@strawberry.type(description="One change of what lies in one warehouse. Never altered.")
class InventoryMovement(Node, prefix="mov"):
    """A row of the ledger, which outlives its variant."""

    product: Product | None = related(catalog.reads.product_by_id, key="product_id", description="What moved.")
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id, key="variant_id", description="What moved; null when it was removed since."
    )
    warehouse: Warehouse = related(reads.warehouse_by_id, key="warehouse_id", description="Where.")
    quantity: int = attribute("How much came, or went where negative.")
    reason: str = attribute("Why.")
    note: str | None = attribute("What else there is to say.")
    reference: Id | None = attribute("The id of what it was for: an order, a purchase order, a transfer's other half.")
    actor: Id = attribute("The credential that did it; system for the gateway itself.")
    created_at: datetime = attribute("When.")


@strawberry.type(description="Wanted: to hear when stock falls below a threshold.")
class InventoryAlert(Node, Versioned, prefix="alert"):
    """A row of the reads of alerts."""

    product: Product = related(catalog.reads.product_by_id, key="product_id", description="Whose stock is watched.")
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id, key="variant_id", description="The variant that is watched; null: all of them."
    )
    warehouse: Warehouse | None = related(
        reads.warehouse_by_id, key="warehouse_id", description="The warehouse that is watched; null: all of them."
    )
    threshold: int = attribute("Fires when fewer than this are available.")
    reorder_quantity: int | None = attribute("How much is ordered when it fires; null: nothing.")
    state: AlertState = attribute("Whether it waits to fire, or has fired and waits for the stock to recover.")


@strawberry.type(description="What a purchase order asks for of one variant.")
class PurchaseOrderLine:
    """A row of the reads of lines, which outlives its variant."""

    product: Product | None = related(catalog.reads.product_by_id, key="product_id", description="What was ordered.")
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id, key="variant_id", description="What was ordered; null when it was removed since."
    )
    quantity: int = attribute("How many were ordered.")
    received: int = attribute("How many have come so far.")


@strawberry.type(description="What was ordered from the supplier, by hand or by an alert.")
class PurchaseOrder(Node, Versioned, prefix="po"):
    """A row of the reads of purchase orders."""

    product: Product | None = related(
        catalog.reads.product_by_id,
        key="product_id",
        description="The product of the only line; null where there are several.",
    )
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id,
        key="variant_id",
        description="The variant of the only line; null where there are several, and when it was removed since.",
    )
    lines: list[PurchaseOrderLine] = related(
        reads.lines_by_purchase_order, key="id", description="What was ordered of each variant; 100 at most."
    )
    warehouse: Warehouse = related(reads.warehouse_by_id, key="warehouse_id", description="Where it shall come.")
    alert: InventoryAlert | None = related(
        reads.alert_by_id,
        key="alert_id",
        description="The alert that fired; null for an order that was created by hand, and when the alert was removed.",
    )
    status: PurchaseOrderStatus = attribute("Whether it is still to come.")
    quantity: int = attribute("How much was ordered, of all lines.")
    received: int = attribute("How much has come so far, of all lines.")
    note: str | None = attribute("What else there is to say.")
    received_at: datetime | None = attribute("When all of it had come.")
    cancelled_at: datetime | None = attribute("When it was cancelled.")


@strawberry.type(description="A page of movements.")
class InventoryMovementConnection(Connection[InventoryMovement]):
    """A page of the ledger."""


@strawberry.type(description="A page of levels of stock.")
class InventoryLevelConnection(Connection[InventoryLevel]):
    """A page of levels."""


@strawberry.type(description="A page of alerts.")
class InventoryAlertConnection(Connection[InventoryAlert]):
    """A page of alerts."""


@strawberry.type(description="A page of warehouses.")
class WarehouseConnection(Connection[Warehouse]):
    """A page of warehouses."""


@strawberry.type(description="A page of purchase orders.")
class PurchaseOrderConnection(Connection[PurchaseOrder]):
    """A page of purchase orders."""


@strawberry.type
class InventoryQuery:
    """Root reads of stock."""

    inventory: Inventory | None = root(
        resolvers.inventory.stock,
        description="The stock of a product, or of one of its variants.",
        scopes=reads.inventory_by_product.scopes,
    )
    inventory_levels: InventoryLevelConnection = listing(
        reads.levels,
        description="The levels of the whole store, those with the least available first.",
        filter=InventoryLevelFilter,
    )
    inventory_movements: InventoryMovementConnection = listing(
        reads.movements,
        description="The ledger of the whole store, newest first.",
        filter=InventoryLedgerFilter,
        admit=reads.check_filters,
    )
    inventory_alerts: InventoryAlertConnection = listing(
        reads.alerts, description="The alerts of the whole store, newest first.", filter=InventoryAlertFilter
    )
    warehouse: Warehouse | None = lookup(
        resolvers.inventory.warehouse, reads.warehouse_by_id, description="One warehouse."
    )
    warehouses: WarehouseConnection = listing(
        reads.warehouses, description="The store's warehouses.", sort=WarehouseSort
    )
    purchase_order: PurchaseOrder | None = lookup(
        resolvers.inventory.purchase_order, reads.purchase_order_by_id, description="One purchase order."
    )
    purchase_orders: PurchaseOrderConnection = listing(
        reads.purchase_orders,
        description="What was ordered by hand, and by alerts with a reorder quantity, newest first.",
        filter=PurchaseOrderFilter,
    )
