"""Reservations of orders: reserve, release, consume and restock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.postgresql import Insert

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
from domain.kernel.sql.statements import RowStatement
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ReservationRequest:
    """A quantity of one variant to reserve for one order item."""

    holder_id: str
    """The id of the order item. A holder has one variant only."""
    product_id: str
    variant_id: str
    quantity: int
    """At least 1."""
    path: Path
    """The path of the quantity in the command, for errors."""


@dataclass(frozen=True, slots=True)
class Allocation:
    """The quantity reserved for, or consumed by, one holder in one warehouse."""

    holder_id: str
    product_id: str
    variant_id: str
    warehouse_id: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ReturnedStock:
    """A quantity that is returned to stock."""

    product_id: str
    variant_id: str
    quantity: int
    """At least 1."""
    warehouse_id: str | None = None
    """None or an inactive warehouse means the default warehouse."""


async def reserve(work: UnitOfWork, requests: Sequence[ReservationRequest], near: Locality | None) -> list[Allocation]:
    """Reserve stock for all requests, or for none.

    A request is filled by the nearest warehouse that has enough, or else by several, nearest first. Existing
    reservations of a holder stay, and the new ones are added. Raises Conflict (INSUFFICIENT_STOCK) with every request
    that cannot be filled and the quantity available for it.
    """
    stock = await lock_stock(work, (line.product_id for line in requests))
    taken = _fill(stock, requests, near)
    await write_stock(stock)
    await save_reservations(work, taken)
    return taken


async def reallocate(
    work: UnitOfWork,
    products: Iterable[str],
    holders: Mapping[str, int | None],
    requests: Sequence[ReservationRequest],
    near: Locality | None,
) -> list[Allocation]:
    """Release and reserve as one change.

    Released stock can be reserved again, and stock that only changes its holder triggers no alert. ``products``: at
    least those of the holders and requests. Raises as ``release`` and ``reserve``.
    """
    stock = await lock_stock(work, products)
    groups = await reservations_by_holder.for_keys(work.reader, list(holders))
    parts = _parts((row for group in groups for row in group), holders, fewest_first=True)
    for row, quantity in parts:
        stock.reserve(stock.levels[row.variant_id, row.warehouse_id], -quantity)
    taken = _fill(stock, requests, near)
    await write_stock(stock)
    await _reduce_reservations(work, parts)
    await save_reservations(work, taken, apart={line.holder_id for line in requests}.isdisjoint(holders))
    return taken


def _fill(stock: LockedStock, requests: Sequence[ReservationRequest], near: Locality | None) -> list[Allocation]:
    """Reserve stock for all requests in memory. Raises as ``reserve``."""
    taken: list[Allocation] = []
    problems: list[Problem] = []
    for line in requests:
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
    """Release reservations of the holders: the given quantity, or all (None).

    The smallest reservation is released first, so that the rest stays in few warehouses. A holder without reservations
    is skipped for None. Raises ValueError for more than a holder has reserved.
    """
    stock, reservations = await lock_reserved_stock(work, list(holders))
    parts = _parts(reservations, holders, fewest_first=True)
    for row, quantity in parts:
        stock.reserve(stock.levels[row.variant_id, row.warehouse_id], -quantity)
    await write_stock(stock)
    await _reduce_reservations(work, parts)


async def consume(
    work: UnitOfWork,
    holders: Mapping[str, int | None],
    *,
    reason: str,
    reference: str | None = None,
    note: str | None = None,
    warehouse_id: str | None = None,
) -> list[Allocation]:
    """Deduct shipped reservations of the holders from stock, by movements: the given quantity, or all (None).

    The largest reservation is deducted first; with ``warehouse_id``, those in other warehouses stay. Returns the
    quantities by warehouse. Raises ValueError for more than a holder has reserved (there).
    """
    stock, reservations = await lock_reserved_stock(work, list(holders))
    if warehouse_id is not None:
        reservations = [row for row in reservations if row.warehouse_id == warehouse_id]
    why = MovementReason(reason, note, reference)
    parts = _parts(reservations, holders, fewest_first=False)
    for row, quantity in parts:
        level = stock.levels[row.variant_id, row.warehouse_id]
        stock.reserve(level, -quantity)
        stock.book(level, -quantity, why)
    await write_stock(stock)
    await _reduce_reservations(work, parts)
    return [
        Allocation(row.holder_id, row.product_id, row.variant_id, row.warehouse_id, number) for row, number in parts
    ]


async def reinstate(
    work: UnitOfWork, consumed: Sequence[Allocation], *, reason: str, reference: str | None = None
) -> None:
    """Undo ``consume``: add the quantities to the stock of their warehouses, by movements, and reserve them again.

    Variants that were removed meanwhile are skipped. Raises ValidationFailed above the maximum of one product.
    """
    stock = await lock_stock_of_variants(work, [(each.product_id, each.variant_id) for each in consumed])
    known = [each for each in consumed if each.variant_id in stock.variants]
    why = MovementReason(reason, None, reference)
    for each in known:
        level = stock.get_or_open_level(each.product_id, each.variant_id, each.warehouse_id)
        stock.book(level, each.quantity, why)
        stock.reserve(level, each.quantity)
    await write_stock(stock)
    await save_reservations(work, known)


async def restock(
    work: UnitOfWork,
    returned: Sequence[ReturnedStock],
    *,
    reason: str,
    reference: str | None = None,
    note: str | None = None,
) -> list[ReturnedStock]:
    """Add returned units to stock, by movements. Returns them with their warehouses.

    Variants that were removed meanwhile are skipped. Raises ValidationFailed above the maximum of one product.
    """
    stock = await lock_stock_of_variants(work, [(each.product_id, each.variant_id) for each in returned])
    why = MovementReason(reason, note, reference)
    active = await active_warehouses(work, [each.warehouse_id for each in returned if each.warehouse_id is not None])
    default = "" if all(each.warehouse_id in active for each in returned) else await default_warehouse(work)
    added: list[ReturnedStock] = []
    for each in returned:
        if each.variant_id in stock.variants:
            warehouse = each.warehouse_id if each.warehouse_id in active else default
            stock.book(stock.get_or_open_level(each.product_id, each.variant_id, warehouse), each.quantity, why)
            added.append(ReturnedStock(each.product_id, each.variant_id, each.quantity, warehouse))
    await write_stock(stock)
    return added


def _pick(levels: Sequence[StockLevel], quantity: int) -> list[tuple[StockLevel, int]]:
    """Choose the quantity per level. ``levels``: those of one variant, nearest first."""
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
    """Split the quantities over reservations. Raises ValueError for more than a holder has reserved."""
    left = dict(holders)
    parts: list[tuple[Row, int]] = []
    for row in sorted(
        reservations, key=lambda row: (row.quantity if fewest_first else -row.quantity, row.warehouse_id)
    ):
        remaining = left[row.holder_id]
        part = row.quantity if remaining is None else min(remaining, row.quantity)
        if remaining is not None:
            left[row.holder_id] = remaining - part
        if part:
            parts.append((row, part))
    missing = {holder: number for holder, number in left.items() if number}
    if missing:
        raise ValueError(f"more than is reserved: {missing}")
    return parts


_KEYS = ("holder_id", "warehouse_id")
_quantity = InventoryReservation.__table__.c.quantity


def _adding(statement: Insert) -> Insert:
    added = {"quantity": _quantity + statement.excluded.quantity}
    return statement.on_conflict_do_update(index_elements=["store_id", *_KEYS], set_=added)


_ADD = RowStatement.insert_into(InventoryReservation, _adding)
_SET = RowStatement.update_rows(InventoryReservation, _KEYS, ("quantity",))
_DELETE = RowStatement.delete_rows(InventoryReservation, _KEYS)


async def save_reservations(work: UnitOfWork, taken: Sequence[Allocation], *, apart: bool = False) -> None:
    """Write reservations, added to existing ones of the holder in the same warehouse.

    ``apart``: what waits to be written is of other holders.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for each in taken:
        row = rows.setdefault((each.holder_id, each.warehouse_id), _reservation_of(work, each))
        row["quantity"] += each.quantity
    await work.write(_ADD, list(rows.values()), apart=apart)


def _reservation_of(work: UnitOfWork, taken: Allocation) -> dict[str, Any]:
    """The row of a reservation, of nothing yet."""
    return {
        "store_id": work.store.number,
        "holder_id": taken.holder_id,
        "warehouse_id": taken.warehouse_id,
        "variant_id": taken.variant_id,
        "product_id": taken.product_id,
        "quantity": 0,
    }


async def _reduce_reservations(work: UnitOfWork, parts: Sequence[tuple[Row, int]]) -> None:
    """Subtract released or consumed quantities from the reservations, and delete empty ones."""
    left = [{**_key(row), "quantity": row.quantity - number} for row, number in parts]
    await work.write(_SET, [row for row in left if row["quantity"]])
    await work.write(_DELETE, [row for row in left if not row["quantity"]], apart=True)


def _key(row: Row) -> dict[str, Any]:
    return {"holder_id": row.holder_id, "warehouse_id": row.warehouse_id}
