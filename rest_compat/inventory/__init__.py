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
from domain.inventory.documents import (
    AlertDocument,
    MovementDocument,
    StoreLevelDocument,
    WarehouseDocument,
)
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.actions import ItemAction, PageAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.inventory.objects import ALERT, MOVEMENT, STOCKED_PRODUCT, WAREHOUSE, AlertsOfProduct, within_product
from rest_compat.inventory.purchases import PURCHASES
from rest_compat.inventory.stock import ADJUSTED, STOCK_SET, TRANSFERRED, BulkAdjustments, StockOfProduct

reads = inventory.reads

_PRODUCT = STOCKED_PRODUCT.id_in_path(otherwise=True)
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
_STOCK_OF = STOCKED_PRODUCT.id_in_path("product_id", otherwise=True)
_ALERT = ALERT.id_in_path()
_WAREHOUSE = WAREHOUSE.id_in_path()

_STOCK = tagged(
    "Inventory",
    Endpoint(
        method="GET",
        path="/inventory",
        name="listLevels",
        summary="List the stock levels of the store",
        description="Lowest available quantity first.",
        action=PageAction(listing=reads.levels, document=StoreLevelDocument, filters=InventoryLevelFilter),
    ),
    Endpoint(
        method="GET",
        path="/inventory/movements",
        name="listLedger",
        summary="List the stock movements of the store",
        description="The stock ledger, newest first. Stock levels are the sums of these movements.",
        action=PageAction(
            listing=reads.movements,
            document=MovementDocument,
            filters=InventoryLedgerFilter,
            check_filters=reads.check_filters,
        ),
    ),
    Endpoint(
        method="GET",
        path="/inventory/alerts",
        name="listStoreAlerts",
        summary="List the inventory alerts of the store",
        action=PageAction(listing=reads.alerts, document=AlertDocument, filters=InventoryAlertFilter),
    ),
    Endpoint(
        method="POST",
        path="/inventory/bulk",
        name="adjustInventories",
        summary="Adjust the stock of many products in one transaction",
        description="Each input is an adjustment as in `POST /inventory/{id}/adjust`, with `product_id` in the body. "
        "If one input is refused, nothing is changed, unless `error_policy` is `skip`.",
        action=WriteAction(
            use_case=use_case_of(inventory.adjust_inventories),
            writes=_ADJUSTED,
            returns=BulkAdjustments(),
        ),
        creates_resource=False,
    ),
    Endpoint(
        method="POST",
        path="/inventory/{id}/set",
        name="setInventory",
        summary="Set the quantity on hand in a warehouse",
        description="Books the difference as one movement; without a difference, nothing is booked. With "
        "`expected_quantity`, another quantity on hand is a conflict and nothing is changed.",
        action=WriteAction(use_case=use_case_of(inventory.set_inventory), writes=_SET, returns=STOCK_SET),
        ids={"id": _STOCK_OF},
        creates_resource=False,
    ),
    Endpoint(
        method="GET",
        path="/inventory/{id}",
        name="getInventory",
        summary="Get the stock of a product",
        description="Covers all variants, or one variant if the path or a parameter identifies it.",
        action=ItemAction(source=StockOfProduct(), parameters=InventoryView),
        ids={"id": _PRODUCT},
    ),
    Endpoint(
        method="POST",
        path="/inventory/{id}/adjust",
        name="adjustInventory",
        summary="Adjust stock",
        description="Adjusts the stock and returns the new quantities. Name the variant if the product has several. "
        "Reserved stock cannot be removed.",
        action=WriteAction(
            use_case=use_case_of(inventory.adjust_inventory),
            writes=_ADJUSTED,
            returns=ADJUSTED,
        ),
        ids={"id": _STOCK_OF},
    ),
    Endpoint(
        method="POST",
        path="/inventory/transfers",
        name="transferInventory",
        summary="Transfer stock between warehouses",
        action=WriteAction(
            use_case=use_case_of(inventory.transfer_inventory),
            writes=frozenset({"product_id", "variant_id", "movements"}),
            returns=TRANSFERRED,
        ),
    ),
    Endpoint(
        method="GET",
        path="/inventory/{id}/movements",
        name="listMovements",
        summary="List the stock movements of a product",
        description="The stock ledger, newest first. Stock levels are the sums of these movements.",
        action=PageAction(
            listing=reads.movements,
            document=MovementDocument,
            filters=InventoryMovementFilter,
            check_filters=reads.check_filters,
            within=within_product,
        ),
        ids={"id": _PRODUCT},
    ),
    Endpoint(
        method="GET",
        path="/inventory/{id}/movements/{movement_id}",
        name="getMovement",
        summary="Get a movement",
        action=ItemAction(source=MOVEMENT),
        ids={"id": _PRODUCT, "movement_id": MOVEMENT.id_in_path()},
    ),
    Endpoint(
        method="GET",
        path="/inventory/{id}/alerts",
        name="listAlerts",
        summary="List a product's alerts",
        action=ItemAction(source=AlertsOfProduct()),
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
        action=WriteAction(
            use_case=use_case_of(inventory.set_inventory_alert),
            writes=frozenset({"product_id", "variant_id", "warehouse_id"}),
            returns=ALERT,
        ),
        ids={"id": _STOCK_OF},
    ),
    Endpoint(
        method="GET",
        path="/inventory/{id}/alerts/{alert_id}",
        name="getAlert",
        summary="Get an alert",
        action=ItemAction(source=ALERT),
        ids={"id": _PRODUCT, "alert_id": _ALERT},
    ),
    Endpoint(
        method="DELETE",
        path="/inventory/{id}/alerts/{alert_id}",
        name="removeAlert",
        summary="Remove an alert",
        action=WriteAction(use_case=use_case_of(inventory.remove_inventory_alert), current=ALERT),
        ids={"id": _STOCK_OF, "alert_id": _ALERT},
    ),
    Endpoint(
        method="GET",
        path="/warehouses",
        name="listWarehouses",
        summary="List warehouses",
        action=PageAction(listing=reads.warehouses, document=WarehouseDocument),
    ),
    Endpoint(
        method="POST",
        path="/warehouses",
        name="createWarehouse",
        summary="Create a warehouse",
        action=WriteAction(use_case=use_case_of(inventory.create_warehouse), returns=WAREHOUSE),
    ),
    Endpoint(
        method="GET",
        path="/warehouses/{id}",
        name="getWarehouse",
        summary="Get a warehouse",
        action=ItemAction(source=WAREHOUSE),
        ids={"id": _WAREHOUSE},
    ),
    Endpoint(
        method="PUT",
        path="/warehouses/{id}",
        name="updateWarehouse",
        summary="Update a warehouse",
        description="Omitted fields stay unchanged. A new default warehouse replaces the current one. An empty "
        "warehouse can be deactivated, and activated again.",
        action=WriteAction(use_case=use_case_of(inventory.update_warehouse), returns=WAREHOUSE, current=WAREHOUSE),
        ids={"id": _WAREHOUSE},
    ),
)
ENDPOINTS = (*_STOCK, *PURCHASES)
