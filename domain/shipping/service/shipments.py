"""Creating and cancelling shipments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain import orders
from domain.inventory import Allocation
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.shipping.commands import CancelShipment, CreateShipment, PackageInput
from domain.shipping.events import ShipmentCreated
from domain.shipping.model import Shipment, ShipmentItem, ShipmentPackage
from domain.shipping.ports import Rate, ShippingLinks
from domain.shipping.service.carrier_events import first_tracking_at
from domain.shipping.service.changes import ITEMS, PACKAGES, SHIPMENTS, ShipmentChange, lock_shipment
from domain.shipping.service.shipment_plans import Quantities, ShipmentPlan, plan_shipment, rate_of
from domain.shipping.states import ShipmentStatus, spoken


@use_case("shipping:write")
async def create_shipment(work: UnitOfWork, principal: Principal, command: CreateShipment) -> Shipment:
    """Ship lines of an order from one warehouse: their stock leaves it, and the order follows.

    Raises ValidationFailed (unknown order, line, warehouse, carrier or service; missing address or packages; packages
    beyond the limits of the carrier), Conflict (an order that is not open, more than is left to ship, a live store
    without carrier and tracking number).
    """
    order = await _lock_order(work, command.order_id)
    orders.require_shippable(order)
    plan = await plan_shipment(work, order, command)
    change = _new_shipment(work, plan, command, await rate_of(work, plan, command))
    SHIPMENTS.append(work, change.shipment)
    PACKAGES.append(work, *change.packages)
    ITEMS.append(work, *change.items)
    change.track(work, ShipmentStatus.CREATED)
    change.record(work, ShipmentCreated)
    await orders.ship_lines(work, order, plan.quantities, warehouse_id=plan.warehouse_id, reference=change.shipment.id)
    return change.shipment


@use_case("shipping:write")
async def cancel_shipment(work: UnitOfWork, principal: Principal, command: CancelShipment) -> Shipment:
    """Cancel a shipment that was not handed over: its label is void, and its stock is reserved again.

    Raises NotFound, Conflict (stale version, handed over or cancelled already, or the order is no longer open).
    """
    change = await lock_shipment(work, command.id, command.expected_version)
    shipment = change.shipment
    if shipment.status != ShipmentStatus.CREATED:
        message = f"The shipment is {spoken(shipment.status)} and cannot be cancelled."
        raise Conflict(message, ErrorCode.ILLEGAL_TRANSITION, ("id",))
    shipment.status, shipment.cancelled_at, shipment.label_url = ShipmentStatus.CANCELLED, work.now, None
    change.track(work, ShipmentStatus.CANCELLED, description=command.reason)
    await change.save(work)
    shipped = [
        Allocation(each.item_id, each.product_id, each.variant_id or "", shipment.warehouse_id, each.quantity)
        for each in change.items
    ]
    await orders.unship_lines(work, change.order, shipped, reference=shipment.id)
    return shipment


async def _lock_order(work: UnitOfWork, id: str) -> orders.OrderChange:
    try:
        return await orders.lock_order(work, id, UNSET)
    except NotFound:
        raise ValidationFailed.of(("order_id",), ErrorCode.NOT_FOUND, "The order does not exist.") from None


def _new_shipment(work: UnitOfWork, plan: ShipmentPlan, command: CreateShipment, rate: Rate | None) -> ShipmentChange:
    """The shipment with its packages and items."""
    labelling, order = plan.labelling, plan.order.order
    id, numbers = new_id("shp"), labelling.numbers(len(plan.packages))
    insured = command.insurance_value
    shipment = SHIPMENTS.new(
        store_id=work.store.number,
        id=id,
        order_id=order.id,
        customer_id=order.customer_id,
        warehouse_id=plan.warehouse_id,
        status=ShipmentStatus.CREATED,
        tracking_number=numbers[0],
        tracking_url=labelling.tracking_url(numbers[0]),
        label_url=work.dependency(ShippingLinks).label_of_shipment(id) if labelling.has_label else None,
        ship_from=plan.ship_from.stored(),
        ship_to=plan.ship_to.stored(),
        insurance_value=insured.minor_units if insured else None,
        signature_required=command.signature_required,
        next_tracking_at=first_tracking_at(work.now, labelling),
        sequence=1,
        version=1,
        created_at=work.now,
        updated_at=work.now,
        **labelling.columns(),
        **_priced(work, rate),
    )
    packages = [
        _new_package(work, id, place, package, number)
        for place, (package, number) in enumerate(zip(plan.packages, numbers, strict=True))
    ]
    return ShipmentChange(shipment, packages, _new_items(work, id, order.items, plan.quantities), plan.order)


def _priced(work: UnitOfWork, rate: Rate | None) -> dict[str, Any]:
    """The columns that follow from a rate."""
    if rate is None:
        return {"currency": work.store.currency}
    return {
        "currency": rate.currency,
        "cost": rate.cost,
        "estimated_delivery_from": rate.estimated_delivery_from,
        "estimated_delivery": rate.estimated_delivery,
    }


def _new_package(
    work: UnitOfWork, shipment_id: str, position: int, package: PackageInput, number: str
) -> ShipmentPackage:
    return PACKAGES.new(
        store_id=work.store.number,
        id=new_id("pkg"),
        shipment_id=shipment_id,
        position=position,
        weight=package.weight,
        weight_unit=package.weight_unit,
        length=package.length,
        width=package.width,
        height=package.height,
        dimension_unit=package.dimension_unit,
        tracking_number=number,
    )


def _new_items(work: UnitOfWork, shipment_id: str, items: Sequence[Any], quantities: Quantities) -> list[ShipmentItem]:
    shipped = [item for item in items if item.id in quantities]
    return [
        ITEMS.new(
            store_id=work.store.number,
            id=new_id("sitem"),
            shipment_id=shipment_id,
            position=position,
            item_id=item.id,
            product_id=item.product_id,
            variant_id=item.variant_id,
            sku=item.sku,
            name=item.name,
            quantity=quantities[item.id],
        )
        for position, item in enumerate(shipped)
    ]
