"""GraphQL types, queries and mutations of stock."""

from schema.inventory import mutations, types
from schema.inventory.mutations import InventoryMutation
from schema.inventory.types import Inventory, InventoryAlert, InventoryLevel, InventoryQuery

__all__ = [
    "Inventory",
    "InventoryAlert",
    "InventoryLevel",
    "InventoryMutation",
    "InventoryQuery",
    "mutations",
    "types",
]
