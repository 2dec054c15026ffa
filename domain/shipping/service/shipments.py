"""Creating and cancelling shipments."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain import inventory, orders
from domain.inventory import Allocation
from domain.kernel.address import Address
from domain.kernel.errors import Conflict, ErrorCode, NotFound, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders import OrderItem
from domain.shipping.carriers import measured
from domain.shipping.commands import CancelShipment, CreateShipment, PackageInput
from domain.shipping.documents import stored_entries
from domain.shipping.events import ShipmentCreated
from domain.shipping.model import Shipment, ShipmentItem, ShipmentPackage
from domain.shipping.packing import CannotPackError, pack
from domain.shipping.ports import Rate, RateRequest, ShippingLinks
from domain.shipping.service.carrier_lookup import StoreCarriers, store_carriers
from domain.shipping.service.changes import ITEMS, PACKAGES, SHIPMENTS, ShipmentChange, lock_shipment
from domain.shipping.service.labelling import Labelling, labelling_of
from domain.shipping.service.unshipped import Unshipped, unshipped_of, weighed
from domain.shipping.states import ShipmentStatus
from domain.shipping.tariffs.quotes import QuoteAddress

Quantities = Mapping[str, int]
"""Quantities of lines, by id."""


@use_case("shipping:write")
async def create_shipment(work: UnitOfWork, principal: Principal, command: CreateShipment) -> Shipment:
    """Ship lines of an order from one warehouse: their stock leaves it, and the order follows.

    Raises ValidationFailed (unknown order, line, warehouse, carrier or service; missing address or packages; packages
    beyond the limits of the carrier), Conflict (an order that is not open, more than is left to ship, a live store
    without carrier and tracking number).
    """
    order = await _lock_order(work, command.order_id)
    orders.require_shippable(order)
    plan = await _plan(work, order, command)
    change = _new_shipment(work, plan, command, await _rate(work, plan, command))
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
        message = f"The shipment is {shipment.status} and cannot be cancelled."
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShipmentPlan:
    """What leaves which warehouse, how and for where."""

    order: orders.OrderChange
    known: StoreCarriers
    labelling: Labelling
    warehouse_id: str
    quantities: Quantities
    packages: Sequence[PackageInput]
    ship_from: Address
    ship_to: Address


async def _plan(work: UnitOfWork, order: orders.OrderChange, command: CreateShipment) -> _ShipmentPlan:
    """Work out the plan of a command. Raises as ``create_shipment``."""
    known = await store_carriers(work.reader, work.store)
    carrier = known.choose(command.carrier, command.service)
    labelling = labelling_of(work, known, carrier, command.service, command.tracking_number)
    unshipped = await unshipped_of(work.reader, [item.id for item in order.order.items])
    warehouse_id, quantities = _lines(order.order.items, unshipped, command)
    ship_from, ship_to = await _addresses(work, order, warehouse_id, command)
    return _ShipmentPlan(
        order=order,
        known=known,
        labelling=labelling,
        warehouse_id=warehouse_id,
        quantities=quantities,
        packages=command.packages or await _packed(work, order, quantities, known),
        ship_from=ship_from,
        ship_to=ship_to,
    )


async def _lock_order(work: UnitOfWork, id: str) -> orders.OrderChange:
    try:
        return await orders.lock_order(work, id, UNSET)
    except NotFound:
        raise ValidationFailed.of(("order_id",), ErrorCode.NOT_FOUND, "The order does not exist.") from None


def _lines(items: Sequence[OrderItem], unshipped: Unshipped, command: CreateShipment) -> tuple[str, Quantities]:
    """The warehouse and the quantities that leave it.

    Raises ValidationFailed (a line that is not of the order, or named twice), Conflict (more than is left).
    """
    wanted = _wanted(items, command)
    left = {item.id: item.quantity - item.fulfilled for item in items}
    for index, (id, quantity) in enumerate(wanted.items()):
        if quantity > left[id]:
            message = f"At most {left[id]} of this line are left to ship."
            raise Conflict(message, ErrorCode.AMOUNT_EXCEEDED, ("items", index, "quantity"))
    warehouse_id = _warehouse(unshipped, wanted, command)
    if not wanted:
        return warehouse_id, dict(unshipped.by_warehouse[warehouse_id])
    for index, (id, quantity) in enumerate(wanted.items()):
        if quantity > unshipped.available(warehouse_id, id):
            held = unshipped.available(warehouse_id, id)
            message = f"The warehouse holds {held} of this line. Ship the rest from another one."
            raise Conflict(message, ErrorCode.AMOUNT_EXCEEDED, ("items", index, "quantity"))
    return warehouse_id, wanted


def _wanted(items: Sequence[OrderItem], command: CreateShipment) -> dict[str, int]:
    known = {item.id for item in items}
    wanted: dict[str, int] = {}
    problems: list[Problem] = []
    for index, each in enumerate(command.items):
        path = ("items", index, "id")
        if each.id not in known:
            problems.append(Problem(path, ErrorCode.NOT_FOUND, "The order has no line with this id."))
        elif each.id in wanted:
            problems.append(Problem(path, ErrorCode.DUPLICATE, "The line must be given only once."))
        wanted[each.id] = each.quantity
    if problems:
        raise ValidationFailed(problems)
    return wanted


def _warehouse(unshipped: Unshipped, wanted: Quantities, command: CreateShipment) -> str:
    """The warehouse that the lines leave: the given one, or the only one that holds all of them.

    Raises ValidationFailed (several, or a warehouse that holds nothing of the order), Conflict (nothing left).
    """
    if not unshipped.by_warehouse:
        raise Conflict("The order has nothing left to ship.", ErrorCode.AMOUNT_EXCEEDED, ("order_id",))
    if command.warehouse_id is not UNSET:
        if command.warehouse_id not in unshipped.by_warehouse:
            message = f"The warehouse holds nothing of the order. It leaves {', '.join(unshipped.by_warehouse)}."
            raise ValidationFailed.of(("warehouse_id",), ErrorCode.NOT_FOUND, message)
        return command.warehouse_id
    holding = [
        warehouse
        for warehouse, held in unshipped.by_warehouse.items()
        if all(held.get(id, 0) >= quantity for id, quantity in wanted.items())
    ]
    if len(holding) == 1:
        return holding[0]
    names = ", ".join(holding or unshipped.by_warehouse)
    message = f"The lines are reserved in several warehouses. Give `warehouse_id`: {names}."
    raise ValidationFailed.of(("warehouse_id",), ErrorCode.REQUIRED, message)


async def _packed(
    work: UnitOfWork, order: orders.OrderChange, quantities: Quantities, known: StoreCarriers
) -> Sequence[PackageInput]:
    """The lines in boxes. Raises ValidationFailed if they cannot be packed."""
    lines = await weighed(work.reader, order.order.items, quantities)
    try:
        return pack(lines, stored_entries(known.settings.boxes))
    except CannotPackError as why:
        raise ValidationFailed.of(("packages",), ErrorCode.REQUIRED, str(why)) from None


async def _addresses(
    work: UnitOfWork, order: orders.OrderChange, warehouse_id: str, command: CreateShipment
) -> tuple[Address, Address]:
    """The sender's and the recipient's address: given, or of the warehouse and the order.

    Raises ValidationFailed where there is none.
    """
    if command.ship_from is not UNSET:
        ship_from = Address.of(command.ship_from, ("ship_from",))
    else:
        ship_from = await warehouse_address(work, warehouse_id, "ship_from")
    if command.ship_to is not UNSET:
        return ship_from, Address.of(command.ship_to, ("ship_to",))
    stored = order.order.shipping_address or order.order.billing_address
    if stored is None:
        raise ValidationFailed.of(("ship_to",), ErrorCode.REQUIRED, "The order has no address. Give `ship_to`.")
    return ship_from, Address.from_stored(stored)


async def warehouse_address(work: UnitOfWork, warehouse_id: str, field: str) -> Address:
    """The address of a warehouse. Raises ValidationFailed if it is not complete, with ``field`` to give instead."""
    row = await inventory.reads.warehouse_by_id.for_key(work.reader, warehouse_id)
    if row.country is None or row.city is None or row.line1 is None:
        message = f"The warehouse {row.name} has no complete address. Set it, or give `{field}`."
        raise ValidationFailed.of((field,), ErrorCode.REQUIRED, message)
    return Address(
        company=row.name,
        line1=row.line1,
        line2=row.line2,
        city=row.city,
        state=row.state,
        zip=row.zip,
        country=row.country,
    )


async def _rate(work: UnitOfWork, plan: _ShipmentPlan, command: CreateShipment) -> Rate | None:
    """What the tariff asks; None where it has no price. Raises ValidationFailed for packages beyond its limits."""
    origin, to = plan.ship_from, plan.ship_to
    request = RateRequest(
        origin=QuoteAddress(country=origin.country, zip=origin.zip),
        destination=QuoteAddress(country=to.country, zip=to.zip, is_residential=to.company is None),
        packages=measured(plan.packages),
        exchange=plan.known.exchange,
        shipped_on=work.now.date(),
        insured=command.insurance_value.minor_units if command.insurance_value else 0,
        needs_signature=command.signature_required,
    )
    carrier, service = plan.labelling.carrier, plan.labelling.service
    limit = carrier.limit_exceeded(service, request)
    if limit is not None:
        raise ValidationFailed.of(("packages",), ErrorCode.TOO_LARGE, limit)
    # In a thread: tables and calendars are read when they are needed first, which takes longer than a request may.
    quote = await asyncio.to_thread(carrier.quote, service, request)
    return quote if isinstance(quote, Rate) else None


def _new_shipment(work: UnitOfWork, plan: _ShipmentPlan, command: CreateShipment, rate: Rate | None) -> ShipmentChange:
    """The shipment with its packages and items."""
    labelling, order = plan.labelling, plan.order.order
    id, numbers = new_id("shp"), labelling.numbers(len(plan.packages))
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
        currency=work.store.currency,
        insurance_value=command.insurance_value.minor_units if command.insurance_value else None,
        signature_required=command.signature_required,
        sequence=1,
        version=1,
        created_at=work.now,
        updated_at=work.now,
        **labelling.columns(),
    )
    if rate is not None:
        shipment.cost = rate.cost
        shipment.estimated_delivery_from = rate.estimated_delivery_from
        shipment.estimated_delivery = rate.estimated_delivery
    packages = [
        _new_package(work, id, place, package, number)
        for place, (package, number) in enumerate(zip(plan.packages, numbers, strict=True))
    ]
    return ShipmentChange(shipment, packages, _new_items(work, id, order.items, plan.quantities), plan.order)


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
