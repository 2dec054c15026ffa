"""Stock: what lies where, and how it came there. For now what the catalog needs of it."""

from domain.inventory import reads
from domain.inventory.service import declare, open_store, write_off

__all__ = ["declare", "open_store", "reads", "write_off"]
