"""What becomes of a shipment on its way: the sandbox lets it advance, carriers and merchants report it."""

from __future__ import annotations

from datetime import datetime

from domain.kernel.errors import Conflict, ErrorCode, Forbidden, ValidationFailed
from domain.kernel.fields import UNSET, Unset
from domain.kernel.principal import Mode, Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping.commands import AddTrackingEvent, AdvanceShipment
from domain.shipping.events import ShipmentDelivered, ShipmentInTransit
from domain.shipping.model import Shipment
from domain.shipping.service.changes import ShipmentChange, lock_shipment
from domain.shipping.states import NEXT_STATUS, UNMOVED, ShipmentStatus, spoken


@use_case("shipping:write")
async def advance_shipment(work: UnitOfWork, principal: Principal, command: AdvanceShipment) -> Shipment:
    """Let a shipment of a test store go one step further, or to a given status.

    Raises Forbidden (a live store), NotFound, Conflict (stale version, delivered or cancelled).
    """
    if work.store.mode != Mode.TEST:
        raise Forbidden("Only the test store has a sandbox. Use a key that begins with test_.")
    change = await lock_shipment(work, command.id, command.expected_version)
    _require_moving(change.shipment)
    status = NEXT_STATUS[change.shipment.status] if command.status is UNSET else ShipmentStatus(command.status)
    change.track(work, status, description=command.description, location=command.location)
    await apply_status(work, change, status, work.now)
    return change.shipment


@use_case("shipping:write")
async def add_tracking_event(work: UnitOfWork, principal: Principal, command: AddTrackingEvent) -> Shipment:
    """Record what a carrier says of a shipment. An event that is older than the latest one changes no status.

    Raises NotFound, Conflict (stale version, delivered or cancelled), ValidationFailed (an event in the future).
    """
    change = await lock_shipment(work, command.shipment_id, command.expected_version)
    _require_moving(change.shipment)
    status, at = ShipmentStatus(command.status), _time_of(work, command.occurred_at)
    latest = await change.latest_event(work)
    change.track(work, status, description=command.description, location=command.location, at=at)
    await apply_event(work, change, status, at, latest)
    return change.shipment


async def apply_event(
    work: UnitOfWork, change: ShipmentChange, status: ShipmentStatus, at: datetime, latest: datetime
) -> None:
    """Let a shipment follow an event; ``latest``: the time of its latest one before. Older ones change no status."""
    if at >= latest or change.shipment.status == ShipmentStatus.CREATED:
        await apply_status(work, change, status, at)
    else:
        await change.save(work)


async def apply_status(work: UnitOfWork, change: ShipmentChange, status: ShipmentStatus, at: datetime) -> None:
    """Give a shipment the status of an event, announce what others wait for, and let its order follow."""
    shipment, is_delivered = change.shipment, status == ShipmentStatus.DELIVERED
    was_created = shipment.status == ShipmentStatus.CREATED
    if was_created:
        shipment.status, shipment.shipped_at = ShipmentStatus.IN_TRANSIT if is_delivered else status, at
        await change.announce(work, ShipmentInTransit)
    if is_delivered:
        shipment.status, shipment.delivered_at = status, at
        await change.announce(work, ShipmentDelivered)
    elif not was_created:
        shipment.status = status
        await change.save(work)
    if was_created or is_delivered:
        await change.move_order(work)


def _require_moving(shipment: Shipment) -> None:
    if shipment.status in UNMOVED:
        message = f"The shipment is {spoken(shipment.status)} and cannot be tracked."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))


def _time_of(work: UnitOfWork, given: datetime | Unset) -> datetime:
    if given is UNSET:
        return work.now
    if given > work.now:
        raise ValidationFailed.of(("occurred_at",), ErrorCode.TOO_LARGE, "Must not be in the future.")
    return given
