"""Mutations of stock and their payloads."""

from __future__ import annotations

from typing import Any

import strawberry

from domain import catalog, inventory
from resolvers.types import Id
from schema.catalog import Product, ProductVariant
from schema.inventory.types import (
    Inventory,
    InventoryAlert,
    InventoryLevel,
    InventoryMovement,
    PurchaseOrder,
    Warehouse,
)
from schema.mutation_fields import affected_row, changed_row, created_row, mutation, result_value, touched_row
from schema.payload import Payload

reads = inventory.reads

_STOCK_AFTER = (
    "The stock after the change: of the variant if the input names one by id or SKU, otherwise of the product."
)


def _stock_after(description: str = _STOCK_AFTER) -> Any:
    """The stock of the product or variant that the command names."""
    of_variant = (reads.inventory_by_variant, "variant_id")
    return touched_row(reads.inventory_by_product, key="product_id", instead=of_variant, description=description)


def _product(key: str = "product_id") -> Any:
    return affected_row(
        catalog.reads.product_by_id,
        key=key,
        description="The product, with its stock after the change. Requires `products:read`.",
    )


def _variant(key: str) -> Any:
    return affected_row(
        catalog.reads.variant_by_id,
        key=key,
        description="The variant whose stock changed, with its stock after the change. Requires `products:read`.",
    )


def _level(key: str, description: str) -> Any:
    return touched_row(reads.level_by_id, key=key, description=description)


@strawberry.type(description="Result of `adjustInventory`.")
class AdjustInventoryPayload(Payload):
    """An Outcome with an adjustment."""

    inventory: Inventory | None = _stock_after()
    movement: InventoryMovement | None = created_row(
        reads.movement_by_id, key="movement_id", description="The movement of the adjustment."
    )
    product: Product | None = _product()
    variant: ProductVariant | None = _variant("moved_variant_id")
    level: InventoryLevel | None = _level("level_id", "The stock of the variant in the warehouse after the change.")


@strawberry.type(description="Result of `adjustInventories`. `userErrors` says why inputs were refused.")
class AdjustInventoriesPayload(Payload):
    """An Outcome with a BulkResult; each of its outcomes is that of a single adjustment."""

    results: list[AdjustInventoryPayload] | None = result_value(
        "outcomes", description="The result of each input, in the order of the inputs. Null if all inputs were refused."
    )


@strawberry.type(description="Result of `setInventory`.")
class SetInventoryPayload(Payload):
    """An Outcome with an adjustment."""

    inventory: Inventory | None = _stock_after()
    movement: InventoryMovement | None = touched_row(
        reads.movement_by_id,
        key="movement_id",
        written=("reason", "note", "reference", "actor", "createdAt"),
        description="The movement of the difference. Null if there was no difference.",
    )
    product: Product | None = _product()
    variant: ProductVariant | None = _variant("moved_variant_id")
    level: InventoryLevel | None = _level("level_id", "The stock of the variant in the warehouse after the change.")


@strawberry.type(description="Result of `transferInventory`.")
class TransferInventoryPayload(Payload):
    """An Outcome with a transfer."""

    inventory: Inventory | None = _stock_after()
    outgoing: InventoryMovement | None = created_row(
        reads.movement_by_id, key="outgoing_id", description="The movement out of the source warehouse."
    )
    incoming: InventoryMovement | None = created_row(
        reads.movement_by_id, key="incoming_id", description="The movement into the target warehouse."
    )
    product: Product | None = _product()
    variant: ProductVariant | None = _variant("moved_variant_id")
    outgoing_level: InventoryLevel | None = _level(
        "outgoing_level_id", "The stock in the source warehouse after the transfer."
    )
    incoming_level: InventoryLevel | None = _level(
        "incoming_level_id", "The stock in the target warehouse after the transfer."
    )


@strawberry.type(description="Result of `setInventoryAlert`.")
class SetInventoryAlertPayload(Payload):
    """An Outcome with an alert."""

    alert: InventoryAlert | None = changed_row(reads.alert_by_id, key="id", description="The alert after the change.")
    inventory: Inventory | None = _stock_after()


@strawberry.type(description="Result of `removeInventoryAlert`.")
class RemoveInventoryAlertPayload(Payload):
    """An Outcome with the alert that was removed."""

    inventory: Inventory | None = _stock_after(
        "The stock after the alert was removed: of the variant if the input names one by id or SKU, otherwise of the "
        "product."
    )
    deleted_id: Id | None = result_value("id", description="The id of the removed alert.")


@strawberry.type(description="Result of `createWarehouse`.")
class CreateWarehousePayload(Payload):
    """An Outcome with a warehouse."""

    warehouse: Warehouse | None = created_row(reads.warehouse_by_id, key="id", description="The created warehouse.")


@strawberry.type(description="Result of `updateWarehouse`.")
class UpdateWarehousePayload(Payload):
    """An Outcome with a warehouse."""

    warehouse: Warehouse | None = changed_row(
        reads.warehouse_by_id, key="id", description="The warehouse after the change."
    )


@strawberry.type(description="Result of `createPurchaseOrder`.")
class CreatePurchaseOrderPayload(Payload):
    """An Outcome with a purchase order."""

    purchase_order: PurchaseOrder | None = created_row(
        reads.purchase_order_by_id, key="id", description="The created purchase order."
    )


@strawberry.type(description="Result of `cancelPurchaseOrder`.")
class CancelPurchaseOrderPayload(Payload):
    """An Outcome with a purchase order."""

    purchase_order: PurchaseOrder | None = changed_row(
        reads.purchase_order_by_id, key="id", written=("status",), description="The purchase order after the change."
    )


@strawberry.type(description="Result of `receivePurchaseOrder`.")
class ReceivePurchaseOrderPayload(Payload):
    """An Outcome with a purchase order."""

    purchase_order: PurchaseOrder | None = touched_row(
        reads.purchase_order_by_id, key="id", description="The purchase order after the change."
    )
    inventory: Inventory | None = touched_row(
        reads.inventory_by_product,
        key="product_id",
        description="The stock of the product after the change. Null if the order has several lines.",
    )
    product: Product | None = _product()
    variant: ProductVariant | None = _variant("variant_id")
    level: InventoryLevel | None = _level(
        "level_id", "The stock of the variant in the warehouse after the change. Null if the order has several lines."
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
