"""What one unit of each variant of the demo weighs: made up, since the data have no weights, and always the same."""

from __future__ import annotations

from decimal import Decimal
from zlib import crc32

LIGHTEST, STEP, STEPS = 50, 25, 40


def grams_of(sku: str) -> int:
    """The weight of one unit in grams: 50 to 1,025."""
    return LIGHTEST + STEP * (crc32(sku.encode()) % STEPS)


def kilograms_of(units: dict[str, int]) -> Decimal:
    """The weight of quantities by SKU."""
    return Decimal(sum(grams_of(sku) * quantity for sku, quantity in units.items())) / 1000
