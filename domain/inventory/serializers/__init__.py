"""Stock as REST and webhooks write it."""

from domain.inventory.serializers.purchases import (
    PurchaseOrderDocument,
    PurchaseOrderLineDocument,
    serialize_purchase_order,
)
from domain.inventory.serializers.stock import (
    AdjustedDocument,
    AlertDocument,
    InventoryDocument,
    InventorySnapshotDocument,
    LevelDocument,
    LocationDocument,
    MovementDocument,
    StockSetDocument,
    StoreLevelDocument,
    TransferredDocument,
    WarehouseDocument,
    serialize_alert,
    serialize_inventory,
    serialize_movement,
    serialize_store_level,
    serialize_warehouse,
)

__all__ = [
    "AdjustedDocument",
    "AlertDocument",
    "InventoryDocument",
    "InventorySnapshotDocument",
    "LevelDocument",
    "LocationDocument",
    "MovementDocument",
    "PurchaseOrderDocument",
    "PurchaseOrderLineDocument",
    "StockSetDocument",
    "StoreLevelDocument",
    "TransferredDocument",
    "WarehouseDocument",
    "serialize_alert",
    "serialize_inventory",
    "serialize_movement",
    "serialize_purchase_order",
    "serialize_store_level",
    "serialize_warehouse",
]
