"""Use cases of inventory alerts. Alerts are changed under the lock of the stock."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from domain.inventory.commands import MAX_ALERTS, RemoveInventoryAlert, SetInventoryAlert
from domain.inventory.model import AlertState, InventoryAlert
from domain.inventory.service.locked_stock import lock_stock, lock_stock_of_variants
from domain.inventory.service.thresholds import state_of
from domain.inventory.service.warehouse_lookup import find_warehouse
from domain.inventory.stock_target import StockTarget, find_stock_target
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.fields.versions import require_version
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class RemovedAlert:
    """A removed alert, and the stock that the command refers to."""

    id: str
    product_id: str
    variant_id: str | None
    """The variant, if the command identifies one. None if it identifies the product."""


@use_case("inventory:write")
async def set_inventory_alert(work: UnitOfWork, principal: Principal, command: SetInventoryAlert) -> InventoryAlert:
    """Create or change the alert of a product, variant and warehouse.

    Raises NotFound, ValidationFailed (an unknown location or variant, several variants and none specified to reorder,
    too many alerts), Conflict (stale version).
    """
    target = await find_stock_target(work.reader, command.product_id, command.variant_id, command.sku)
    if command.reorder_quantity:
        target.one_variant()  # the variant to order must be unambiguous
    warehouse = await find_warehouse(work, command.location, ("location",)) if command.location else None
    stock = await lock_stock_of_variants(work, [(target.product_id, variant.id) for variant in target.variants])
    if target.variant_id is not None and target.variant_id not in stock.variants:
        raise NotFound("variant", ("product_id",))  # removed meanwhile
    known = await _known(work, target, warehouse)
    if known is None and command.expected_version is not UNSET:
        message = "The alert does not exist yet. Omit the expected version to create it."
        raise Conflict(message, ErrorCode.VERSION_MISMATCH, ("expected_version",))
    require_version(known, "alert", command.expected_version)
    state = state_of(stock, target.product_id, target.variant_id, warehouse, command.threshold)
    if known is None:
        return await _add(work, target, warehouse, command, state)
    _change(work, known, command)
    known.state = state
    await work.flush()
    return known


@use_case("inventory:write")
async def remove_inventory_alert(work: UnitOfWork, principal: Principal, command: RemoveInventoryAlert) -> RemovedAlert:
    """Remove an alert of a product. Raises NotFound, Conflict (stale version)."""
    target = await find_stock_target(work.reader, command.product_id)
    await lock_stock(work, [target.product_id])
    alert = await work.lock(InventoryAlert, command.id, noun="alert", version=command.expected_version)
    if alert.product_id != target.product_id:
        raise NotFound("alert")
    await work.session.delete(alert)
    await work.flush()
    return RemovedAlert(command.id, target.product_id, target.variant_id)


async def _known(work: UnitOfWork, target: StockTarget, warehouse: str | None) -> InventoryAlert | None:
    alert = InventoryAlert
    statement = select(alert).where(
        alert.store_id == work.store.number,
        alert.product_id == target.product_id,
        alert.variant_id.is_not_distinct_from(target.variant_id),
        alert.warehouse_id.is_not_distinct_from(warehouse),
    )
    fresh = statement.execution_options(populate_existing=True)
    return (await work.session.scalars(fresh)).one_or_none()


async def _add(
    work: UnitOfWork, target: StockTarget, warehouse: str | None, command: SetInventoryAlert, state: AlertState
) -> InventoryAlert:
    mine = (InventoryAlert.store_id == work.store.number, InventoryAlert.product_id == target.product_id)
    if (await work.session.scalars(select(func.count()).select_from(InventoryAlert).where(*mine))).one() >= MAX_ALERTS:
        raise ValidationFailed.of((), ErrorCode.TOO_LONG, f"A product can have at most {MAX_ALERTS} alerts.")
    alert = InventoryAlert(
        store_id=work.store.number,
        id=new_id("alert"),
        product_id=target.product_id,
        variant_id=target.variant_id,
        warehouse_id=warehouse,
        threshold=command.threshold,
        reorder_quantity=command.reorder_quantity or None,
        version=1,
        created_at=work.now,
        updated_at=work.now,
        state=state,
    )
    work.add(alert)
    await work.flush()
    return alert


def _change(work: UnitOfWork, alert: InventoryAlert, command: SetInventoryAlert) -> None:
    """Apply the command to the alert. Without a difference the version stays."""
    before = (alert.threshold, alert.reorder_quantity)
    alert.threshold = command.threshold
    if command.reorder_quantity is not UNSET:
        alert.reorder_quantity = command.reorder_quantity
    if (alert.threshold, alert.reorder_quantity) != before:
        alert.version += 1
        alert.updated_at = work.now
