"""Booking stock by hand: in, out, and from one warehouse to another."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from domain.inventory.commands import AdjustInventory, TransferInventory
from domain.inventory.levels import Level
from domain.inventory.model import Warehouse, level_id
from domain.inventory.service.holding import Holding, Reason, hold_to_open
from domain.inventory.service.settling import settle
from domain.inventory.service.watching import default_warehouse
from domain.inventory.subjects import find_subject
from domain.kernel.errors import Conflict, ErrorCode, NotFound, Path, ValidationFailed
from domain.kernel.fields import Unset
from domain.kernel.ids import is_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases import use_case
from domain.kernel.work import Work

TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class Adjusted:
    """An adjustment: whose stock was asked for, and the movement it was booked by."""

    product_id: str
    variant_id: str | None
    """The variant that was named; None: the product was."""
    movement_id: str
    moved_variant_id: str
    """The variant whose stock changed."""
    level_id: str


@dataclass(frozen=True, slots=True)
class Transferred:
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
async def adjust_inventory(work: Work, principal: Principal, command: AdjustInventory) -> Adjusted:
    """Book stock into a warehouse, or out of it.

    Raises NotFound, ValidationFailed (zero, an unknown location or variant, several variants and none named, more
    than is kept of one product), Conflict (less would lie there than is reserved).
    """
    if command.quantity == 0:
        raise ValidationFailed.of(("quantity",), ErrorCode.INVALID, "Must not be zero.")
    subject = await find_subject(work.reader, command.product_id, command.variant_id, command.sku)
    variant_id = subject.one_variant()
    warehouse = await place_named(work, command.location, ("location",))
    holding = await _hold_one(work, subject.product_id, variant_id)
    level = holding.at(subject.product_id, variant_id, warehouse)
    _refuse_too_little(level, -command.quantity)
    movement = holding.move(level, command.quantity, Reason(command.reason, command.note or None), ("quantity",))
    await settle(holding)
    moved = level_id(variant_id, warehouse)
    return Adjusted(subject.product_id, subject.variant_id, movement["id"], variant_id, moved)


@use_case("inventory:write")
async def transfer_inventory(work: Work, principal: Principal, command: TransferInventory) -> Transferred:
    """Take stock from one warehouse to another; the two movements refer to each other.

    Raises ValidationFailed (an unknown product, variant or location, the same one twice, several variants and none
    named), Conflict (less is available there).
    """
    try:
        subject = await find_subject(work.reader, command.product_id, command.variant_id, command.sku)
    except NotFound as unknown:  # not in the path: a field like any other
        raise ValidationFailed(unknown.problems) from None
    variant_id = subject.one_variant()
    origin = await place_named(work, command.from_location, ("from_location",))
    target = await place_named(work, command.to_location, ("to_location",))
    if origin == target:
        raise ValidationFailed.of(("to_location",), ErrorCode.INVALID, "Must be another warehouse.")
    holding = await _hold_one(work, subject.product_id, variant_id)
    source = holding.at(subject.product_id, variant_id, origin)
    _refuse_too_little(source, command.quantity)
    why = Reason(TRANSFER, command.note or None)
    outgoing = holding.move(source, -command.quantity, why)
    incoming = holding.move(holding.at(subject.product_id, variant_id, target), command.quantity, why)
    outgoing["reference"], incoming["reference"] = incoming["id"], outgoing["id"]
    await settle(holding)
    levels = level_id(variant_id, origin), level_id(variant_id, target)
    return Transferred(subject.product_id, subject.variant_id, outgoing["id"], incoming["id"], variant_id, *levels)


async def _hold_one(work: Work, product_id: str, variant_id: str) -> Holding:
    """The product's stock, locked. Raises NotFound for a variant that was removed meanwhile."""
    holding = await hold_to_open(work, [(product_id, variant_id)])
    if variant_id not in holding.variants:
        raise NotFound("variant", ("product_id",))
    return holding


async def place_named(work: Work, location: str | Unset, path: Path) -> str:
    """The warehouse named, or the default one. Raises ValidationFailed for one that does not exist."""
    if not location:
        return await default_warehouse(work)
    named = select(Warehouse.id).where(Warehouse.store_id == work.store.number, Warehouse.id == location)
    if not is_id("wh", location) or await work.session.scalar(named) is None:
        raise ValidationFailed.of(path, ErrorCode.NOT_FOUND, "No such warehouse.")
    return location


def _refuse_too_little(level: Level, wanted: int) -> None:
    """Raises Conflict when fewer than ``wanted`` can be taken: what is reserved stays."""
    if wanted > level.available:
        reserved = f"; {level.reserved} more are reserved" if level.reserved else ""
        message = f"Only {level.available} available there{reserved}."
        raise Conflict(message, ErrorCode.INSUFFICIENT_STOCK, ("quantity",))
