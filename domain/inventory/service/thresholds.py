"""Threshold crossings and variants out of stock, found by comparing stock before and after under the locks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import bindparam, update

from domain.inventory import reads
from domain.inventory.events import InventoryLow, InventoryOutOfStock
from domain.inventory.model import AlertState, Inventory, InventoryAlert
from domain.inventory.service.locked_stock import LockedStock
from domain.inventory.service.purchase_records import OrderedLine, record_purchase
from domain.inventory.service.warehouse_lookup import default_warehouse
from domain.inventory.snapshot import inventory_snapshot
from domain.inventory.stock_level import StockLevel
from domain.kernel.sql.executor import Row
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT


async def record_stock_events(stock: LockedStock, removed: Collection[str]) -> None:
    """Record an event for each crossed alert and each variant that ran out, and update the states of alerts.

    An alert with a reorder quantity also creates a purchase order. ``removed``: variants that cause no out-of-stock
    event.
    """
    moved = [level for level in stock.levels.values() if level.available != _before(stock, level)]
    if not moved:
        return
    fallen = [level for level in moved if level.available < _before(stock, level)]
    alerts = await _alerts(stock, {level.product_id for level in moved})
    await _update_states(stock, alerts)
    crossed = [alert for alert in alerts if _crosses(stock, alert)]
    for alert in crossed:
        _record(stock, InventoryLow, alert.product_id, alert.variant_id, alert)
    variants = sorted({(level.product_id, level.variant_id) for level in fallen if level.variant_id not in removed})
    out = [(product, variant) for product, variant in variants if _ran_out(stock, variant)]
    for product_id, variant_id in out:
        _record(stock, InventoryOutOfStock, product_id, variant_id, None)
    if crossed or out:
        await _count(stock, {alert.product_id for alert in crossed} | {product for product, _ in out})
    await _reorder(stock, [alert for alert in crossed if alert.reorder_quantity is not None], fallen)


async def _alerts(stock: LockedStock, products: Collection[str]) -> list[Row]:
    if not stock.has_alerts:
        return []
    groups = await reads.alerts_by_product.for_keys(stock.work.reader, sorted(products))
    return [alert for group in groups for alert in group]


def _before(stock: LockedStock, level: StockLevel) -> int:
    return stock.before.get((level.variant_id, level.warehouse_id), 0)


def _totals(stock: LockedStock, levels: Iterable[StockLevel]) -> tuple[int, int]:
    """Return the available quantity of the levels before and now."""
    counted = list(levels)
    return sum(_before(stock, level) for level in counted), sum(level.available for level in counted)


def _crosses(stock: LockedStock, alert: Row) -> bool:
    before, after = _totals(stock, (level for level in stock.levels.values() if _concerns(alert, level)))
    return bool(before >= alert.threshold > after)


def _concerns(alert: Row, level: StockLevel) -> bool:
    return (
        level.product_id == alert.product_id
        and alert.variant_id in (None, level.variant_id)
        and alert.warehouse_id in (None, level.warehouse_id)
    )


def state_of(
    stock: LockedStock, product_id: str, variant_id: str | None, warehouse_id: str | None, threshold: int
) -> AlertState:
    """Return the state of an alert: low if the available quantity is below the threshold."""
    available = sum(
        level.available
        for level in stock.levels.values()
        if level.product_id == product_id
        and variant_id in (None, level.variant_id)
        and warehouse_id in (None, level.warehouse_id)
    )
    return AlertState.LOW if available < threshold else AlertState.ARMED


async def _update_states(stock: LockedStock, alerts: Sequence[Row]) -> None:
    """Update the states of alerts that changed with the stock."""
    changed = []
    for alert in alerts:
        state = state_of(stock, alert.product_id, alert.variant_id, alert.warehouse_id, alert.threshold)
        if state != alert.state:
            changed.append({"of_alert": alert.id, "now": state})
    await _STATE.each(stock.work.reader, changed)


def _ran_out(stock: LockedStock, variant_id: str) -> bool:
    before, after = _totals(stock, stock.of_variant(variant_id))
    return before > 0 == after


def _record(
    stock: LockedStock,
    event: type[InventoryLow | InventoryOutOfStock],
    product_id: str,
    variant_id: str | None,
    alert: Row | None,
) -> None:
    """Record the event with the stock of the product, or of the variant if one is given."""
    stock.sequences[product_id] += 1
    levels = [level for level in stock.levels.values() if level.product_id == product_id]
    own = [level for level in levels if variant_id in (None, level.variant_id)]
    snapshot = inventory_snapshot(product_id, variant_id, own, alert)
    stock.work.record(event(product_id, stock.sequences[product_id], snapshot))


_inventory = Inventory.__table__.c
_COUNT = Statement(
    "count_stock_events",
    update(Inventory.__table__)  # type: ignore[arg-type]  # a Table
    .where(_inventory.store_id == STORE, _inventory.product_id == bindparam("of_product", type_=KEY_TEXT))
    .values(sequence=bindparam("counted")),
)
_alert = InventoryAlert.__table__.c
_STATE = Statement(
    "write_alert_state",
    update(InventoryAlert.__table__)  # type: ignore[arg-type]  # a Table
    .where(_alert.store_id == STORE, _alert.id == bindparam("of_alert", type_=KEY_TEXT))
    .values(state=bindparam("now")),
)


async def _count(stock: LockedStock, products: Collection[str]) -> None:
    """Write the event counts of the products' stock."""
    counts = [{"of_product": product, "counted": stock.sequences[product]} for product in sorted(products)]
    await _COUNT.each(stock.work.reader, counts)


async def _reorder(stock: LockedStock, alerts: Sequence[Row], fallen: Sequence[StockLevel]) -> None:
    """Create a purchase order for each alert, for its variant and warehouse.

    Default: the variant that just fell the most, and the default warehouse.
    """
    if not alerts:
        return
    work = stock.work
    default = await default_warehouse(work)
    for alert in alerts:
        own = [level for level in fallen if _concerns(alert, level)]
        most = max(own, key=lambda level: _before(stock, level) - level.available)
        line = OrderedLine(alert.product_id, most.variant_id, alert.reorder_quantity)
        await record_purchase(work, [line], alert.warehouse_id or default, alert_id=alert.id)
