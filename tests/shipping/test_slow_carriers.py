"""Carriers that hang or fail: the others have their rates at the deadline, and nobody else waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from domain.kernel.database import Database, DatabaseOptions
from domain.shipping.ports import CarrierRates, RateDesk, RateRequest
from gateway.settings import Settings
from gateway.shipping_services import provide_shipping
from tests.conftest import Client, MakeKey, Shop
from tests.shipping.conftest import MakeOrder
from tests.shipping.rest.test_rates import ASKED, RATES
from tests.shipping.test_rate_requests import in_two_warehouses

DEADLINE = 2
"""Seconds; the carriers that answer take a hundredth of it, once their tables are loaded."""


class HangingCarrier:
    """Never has an answer; counts who still waits for one, and how many did at once."""

    waiting = most_waiting = 0

    def __init__(self, code: str) -> None:
        self.code = code

    async def rates(self, request: RateRequest) -> CarrierRates:
        """Wait for ever."""
        HangingCarrier.waiting += 1
        HangingCarrier.most_waiting = max(HangingCarrier.most_waiting, HangingCarrier.waiting)
        try:
            await asyncio.Event().wait()
        finally:
            HangingCarrier.waiting -= 1
        return CarrierRates()


class BrokenCarrier:
    """Fails."""

    code = "broken"

    async def rates(self, request: RateRequest) -> CarrierRates:
        """Fail."""
        raise RuntimeError("its answer cannot be read")


@pytest.fixture
async def slow(desk: Client, database: Database) -> AsyncGenerator[None]:
    """Three more carriers: two that hang, and one that fails."""
    await desk("POST", RATES, json=ASKED)  # what is loaded first takes its time
    usual = database.dependency(RateDesk)
    more = (HangingCarrier("snail"), HangingCarrier("sloth"), BrokenCarrier())
    database.provide(RateDesk(deadline=DEADLINE, more=more))
    yield
    database.provide(usual)


async def test_two_carriers_that_hang_are_left_out_at_the_deadline(slow: None, desk: Client, caplog: Any) -> None:
    """They are asked beside each other, and the same by GraphQL; what waited is cancelled.

    Taken out to see it fail: the deadline of ``_ask``; ``gather`` of ``calculate_shipping_rates``.
    """
    HangingCarrier.most_waiting = 0
    loop = asyncio.get_running_loop()
    begun = loop.time()
    answer = await desk("POST", RATES, json=ASKED)
    took = loop.time() - begun
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert {each["carrier"] for each in found["data"]} == {"usps", "fedex", "ups", "dhl"}
    reasons = {each["carrier"]: each["reason"] for each in found["unavailable"] if each["service"] is None}
    assert reasons == {
        "snail": "The carrier did not respond within 2 seconds.",
        "sloth": "The carrier did not respond within 2 seconds.",
        "broken": "The carrier is unavailable.",
    }
    assert took >= DEADLINE
    assert (HangingCarrier.waiting, HangingCarrier.most_waiting) == (0, 2)
    query = """query ($input: ShippingRatesInput!) { shippingRates(input: $input) {
      rates { carrier service cost { amount } } unavailable { carrier service reason } } }"""
    package = {"weight": "2.5", "length": 12, "width": 8, "height": 6, "weightUnit": "POUND", "dimensionUnit": "INCH"}
    asked = {"origin": ASKED["origin"], "destination": ASKED["destination"], "packages": [package]}
    shown = (await desk("POST", "/graphql", json={"query": query, "variables": {"input": asked}})).json()["data"]
    offered = shown["shippingRates"]["rates"]
    by_graphql = [(each["carrier"], each["service"], float(each["cost"]["amount"])) for each in offered]
    assert by_graphql == [(each["carrier"], each["service"], each["cost"]) for each in found["data"]]
    assert shown["shippingRates"]["unavailable"] == found["unavailable"]


async def test_nobody_waits_for_a_carrier_that_hangs(
    slow: None, desk: Client, http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, settings: Settings
) -> None:
    """No connection of the database is held meanwhile: more ask for rates than there are, and a product is read."""
    many = settings.database_connections * 2
    asked = [asyncio.create_task(desk("POST", RATES, json=ASKED)) for _ in range(many)]
    await asyncio.sleep(DEADLINE / 4)
    other = Client(http, await make_key(shop.live))
    async with asyncio.timeout(DEADLINE * 5):
        answer = await other("GET", "/v2/products")
    assert answer.status_code == 200
    assert [each.status_code for each in await asyncio.gather(*asked)] == [201] * many


async def test_parts_of_an_order_are_asked_for_beside_each_other(
    desk: Client, database: Database, make_order: MakeOrder
) -> None:
    """Of each carrier, so that all have the whole deadline. Taken out to see it fail: ``gather`` of ``_ask``."""
    order = await in_two_warehouses(desk, make_order)
    usual = database.dependency(RateDesk)
    database.provide(RateDesk(deadline=0.2, more=(HangingCarrier("snail"),)))
    HangingCarrier.most_waiting = 0
    try:
        assert (await desk("POST", RATES, json={"order_id": order["id"]})).status_code == 201
    finally:
        database.provide(usual)
    assert (HangingCarrier.waiting, HangingCarrier.most_waiting) == (0, 2)


def test_the_time_of_the_settings_is_what_carriers_have(settings: Settings) -> None:
    """Taken out to see it fail: ``deadline`` of ``provide_shipping``."""
    database = Database(DatabaseOptions("postgresql://nowhere/none"))
    provide_shipping(settings.model_copy(update={"carrier_timeout": 1.25}), database).close()
    assert database.dependency(RateDesk).deadline == 1.25
