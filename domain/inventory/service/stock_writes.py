"""Writes of locked stock: levels, movements, and the events they cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, update

from domain import catalog
from domain.inventory.model import InventoryLevel, InventoryMovement
from domain.inventory.service.locked_stock import LockedStock
from domain.inventory.service.thresholds import record_stock_events
from domain.inventory.stock_level import StockLevel
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT


async def write_stock(stock: LockedStock, *, removed: Collection[str] = ()) -> None:
    """Write the changed levels and the movements, and record events for crossed thresholds and empty variants.

    ``removed``: variants about to be removed, which cause no out-of-stock event.
    """
    db = stock.work.reader
    changed = [level for level in stock.levels.values() if level.is_changed or level.is_new]
    opened = [_row(stock, level) for level in changed if level.is_new]
    kept = [_change(stock, level) for level in changed if not level.is_new]
    await _UPDATE.each(db, kept)
    await _OPEN.each(db, opened)
    await _BOOK.each(db, stock.movements)
    await record_stock_events(stock, removed)
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


_level = InventoryLevel.__table__.c
_UPDATE = Statement(
    "write_level",
    update(InventoryLevel.__table__)  # type: ignore[arg-type]  # a Table
    .where(
        _level.store_id == STORE,
        _level.variant_id == bindparam("of_variant", type_=KEY_TEXT),
        _level.warehouse_id == bindparam("of_warehouse", type_=KEY_TEXT),
    )
    .values(on_hand=bindparam("now_on_hand"), reserved=bindparam("now_reserved"), updated_at=bindparam("now")),
)
_OPEN = Statement.insert_into(InventoryLevel)
_BOOK = Statement.insert_into(InventoryMovement)


def _change(stock: LockedStock, level: StockLevel) -> dict[str, Any]:
    return {
        "of_variant": level.variant_id,
        "of_warehouse": level.warehouse_id,
        "now_on_hand": level.on_hand,
        "now_reserved": level.reserved,
        "now": stock.work.now,
    }


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
