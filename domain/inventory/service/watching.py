"""What ran low and what ran out: a crossing is seen by comparing before and after, both exact under the locks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from domain.inventory import reads
from domain.inventory.events import InventoryLow, InventoryOutOfStock
from domain.inventory.levels import Level
from domain.inventory.model import Inventory, PurchaseOrder, PurchaseOrderStatus, Warehouse
from domain.inventory.service.holding import Holding
from domain.inventory.snapshot import inventory_snapshot
from domain.kernel.ids import new_id
from domain.kernel.reads import STORE
from domain.kernel.sql import Row
from domain.kernel.statements import Statement
from domain.kernel.tables import KEY_TEXT
from domain.kernel.work import Work


async def announce(holding: Holding, removed: Collection[str]) -> None:
    """Record an event for each alert whose part fell below its threshold, and for each variant that ran out.

    An alert that names a reorder quantity has a purchase order recorded with it. ``removed``: variants whose running
    out is no news.
    """
    fallen = [level for level in holding.levels.values() if level.available < _before(holding, level)]
    if not fallen:
        return
    products = sorted({level.product_id for level in fallen})
    groups = await reads.alerts_by_product.for_keys(holding.work.reader, products)
    crossed = [alert for group in groups for alert in group if _crosses(holding, alert)]
    for alert in crossed:
        _record(holding, InventoryLow, alert.product_id, alert.variant_id, alert)
    variants = sorted({(level.product_id, level.variant_id) for level in fallen if level.variant_id not in removed})
    out = [(product, variant) for product, variant in variants if _ran_out(holding, variant)]
    for product_id, variant_id in out:
        _record(holding, InventoryOutOfStock, product_id, variant_id, None)
    if crossed or out:
        await _count(holding, {alert.product_id for alert in crossed} | {product for product, _ in out})
    await _reorder(holding, [alert for alert in crossed if alert.reorder_quantity is not None], fallen)


def _before(holding: Holding, level: Level) -> int:
    return holding.before.get((level.variant_id, level.warehouse_id), 0)


def _totals(holding: Holding, levels: Iterable[Level]) -> tuple[int, int]:
    """What the levels had available, and have now."""
    counted = list(levels)
    return sum(_before(holding, level) for level in counted), sum(level.available for level in counted)


def _crosses(holding: Holding, alert: Row) -> bool:
    before, after = _totals(holding, (level for level in holding.levels.values() if _concerns(alert, level)))
    return bool(before >= alert.threshold > after)


def _concerns(alert: Row, level: Level) -> bool:
    return (
        level.product_id == alert.product_id
        and alert.variant_id in (None, level.variant_id)
        and alert.warehouse_id in (None, level.warehouse_id)
    )


def _ran_out(holding: Holding, variant_id: str) -> bool:
    before, after = _totals(holding, holding.of_variant(variant_id))
    return before > 0 == after


def _record(
    holding: Holding,
    event: type[InventoryLow | InventoryOutOfStock],
    product_id: str,
    variant_id: str | None,
    alert: Row | None,
) -> None:
    """The event, with the stock of the product, or of the one variant that it is about."""
    holding.sequences[product_id] += 1
    levels = [level for level in holding.levels.values() if level.product_id == product_id]
    own = [level for level in levels if variant_id in (None, level.variant_id)]
    snapshot = inventory_snapshot(product_id, variant_id, own, alert)
    holding.work.record(event(product_id, holding.sequences[product_id], snapshot))


_guard = Inventory.__table__.c
_COUNT = Statement(
    "count_stock_events",
    update(Inventory.__table__)  # type: ignore[arg-type]  # a Table
    .where(_guard.store_id == STORE, _guard.product_id == bindparam("of_product", type_=KEY_TEXT))
    .values(sequence=bindparam("counted")),
)
_REORDER = Statement.inserting(PurchaseOrder)


async def _count(holding: Holding, products: Collection[str]) -> None:
    """Write how many events the products' stock has had."""
    counts = [{"of_product": product, "counted": holding.sequences[product]} for product in sorted(products)]
    await _COUNT.each(holding.work.reader, counts)


async def _reorder(holding: Holding, alerts: Sequence[Row], fallen: Sequence[Level]) -> None:
    """A purchase order for each alert: of its variant, else of the one that just fell the most, to its warehouse, else
    to the default one.
    """
    if not alerts:
        return
    work = holding.work
    default = await default_warehouse(work)
    rows = []
    for alert in alerts:
        own = [level for level in fallen if _concerns(alert, level)]
        most = max(own, key=lambda level: _before(holding, level) - level.available)
        rows.append(_purchase_order(work, alert, most.variant_id, alert.warehouse_id or default))
    await _REORDER.each(work.reader, rows)


async def default_warehouse(work: Work) -> str:
    """The id of the store's default warehouse."""
    statement = select(Warehouse.id).where(Warehouse.store_id == work.store.number, Warehouse.is_default)
    return (await work.session.scalars(statement)).one()


def _purchase_order(work: Work, alert: Row, variant_id: str, warehouse_id: str) -> dict[str, Any]:
    return {
        "store_id": work.store.number,
        "id": new_id("po"),
        "product_id": alert.product_id,
        "variant_id": variant_id,
        "warehouse_id": warehouse_id,
        "alert_id": alert.id,
        "status": PurchaseOrderStatus.OPEN,
        "quantity": alert.reorder_quantity,
        "received": 0,
        "version": 1,
        "created_at": work.now,
        "updated_at": work.now,
        "received_at": None,
        "note": None,
        "cancelled_at": None,
    }
