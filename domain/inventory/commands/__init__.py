"""Commands and filters of stock. Every limit is written here, once, for both surfaces."""

from domain.inventory.commands.filters import (
    InventoryAlertFilter,
    InventoryLedgerFilter,
    InventoryLevelFilter,
    InventoryMovementFilter,
    InventoryView,
)
from domain.inventory.commands.purchases import (
    MAX_LINES,
    CancelPurchaseOrder,
    CreatePurchaseOrder,
    PurchaseOrderFilter,
    PurchaseOrderLineInput,
    ReceivedLineInput,
    ReceivePurchaseOrder,
)
from domain.inventory.commands.stock import (
    MAX_ALERTS,
    MAX_MOVEMENT,
    MAX_WAREHOUSES,
    REASONS,
    AdjustInventories,
    AdjustInventory,
    CreateWarehouse,
    RemoveInventoryAlert,
    SetInventory,
    SetInventoryAlert,
    TransferInventory,
    UpdateWarehouse,
)

__all__ = [
    "MAX_ALERTS",
    "MAX_LINES",
    "MAX_MOVEMENT",
    "MAX_WAREHOUSES",
    "REASONS",
    "AdjustInventories",
    "AdjustInventory",
    "CancelPurchaseOrder",
    "CreatePurchaseOrder",
    "CreateWarehouse",
    "InventoryAlertFilter",
    "InventoryLedgerFilter",
    "InventoryLevelFilter",
    "InventoryMovementFilter",
    "InventoryView",
    "PurchaseOrderFilter",
    "PurchaseOrderLineInput",
    "ReceivePurchaseOrder",
    "ReceivedLineInput",
    "RemoveInventoryAlert",
    "SetInventory",
    "SetInventoryAlert",
    "TransferInventory",
    "UpdateWarehouse",
]
