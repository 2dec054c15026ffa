"""What an order has not shipped yet: the quantities of its lines that are reserved, by warehouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain import catalog, inventory
from domain.catalog import WeightUnit
from domain.kernel.sql.executor import Executor
from domain.shipping.boxes import WeighedLine
from domain.shipping.measures import KILOGRAMS


@dataclass(frozen=True, slots=True)
class UnshippedQuantities:
    """The reserved quantities of lines."""

    by_warehouse: Mapping[str, Mapping[str, int]]
    """By warehouse and line."""

    def available(self, warehouse_id: str, item_id: str) -> int:
        """The quantity of a line that a warehouse holds for it."""
        return self.by_warehouse.get(warehouse_id, {}).get(item_id, 0)


async def unshipped_of(db: Executor, item_ids: Sequence[str]) -> UnshippedQuantities:
    """Read the reservations of lines."""
    groups = await inventory.reservations_by_holder.for_keys(db, list(item_ids))
    found: dict[str, dict[str, int]] = {}
    for group in groups:
        for row in group:
            found.setdefault(row.warehouse_id, {})[row.holder_id] = row.quantity
    return UnshippedQuantities(found)


async def weighed(db: Executor, items: Sequence[Any], quantities: Mapping[str, int]) -> list[WeighedLine]:
    """Quantities of lines, by id, with the weights of their variants."""
    chosen = [item for item in items if item.id in quantities]
    variants = await catalog.reads.variant_by_id.for_keys(db, [item.variant_id or "" for item in chosen])
    return [
        WeighedLine(item.sku, quantities[item.id], _kilograms(variant))
        for item, variant in zip(chosen, variants, strict=True)
    ]


def _kilograms(variant: Any) -> Decimal | None:
    if variant is None or variant.weight is None:
        return None
    weight: Decimal = variant.weight * KILOGRAMS[WeightUnit(variant.weight_unit)]
    return weight
