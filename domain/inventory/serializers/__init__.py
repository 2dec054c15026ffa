"""Stock as REST and webhooks write it."""

from domain.inventory.serializers.purchases import (
    PurchaseOrderDocument,
    PurchaseOrderLineDocument,
    purchase_order_document,
)
from domain.inventory.serializers.stock import (
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
