"""What leaves which warehouse, how, for where and for how much: worked out before a shipment is made."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain import inventory, orders
from domain.kernel.address import Address
from domain.kernel.errors import Conflict, ErrorCode, Problem, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders import OrderItem
from domain.shipping.boxes import CannotPackError, pack
from domain.shipping.carriers import measured
from domain.shipping.commands import CreateShipment, PackageInput
from domain.shipping.documents import stored_entries
from domain.shipping.ports import Rate, RateRequest, StoredAccount, UnavailableRate
from domain.shipping.quote_addresses import quote_address
from domain.shipping.service.carrier_accounts import stored_account
from domain.shipping.service.carrier_lookup import StoreCarriers, store_carriers
from domain.shipping.service.package_numbers import LabelPlan, label_plan_of
from domain.shipping.service.unshipped import UnshippedQuantities, unshipped_of, weighed
from domain.shipping.states import ShipmentSource
from domain.shipping.tariffs import RefusalKind

ABROAD = (
    "A label to another country needs a customs declaration, which the gateway does not make. Buy it at the carrier, "
    "and give its `tracking_number`."
)
REFUSED_FIELDS: Mapping[RefusalKind, tuple[str, ErrorCode]] = {
    RefusalKind.PACKAGES: ("packages", ErrorCode.TOO_LARGE),
    RefusalKind.INSURANCE: ("insurance_value", ErrorCode.TOO_LARGE),
    RefusalKind.DESTINATION: ("service", ErrorCode.INVALID),
}
"""The field and the code of what a service does not take."""
Quantities = Mapping[str, int]
"""Quantities of lines, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentPlan:
    """What leaves which warehouse, how and for where."""

    order: orders.OrderChange
    known: StoreCarriers
    account: StoredAccount | None
    """With which the carrier makes the label itself."""
    label_plan: LabelPlan
    warehouse_id: str
    quantities: Quantities
    packages: Sequence[PackageInput]
    ship_from: Address
    ship_to: Address


async def plan_shipment(work: UnitOfWork, order: orders.OrderChange, command: CreateShipment) -> ShipmentPlan:
    """Work out the plan of a command. Raises as ``create_shipment``."""
    known = await store_carriers(work.reader, work.store)
    carrier = known.choose(command.carrier, command.service)
    account = None if command.tracking_number else stored_account(known.settings, carrier.code)
    if account is None:
        label_plan = label_plan_of(work, known, carrier, command.service, command.tracking_number)
    else:
        label_plan = LabelPlan(carrier, command.service, ShipmentSource.CARRIER, None)
    unshipped = await unshipped_of(work.reader, [item.id for item in order.order.items])
    warehouse_id, quantities = _lines(order.order.items, unshipped, command)
    ship_from, ship_to = await _addresses(work, order, warehouse_id, command)
    if account is not None and ship_from.country != ship_to.country:
        raise Conflict(ABROAD, ErrorCode.ILLEGAL_TRANSITION, ("tracking_number",))
    return ShipmentPlan(
        order=order,
        known=known,
        account=account,
        label_plan=label_plan,
        warehouse_id=warehouse_id,
        quantities=quantities,
        packages=command.packages or await _packed(work, order, quantities, known),
        ship_from=ship_from,
        ship_to=ship_to,
    )


def _lines(
    items: Sequence[OrderItem], unshipped: UnshippedQuantities, command: CreateShipment
) -> tuple[str, Quantities]:
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
            message = f"The warehouse has {held} of this line reserved. Ship the rest from another one."
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


def _warehouse(unshipped: UnshippedQuantities, wanted: Quantities, command: CreateShipment) -> str:
    """The warehouse that the lines leave: the given one, or the only one that holds all of them.

    Raises ValidationFailed (several, or a warehouse that holds nothing of the order), Conflict (nothing left).
    """
    if not unshipped.by_warehouse:
        raise Conflict("The order has nothing left to ship.", ErrorCode.AMOUNT_EXCEEDED, ("order_id",))
    if command.warehouse_id is not UNSET:
        if command.warehouse_id not in unshipped.by_warehouse:
            message = (
                f"The order has nothing reserved in this warehouse. Reserved in: {', '.join(unshipped.by_warehouse)}."
            )
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


async def rate_of(work: UnitOfWork, plan: ShipmentPlan, command: CreateShipment) -> Rate | None:
    """What the tariff asks; None where it has no price, or the store has a contract.

    Raises ValidationFailed for what the service does not take.
    """
    request = RateRequest(
        origin=quote_address(plan.ship_from),
        destination=quote_address(plan.ship_to),
        packages=measured(plan.packages),
        exchange=plan.known.exchange,
        shipped_on=work.now.date(),
        insured=command.insurance_value.minor_units if command.insurance_value else 0,
        needs_signature=command.signature_required,
    )
    # In a thread: tables and calendars are read when they are needed first, which takes longer than a request may.
    refusal, quote = await asyncio.to_thread(_quoted, plan.label_plan, request)
    if refusal is not None and not _is_bought(plan.label_plan, refusal):
        field, code = REFUSED_FIELDS[refusal.kind or RefusalKind.DESTINATION]
        raise ValidationFailed.of((field,), code, refusal.reason)
    if stored_account(plan.known.settings, plan.label_plan.carrier.code) is not None:
        return None  # the price is in the store's contract with the carrier, not in the tariff
    return quote if isinstance(quote, Rate) else None


def _quoted(label_plan: LabelPlan, request: RateRequest) -> tuple[UnavailableRate | None, Rate | UnavailableRate]:
    carrier, service = label_plan.carrier, label_plan.service
    return carrier.refusal(service, request), carrier.quote(service, request)


def _is_bought(label_plan: LabelPlan, refusal: UnavailableRate) -> bool:
    """Whether the carrier itself says where it goes: it has made the label, or is about to."""
    if label_plan.source == ShipmentSource.CUSTOM or refusal.kind != RefusalKind.DESTINATION:
        return False
    return label_plan.given is not None or label_plan.source == ShipmentSource.CARRIER
