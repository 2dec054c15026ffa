"""What orders do with stock: set it aside, let it go, take it, bring it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, update
from sqlalchemy.dialects.postgresql import insert

from domain.inventory.internal_reads import reservations_by_holder
from domain.inventory.model import InventoryReservation
from domain.inventory.proximity import Locality
from domain.inventory.service.locked_stock import (
    LockedStock,
    MovementReason,
    lock_reserved_stock,
    lock_stock,
    lock_stock_of_variants,
)
from domain.inventory.service.stock_writes import write_stock
from domain.inventory.service.warehouse_lookup import active_warehouses, default_warehouse
from domain.inventory.stock_level import StockLevel
from domain.kernel.errors import Conflict, ErrorCode, Path, Problem
from domain.kernel.sql.executor import Row
from domain.kernel.sql.statements import STORE, Statement
from domain.kernel.sql.tables import KEY_TEXT
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ReservationRequest:
    """A line that wants stock set aside."""

    holder_id: str
    """Who holds it: the id of an order's item. One holder wants one variant only."""
    product_id: str
    variant_id: str
    quantity: int
    """At least 1."""
    path: Path
    """Where in the command the line's quantity stands, for the refusal."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """What was set aside for, or taken by, one holder in one warehouse."""

    holder_id: str
    product_id: str
    variant_id: str
    warehouse_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ReturnedStock:
    """What comes back to the shelf."""

    product_id: str
    variant_id: str
    quantity: int
    """At least 1."""
    warehouse_id: str | None = None
    """None, or an inactive one: the default warehouse."""


async def reserve(work: UnitOfWork, wanted: Sequence[ReservationRequest], near: Locality | None) -> list[Allocation]:
    """Set stock aside for every line, or for none.

    A line is filled whole by the nearest warehouse that can, else by several, the nearest first. What a holder has
    already is kept, and this is added. Raises Conflict (INSUFFICIENT_STOCK) naming every line that cannot be filled
    and what is available for it.
    """
    stock = await lock_stock(work, (line.product_id for line in wanted))
    taken = _fill(stock, wanted, near)
    await write_stock(stock)
    await save_reservations(work, taken)
    return taken


async def reallocate(
    work: UnitOfWork,
    products: Iterable[str],
    holders: Mapping[str, int | None],
    wanted: Sequence[ReservationRequest],
    near: Locality | None,
) -> list[Allocation]:
    """``release`` and ``reserve`` as one change, so that stock given back can be taken anew, and nothing seems to run
    low that only changes hands. ``products``: at least those of the holders and of the lines. Raises as both.
    """
    stock = await lock_stock(work, products)
    groups = await reservations_by_holder.for_keys(work.reader, list(holders))
    parts = _parts((row for group in groups for row in group), holders, fewest_first=True)
    for row, quantity in parts:
        stock.reserve(stock.levels[row.variant_id, row.warehouse_id], -quantity)
    taken = _fill(stock, wanted, near)
    await write_stock(stock)
    await _let_go(work, parts)
    await save_reservations(work, taken)
    return taken


def _fill(stock: LockedStock, wanted: Sequence[ReservationRequest], near: Locality | None) -> list[Allocation]:
    """Set stock aside for every line. Raises as ``reserve``."""
    taken: list[Allocation] = []
    problems: list[Problem] = []
    for line in wanted:
        found = _pick(stock.nearest(line.variant_id, near), line.quantity)
        if sum(quantity for _, quantity in found) < line.quantity:
            available = sum(level.available for level in stock.of_variant(line.variant_id))
            message = f"Insufficient stock: {available} available."
            problems.append(Problem(line.path, ErrorCode.INSUFFICIENT_STOCK, message))
            continue
        for level, quantity in found:
            stock.reserve(level, quantity)
            taken.append(Allocation(line.holder_id, line.product_id, line.variant_id, level.warehouse_id, quantity))
    if problems:
        raise Conflict.of(problems)
    return taken


async def release(work: UnitOfWork, holders: Mapping[str, int | None]) -> None:
    """Let go of what the holders have set aside: the number given of it, or all (None).

    Of several warehouses the one with the least goes first, so that what stays lies together. A holder that has
    nothing is passed over for None. Raises ValueError for more than a holder has.
    """
    stock, reservations = await lock_reserved_stock(work, list(holders))
    parts = _parts(reservations, holders, fewest_first=True)
    for row, quantity in parts:
        stock.reserve(stock.levels[row.variant_id, row.warehouse_id], -quantity)
    await write_stock(stock)
    await _let_go(work, parts)


async def consume(
    work: UnitOfWork,
    holders: Mapping[str, int | None],
    *,
    reason: str,
    reference: str | None = None,
    note: str | None = None,
) -> list[Allocation]:
    """Take what the holders have set aside out of the warehouses (it was shipped), by movements: the number given of
    it, or all (None). Answers what left which warehouse.

    Of several warehouses the one with the most goes first. Raises ValueError for more than a holder has.
    """
    stock, reservations = await lock_reserved_stock(work, list(holders))
    why = MovementReason(reason, note, reference)
    parts = _parts(reservations, holders, fewest_first=False)
    for row, quantity in parts:
        level = stock.levels[row.variant_id, row.warehouse_id]
        stock.reserve(level, -quantity)
        stock.book(level, -quantity, why)
    await write_stock(stock)
    await _let_go(work, parts)
    return [
        Allocation(row.holder_id, row.product_id, row.variant_id, row.warehouse_id, number) for row, number in parts
    ]


async def restock(
    work: UnitOfWork,
    returned: Sequence[ReturnedStock],
    *,
    reason: str,
    reference: str | None = None,
    note: str | None = None,
) -> list[ReturnedStock]:
    """Bring things back on the shelf, by movements; answers what came where.

    A variant that was removed meanwhile has no shelf any more and is left out. Raises ValidationFailed for more than
    is kept of one product.
    """
    stock = await lock_stock_of_variants(work, [(each.product_id, each.variant_id) for each in returned])
    why = MovementReason(reason, note, reference)
    active = await active_warehouses(work, [each.warehouse_id for each in returned if each.warehouse_id is not None])
    default = "" if all(each.warehouse_id in active for each in returned) else await default_warehouse(work)
    shelved: list[ReturnedStock] = []
    for each in returned:
        if each.variant_id in stock.variants:
            warehouse = each.warehouse_id if each.warehouse_id in active else default
            stock.book(stock.get_or_open_level(each.product_id, each.variant_id, warehouse), each.quantity, why)
            shelved.append(ReturnedStock(each.product_id, each.variant_id, each.quantity, warehouse))
    await write_stock(stock)
    return shelved


def _pick(levels: Sequence[StockLevel], quantity: int) -> list[tuple[StockLevel, int]]:
    """What to take from which level: ``levels`` are those of one variant, the nearest first."""
    whole = next((level for level in levels if level.available >= quantity), None)
    if whole is not None:
        return [(whole, quantity)]
    picked: list[tuple[StockLevel, int]] = []
    for level in levels:
        part = min(level.available, quantity)
        if part:
            picked.append((level, part))
            quantity -= part
    return picked


def _parts(
    reservations: Iterable[Row], holders: Mapping[str, int | None], *, fewest_first: bool
) -> list[tuple[Row, int]]:
    """How much of which reservation. Raises ValueError when a holder has less than is asked for."""
    left = dict(holders)
    parts: list[tuple[Row, int]] = []
    for row in sorted(
        reservations, key=lambda row: (row.quantity if fewest_first else -row.quantity, row.warehouse_id)
    ):
        asked = left[row.holder_id]
        part = row.quantity if asked is None else min(asked, row.quantity)
        if asked is not None:
            left[row.holder_id] = asked - part
        if part:
            parts.append((row, part))
    missing = {holder: number for holder, number in left.items() if number}
    if missing:
        raise ValueError(f"more than is set aside: {missing}")
    return parts


_reservation = InventoryReservation.__table__.c
_RESERVE = insert(InventoryReservation.__table__)  # type: ignore[arg-type]  # a Table
_ADD = Statement(
    "set_aside",
    _RESERVE.on_conflict_do_update(
        index_elements=["store_id", "holder_id", "warehouse_id"],
        set_={"quantity": _reservation.quantity + _RESERVE.excluded.quantity},
    ),
    [column.name for column in _reservation],
)
_OF_ONE = (
    _reservation.store_id == STORE,
    _reservation.holder_id == bindparam("of_holder", type_=KEY_TEXT),
    _reservation.warehouse_id == bindparam("of_warehouse", type_=KEY_TEXT),
)
_LESSEN = Statement(
    "let_go_of_some",
    update(InventoryReservation.__table__)  # type: ignore[arg-type]  # a Table
    .where(*_OF_ONE)
    .values(quantity=bindparam("left")),
)
_END = Statement(
    "let_go",
    delete(InventoryReservation.__table__).where(*_OF_ONE),  # type: ignore[arg-type]  # a Table
)


async def save_reservations(work: UnitOfWork, taken: Sequence[Allocation]) -> None:
    """Write the reservations; what a holder has in the same warehouse already is added to."""
    await _ADD.each(work.reader, [_reservation_of(each) | {"store_id": work.store.number} for each in taken])


def _reservation_of(taken: Allocation) -> dict[str, Any]:
    return {
        "holder_id": taken.holder_id,
        "warehouse_id": taken.warehouse_id,
        "variant_id": taken.variant_id,
        "product_id": taken.product_id,
        "quantity": taken.quantity,
    }


async def _let_go(work: UnitOfWork, parts: Sequence[tuple[Row, int]]) -> None:
    """Take from the reservations what was released or consumed; those with nothing left go."""
    lessened = [{**_one(row), "left": row.quantity - number} for row, number in parts if number < row.quantity]
    await _LESSEN.each(work.reader, lessened)
    await _END.each(work.reader, [_one(row) for row, number in parts if number == row.quantity])


def _one(row: Row) -> dict[str, Any]:
    return {"of_holder": row.holder_id, "of_warehouse": row.warehouse_id}
