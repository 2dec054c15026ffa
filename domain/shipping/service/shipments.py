"""Creating and cancelling shipments. With a carrier that makes the label itself, both call it."""

from __future__ import annotations

from domain import orders
from domain.inventory import Allocation
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.principal import Principal
from domain.kernel.use_cases.outbound import Call, NoCall, OutboundAttempt, Settled, outbound_use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping.commands import CancelShipment, CreateShipment
from domain.shipping.events import ShipmentCreated
from domain.shipping.model import Shipment
from domain.shipping.ports import BuyLabel, VoidLabel
from domain.shipping.service.carrier_labels import (
    LABEL_TIMEOUT,
    begin_purchase,
    begin_void,
    settle_purchase,
    settle_void,
)
from domain.shipping.service.changes import ITEMS, PACKAGES, SHIPMENTS, ShipmentChange, lock_shipment
from domain.shipping.service.shipment_plans import plan_shipment, rate_of
from domain.shipping.service.shipment_rows import new_shipment
from domain.shipping.states import ShipmentStatus, spoken


@outbound_use_case("shipping:write", timeout=LABEL_TIMEOUT)
async def create_shipment(
    work: UnitOfWork, principal: Principal, command: CreateShipment
) -> Call[BuyLabel] | NoCall[Shipment]:
    """Ship lines of an order from one warehouse: their stock leaves it, and the order follows.

    A carrier that makes the label itself is called; until it has answered, the shipment is pending. Raises
    ValidationFailed (unknown order, line, warehouse, carrier or service; missing address or packages; packages beyond
    the limits of the carrier), Conflict (an order that is not open, more than is left to ship, a live store without
    tracking number or account at the carrier).
    """
    order = await _lock_order(work, command.order_id)
    orders.require_shippable(order)
    plan = await plan_shipment(work, order, command)
    change = new_shipment(work, plan, command, await rate_of(work, plan, command))
    shipment = change.shipment
    SHIPMENTS.append(work, shipment)
    PACKAGES.append(work, *change.packages)
    ITEMS.append(work, *change.items)
    change.track(work, shipment.status)
    if plan.account is None:
        change.record(work, ShipmentCreated)
    await orders.ship_lines(work, order, plan.quantities, warehouse_id=plan.warehouse_id, reference=shipment.id)
    return NoCall(shipment) if plan.account is None else begin_purchase(work, plan, plan.account, change)


@create_shipment.settled
async def settle_shipment(work: UnitOfWork, attempt: OutboundAttempt, outcome: Settled) -> Shipment:
    """Give the shipment its label; without one, cancel it: its stock is reserved again."""
    change = await lock_shipment(work, _shipment_id(attempt))
    if not await settle_purchase(work, change, outcome) and orders.is_shippable(change.order):
        await _unship(work, change)  # of an order that was closed meanwhile, the lines stay as they are
    return change.shipment


@outbound_use_case("shipping:write", timeout=LABEL_TIMEOUT)
async def cancel_shipment(
    work: UnitOfWork, principal: Principal, command: CancelShipment
) -> Call[VoidLabel] | NoCall[Shipment]:
    """Cancel a shipment that was not handed over: its stock is reserved again, and its label is void.

    It is cancelled whatever its carrier says; a carrier that has made the label is asked to void it. Raises NotFound,
    Conflict (stale version, pending, handed over or cancelled already, or the order is no longer open).
    """
    change = await lock_shipment(work, command.id, command.expected_version)
    shipment = change.shipment
    if shipment.status != ShipmentStatus.CREATED:
        message = f"The shipment is {spoken(shipment.status)} and cannot be cancelled."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
    shipment.status, shipment.cancelled_at, shipment.label_url = ShipmentStatus.CANCELLED, work.now, None
    change.track(work, ShipmentStatus.CANCELLED, description=command.reason)
    await change.save(work)
    await _unship(work, change)
    return await begin_void(work, change) or NoCall(shipment)


@cancel_shipment.settled
async def settle_cancelled_shipment(work: UnitOfWork, attempt: OutboundAttempt, outcome: Settled) -> Shipment:
    """Note what the carrier says of the label."""
    change = await lock_shipment(work, _shipment_id(attempt))
    await settle_void(work, change, outcome)
    return change.shipment


@create_shipment.current
@cancel_shipment.current
async def current_shipment(work: UnitOfWork, attempt: OutboundAttempt) -> Shipment:
    """The shipment as it is."""
    return (await lock_shipment(work, _shipment_id(attempt))).shipment


def _shipment_id(attempt: OutboundAttempt) -> str:
    return attempt.id.partition(":")[0]


async def _unship(work: UnitOfWork, change: ShipmentChange) -> None:
    """Put the lines back to the stock, reserved as before. Raises Conflict if the order is no longer open."""
    shipment = change.shipment
    shipped = [
        Allocation(each.item_id, each.product_id, each.variant_id or "", shipment.warehouse_id, each.quantity)
        for each in change.items
    ]
    await orders.unship_lines(work, change.order, shipped, reference=shipment.id)


async def _lock_order(work: UnitOfWork, id: str) -> orders.OrderChange:
    try:
        return await orders.lock_order(work, id, UNSET)
    except NotFound:
        raise ValidationFailed.of(("order_id",), ErrorCode.NOT_FOUND, "The order does not exist.") from None
