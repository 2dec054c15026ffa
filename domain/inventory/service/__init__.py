"""How stock changes: whatever does it holds the products' stock first (``holding.py``) and books in the ledger."""

from domain.inventory.service.adjustments import (
    Adjusted,
    Transferred,
    adjust_inventories,
    adjust_inventory,
    set_inventory,
    transfer_inventory,
)
from domain.inventory.service.alerts import remove_inventory_alert, set_inventory_alert
from domain.inventory.service.catalog_sync import declare, write_off
from domain.inventory.service.history_import import Gone, replay
from domain.inventory.service.locked_stock import lock_stock
from domain.inventory.service.purchase_orders import (
    cancel_purchase_order,
    create_purchase_order,
    receive_purchase_order,
)
from domain.inventory.service.reservations import Returned, Taken, Wanted, consume, exchange, release, reserve, restock
from domain.inventory.service.warehouses import create_warehouse, open_store, update_warehouse

__all__ = [
    "Adjusted",
    "Gone",
    "Returned",
    "Taken",
    "Transferred",
    "Wanted",
    "adjust_inventories",
    "adjust_inventory",
    "cancel_purchase_order",
    "consume",
    "create_purchase_order",
    "create_warehouse",
    "declare",
    "exchange",
    "lock_stock",
    "open_store",
    "receive_purchase_order",
    "release",
    "remove_inventory_alert",
    "replay",
    "reserve",
    "restock",
    "set_inventory",
    "set_inventory_alert",
    "transfer_inventory",
    "update_warehouse",
    "write_off",
]
