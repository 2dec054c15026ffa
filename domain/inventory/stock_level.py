"""A stock level in memory, changed by a use case before it is written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class StockLevel:
    """The stock of one variant in one warehouse, while it is locked."""

    product_id: str
    variant_id: str
    warehouse_id: str
    on_hand: int
    reserved: int
    is_new: bool = False
    is_changed: bool = False

    @property
    def available(self) -> int:
        """The quantity that can be reserved or removed: on hand minus reserved."""
        return self.on_hand - self.reserved
