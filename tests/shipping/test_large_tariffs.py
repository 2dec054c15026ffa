"""Carriers of the store's own with large tables: they are read beside the event loop, which serves others meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from domain.shipping.carriers import CustomRates, TariffRates
from domain.shipping.exchange import Exchange
from domain.shipping.measures import MeasuredPackage
from domain.shipping.ports import RateRequest
from domain.shipping.tariffs.quotes import QuoteAddress
from tests.conftest import Client
from tests.shipping.conftest import PARCEL, MakeOrder, post
from tests.shipping.rest.test_rates import carrier

SERVICES, ROWS, PACKAGES = 20, 1_000, 50
"""The largest that may be."""


def large_carrier() -> CustomRates:
    """Prices in pounds, one for each 100 g."""
    rates = [
        {"zone": "home", "weight_from": f"{row / 10}", "weight_to": f"{(row + 1) / 10}", "price": row + 1}
        for row in range(ROWS)
    ]
    known = {"code": "big", "name": "Big", "tracking_url": None, "prints_labels": True, "currency": "gbp"}
    zones = [{"code": "home", "countries": ["GB"]}]
    services = [
        {"code": f"s{number}", "name": "S", "min_days": 1, "max_days": 2, "rates": rates} for number in range(SERVICES)
    ]
    return CustomRates(SimpleNamespace(**known, weight_unit="kg", zones=zones, services=services))


def request_of(*kilograms: str) -> RateRequest:
    """Packages within Great Britain."""
    here, sides = QuoteAddress(country="GB", zip="LS1 4AP"), (Decimal(30), Decimal(20), Decimal(10))
    return RateRequest(
        origin=here,
        destination=here,
        packages=[MeasuredPackage(Decimal(each), sides) for each in kilograms],
        exchange=Exchange("gbp", {}),
        shipped_on=date(2026, 11, 30),
    )


@pytest.fixture
def quoting_threads(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The threads in which carriers of both kinds have read prices or limits since."""
    threads: set[int] = set()

    def note(quote: Callable[..., Any]) -> Callable[..., Any]:
        def noting(*given: Any) -> Any:
            threads.add(threading.get_ident())
            return quote(*given)

        return noting

    for kind in (CustomRates, TariffRates):
        for name in ("quote", "refusal"):
            monkeypatch.setattr(kind, name, note(getattr(kind, name)))
    return threads


async def test_a_large_table_is_read_beside_the_loop(quoting_threads: set[int]) -> None:
    """Taken out to see it fail: ``to_thread`` of ``CustomRates.rates``."""
    found = await large_carrier().rates(request_of(*["99.95"] * PACKAGES))
    assert [rate.cost for rate in found.rates] == [ROWS * PACKAGES] * SERVICES
    assert quoting_threads
    assert threading.get_ident() not in quoting_threads


@pytest.mark.parametrize(("kilograms", "price"), [("0.001", 1), ("0.1", 1), ("0.1001", 2), ("50", 500), ("100", 1_000)])
def test_a_weight_has_the_price_of_its_row(kilograms: str, price: int) -> None:
    """Up to its end, and from above its start."""
    quote = large_carrier().quote("s0", request_of(kilograms))
    assert getattr(quote, "cost", None) == price


async def test_shipments_read_tables_beside_the_loop(
    desk: Client, make_order: MakeOrder, quoting_threads: set[int]
) -> None:
    """Of both kinds of carriers, prices and limits. Taken out to see it fail: ``to_thread`` of ``rate_of``."""
    await post(desk, "/v2/shipping/carriers", **carrier())
    order = await make_order()
    for code, service in (("pedal", "same_day"), ("ups", "ground")):
        items = [{"id": order["items"][0]["id"], "quantity": 1}]
        given = {"order_id": order["id"], "carrier": code, "service": service, "packages": [PARCEL], "items": items}
        await post(desk, "/v2/shipments", **given)
    assert quoting_threads
    assert threading.get_ident() not in quoting_threads
