"""A level in hand: what a use case changes before it is written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class StockLevel:
    """What lies in one warehouse of one variant, while it is held."""

    product_id: str
    variant_id: str
    warehouse_id: str
    on_hand: int
    reserved: int
    is_new: bool = False
    is_changed: bool = False

    @property
    def available(self) -> int:
        """What can still be set aside or taken."""
        return self.on_hand - self.reserved
