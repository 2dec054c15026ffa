"""Use cases of warehouses. Each store has exactly one default warehouse."""

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

_ADDRESS_FIELDS = ("state", "city", "zip", "line1", "line2")


async def open_store(work: UnitOfWork) -> None:
    """Create the default warehouse of a new store."""
    await _add(work, "Main warehouse", is_default=True)


@use_case("inventory:write")
async def create_warehouse(work: UnitOfWork, principal: Principal, command: CreateWarehouse) -> Warehouse:
    """Create a warehouse. Raises ValidationFailed if there are too many."""
    known = await _all(work)
    if len(known) >= MAX_WAREHOUSES:
        raise ValidationFailed.of((), ErrorCode.TOO_LONG, f"A store can have at most {MAX_WAREHOUSES} warehouses.")
    if command.is_default:
        await _unset_default(work, known)
    address = {name: getattr(command, name) or None for name in _ADDRESS_FIELDS}
    return await _add(work, command.name, is_default=command.is_default, country=command.country, **address)


@use_case("inventory:write")
async def update_warehouse(work: UnitOfWork, principal: Principal, command: UpdateWarehouse) -> Warehouse:
    """Update a warehouse. An update without a difference changes no version.

    Raises NotFound, Conflict (stale version; the default warehouse can only be replaced and must be active; a warehouse
    with stock on hand or open purchase orders cannot be deactivated).
    """
    others = await _all(work) if command.is_default else []
    warehouse = await work.lock(Warehouse, command.id, noun="warehouse", version=command.expected_version)
    await _check_active(work, warehouse, command)
    if command.is_default is False and warehouse.is_default:
        message = "A store must have a default warehouse. Make another warehouse the default instead."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("is_default",))
    values = {name: getattr(command, name) for name in ("name", "country", *_ADDRESS_FIELDS)}
    new: dict[str, Any] = {name: value or None for name, value in values.items() if value is not UNSET}
    if command.active is not UNSET:
        new["active"] = command.active
    changed = {name: value for name, value in new.items() if value != getattr(warehouse, name)}
    if command.is_default and not warehouse.is_default:
        await _unset_default(work, others)
        changed["is_default"] = True
    for name, value in changed.items():
        setattr(warehouse, name, value)
    if changed:
        _increase_version(work, warehouse)
    await work.flush()
    return warehouse


async def _check_active(work: UnitOfWork, warehouse: Warehouse, command: UpdateWarehouse) -> None:
    """Raise Conflict if the default warehouse would be inactive, or if the warehouse cannot be deactivated yet."""
    active = warehouse.active if command.active is UNSET else command.active
    if not active and (command.is_default or (warehouse.is_default and command.is_default is UNSET)):
        field = "active" if command.active is False else "is_default"
        message = "The default warehouse must be active. Make another warehouse the default first."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, (field,))
    if warehouse.active and not active:
        await _check_empty(work, warehouse)


async def _check_empty(work: UnitOfWork, warehouse: Warehouse) -> None:
    """Raise Conflict if stock is on hand or outstanding. Waits for writers of stock (``warehouse_lookup.py``)."""
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
    """Return the store's warehouses, locked in order, which serializes changes of the default."""
    statement = (
        select(Warehouse)
        .where(Warehouse.store_id == work.store.number)
        .order_by(Warehouse.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return list((await work.session.scalars(statement)).all())


async def _unset_default(work: UnitOfWork, warehouses: list[Warehouse]) -> None:
    for warehouse in warehouses:
        if warehouse.is_default:
            warehouse.is_default = False
            _increase_version(work, warehouse)
    await work.flush()


def _increase_version(work: UnitOfWork, warehouse: Warehouse) -> None:
    warehouse.version += 1
    warehouse.updated_at = work.now


async def _add(
    work: UnitOfWork, name: str, *, is_default: bool, country: str | None = None, **address: str | None
) -> Warehouse:
    warehouse = Warehouse(
        store_id=work.store.number,
        id=new_id("wh"),
        name=name,
        is_default=is_default,
        country=country,
        **address,
        version=1,
        created_at=work.now,
        updated_at=work.now,
        active=True,
    )
    work.add(warehouse)
    await work.flush()
    return warehouse
