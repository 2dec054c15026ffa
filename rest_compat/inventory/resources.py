"""Documents of stock for REST, and the lookup of path parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain import inventory
from domain.inventory.serializers import (
    AdjustedDocument,
    AlertDocument,
    MovementDocument,
    PurchaseOrderDocument,
    StockSetDocument,
    StoreLevelDocument,
    TransferredDocument,
    WarehouseDocument,
    serialize_alert,
    serialize_inventory,
    serialize_movement,
    serialize_purchase_order,
    serialize_store_level,
    serialize_warehouse,
)
from domain.kernel.errors import NotFound
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.use_cases.bulk import BulkResult
from rest_compat.bulk import input_results
from rest_compat.endpoint import ROOT, Representation

Ids = Mapping[str, str]
reads = inventory.reads


async def describe_movements(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[MovementDocument]:
    """Describe stock movements."""
    return [serialize_movement(row) for row in rows]


async def describe_levels(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[StoreLevelDocument]:
    """Describe stock levels."""
    return [serialize_store_level(row) for row in rows]


async def describe_alerts(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[AlertDocument]:
    """Describe inventory alerts."""
    return [serialize_alert(row) for row in rows]


async def describe_warehouses(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[WarehouseDocument]:
    """Describe warehouses."""
    return [serialize_warehouse(row) for row in rows]


async def describe_purchase_orders(
    db: Executor, principal: Principal, rows: Sequence[Row]
) -> list[PurchaseOrderDocument]:
    """Describe purchase orders with their lines, by one more statement for any number of orders."""
    lines = await reads.lines_by_purchase_order.for_keys(db, [row.id for row in rows])
    return [serialize_purchase_order(row, own) for row, own in zip(rows, lines, strict=True)]


async def fetch_inventory(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the stock of a product, or of one variant if it is identified."""
    target = await inventory.find_stock_target(db, ids["id"], ids.get("variant_id"), ids.get("sku"))
    row, levels = await _stock(db, target.product_id, target.variant_id)
    return Representation(serialize_inventory(row, levels))


async def within_product(db: Executor, principal: Principal, ids: Ids) -> dict[str, str]:
    """Return the filters of the ledger that the path sets."""
    target = await inventory.find_stock_target(db, ids["id"])
    named = {} if target.variant_id is None else {"variant_id": target.variant_id}
    return {"product_id": target.product_id, **named}


