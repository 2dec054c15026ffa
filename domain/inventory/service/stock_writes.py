"""Writes of locked stock: levels, movements, and the events they cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from domain import catalog
from domain.inventory.model import InventoryLevel, InventoryMovement
from domain.inventory.service.locked_stock import LockedStock
from domain.inventory.service.thresholds import record_stock_events
from domain.inventory.stock_level import StockLevel
from domain.kernel.sql.statements import RowStatement


async def write_stock(stock: LockedStock, *, removed: Collection[str] = ()) -> None:
    """Write the changed levels and the movements, and record events for crossed thresholds and empty variants.

    They are sent with the next message that writes.

    ``removed``: variants about to be removed, which cause no out-of-stock event.
    """
    work = stock.work
    await record_stock_events(stock, removed)
    changed = [level for level in stock.levels.values() if level.is_changed or level.is_new]
    opened = [_row(stock, level) for level in changed if level.is_new]
    kept = [_row(stock, level) for level in changed if not level.is_new]
    await work.write(_UPDATE, kept)
    await work.write(_OPEN, opened, apart=True)
    work.append(_BOOK, *stock.movements)
    await _mark_availability(stock, {level.product_id for level in changed})
    for level in changed:
        level.is_new = level.is_changed = False
        stock.before[level.variant_id, level.warehouse_id] = level.available
    stock.movements = []


async def _mark_availability(stock: LockedStock, products: Collection[str]) -> None:
    """Update which products have available units, for the lists of the catalog."""
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for key, level in stock.levels.items():
        before[level.product_id] += stock.before.get(key, 0)
        after[level.product_id] += level.available
    changed = sorted(product for product in products if (before[product] > 0) != (after[product] > 0))
    await catalog.mark_availability(stock.work, {product: after[product] > 0 for product in changed})


_UPDATE = RowStatement.update_rows(
    InventoryLevel, ("variant_id", "warehouse_id"), ("on_hand", "reserved", "updated_at")
)
_OPEN = RowStatement.insert_into(InventoryLevel)
_BOOK = RowStatement.insert_into(InventoryMovement)


def _row(stock: LockedStock, level: StockLevel) -> dict[str, Any]:
    return {
        "store_id": stock.work.store.number,
        "variant_id": level.variant_id,
        "warehouse_id": level.warehouse_id,
        "product_id": level.product_id,
        "on_hand": level.on_hand,
        "reserved": level.reserved,
        "updated_at": stock.work.now,
    }
