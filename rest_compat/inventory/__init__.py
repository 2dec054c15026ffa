"""REST endpoints of stock levels, movements, alerts, warehouses and purchase orders."""

from __future__ import annotations

from domain import inventory
from domain.inventory.commands import (
    InventoryAlertFilter,
    InventoryLedgerFilter,
    InventoryLevelFilter,
    InventoryMovementFilter,
    InventoryView,
)
from domain.inventory.serializers import (
    AdjustedDocument,
    AlertDocument,
    InventoryDocument,
    MovementDocument,
    StockSetDocument,
    StoreLevelDocument,
    TransferredDocument,
    WarehouseDocument,
)
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.bulk import AdjustmentResultDocument
from rest_compat.endpoint import Endpoint, ItemAction, PageAction, PathId, WriteAction
from rest_compat.inventory.purchases import PURCHASES
from rest_compat.inventory.resources import (
    describe_alerts,
    describe_levels,
    describe_movements,
    describe_warehouses,
    fetch_alert,
    fetch_alerts,
    fetch_inventory,
    fetch_movement,
    fetch_warehouse,
    represent_adjusted,
    represent_adjustments,
    represent_alert,
    represent_set,
    represent_transferred,
    represent_warehouse,
    within_product,
)

reads = inventory.reads

_PRODUCT = PathId(noun="product", prefix="prod", otherwise="SKU, or the id or SKU of one of its variants")
_ADJUSTED = frozenset({"product_id", "variant_id", "movement"})
"""Members that an adjustment writes besides those of its body."""
_SET = frozenset(
    {
        "product_id",
        "variant_id",
        *(f"movement.{name}" for name in ("id", "variant_id", "warehouse_id", "reason", "note", "actor", "created_at")),
    }
)
"""Members that setting a quantity writes. Not the moved quantity, which reveals the quantity before."""
_STOCK_OF = PathId(noun="product", prefix="prod", field="product_id", otherwise=_PRODUCT.otherwise)
_ALERT = PathId(noun="alert", prefix="alert")
_WAREHOUSE = PathId(noun="warehouse", prefix="wh")
_STOCK = (reads.inventory_by_product, reads.inventory_by_variant, reads.levels_by_product, reads.levels_by_variant)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/inventory",
        name="listLevels",
        summary="List the stock levels of the store",
        description="Lowest available quantity first.",
        tag="Inventory",
        action=PageAction(listing=reads.levels, describe=describe_levels, filters=InventoryLevelFilter),
        response=StoreLevelDocument,
    ),
    Endpoint(
        method="GET",
        path="/inventory/movements",
        name="listLedger",
        summary="List the stock movements of the store",
        description="The stock ledger, newest first. Stock levels are the sums of these movements.",
        tag="Inventory",
        action=PageAction(
            listing=reads.movements,
            describe=describe_movements,
            filters=InventoryLedgerFilter,
            admit=reads.check_filters,
        ),
        response=MovementDocument,
    ),
    Endpoint(
        method="GET",
        path="/inventory/alerts",
        name="listStoreAlerts",
        summary="List the inventory alerts of the store",
        tag="Inventory",
        action=PageAction(listing=reads.alerts, describe=describe_alerts, filters=InventoryAlertFilter),
        response=AlertDocument,
    ),
    Endpoint(
        method="POST",
        path="/inventory/bulk",
        name="adjustInventories",
        summary="Adjust the stock of many products in one transaction",
        description="Each input is an adjustment as in `POST /inventory/{id}/adjust`, with `product_id` in the body. "
        "If one input is refused, nothing is changed, unless `error_policy` is `skip`.",
        tag="Inventory",
        action=WriteAction(
            use_case=use_case_of(inventory.adjust_inventories),
            writes=_ADJUSTED,
            represent=represent_adjustments,
        ),
        response=list[AdjustmentResultDocument],
        creates_resource=False,
    ),
    Endpoint(
        method="POST",
        path="/inventory/{id}/set",
        name="setInventory",
        summary="Set the quantity on hand in a warehouse",
        description="Books the difference as one movement; without a difference, nothing is booked. With "
        "`expected_quantity`, another quantity on hand is a conflict and nothing is changed.",
        tag="Inventory",
        action=WriteAction(use_case=use_case_of(inventory.set_inventory), writes=_SET, represent=represent_set),
        response=StockSetDocument,
        ids={"id": _STOCK_OF},
        creates_resource=False,
    ),
    Endpoint(
        method="GET",
        path="/inventory/{id}",
        name="getInventory",
        summary="Get the stock of a product",
        description="Covers all variants, or one variant if the path or a parameter identifies it.",
        tag="Inventory",
        action=ItemAction(reads=_STOCK, fetch=fetch_inventory, parameters=InventoryView),
        response=InventoryDocument,
        ids={"id": _PRODUCT},
    ),
    Endpoint(
        method="POST",
        path="/inventory/{id}/adjust",
        name="adjustInventory",
        summary="Adjust stock",
        description="Adjusts the stock and returns the new quantities. Name the variant if the product has several. "
        "Reserved stock cannot be removed.",
        tag="Inventory",
        action=WriteAction(
            use_case=use_case_of(inventory.adjust_inventory),
            writes=_ADJUSTED,
            represent=represent_adjusted,
        ),
        response=AdjustedDocument,
        ids={"id": _STOCK_OF},
    ),
    Endpoint(
        method="POST",
        path="/inventory/transfers",
        name="transferInventory",
        summary="Transfer stock between warehouses",
        tag="Inventory",
        action=WriteAction(
            use_case=use_case_of(inventory.transfer_inventory),
            writes=frozenset({"product_id", "variant_id", "movements"}),
            represent=represent_transferred,
        ),
        response=TransferredDocument,
    ),
    Endpoint(
        method="GET",
        path="/inventory/{id}/movements",
        name="listMovements",
        summary="List the stock movements of a product",
        description="The stock ledger, newest first. Stock levels are the sums of these movements.",
        tag="Inventory",
        action=PageAction(
            listing=reads.movements,
            describe=describe_movements,
            filters=InventoryMovementFilter,
            admit=reads.check_filters,
            within=within_product,
        ),
        response=MovementDocument,
        ids={"id": _PRODUCT},
    ),
    Endpoint(
        method="GET",
        path="/inventory/{id}/movements/{movement_id}",
        name="getMovement",
        summary="Get a movement",
        tag="Inventory",
        action=ItemAction(reads=(reads.movement_by_id,), fetch=fetch_movement),
        response=MovementDocument,
        ids={"id": _PRODUCT, "movement_id": PathId(noun="movement", prefix="mov")},
    ),
    Endpoint(
        method="GET",
        path="/inventory/{id}/alerts",
        name="listAlerts",
        summary="List a product's alerts",
        tag="Inventory",
        action=ItemAction(reads=(reads.alerts_by_product, reads.alerts_by_variant), fetch=fetch_alerts),
        response=list[AlertDocument],
        ids={"id": _PRODUCT},
    ),
    Endpoint(
        method="POST",
        path="/inventory/{id}/alerts",
        name="setAlert",
        summary="Set an alert",
        description="Creates or changes the alert of a product, optionally for one variant and one warehouse. The "
        "alert fires `inventory.low` when the available quantity falls below the threshold, and again only after "
        "stock has recovered.",
        tag="Inventory",
        action=WriteAction(
            use_case=use_case_of(inventory.set_inventory_alert),
            writes=frozenset({"product_id", "variant_id", "warehouse_id"}),
            represent=represent_alert,
        ),
        response=AlertDocument,
        ids={"id": _STOCK_OF},
    ),
    Endpoint(
        method="GET",
        path="/inventory/{id}/alerts/{alert_id}",
        name="getAlert",
        summary="Get an alert",
        tag="Inventory",
        action=ItemAction(reads=(reads.alert_by_id,), fetch=fetch_alert),
        response=AlertDocument,
        ids={"id": _PRODUCT, "alert_id": _ALERT},
    ),
    Endpoint(
        method="DELETE",
        path="/inventory/{id}/alerts/{alert_id}",
        name="removeAlert",
        summary="Remove an alert",
        tag="Inventory",
        action=WriteAction(use_case=use_case_of(inventory.remove_inventory_alert), current=fetch_alert),
        ids={"id": _STOCK_OF, "alert_id": _ALERT},
    ),
    Endpoint(
        method="GET",
        path="/warehouses",
        name="listWarehouses",
        summary="List warehouses",
        tag="Inventory",
        action=PageAction(listing=reads.warehouses, describe=describe_warehouses),
        response=WarehouseDocument,
    ),
    Endpoint(
        method="POST",
        path="/warehouses",
        name="createWarehouse",
        summary="Create a warehouse",
        tag="Inventory",
        action=WriteAction(use_case=use_case_of(inventory.create_warehouse), represent=represent_warehouse),
        response=WarehouseDocument,
    ),
    Endpoint(
        method="GET",
        path="/warehouses/{id}",
        name="getWarehouse",
        summary="Get a warehouse",
        tag="Inventory",
        action=ItemAction(reads=(reads.warehouse_by_id,), fetch=fetch_warehouse),
        response=WarehouseDocument,
        ids={"id": _WAREHOUSE},
    ),
    Endpoint(
        method="PUT",
        path="/warehouses/{id}",
        name="updateWarehouse",
        summary="Update a warehouse",
        description="Omitted fields stay unchanged. A new default warehouse replaces the current one. An empty "
        "warehouse can be deactivated, and activated again.",
        tag="Inventory",
        action=WriteAction(
            use_case=use_case_of(inventory.update_warehouse), represent=represent_warehouse, current=fetch_warehouse
        ),
        response=WarehouseDocument,
        ids={"id": _WAREHOUSE},
    ),
    *PURCHASES,
)
