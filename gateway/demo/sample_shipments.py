"""How the demo and the sample ship: an address to leave from, a carrier of their own, and the shipments of the past.

The sample shop has a shipment in each state, and a return in each as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from domain import inventory, orders, shipping
from domain.catalog import WeightUnit
from domain.kernel.address import Address
from domain.kernel.database import Database
from domain.kernel.fields import UNSET
from domain.kernel.money import EXPONENTS, Money
from domain.kernel.principal import Principal
from domain.kernel.use_cases.outbound import NoCall
from domain.kernel.use_cases.registry import use_case_of
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders import OrderStatus
from domain.shipping import PastShipment, ReturnReason, TrackingStatus
from domain.shipping.commands import (
    CarrierRateInput,
    CarrierServiceInput,
    CarrierZoneInput,
    ExchangeRateInput,
    ReturnLineInput,
    ShipmentItemInput,
)
from domain.shipping.ports import ShippingLinks
from gateway.demo.weights import kilograms_of

DOCK = Address(company="Main warehouse", line1="1 Canal Wharf", city="Leeds", zip="LS1 4AP", country="GB")
"""Where the demo ships from."""
WORTH: Mapping[str, str] = {"GBP": "0.79", "EUR": "0.92", "JPY": "150", "KWD": "0.31", "CHF": "0.88", "CAD": "1.37"}
"""What a US dollar was worth when the demo was made, for the built-in tariffs."""
CARRIER = "northern"
"""The code of the carrier of their own."""
SERVICES = (("ups", "ground"), ("dhl", "express"), ("fedex", "2day"), ("usps", "priority"))
"""The services of past shipments, by turns."""

ShippedOrder = tuple[orders.Order, datetime, datetime | None]
"""A past order, when it was shipped, and when it was delivered."""


async def open_dock(database: Database, principal: Principal, public_url: str) -> None:
    """Give the default warehouse of a store an address, its tariffs an exchange rate, and the store a carrier of its
    own. What is there already stays. ``public_url``: of the gateway, for the links to labels.
    """
    database.provide(ShippingLinks(public_url))
    currency = principal.store.currency
    async with database.transaction(principal) as work:
        warehouse = await inventory.reads.warehouse_by_id.for_key(
            work.reader, await inventory.find_warehouse(work, UNSET, ())
        )
        settings = await shipping.reads.settings_by_store.for_key(work.reader, principal.store.id)
        if warehouse.line1 is None:
            place = {name: getattr(DOCK, name) for name in ("line1", "city", "zip", "country")}
            await _run(work, principal, inventory.update_warehouse, id=warehouse.id, **place)
        if currency in WORTH and not settings.exchange_rates:
            rate = ExchangeRateInput(currency="USD", rate=Decimal(WORTH[currency]))
            await _run(work, principal, shipping.update_shipping_settings, exchange_rates=(rate,))
        known = await shipping.store_carriers(work.reader, principal.store)
        if CARRIER not in known.custom_codes:
            await _run(work, principal, shipping.create_shipping_carrier, **_carrier(currency))


def shipped_orders(placed: Sequence[orders.Order], past: Sequence[orders.PastOrder]) -> list[ShippedOrder]:
    """Those of imported orders that were shipped, with the times of their steps."""
    steps = [(order, dict(one.steps)) for order, one in zip(placed, past, strict=True)]
    return [
        (order, times[OrderStatus.SHIPPED], times.get(OrderStatus.DELIVERED))
        for order, times in steps
        if OrderStatus.SHIPPED in times
    ]


async def load_past_shipments(work: UnitOfWork, shipped: Sequence[ShippedOrder]) -> None:
    """Give shipped orders with an address the shipments that brought them."""
    warehouse_id = await inventory.find_warehouse(work, UNSET, ())
    past = []
    for number, (order, at, delivered_at) in enumerate(each for each in shipped if each[0].shipping_address):
        carrier, service = SERVICES[number % len(SERVICES)]
        units = {item.sku: item.quantity for item in order.items}
        past.append(
            PastShipment(
                order=order,
                warehouse_id=warehouse_id,
                ship_from=DOCK,
                carrier=carrier,
                service=service,
                shipped_at=at,
                delivered_at=delivered_at,
                kilograms=kilograms_of(units),
            )
        )
    await shipping.import_shipments(work, past)


async def load_sample_parcels(database: Database, principal: Principal, placed: Sequence[orders.Order]) -> None:
    """Ship lines of the order that is being packed, one unit a shipment, and let each reach another state; and send
    lines of a delivered order back, each in another state.
    """
    packed = next(order for order in placed if order.status == OrderStatus.PROCESSING)
    moving = TrackingStatus.IN_TRANSIT
    ways: Sequence[Sequence[TrackingStatus]] = (
        (),
        (moving, TrackingStatus.OUT_FOR_DELIVERY),
        (moving, TrackingStatus.EXCEPTION),
    )
    async with database.transaction(principal) as work:
        sent = {"order_id": packed.id, "carrier": CARRIER, "service": "next_day"}
        first, *more = [(item.id, 1) for item in packed.items for _ in range(item.quantity)]
        made = await _run(work, principal, shipping.create_shipment, **sent, items=(_item(*first),))
        await _run(work, principal, shipping.cancel_shipment, id=made.id, reason="Wrong box")
        for way, unit in zip(ways, [first, *more], strict=False):
            made = await _run(work, principal, shipping.create_shipment, **sent, items=(_item(*unit),))
            for status in way:
                await _run(work, principal, shipping.advance_shipment, id=made.id, status=status)
    await _load_sample_returns(database, principal, [each for each in placed if each.status == OrderStatus.DELIVERED])


async def _load_sample_returns(database: Database, principal: Principal, delivered: Sequence[orders.Order]) -> None:
    """A return of one unit for each way that one can go."""
    steps = ("approve", "receive", "close")
    ways: Sequence[Sequence[str]] = ((), ("reject",), steps[:1], steps[:2], steps)
    use_cases = {
        "approve": shipping.approve_return,
        "reject": shipping.reject_return,
        "receive": shipping.receive_return,
        "close": shipping.close_return,
    }
    reasons = list(ReturnReason)
    units = [(order.id, item.id) for order in delivered for item in order.items for _ in range(item.quantity)]
    async with database.transaction(principal) as work:
        for number, (way, (order_id, item_id)) in enumerate(zip(ways, units, strict=False)):
            line = ReturnLineInput(id=item_id, quantity=1, reason=reasons[number])
            made = await _run(work, principal, shipping.create_return, order_id=order_id, items=(line,))
            for step in way:
                await _run(work, principal, use_cases[step], id=made.id)


async def _run(work: UnitOfWork, principal: Principal, use_case: Any, **given: Any) -> Any:
    """One use case, flushed, so that the next one sees what it did."""
    result = await use_case(work, principal, use_case_of(use_case).command(**given))
    await work.flush()
    return result.result if isinstance(result, NoCall) else result


def _item(item_id: str, quantity: int) -> ShipmentItemInput:
    return ShipmentItemInput(id=item_id, quantity=quantity)


def _carrier(currency: str) -> dict[str, Any]:
    """A carrier that goes everywhere in two services, with prices in the currency of the store."""
    slow, fast = _carrier_rates(currency, home=4, abroad=14), _carrier_rates(currency, home=9, abroad=29)
    return {
        "code": CARRIER,
        "name": "Northern Parcels",
        "tracking_url": "https://tracking.example.com/?number={number}",
        "weight_unit": WeightUnit.KILOGRAM,
        "zones": (CarrierZoneInput(code="home", countries=("GB", "IE")), CarrierZoneInput(code="abroad")),
        "services": (
            CarrierServiceInput(code="standard", name="Standard", min_days=2, max_days=4, rates=slow),
            CarrierServiceInput(code="next_day", name="Next day", min_days=1, max_days=1, rates=fast),
        ),
    }


def _carrier_rates(currency: str, *, home: int, abroad: int) -> tuple[CarrierRateInput, ...]:
    """Rates by weight; ``home`` and ``abroad``: the least of each zone, in major units (hundreds of those without
    decimals).
    """
    exponent = EXPONENTS[currency]
    unit = 10**exponent if exponent else 100
    steps = ((0, 2, 1), (2, 10, 2), (10, 30, 4))
    return tuple(
        CarrierRateInput(
            zone=zone,
            weight_from=Decimal(low),
            weight_to=Decimal(high),
            price=Money(price * factor * unit, currency),
        )
        for zone, price in (("home", home), ("abroad", abroad))
        for low, high, factor in steps
    )
