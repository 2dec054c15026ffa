"""The cost of shipments, returns and carriers, and of asking carriers for rates."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from copy import copy
from decimal import Decimal
from typing import Any

import orjson
import pytest

from domain import access, catalog, orders, shipping
from domain.catalog.commands import VariantInput
from domain.kernel.address import AddressInput
from domain.kernel.money import Money
from domain.kernel.principal import Mode, Plan
from domain.kernel.use_cases.outbound import NoCall
from domain.kernel.use_cases.registry import use_case_of
from domain.orders.commands import OrderItemInput
from domain.shipping import ReturnReason, TrackingStatus
from domain.shipping.commands import ReturnLineInput, ShipmentItemInput
from domain.shipping.ports import RateDesk, ShippingLinks
from gateway.demo.load import open_account
from gateway.execution import Code
from tests.contract.shipping_fixtures import DOCK, PACKAGE, URL, pedal
from tests.execution.conftest import Court
from tests.execution.test_cost import requested

HOME = AddressInput(line1="1 High Street", city="Leeds", zip="LS1 1AA", country="GB")
RATES = """{0}: shippingRates(input: {{origin: {{country: "US", zip: "10001"}},
    destination: {{country: "US", zip: "90210"}},
    packages: [{{weight: "1", weightUnit: POUND, length: 9, width: 9, height: 9, dimensionUnit: INCH}}]}})
    {{ rates {{ service cost {{ amount }} }} unavailable {{ reason }} }}"""
PAGES = {
    "a board of shipments": (
        "{ shipments(first: 3) { nodes { status carrierName trackingNumber shipTo { line1 city } cost { amount }"
        " order { number } warehouse { name } packages { weight trackingNumber } items { sku quantity item { id } }"
        " } totalCount } }"
    ),
    "shipments on their way": (
        "{ shipments(first: 3) { nodes { status tracking { status description occurredAt } } } }"
    ),
    "a shipment": (
        "query ($shipment: ID!) { shipment(id: $shipment) { status shipFrom { city } shipTo { city } cost { amount }"
        " packages { weight } items { sku quantity } tracking { status occurredAt } order { number status } } }"
    ),
    "a board of returns": (
        "{ returns(first: 3) { nodes { status refundAmount { amount } order { number } items { sku quantity reason }"
        " history { status note } } totalCount } }"
    ),
    "an order with its parcels": (
        "query ($order: ID!) { order(id: $order) { number shipments { status trackingNumber items { sku } }"
        " returns { status items { quantity } } } }"
    ),
    "the store's own carriers": (
        "{ shippingCarriers(first: 1) { nodes { code zones { code countries } services { name"
        " rates { zone weightTo price { amount } } } } } }"
    ),
    "shipping settings": (
        "{ shippingSettings { carriers exchangeRates { currency } boxes { name } accounts { carrier } } }"
    ),
}


def carrier() -> dict[str, Any]:
    """A carrier of two zones and two services, with nine prices each."""
    made = pedal()
    (service,) = made["services"]
    (price, *_) = service.rates
    steps = [(low, low + 5) for low in range(0, 45, 5)]
    rates = tuple(
        type(price)(zone="home", weight_from=Decimal(low), weight_to=Decimal(high), price=Money(100, "GBP"))
        for low, high in steps
    )
    services = tuple(
        type(service)(code=code, name="S", min_days=0, max_days=1, rates=rates) for code in ("same_day", "next_day")
    )
    return {**made, "services": services}


@pytest.fixture(scope="module")
async def parcels(court: Court) -> tuple[Court, dict[str, list[str]]]:
    """A shop that ships, and the ids of what it has: orders of three lines, a shipment of each in one package, half of
    them on their way, and returns of the lines of others."""
    name = f"Ships {secrets.token_hex(4)}"
    stores = await open_account(court.database, name, plan=Plan.ENTERPRISE, currency="GBP", sample=False)
    like = copy(court)
    like.principal = access.system_principal(stores[Mode.TEST])
    court.database.provide(ShippingLinks(URL))

    async def do(execute: Callable[..., Awaitable[Any]], **given: Any) -> Any:
        async with court.database.transaction(like.principal) as work:
            made = await execute(work, like.principal, use_case_of(execute).command(**given))
            return made.result if isinstance(made, NoCall) else made

    await do(shipping.create_shipping_carrier, **carrier())
    for sku in ("A", "B", "C"):
        variants = (VariantInput(sku=f"{sku}-1", inventory=99),)
        await do(catalog.create_product, name=sku, sku=sku, price=Money(500, "GBP"), variants=variants)
    ids: dict[str, list[str]] = {"shipment": [], "order": []}
    for number in range(4):
        lines = tuple(OrderItemInput(sku=f"{sku}-1", quantity=2) for sku in ("A", "B", "C"))
        order = await do(orders.create_order, items=lines, shipping_address=HOME, email="jane@example.com")
        sent = {"carrier": "pedal", "service": "same_day", "packages": (PACKAGE,), "ship_from": DOCK}
        items = tuple(ShipmentItemInput(id=item.id, quantity=1) for item in order.items)
        shipment = await do(shipping.create_shipment, order_id=order.id, **sent, items=items)
        for status in (TrackingStatus.IN_TRANSIT, TrackingStatus.OUT_FOR_DELIVERY):
            await do(shipping.add_tracking_event, shipment_id=shipment.id, status=status)
        back = tuple(ReturnLineInput(id=item.id, quantity=1, reason=ReturnReason.OTHER) for item in order.items[:2])
        asked = await do(shipping.create_return, order_id=order.id, items=back)
        if number % 2:
            await do(shipping.approve_return, id=asked.id, note="Fine.")
        ids["shipment"].append(shipment.id)
        ids["order"].append(order.id)
    return like, ids


@pytest.mark.parametrize("name", PAGES)
async def test_estimates_of_shipping_are_within_a_factor_2_of_the_actual(
    parcels: tuple[Court, dict[str, list[str]]], name: str
) -> None:
    """Taken out: ``likely`` of the reads and of the lists of carriers."""
    court, ids = parcels
    operation = court.documents.operation(PAGES[name], None)
    wanted = next((kind for kind in ids if f"${kind}" in PAGES[name]), None)
    estimated = actual = 0
    for variables in [{wanted: each} for each in ids[wanted]] if wanted is not None else [{}]:
        _, planned = await court.answers(operation, variables)
        assert planned.cost is not None
        assert not planned.failures, planned.failures
        estimated += planned.cost.requested
        actual += planned.cost.actual(orjson.loads(planned.body)["data"])
    assert actual / 2 <= estimated <= 2 * actual, (estimated, actual)


async def test_rates_cost_more_than_their_objects(parcels: tuple[Court, dict[str, list[str]]]) -> None:
    """Each asks all carriers. Taken out to see it fail: ``points`` of ``shippingRates``."""
    court, _ = parcels
    court.database.provide(RateDesk())
    objects = 1 + 10 * 2 + 10
    assert await requested(court, f"{{ {RATES.format('a')} }}") == 500 + objects
    assert await requested(court, f"{{ {RATES.format('a')} {RATES.format('b')} }}") == 2 * (500 + objects)


async def test_an_operation_cannot_ask_all_carriers_again_and_again(
    parcels: tuple[Court, dict[str, list[str]]],
) -> None:
    court, _ = parcels
    text = " ".join(RATES.format(f"a{number}") for number in range(19))
    for answer in await court.answers(court.documents.operation(f"{{ {text} }}", None), {}):
        (failure,) = answer.failures
        assert (failure.code, failure.extensions["limit"]) == (Code.LIMIT_EXCEEDED, "cost")
        assert not answer.executed
