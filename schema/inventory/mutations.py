"""What can be changed of stock, and what each change comes to."""

from __future__ import annotations

from typing import Any

import strawberry

from domain import catalog, inventory
from resolvers.types import Id
from schema.catalog import Product, ProductVariant
from schema.fields import affected_row, changed_row, created_row, mutation, result_value, touched_row
from schema.inventory.types import (
    Inventory,
    InventoryAlert,
    InventoryLevel,
    InventoryMovement,
    PurchaseOrder,
    Warehouse,
)
from schema.payload import Payload

reads = inventory.reads

_STOCK_NOW = "The stock as it is now: of the variant where one was named, by its id or SKU, else of the product."


def _stock_now(description: str = _STOCK_NOW) -> Any:
    """The stock of what the command named."""
    of_variant = (reads.inventory_by_variant, "variant_id")
    return touched_row(reads.inventory_by_product, key="product_id", instead=of_variant, description=description)


def _product(key: str = "product_id") -> Any:
    return affected_row(
        catalog.reads.product_by_id,
        key=key,
        description="The product, with its stock as it is now. Needs products:read.",
    )


def _variant(key: str) -> Any:
    return affected_row(
        catalog.reads.variant_by_id,
        key=key,
        description="The variant whose stock changed, with its stock as it is now. Needs products:read.",
    )


def _level(key: str, description: str) -> Any:
    return touched_row(reads.level_by_id, key=key, description=description)


@strawberry.type(description="What adjustInventory came to.")
class AdjustInventoryPayload(Payload):
    """An Outcome with an adjustment."""

    inventory: Inventory | None = _stock_now()
    movement: InventoryMovement | None = created_row(
        reads.movement_by_id, key="movement_id", description="How it was booked."
    )
    product: Product | None = _product()
    variant: ProductVariant | None = _variant("moved_variant_id")
    level: InventoryLevel | None = _level("level_id", "The variant's stock in the warehouse as it is now.")


@strawberry.type(description="What adjustInventories came to; userErrors says why inputs were refused.")
class AdjustInventoriesPayload(Payload):
    """An Outcome with a BulkResult, whose outcomes are what single adjustments come to."""

    results: list[AdjustInventoryPayload] | None = result_value(
        "outcomes", description="What came of each input, in their order; null when all were refused."
    )


@strawberry.type(description="What setInventory came to.")
class SetInventoryPayload(Payload):
    """An Outcome with an adjustment."""

    inventory: Inventory | None = _stock_now()
    movement: InventoryMovement | None = touched_row(
        reads.movement_by_id,
        key="movement_id",
        written=("reason", "note", "reference", "actor", "createdAt"),
        description="How the difference was booked; null where there was none.",
    )
    product: Product | None = _product()
    variant: ProductVariant | None = _variant("moved_variant_id")
    level: InventoryLevel | None = _level("level_id", "The variant's stock in the warehouse as it is now.")


@strawberry.type(description="What transferInventory came to.")
class TransferInventoryPayload(Payload):
    """An Outcome with a transfer."""

    inventory: Inventory | None = _stock_now()
    outgoing: InventoryMovement | None = created_row(
        reads.movement_by_id, key="outgoing_id", description="What left the one warehouse."
    )
    incoming: InventoryMovement | None = created_row(
        reads.movement_by_id, key="incoming_id", description="What came to the other."
    )
    product: Product | None = _product()
    variant: ProductVariant | None = _variant("moved_variant_id")
    outgoing_level: InventoryLevel | None = _level("outgoing_level_id", "The stock that is left in the one warehouse.")
    incoming_level: InventoryLevel | None = _level("incoming_level_id", "The stock in the other as it is now.")


@strawberry.type(description="What setInventoryAlert came to.")
class SetInventoryAlertPayload(Payload):
    """An Outcome with an alert."""

    alert: InventoryAlert | None = changed_row(reads.alert_by_id, key="id", description="The alert as it is now.")
    inventory: Inventory | None = _stock_now()


@strawberry.type(description="What removeInventoryAlert came to.")
class RemoveInventoryAlertPayload(Payload):
    """An Outcome with the alert that was removed."""

    inventory: Inventory | None = _stock_now(
        "The stock without the alert: of the variant where one was named, by its id or SKU, else of the product."
    )
    deleted_id: Id | None = result_value("id", description="The id of the alert that is gone.")


@strawberry.type(description="What createWarehouse came to.")
class CreateWarehousePayload(Payload):
    """An Outcome with a warehouse."""

    warehouse: Warehouse | None = created_row(reads.warehouse_by_id, key="id", description="The new warehouse.")


@strawberry.type(description="What updateWarehouse came to.")
class UpdateWarehousePayload(Payload):
    """An Outcome with a warehouse."""

    warehouse: Warehouse | None = changed_row(
        reads.warehouse_by_id, key="id", description="The warehouse as it is now."
    )


@strawberry.type(description="What createPurchaseOrder came to.")
class CreatePurchaseOrderPayload(Payload):
    """An Outcome with a purchase order."""

    purchase_order: PurchaseOrder | None = created_row(
        reads.purchase_order_by_id, key="id", description="The new purchase order."
    )


@strawberry.type(description="What cancelPurchaseOrder came to.")
class CancelPurchaseOrderPayload(Payload):
    """An Outcome with a purchase order."""

    purchase_order: PurchaseOrder | None = changed_row(
        reads.purchase_order_by_id, key="id", written=("status",), description="The purchase order as it is now."
    )


@strawberry.type(description="What receivePurchaseOrder came to.")
class ReceivePurchaseOrderPayload(Payload):
    """An Outcome with a purchase order."""

    purchase_order: PurchaseOrder | None = touched_row(
        reads.purchase_order_by_id, key="id", description="The purchase order as it is now."
    )
    inventory: Inventory | None = touched_row(
        reads.inventory_by_product,
        key="product_id",
        description="The stock of the product of the only line as it is now; null where there are several lines.",
    )
    product: Product | None = _product()
    variant: ProductVariant | None = _variant("variant_id")
    level: InventoryLevel | None = _level(
        "level_id", "The stock of the only line's variant in the warehouse as it is now; null where there are several."
    )


@strawberry.type
class InventoryMutation:
    """Use cases of stock."""

    adjust_inventory: AdjustInventoryPayload = mutation(inventory.adjust_inventory)
    adjust_inventories: AdjustInventoriesPayload = mutation(inventory.adjust_inventories)
    set_inventory: SetInventoryPayload = mutation(inventory.set_inventory)
    transfer_inventory: TransferInventoryPayload = mutation(inventory.transfer_inventory)
    set_inventory_alert: SetInventoryAlertPayload = mutation(inventory.set_inventory_alert)
    remove_inventory_alert: RemoveInventoryAlertPayload = mutation(inventory.remove_inventory_alert)
    create_warehouse: CreateWarehousePayload = mutation(inventory.create_warehouse)
    update_warehouse: UpdateWarehousePayload = mutation(inventory.update_warehouse)
    create_purchase_order: CreatePurchaseOrderPayload = mutation(inventory.create_purchase_order)
    cancel_purchase_order: CancelPurchaseOrderPayload = mutation(inventory.cancel_purchase_order)
    receive_purchase_order: ReceivePurchaseOrderPayload = mutation(inventory.receive_purchase_order)