async def fetch_movement(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch one movement of a product."""
    target = await inventory.find_stock_target(db, ids["id"])
    row = await reads.movement_by_id.for_key(db, ids["movement_id"])
    if row is None or row.product_id != target.product_id:
        raise NotFound("movement")
    return Representation(serialize_movement(row))


async def fetch_alerts(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the alerts of a product, or of one variant if it is identified, oldest first."""
    target = await inventory.find_stock_target(db, ids["id"])
    if target.variant_id is None:
        rows = await reads.alerts_by_product.for_key(db, target.product_id)
    else:
        rows = await reads.alerts_by_variant.for_key(db, target.variant_id)
    return Representation({"data": [serialize_alert(row) for row in rows]})


async def fetch_alert(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch one alert of a product."""
    target = await inventory.find_stock_target(db, ids["id"])
    row = await reads.alert_by_id.for_key(db, ids["alert_id"])
    if row is None or row.product_id != target.product_id:
        raise NotFound("alert")
    return _alert(row)


async def fetch_warehouse(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch a warehouse."""
    row = await reads.warehouse_by_id.for_key(db, ids["id"])
    if row is None:
        raise NotFound("warehouse")
    return Representation(serialize_warehouse(row), row.version, f"{ROOT}/warehouses/{row.id}")


async def fetch_purchase_order(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch a purchase order with its lines."""
    row = await reads.purchase_order_by_id.for_key(db, ids["id"])
    if row is None:
        raise NotFound("purchase order")
    (document,) = await describe_purchase_orders(db, principal, [row])
    return Representation(document, row.version, f"{ROOT}/purchase_orders/{row.id}")


async def represent_set(db: Executor, principal: Principal, done: inventory.Adjustment) -> Representation:
    """Represent the stock after a quantity was set, with the movement of the difference, if any."""
    row, levels = await _stock(db, done.product_id, done.variant_id)
    booked = None if done.movement_id is None else await reads.movement_by_id.for_key(db, done.movement_id)
    movement = None if booked is None else serialize_movement(booked)
    document: StockSetDocument = {**serialize_inventory(row, levels), "movement": movement}
    return Representation(document)


async def represent_adjusted(db: Executor, principal: Principal, adjusted: inventory.Adjustment) -> Representation:
    """Represent the stock after an adjustment, with its movement."""
    row, levels = await _stock(db, adjusted.product_id, adjusted.variant_id)
    assert adjusted.movement_id is not None  # noqa: S101 - an adjustment is never of zero
    movement: MovementDocument = serialize_movement(await reads.movement_by_id.for_key(db, adjusted.movement_id))
    document: AdjustedDocument = {**serialize_inventory(row, levels), "movement": movement}
    return Representation(document, location=f"{ROOT}/inventory/{row.product_id}/movements/{adjusted.movement_id}")


async def represent_adjustments(
    db: Executor, principal: Principal, result: BulkResult[inventory.Adjustment]
) -> Representation:
    """Represent the stock after bulk adjustments, with their movements, by five statements for any number."""
    done = result.results
    products = await _by_key(db, _OF_PRODUCT, [each.product_id for each in done if each.variant_id is None])
    variants = await _by_key(db, _OF_VARIANT, [each.variant_id for each in done if each.variant_id is not None])
    movements = await reads.movement_by_id.for_keys(db, [str(each.movement_id) for each in done])
    found = [products[each.product_id] if each.variant_id is None else variants[each.variant_id] for each in done]
    documents = [
        {**serialize_inventory(row, levels), "movement": serialize_movement(movement)}
        for (row, levels), movement in zip(found, movements, strict=True)
    ]
    return Representation(input_results(result, "inventory", documents))


async def represent_transferred(db: Executor, principal: Principal, done: inventory.Transfer) -> Representation:
    """Represent the stock after a transfer, with its two movements."""
    row, levels = await _stock(db, done.product_id, done.variant_id)
    booked = await reads.movement_by_id.for_keys(db, [done.outgoing_id, done.incoming_id])
    document: TransferredDocument = {
        **serialize_inventory(row, levels),
        "movements": [serialize_movement(movement) for movement in booked],
    }
    return Representation(document, location=f"{ROOT}/inventory/{row.product_id}/movements/{done.outgoing_id}")


async def represent_alert(db: Executor, principal: Principal, alert: Any) -> Representation:
    """Represent an alert after a write."""
    return _alert(await reads.alert_by_id.for_key(db, alert.id))


async def represent_warehouse(db: Executor, principal: Principal, warehouse: Any) -> Representation:
    """Represent a warehouse after a write."""
    return await fetch_warehouse(db, principal, {"id": warehouse.id})


async def represent_purchase_order(db: Executor, principal: Principal, order: Any) -> Representation:
    """Represent a purchase order after a write."""
    return await fetch_purchase_order(db, principal, {"id": order.id})


def _alert(row: Row) -> Representation:
    document: AlertDocument = serialize_alert(row)
    return Representation(document, row.version, f"{ROOT}/inventory/{row.product_id}/alerts/{row.id}")


_OF_PRODUCT = (reads.inventory_by_product, reads.levels_by_product)
_OF_VARIANT = (reads.inventory_by_variant, reads.levels_by_variant)


async def _by_key(db: Executor, of: tuple[Read, Read], keys: Sequence[str]) -> dict[str, tuple[Row, Sequence[Row]]]:
    """Return totals and levels by the key they belong to."""
    known = sorted(set(keys))
    if not known:
        return {}
    totals, levels = await of[0].for_keys(db, known), await of[1].for_keys(db, known)
    return dict(zip(known, zip(totals, levels, strict=True), strict=True))


async def _stock(db: Executor, product_id: str, variant_id: str | None) -> tuple[Row, Sequence[Row]]:
    """Return totals and levels of a product, or of one of its variants."""
    if variant_id is None:
        totals = await reads.inventory_by_product.for_key(db, product_id)
        return totals, await reads.levels_by_product.for_key(db, product_id)
    totals = await reads.inventory_by_variant.for_key(db, variant_id)
    return totals, await reads.levels_by_variant.for_key(db, variant_id)
