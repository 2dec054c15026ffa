"""Use cases of manual stock changes: adjust, set, transfer."""

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
"""The scope that callers need to see quantities in error messages."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A booked adjustment: the stock it refers to, and its movement."""

    product_id: str
    variant_id: str | None
    """The variant, if the command identifies one. None if it identifies the product."""
    movement_id: str | None
    """None if there was nothing to book."""
    moved_variant_id: str
    """The variant whose stock was adjusted."""
    level_id: str


@dataclass(frozen=True, slots=True)
class AdjustmentTarget:
    """The level to adjust."""

    product_id: str
    variant_id: str | None
    """The variant, if the command identifies one. None if it identifies the product."""
    level_of: str
    """The id of the variant of the level."""
    warehouse_id: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """A booked transfer and its two movements."""

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
    """Add stock to a warehouse or remove it.

    Raises NotFound, ValidationFailed (zero, an unknown location or variant, several variants and none specified, more
    than the maximum of one product), Conflict (less on hand than reserved; the location is inactive).
    """
    meant = await find_adjustment_target(work, command)
    stock = await _lock_one(work, meant.product_id, meant.level_of)
    return await adjust_locked(principal, stock, meant, command)


@use_case("inventory:write", bulk=True)
async def adjust_inventories(
    work: UnitOfWork, principal: Principal, command: AdjustInventories
) -> BulkResult[Adjustment]:
    """Book many adjustments in order, each as ``adjust_inventory`` does, under locks that are acquired at once.

    Raises Conflict, ValidationFailed unless they are skipped.
    """
    bulk: Bulk[AdjustInventory, Adjustment] = Bulk(command.input, command.error_policy)
    meant: dict[int, AdjustmentTarget] = {}
    for index, each in bulk.given.items():
        try:
            meant[index] = await find_adjustment_target(work, each)
        except (NotFound, Conflict, ValidationFailed) as refusal:
            bulk.refuse(index, refusal)
    stock = await lock_stock_of_variants(work, [(target.product_id, target.level_of) for target in meant.values()])
    for index, target in meant.items():
        try:
            _check_exists(stock, target.level_of)
            bulk.done(index, await adjust_locked(principal, stock, target, bulk.given[index]))
        except (NotFound, Conflict, ValidationFailed) as refusal:  # nothing has been changed then
            bulk.refuse(index, refusal)
    return bulk.result()


@use_case("inventory:write")
async def set_inventory(work: UnitOfWork, principal: Principal, command: SetInventory) -> Adjustment:
    """Set the quantity on hand in a warehouse, by one movement of the difference, if there is one.

    Raises NotFound, ValidationFailed (an unknown location or variant, several variants and none specified, more than
    the maximum of one product), Conflict (unexpected quantity on hand, fewer than reserved; the location is inactive).
    """
    subject = await find_stock_target(work.reader, command.product_id, command.variant_id, command.sku)
    variant_id = subject.one_variant()
    warehouse = await find_warehouse(work, command.location, ("location",))
    stock = await _lock_one(work, subject.product_id, variant_id)
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
    _check_available(principal, level, -change)
    movement = stock.book(level, change, MovementReason(command.reason, command.note or None), ("quantity",))
    await write_stock(stock)
    moved = level_id(variant_id, warehouse)
    return Adjustment(subject.product_id, subject.variant_id, movement["id"], variant_id, moved)


@use_case("inventory:write")
async def transfer_inventory(work: UnitOfWork, principal: Principal, command: TransferInventory) -> Transfer:
    """Move stock between two warehouses. The two movements refer to each other.

    Raises ValidationFailed (an unknown product, variant or location, the same location twice, several variants and
    none specified), Conflict (insufficient stock).
    """
    try:
        subject = await find_stock_target(work.reader, command.product_id, command.variant_id, command.sku)
    except NotFound as unknown:  # a field of the body, not the path
        raise ValidationFailed(unknown.problems) from None
    variant_id = subject.one_variant()
    origin = await find_warehouse(work, command.from_location, ("from_location",))
    target = await find_warehouse(work, command.to_location, ("to_location",))
    if origin == target:
        raise ValidationFailed.of(("to_location",), ErrorCode.INVALID, "Must differ from the source warehouse.")
    stock = await _lock_one(work, subject.product_id, variant_id)
    source = stock.get_or_open_level(subject.product_id, variant_id, origin)
    _check_available(principal, source, command.quantity)
    why = MovementReason(TRANSFER_REASON, command.note or None)
    outgoing = stock.book(source, -command.quantity, why)
    incoming = stock.book(stock.get_or_open_level(subject.product_id, variant_id, target), command.quantity, why)
    outgoing["reference"], incoming["reference"] = incoming["id"], outgoing["id"]
    await write_stock(stock)
    levels = level_id(variant_id, origin), level_id(variant_id, target)
    return Transfer(subject.product_id, subject.variant_id, outgoing["id"], incoming["id"], variant_id, *levels)


async def find_adjustment_target(work: UnitOfWork, command: AdjustInventory) -> AdjustmentTarget:
    """Find the level to adjust. Raises as ``adjust_inventory``."""
    if command.quantity == 0:
        raise ValidationFailed.of(("quantity",), ErrorCode.INVALID, "Must not be zero.")
    subject = await find_stock_target(work.reader, command.product_id, command.variant_id, command.sku)
    variant_id = subject.one_variant()
    warehouse = await find_warehouse(work, command.location, ("location",))
    return AdjustmentTarget(subject.product_id, subject.variant_id, variant_id, warehouse)


async def adjust_locked(
    principal: Principal, stock: LockedStock, meant: AdjustmentTarget, command: AdjustInventory
) -> Adjustment:
    """Book an adjustment of locked stock. Raises as ``adjust_inventory``, and has then changed nothing."""
    there = stock.levels.get((meant.level_of, meant.warehouse_id))
    level = there or StockLevel(meant.product_id, meant.level_of, meant.warehouse_id, 0, 0)
    _check_available(principal, level, -command.quantity)
    stock.refuse_too_many(meant.product_id, command.quantity, ("quantity",))
    level = stock.get_or_open_level(meant.product_id, meant.level_of, meant.warehouse_id)
    movement = stock.book(level, command.quantity, MovementReason(command.reason, command.note or None), ("quantity",))
    await write_stock(stock)
    moved = level_id(meant.level_of, meant.warehouse_id)
    return Adjustment(meant.product_id, meant.variant_id, movement["id"], meant.level_of, moved)


async def _lock_one(work: UnitOfWork, product_id: str, variant_id: str) -> LockedStock:
    """Lock the stock of the product. Raises NotFound if the variant was removed meanwhile."""
    stock = await lock_stock_of_variants(work, [(product_id, variant_id)])
    _check_exists(stock, variant_id)
    return stock


def _check_exists(stock: LockedStock, variant_id: str) -> None:
    if variant_id not in stock.variants:
        raise NotFound("variant", ("product_id",))


def _check_available(principal: Principal, level: StockLevel, quantity: int) -> None:
    """Raise Conflict if fewer than ``quantity`` units can be removed. Reserved units stay."""
    if quantity > level.available and not principal.has_scope(READS):
        raise Conflict("Insufficient stock in the warehouse.", ErrorCode.INSUFFICIENT_STOCK, ("quantity",))
    if quantity > level.available:
        reserved = f", {level.reserved} more reserved by orders" if level.reserved else ""
        message = f"Insufficient stock: {level.available} available in the warehouse{reserved}."
        raise Conflict(message, ErrorCode.INSUFFICIENT_STOCK, ("quantity",))
