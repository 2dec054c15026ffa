"""Stock: where it lies, how it came there, what is set aside of it, and when it runs low."""

from domain.inventory import commands, document, reads, snapshot
from domain.inventory.events import InventoryLow, InventoryOutOfStock
from domain.inventory.held import reservations_by_holder
from domain.inventory.model import PurchaseOrderStatus
from domain.inventory.nearness import Place
from domain.inventory.service import (
    Adjusted,
    Gone,
    Returned,
    Taken,
    Transferred,
    Wanted,
    adjust_inventory,
    consume,
    create_warehouse,
    declare,
    exchange,
    open_store,
    receive_purchase_order,
    release,
    remove_inventory_alert,
    replay,
    reserve,
    restock,
    set_inventory_alert,
    transfer_inventory,
    update_warehouse,
    write_off,
)
from domain.inventory.subjects import Subject, find_subject

__all__ = [
    "Adjusted",
    "Gone",
    "InventoryLow",
    "InventoryOutOfStock",
    "Place",
    "PurchaseOrderStatus",
    "Returned",
    "Subject",
    "Taken",
    "Transferred",
    "Wanted",
    "adjust_inventory",
    "commands",
    "consume",
    "create_warehouse",
    "declare",
    "document",
    "exchange",
    "find_subject",
    "open_store",
    "reads",
    "receive_purchase_order",
    "release",
    "remove_inventory_alert",
    "replay",
    "reservations_by_holder",
    "reserve",
    "restock",
    "set_inventory_alert",
    "snapshot",
    "transfer_inventory",
    "update_warehouse",
    "write_off",
]
