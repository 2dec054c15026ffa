"""What carriers are asked for an order in several warehouses, and how their answers are put together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from domain.kernel.database import Database
from domain.shipping.ports import CarrierRates, Rate, RateDesk, RateRequest
from tests.conftest import Client
from tests.shipping.conftest import PARCEL, MakeOrder, post
from tests.shipping.rest.test_rates import ASKED, RATES

BOSTON = {"name": "Boston", "country": "US", "state": "MA", "zip": "02101", "city": "Boston", "line1": "1 Quay"}


class NotingCarrier:
    """Notes what it is asked; of packages from Boston it does not say when they arrive."""

    code = "noting"

    def __init__(self) -> None:
        self.asked: list[RateRequest] = []

    async def rates(self, request: RateRequest) -> CarrierRates:
        """A rate of 1.00, and one of another service."""
        self.asked.append(request)
        day = None if request.origin.city == "Boston" else "2026-12-01"
        known = {"carrier": self.code, "carrier_name": "Noting", "currency": "GBP", "cost": 100, "base": 100}
        return CarrierRates(
            [
                Rate(**known, service="a", service_name="A", estimated_delivery_from=day, estimated_delivery=day),
                Rate(**known, service="b", service_name="B", estimated_delivery="2026-12-03"),
            ]
        )


@pytest.fixture
def noting(database: Database) -> Iterator[NotingCarrier]:
    """One more carrier."""
    usual, carrier = database.dependency(RateDesk), NotingCarrier()
    database.provide(RateDesk(deadline=usual.deadline, more=(carrier,)))
    yield carrier
    database.provide(usual)


async def in_two_warehouses(desk: Client, make_order: MakeOrder) -> dict[str, Any]:
    """An order of 102 mugs, of which two leave Boston, and of one plate."""
    second = await post(desk, "/v2/warehouses", **BOSTON)
    await post(desk, "/v2/inventory/MUG/adjust", quantity=5, reason="received", location=second["id"])
    items = [{"sku": "MUG", "quantity": 102}, {"sku": "PLATE", "quantity": 1}]
    return await make_order(items=items)


async def test_the_insured_value_is_shared_by_what_leaves_each_warehouse(
    desk: Client, make_order: MakeOrder, noting: NotingCarrier
) -> None:
    """By the prices of the lines: 100 mugs of 15.00 and a plate of 10.00, or two mugs, of 770.00 insured.

    Taken out to see it fail: the shares of ``_requests`` (the first part has it all).
    """
    order = await in_two_warehouses(desk, make_order)
    await post(desk, RATES, order_id=order["id"], insurance_value=770)
    shares = {each.origin.city: each.insured for each in noting.asked}
    assert shares == {"New York": 75_500, "Boston": 1_500}


async def test_gifts_are_insured_as_well(desk: Client, make_order: MakeOrder, noting: NotingCarrier) -> None:
    order = await make_order(items=[{"sku": "MUG", "quantity": 1, "price": 0}])
    await post(desk, RATES, order_id=order["id"], insurance_value=100)
    assert [each.insured for each in noting.asked] == [10_000]


async def test_a_day_that_is_known_of_one_part_only_is_not_told(
    desk: Client, make_order: MakeOrder, noting: NotingCarrier
) -> None:
    """Taken out to see it fail: ``_latest``."""
    order = await in_two_warehouses(desk, make_order)
    found = await post(desk, RATES, order_id=order["id"])
    days = {
        each["service"]: (each["cost"], each["estimated_delivery_from"], each["estimated_delivery"])
        for each in found["data"]
        if each["carrier"] == "noting"
    }
    assert days == {"a": (2.0, None, None), "b": (2.0, None, "2026-12-03")}


async def test_what_is_given_is_asked_as_it_is(desk: Client, noting: NotingCarrier) -> None:
    await post(desk, RATES, **ASKED, insurance_value=12.5)
    (asked,) = noting.asked
    assert (asked.insured, asked.destination.zip, len(asked.packages)) == (1_250, "90210", len([PARCEL]))
