"""Stock as REST and webhooks write it."""

from domain.inventory.document.purchases import (
    PurchaseOrderDocument,
    PurchaseOrderLineDocument,
    purchase_order_document,
)
from domain.inventory.document.stock import (
    AdjustedDocument,
    AlertDocument,
    InventoryDocument,
    InventoryThen,
    LevelDocument,
    LocationDocument,
    MovementDocument,
    StockSetDocument,
    StoreLevelDocument,
    TransferredDocument,
    WarehouseDocument,
    alert_document,
    inventory_document,
    movement_document,
    store_level_document,
    warehouse_document,
)

__all__ = [
    "AdjustedDocument",
    "AlertDocument",
    "InventoryDocument",
    "InventoryThen",
    "LevelDocument",
    "LocationDocument",
    "MovementDocument",
    "PurchaseOrderDocument",
    "PurchaseOrderLineDocument",
    "StockSetDocument",
    "StoreLevelDocument",
    "TransferredDocument",
    "WarehouseDocument",
    "alert_document",
    "inventory_document",
    "movement_document",
    "purchase_order_document",
    "store_level_document",
    "warehouse_document",
]
