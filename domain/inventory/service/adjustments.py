"""Booking stock by hand: in, out, and from one warehouse to another."""

from __future__ import annotations

from dataclasses import dataclass

from domain.inventory.commands import AdjustInventories, AdjustInventory, SetInventory, TransferInventory
from domain.inventory.model import level_id
from domain.inventory.service.locked_stock import LockedStock, MovementReason, lock_stock_of_variants
from domain.inventory.service.stock_writes import write_stock
from domain.inventory.service.warehouse_lookup import find_warehouse
from domain.inventory.stock_level import StockLevel
from domain.inventory.stock_target import find_stock_target
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal
from domain.kernel.use_cases.bulk import Bulk, BulkResult
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork

TRANSFER_REASON = "transfer"
READS = "inventory:read"
"""The scope of callers who are told in a refusal how much there is."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An adjustment: whose stock was asked for, and the movement it was booked by."""

    product_id: str
    variant_id: str | None
    """The variant that was named; None: the product was."""
    movement_id: str | None
    """None: nothing had to be booked."""
    moved_variant_id: str
    """The variant whose stock is meant."""
    level_id: str


@dataclass(frozen=True, slots=True)
class AdjustmentTarget:
    """The level that an adjustment means."""

    product_id: str
    variant_id: str | None
    """As it was named; None: the product was."""
    level_of: str
    """The id of the variant whose level it is."""
    warehouse_id: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer, and the two movements it was booked by."""

    product_id: str
    variant_id: str | None
    outgoing_id: str
    incoming_id: str
    moved_variant_id: str
    """The variant whose stock moved."""
    outgoing_level_id: str
    incoming_level_id: str


@use_case("inventory:write")
async def adjust_inventory(work: UnitOfWork, principal: Principal, command: AdjustInventory) -> Adjustment:
    """Book stock into a warehouse, or out of it.

    Raises NotFound, ValidationFailed (zero, an unknown location or variant, several variants and none named, more
    than is kept of one product), Conflict (less would lie there than is reserved; the location is inactive).
    """
    meant = await find_adjusted(work, command)
    stock = await _hold_one(work, meant.product_id, meant.level_of)
    return await adjust_held(principal, stock, meant, command)


@use_case("inventory:write", bulk=True)
async def adjust_inventories(
    work: UnitOfWork, principal: Principal, command: AdjustInventories
) -> BulkResult[Adjustment]:
    """Book many adjustments in their order, each as ``adjust_inventory`` does, under locks that are taken at once.

    Raises Conflict, ValidationFailed unless it skips.
    """
    bulk: Bulk[AdjustInventory, Adjustment] = Bulk(command.input, command.error_policy)
    meant: dict[int, AdjustmentTarget] = {}
    for index, each in bulk.given.items():
        try:
            meant[index] = await find_adjusted(work, each)
        except (NotFound, Conflict, ValidationFailed) as refusal:
            bulk.refuse(index, refusal)
    stock = await lock_stock_of_variants(work, [(target.product_id, target.level_of) for target in meant.values()])
    for index, target in meant.items():
        try:
            _refuse_removed(stock, target.level_of)
            bulk.done(index, await adjust_held(principal, stock, target, bulk.given[index]))
        except (NotFound, Conflict, ValidationFailed) as refusal:  # it has changed nothing then
            bulk.refuse(index, refusal)
    return bulk.result()


@use_case("inventory:write")
async def set_inventory(work: UnitOfWork, principal: Principal, command: SetInventory) -> Adjustment:
    """Make what is on hand in a warehouse a number, by one movement of the difference; by none where there is none.

    Raises NotFound, ValidationFailed (an unknown location or variant, several variants and none named, more than is
    kept of one product), Conflict (another quantity than the expected one is on hand, fewer than are reserved; the
    location is inactive).
    """
    subject = await find_stock_target(work.reader, command.product_id, command.variant_id, command.sku)
    variant_id = subject.one_variant()
    warehouse = await find_warehouse(work, command.location, ("location",))
    stock = await _hold_one(work, subject.product_id, variant_id)
    there = stock.levels.get((variant_id, warehouse))
    on_hand = 0 if there is None else there.on_hand
    if command.expected_quantity not in (UNSET, on_hand):
        current = f"{on_hand}, not" if principal.has_scope(READS) else "not"
        message = f"The quantity on hand is {current} {command.expected_quantity}. Read the stock again and retry."
        raise Conflict(message, ErrorCode.VERSION_MISMATCH, ("expected_quantity",))
    change = command.quantity - on_hand
    if not change:
        return Adjustment(subject.product_id, subject.variant_id, None, variant_id, level_id(variant_id, warehouse))
    level = stock.get_or_open_level(subject.product_id, variant_id, warehouse)
    _refuse_too_little(principal, level, -change)
    movement = stock.book(level, change, MovementReason(command.reason, command.note or None), ("quantity",))
    await write_stock(stock)
    moved = level_id(variant_id, warehouse)
    return Adjustment(subject.product_id, subject.variant_id, movement["id"], variant_id, moved)


@use_case("inventory:write")
async def transfer_inventory(work: UnitOfWork, principal: Principal, command: TransferInventory) -> Transfer:
    """Take stock from one warehouse to another; the two movements refer to each other.

    Raises ValidationFailed (an unknown product, variant or location, the same one twice, several variants and none
    named), Conflict (less is available there).
    """
    try:
        subject = await find_stock_target(work.reader, command.product_id, command.variant_id, command.sku)
    except NotFound as unknown:  # not in the path: a field like any other
        raise ValidationFailed(unknown.problems) from None
    variant_id = subject.one_variant()
    origin = await find_warehouse(work, command.from_location, ("from_location",))
    target = await find_warehouse(work, command.to_location, ("to_location",))
    if origin == target:
        raise ValidationFailed.of(("to_location",), ErrorCode.INVALID, "Must differ from the source warehouse.")
    stock = await _hold_one(work, subject.product_id, variant_id)
    source = stock.get_or_open_level(subject.product_id, variant_id, origin)
    _refuse_too_little(principal, source, command.quantity)
    why = MovementReason(TRANSFER_REASON, command.note or None)
    outgoing = stock.book(source, -command.quantity, why)
    incoming = stock.book(stock.get_or_open_level(subject.product_id, variant_id, target), command.quantity, why)
    outgoing["reference"], incoming["reference"] = incoming["id"], outgoing["id"]
    await write_stock(stock)
    levels = level_id(variant_id, origin), level_id(variant_id, target)
    return Transfer(subject.product_id, subject.variant_id, outgoing["id"], incoming["id"], variant_id, *levels)


async def find_adjusted(work: UnitOfWork, command: AdjustInventory) -> AdjustmentTarget:
    """The level that the command means. Raises as ``adjust_inventory``."""
    if command.quantity == 0:
        raise ValidationFailed.of(("quantity",), ErrorCode.INVALID, "Must not be zero.")
    subject = await find_stock_target(work.reader, command.product_id, command.variant_id, command.sku)
    variant_id = subject.one_variant()
    warehouse = await find_warehouse(work, command.location, ("location",))
    return AdjustmentTarget(subject.product_id, subject.variant_id, variant_id, warehouse)


async def adjust_held(
    principal: Principal, stock: LockedStock, meant: AdjustmentTarget, command: AdjustInventory
) -> Adjustment:
    """Book an adjustment of stock that is held. Raises as ``adjust_inventory``, and has then changed nothing."""
    there = stock.levels.get((meant.level_of, meant.warehouse_id))
    level = there or StockLevel(meant.product_id, meant.level_of, meant.warehouse_id, 0, 0)
    _refuse_too_little(principal, level, -command.quantity)
    stock.refuse_too_many(meant.product_id, command.quantity, ("quantity",))
    level = stock.get_or_open_level(meant.product_id, meant.level_of, meant.warehouse_id)
    movement = stock.book(level, command.quantity, MovementReason(command.reason, command.note or None), ("quantity",))
    await write_stock(stock)
    moved = level_id(meant.level_of, meant.warehouse_id)
    return Adjustment(meant.product_id, meant.variant_id, movement["id"], meant.level_of, moved)


async def _hold_one(work: UnitOfWork, product_id: str, variant_id: str) -> LockedStock:
    """The product's stock, locked. Raises NotFound for a variant that was removed meanwhile."""
    stock = await lock_stock_of_variants(work, [(product_id, variant_id)])
    _refuse_removed(stock, variant_id)
    return stock


def _refuse_removed(stock: LockedStock, variant_id: str) -> None:
    if variant_id not in stock.variants:
        raise NotFound("variant", ("product_id",))


def _refuse_too_little(principal: Principal, level: StockLevel, wanted: int) -> None:
    """Raises Conflict when fewer than ``wanted`` can be taken: what is reserved stays."""
    if wanted > level.available and not principal.has_scope(READS):
        raise Conflict("Insufficient stock in the warehouse.", ErrorCode.INSUFFICIENT_STOCK, ("quantity",))
    if wanted > level.available:
        reserved = f", {level.reserved} more reserved by orders" if level.reserved else ""
        message = f"Insufficient stock: {level.available} available in the warehouse{reserved}."
        raise Conflict(message, ErrorCode.INSUFFICIENT_STOCK, ("quantity",))
