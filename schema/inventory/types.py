"""Types and queries of stock: levels, movements, alerts, warehouses and purchase orders."""

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
    {"created_at": "The time of creation.", "name": "The name, ignoring case and accents."},
)


@strawberry.type(description="The stock of a product, or of one of its variants, in all warehouses.")
class Inventory(Node, prefix="inv"):
    """A row of the reads of inventory. The id is derived from that of the product or the variant."""

    product: Product = related(
        catalog.reads.product_by_id, key="product_id", description="The product whose stock this is."
    )
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id,
        key="variant_id",
        description="The variant whose stock this is. Null if it is the stock of the whole product.",
    )
    total_available: int = attribute("The quantity that can be sold: on hand minus reserved.")
    total_reserved: int = attribute("The quantity reserved by orders.")
    total_on_hand: int = attribute("The quantity on hand.")
    levels: list[InventoryLevel] = related(
        reads.levels_by_product,
        key="product_id",
        instead=(reads.levels_by_variant, "variant_id"),
        description="The stock by variant and warehouse.",
    )
    alerts: list[InventoryAlert] = related(
        reads.alerts_by_product,
        key="product_id",
        instead=(reads.alerts_by_variant, "variant_id"),
        description="The alerts of the product, oldest first. At most 200.",
    )
    movements: InventoryMovementConnection = nested(
        reads.movements_by_product,
        key="product_id",
        narrowed={"variant_id": "variant_id"},
        filter=InventoryMovementFilter,
        check_filters=reads.check_filters,
        description="The stock ledger, newest first. Stock levels are the sums of these movements.",
    )


@strawberry.type(description="The stock of one variant in one warehouse.")
class InventoryLevel(Node, prefix="level"):
    """A row of the reads of levels. The id is composed of those of the variant and the warehouse."""

    variant: ProductVariant = related(catalog.reads.variant_by_id, key="variant_id", description="The variant.")
    warehouse: Warehouse = related(reads.warehouse_by_id, key="warehouse_id", description="The warehouse.")
    on_hand: int = attribute("The quantity on hand.")
    reserved: int = attribute("The quantity reserved by orders.")
    available: int = attribute("The quantity that can be sold: on hand minus reserved.")


@strawberry.type(description="A warehouse.")
class Warehouse(Node, Versioned, prefix="wh"):
    """A row of the reads of warehouses."""

    name: str = attribute("The display name.")
    is_default: bool = attribute("Whether this is the default warehouse of the store.")
    active: bool = attribute("Whether the warehouse can hold stock. An inactive warehouse is empty and accepts none.")
    country: str | None = attribute("The country, as an ISO 3166-1 alpha-2 code. Null if not known.")
    state: str | None = attribute("The state, province or county.")
    city: str | None = attribute("The city.")
    zip: str | None = attribute("The postal code.")
    line1: str | None = attribute("The street and number.")
    line2: str | None = attribute("The second address line: building or unit.")


@strawberry.type(
    description="An entry of the stock ledger: one change of the quantity on hand in one warehouse. Immutable."
)
class InventoryMovement(Node, prefix="mov"):
    """A row of the ledger, which outlives its variant."""

    product: Product | None = related(
        catalog.reads.product_by_id, key="product_id", description="The product whose stock moved."
    )
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id,
        key="variant_id",
        description="The variant whose stock moved. Null if it has been removed.",
    )
    warehouse: Warehouse = related(reads.warehouse_by_id, key="warehouse_id", description="The warehouse.")
    quantity: int = attribute("The change in quantity. Negative if stock left the warehouse.")
    reason: str = attribute("The reason of the movement.")
    note: str | None = attribute("A free-text note.")
    reference: Id | None = attribute("The id of the related order, purchase order or opposite transfer movement.")
    actor: Id = attribute("The id of the API key that made the change, or `system`.")
    created_at: datetime = attribute("When the object was created.")


