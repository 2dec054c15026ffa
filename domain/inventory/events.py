"""Events of stock."""

from __future__ import annotations

from domain.kernel.events import Event


class InventoryLow(Event, type="inventory.low"):
    """The available quantity fell below the threshold of an alert."""


class InventoryOutOfStock(Event, type="inventory.out_of_stock"):
    """A variant is out of stock."""
