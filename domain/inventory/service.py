"""Stock follows the catalog: opening it for new variants, setting it, writing it off. Every change is a movement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select

from domain.inventory.model import InventoryLevel, InventoryMovement, Warehouse
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.ids import new_id
from domain.kernel.work import Work

OPENING = "opening"
CORRECTION = "correction"
WRITTEN_OFF = "variant_removed"


async def open_store(work: Work) -> None:
    """Give a new store its default warehouse."""
    work.add(
        Warehouse(
            store_id=work.store.number,
            id=new_id("wh"),
            name="Main warehouse",
            is_default=True,
            version=1,
            created_at=work.now,
            updated_at=work.now,
        )
    )
    await work.flush()


async def declare(work: Work, quantities: Mapping[str, tuple[str, int]]) -> None:
    """Make ``quantities`` (variant id to product id and number) what is available in the default warehouse.

    The difference to what lies there is booked as a movement; no difference, no movement. Raises Conflict when the
    number cannot be held together with what is reserved.
    """
    warehouse = await work.session.scalar(
        select(Warehouse.id).where(Warehouse.store_id == work.store.number, Warehouse.is_default)
    )
    found = {level.variant_id: level for level in await _locked(work, list(quantities), warehouse)}
    opened: list[dict[str, Any]] = []
    movements: list[dict[str, Any]] = []
    for variant_id, (product_id, available) in quantities.items():
        level = found.get(variant_id)
        change = available if level is None else available + level.reserved - level.on_hand
        if level is None:
            opened.append(_level(work, product_id, variant_id, str(warehouse), available))
        elif change:
            level.on_hand += change
            level.updated_at = work.now
        if change:
            reason = OPENING if level is None else CORRECTION
            movements.append(_movement(work, product_id, variant_id, str(warehouse), quantity=change, reason=reason))
    await _write(work, opened, movements)


async def write_off(work: Work, product_id: str, variant_id: str) -> None:
    """Take what is left of a variant out of every warehouse. Raises Conflict while some of it is reserved."""
    movements: list[dict[str, Any]] = []
    for level in await _locked(work, [variant_id], None):
        if level.reserved:
            raise Conflict("Some of its stock is reserved by orders.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
        if level.on_hand:
            place, left = level.warehouse_id, level.on_hand
            movements.append(_movement(work, product_id, variant_id, place, quantity=-left, reason=WRITTEN_OFF))
            level.on_hand = 0
    await _write(work, [], movements)


async def _locked(work: Work, variants: Sequence[str], warehouse: str | None) -> Sequence[InventoryLevel]:
    """The levels of the variants, locked in one order everywhere so that two writers cannot block each other."""
    statement = (
        select(InventoryLevel)
        .where(InventoryLevel.store_id == work.store.number, InventoryLevel.variant_id.in_(variants))
        .order_by(InventoryLevel.variant_id, InventoryLevel.warehouse_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if warehouse is not None:
        statement = statement.where(InventoryLevel.warehouse_id == warehouse)
    return (await work.session.scalars(statement)).all()


async def _write(work: Work, opened: Sequence[dict[str, Any]], movements: Sequence[dict[str, Any]]) -> None:
    await work.flush()
    if opened:
        await work.session.execute(insert(InventoryLevel), opened)
    if movements:
        await work.session.execute(insert(InventoryMovement), movements)


def _level(work: Work, product_id: str, variant_id: str, warehouse_id: str, on_hand: int) -> dict[str, Any]:
    return {
        "store_id": work.store.number,
        "variant_id": variant_id,
        "warehouse_id": warehouse_id,
        "product_id": product_id,
        "on_hand": on_hand,
        "reserved": 0,
        "updated_at": work.now,
    }


def _movement(
    work: Work, product_id: str, variant_id: str, warehouse_id: str, *, quantity: int, reason: str
) -> dict[str, Any]:
    return {
        "store_id": work.store.number,
        "id": new_id("mov"),
        "product_id": product_id,
        "variant_id": variant_id,
        "warehouse_id": warehouse_id,
        "quantity": quantity,
        "reason": reason,
        "note": None,
        "actor": work.origin.actor,
        "created_at": work.now,
    }
