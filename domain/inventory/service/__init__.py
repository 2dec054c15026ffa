"""Use cases of stock. Each locks the stock of its products first (``locked_stock.py``) and books in the ledger."""

from domain.inventory.service.adjustments import (
    Adjustment,
    Transfer,
    adjust_inventories,
    adjust_inventory,
    set_inventory,
    transfer_inventory,
)
from domain.inventory.service.alerts import remove_inventory_alert, set_inventory_alert
from domain.inventory.service.catalog_sync import set_available, write_off
from domain.inventory.service.history_import import PastMovement, import_movements
from domain.inventory.service.locked_stock import pin_stock
from domain.inventory.service.purchase_orders import (
    cancel_purchase_order,
    create_purchase_order,
    receive_purchase_order,
)
from domain.inventory.service.reservations import (
    Allocation,
    ReservationRequest,
    ReturnedStock,
    consume,
    reallocate,
    reinstate,
    release,
    reserve,
    restock,
)
from domain.inventory.service.warehouse_lookup import find_warehouse
from domain.inventory.service.warehouses import create_warehouse, open_store, update_warehouse

__all__ = [
    "Adjustment",
    "Allocation",
    "PastMovement",
    "ReservationRequest",
    "ReturnedStock",
    "Transfer",
    "adjust_inventories",
    "adjust_inventory",
    "cancel_purchase_order",
    "consume",
    "create_purchase_order",
    "create_warehouse",
    "find_warehouse",
    "import_movements",
    "open_store",
    "pin_stock",
    "reallocate",
    "receive_purchase_order",
    "reinstate",
    "release",
    "remove_inventory_alert",
    "reserve",
    "restock",
    "set_available",
    "set_inventory",
    "set_inventory_alert",
    "transfer_inventory",
    "update_warehouse",
    "write_off",
]
