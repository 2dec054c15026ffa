"""What inventory announces."""

from __future__ import annotations

from domain.kernel.events import Event


class InventoryLow(Event, type="inventory.low"):
    """What is available fell below an alert's threshold; again only after it has recovered."""


class InventoryOutOfStock(Event, type="inventory.out_of_stock"):
    """Nothing of a variant is available any more, in any warehouse."""
