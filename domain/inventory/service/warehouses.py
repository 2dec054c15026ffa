"""Warehouses: each store has exactly one that is the default."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from domain.inventory.commands import MAX_WAREHOUSES, CreateWarehouse, UpdateWarehouse
from domain.inventory.model import InventoryLevel, PurchaseOrder, PurchaseOrderStatus, Warehouse
from domain.kernel.errors import Conflict, ErrorCode, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork

_PLACE = ("state", "city", "zip", "line1", "line2")


async def open_store(work: UnitOfWork) -> None:
    """Give a new store its default warehouse."""
    await _add(work, "Main warehouse", is_default=True)


@use_case("inventory:write")
async def create_warehouse(work: UnitOfWork, principal: Principal, command: CreateWarehouse) -> Warehouse:
    """Add a warehouse. Raises ValidationFailed when there are too many."""
    known = await _all(work)
    if len(known) >= MAX_WAREHOUSES:
        raise ValidationFailed.of((), ErrorCode.TOO_LONG, f"A store can have at most {MAX_WAREHOUSES} warehouses.")
    if command.is_default:
        await _step_down(work, known)
    place = {name: getattr(command, name) or None for name in _PLACE}
    return await _add(work, command.name, is_default=command.is_default, country=command.country, **place)


@use_case("inventory:write")
async def update_warehouse(work: UnitOfWork, principal: Principal, command: UpdateWarehouse) -> Warehouse:
    """Change what is given of a warehouse; a change that changes nothing leaves the version alone.

    Raises NotFound, Conflict (stale version; the default warehouse can only be replaced by another and is active; one
    that is deactivated holds no stock and is where no open purchase order goes).
    """
    others = await _all(work) if command.is_default else []
    version = None if command.expected_version is UNSET else command.expected_version
    warehouse = await work.lock(Warehouse, command.id, noun="warehouse", version=version)
    await _refuse_inactive(work, warehouse, command)
    if command.is_default is False and warehouse.is_default:
        message = "A store must have a default warehouse. Make another warehouse the default instead."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("is_default",))
    given = {name: getattr(command, name) for name in ("name", "country", *_PLACE)}
    wanted: dict[str, Any] = {name: value or None for name, value in given.items() if value is not UNSET}
    if command.active is not UNSET:
        wanted["active"] = command.active
    changed = {name: value for name, value in wanted.items() if value != getattr(warehouse, name)}
    if command.is_default and not warehouse.is_default:
        await _step_down(work, others)
        changed["is_default"] = True
    for name, value in changed.items():
        setattr(warehouse, name, value)
    if changed:
        _count(work, warehouse)
    await work.flush()
    return warehouse


async def _refuse_inactive(work: UnitOfWork, warehouse: Warehouse, command: UpdateWarehouse) -> None:
    """Raises Conflict for a default warehouse that would be inactive, and for one that cannot be deactivated yet."""
    active = warehouse.active if command.active is UNSET else command.active
    if not active and (command.is_default or (warehouse.is_default and command.is_default is UNSET)):
        field = "active" if command.active is False else "is_default"
        message = "The default warehouse must be active. Make another warehouse the default first."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, (field,))
    if warehouse.active and not active:
        await _refuse_occupied(work, warehouse)


async def _refuse_occupied(work: UnitOfWork, warehouse: Warehouse) -> None:
    """Raises Conflict where stock lies or is to come. Whoever puts some there (``places.py``) is waited for."""
    store = work.store.number
    row = select(Warehouse.id).where(Warehouse.store_id == store, Warehouse.id == warehouse.id)
    await work.session.execute(row.with_for_update())
    level, order = InventoryLevel, PurchaseOrder
    stocked = level.store_id == store, level.warehouse_id == warehouse.id, level.on_hand > 0
    if await work.session.scalar(select(level.variant_id).where(*stocked).limit(1)) is not None:
        message = "The warehouse has stock on hand. Transfer it to another warehouse or adjust it to zero first."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("active",))
    coming = order.store_id == store, order.warehouse_id == warehouse.id, order.status == PurchaseOrderStatus.OPEN
    if await work.session.scalar(select(order.id).where(*coming).limit(1)) is not None:
        message = "The warehouse has open purchase orders. Receive or cancel them first."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("active",))


async def _all(work: UnitOfWork) -> list[Warehouse]:
    """The store's warehouses, locked in order: two that want to be the default take turns."""
    statement = (
        select(Warehouse)
        .where(Warehouse.store_id == work.store.number)
        .order_by(Warehouse.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list((await work.session.scalars(statement)).all())


async def _step_down(work: UnitOfWork, warehouses: list[Warehouse]) -> None:
    for warehouse in warehouses:
        if warehouse.is_default:
            warehouse.is_default = False
            _count(work, warehouse)
    await work.flush()


def _count(work: UnitOfWork, warehouse: Warehouse) -> None:
    warehouse.version += 1
    warehouse.updated_at = work.now


async def _add(
    work: UnitOfWork, name: str, *, is_default: bool, country: str | None = None, **place: str | None
) -> Warehouse:
    warehouse = Warehouse(
        store_id=work.store.number,
        id=new_id("wh"),
        name=name,
        is_default=is_default,
        country=country,
        **place,
        version=1,
        created_at=work.now,
        updated_at=work.now,
        active=True,
    )
    work.add(warehouse)
    await work.flush()
    return warehouse