@strawberry.type(description="An alert that fires when the available quantity falls below a threshold.")
class InventoryAlert(Node, Versioned, prefix="alert"):
    """A row of the reads of alerts."""

    product: Product = related(
        catalog.reads.product_by_id, key="product_id", description="The product whose stock is watched."
    )
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id,
        key="variant_id",
        description="The variant that is watched. Null if all variants are.",
    )
    warehouse: Warehouse | None = related(
        reads.warehouse_by_id,
        key="warehouse_id",
        description="The warehouse that is watched. Null if all warehouses are.",
    )
    threshold: int = attribute("The alert fires when fewer units than this are available.")
    reorder_quantity: int | None = attribute("The quantity to order when the alert fires. Null if nothing is ordered.")
    state: AlertState = attribute(
        "The state: armed, or low from the time the stock falls below the threshold until it recovers."
    )


@strawberry.type(description="A line of a purchase order: a quantity of one variant.")
class PurchaseOrderLine:
    """A row of the reads of lines, which outlives its variant."""

    product: Product | None = related(catalog.reads.product_by_id, key="product_id", description="The ordered product.")
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id, key="variant_id", description="The ordered variant. Null if it has been removed."
    )
    quantity: int = attribute("The ordered quantity.")
    received: int = attribute("The quantity received so far.")


@strawberry.type(description="An order to a supplier, created manually or when an alert with a reorder quantity fires.")
class PurchaseOrder(Node, Versioned, prefix="po"):
    """A row of the reads of purchase orders."""

    product: Product | None = related(
        catalog.reads.product_by_id,
        key="product_id",
        description="The ordered product. Null if the order has several lines.",
    )
    variant: ProductVariant | None = related(
        catalog.reads.variant_by_id,
        key="variant_id",
        description="The ordered variant. Null if the order has several lines or the variant has been removed.",
    )
    lines: list[PurchaseOrderLine] = related(
        reads.lines_by_purchase_order, key="id", description="The lines of the order, one per variant. At most 100."
    )
    warehouse: Warehouse = related(
        reads.warehouse_by_id, key="warehouse_id", description="The warehouse that receives the order."
    )
    alert: InventoryAlert | None = related(
        reads.alert_by_id,
        key="alert_id",
        description="The alert that created the order. Null if it was created manually or the alert has been removed.",
    )
    status: PurchaseOrderStatus = attribute("The status of the purchase order.")
    quantity: int = attribute("The ordered quantity over all lines.")
    received: int = attribute("The quantity received so far over all lines.")
    note: str | None = attribute("A free-text note.")
    received_at: datetime | None = attribute(
        "When the last outstanding unit was received. Null if units are outstanding."
    )
    cancelled_at: datetime | None = attribute("When the order was cancelled. Null if it was not.")


@strawberry.type(description="A page of movements.")
class InventoryMovementConnection(Connection[InventoryMovement]):
    """A page of the ledger."""


@strawberry.type(description="A page of stock levels.")
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
        description="Fetch the stock of a product, or of one of its variants. Null if the product does not exist.",
        scopes=reads.inventory_by_product.scopes,
    )
    inventory_levels: InventoryLevelConnection = listing(
        reads.levels,
        description="List the stock levels of the store, lowest available quantity first.",
        filter=InventoryLevelFilter,
    )
    inventory_movements: InventoryMovementConnection = listing(
        reads.movements,
        description="List the stock movements of the store, newest first.",
        filter=InventoryLedgerFilter,
        check_filters=reads.check_filters,
    )
    inventory_alerts: InventoryAlertConnection = listing(
        reads.alerts, description="List the inventory alerts of the store, newest first.", filter=InventoryAlertFilter
    )
    warehouse: Warehouse | None = lookup(
        resolvers.inventory.warehouse,
        reads.warehouse_by_id,
        description="Fetch a warehouse. Null if it does not exist.",
    )
    warehouses: WarehouseConnection = listing(
        reads.warehouses, description="List the warehouses of the store.", sort=WarehouseSort
    )
    purchase_order: PurchaseOrder | None = lookup(
        resolvers.inventory.purchase_order,
        reads.purchase_order_by_id,
        description="Fetch a purchase order. Null if it does not exist.",
    )
    purchase_orders: PurchaseOrderConnection = listing(
        reads.purchase_orders,
        description="List the purchase orders of the store, newest first.",
        filter=PurchaseOrderFilter,
    )
