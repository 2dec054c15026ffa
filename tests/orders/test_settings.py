"""Store settings: defaults, updates, and duplicates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from domain import orders
from domain.kernel.errors import Conflict, ErrorCode, ValidationFailed
from domain.kernel.money import Money
from domain.orders.commands import ShippingMethodInput, TaxRateInput
from tests.conftest import Client, Do, Graph, Shop
from tests.orders.test_placement import problems
from tests.raw_json import compact

SETTINGS = """{ shop { settings {
    version shippingMethods { code name price { amount } } taxRates { country state percent onShipping }
} } }"""


async def test_a_new_store_has_two_shipping_methods_and_no_tax(rest: Client, graph: Graph) -> None:
    response = await rest("GET", "/v2/settings")
    assert response.headers["ETag"].startswith('"1-')
    assert b'{"code":"standard","name":"Standard delivery","price":5.00}' in compact(response.content)
    assert [method["code"] for method in response.json()["shipping_methods"]] == ["standard", "express"]
    assert response.json()["tax_rates"] == []
    assert (await graph(SETTINGS))["shop"]["settings"]["shippingMethods"][1]["price"] == {"amount": "15.00"}


async def test_in_a_currency_without_decimals_default_prices_are_a_hundred_times_as_high(
    make_shop: Callable[..., Awaitable[Shop]], do: Do
) -> None:
    japan = await make_shop(currency="JPY")
    settings = await do(orders.update_settings, japan.live)
    assert [method["price"] for method in settings.shipping_methods] == [500, 1500]


async def test_lists_are_replaced_and_equal_on_both_surfaces(rest: Client, graph: Graph) -> None:
    body = {
        "shipping_methods": [{"code": "bike", "name": "By bike", "price": 2.5}],
        "tax_rates": [
            {"country": "gb", "percent": 20, "on_shipping": True},
            {"country": "US", "state": "CA", "percent": 7.25},
        ],
        "version": 1,
    }
    response = await rest("PUT", "/v2/settings", json=body)
    assert response.status_code == 200, response.text
    assert response.json()["tax_rates"] == [
        {"country": "GB", "state": None, "percent": 20, "on_shipping": True},
        {"country": "US", "state": "CA", "percent": 7.25, "on_shipping": False},
    ]
    settings = (await graph(SETTINGS))["shop"]["settings"]
    assert settings["version"] == 2
    assert settings["shippingMethods"] == [{"code": "bike", "name": "By bike", "price": {"amount": "2.50"}}]
    assert [rate["percent"] for rate in settings["taxRates"]] == ["20", "7.25"]
    again = await rest("PUT", "/v2/settings", json=response.json())
    assert (again.status_code, again.json()["version"]) == (200, 2)


async def test_duplicate_tax_rates_and_stale_versions_are_refused(do: Do) -> None:
    twice: dict[str, Any] = {
        "shipping_methods": tuple(ShippingMethodInput(code="a", name="A", price=Money(1, "GBP")) for _ in range(2)),
        "tax_rates": tuple(TaxRateInput(country="US", state=state, percent=Decimal(1)) for state in ("CA", "ca")),
    }
    for name, member in (("shipping_methods", "code"), ("tax_rates", "country")):
        with pytest.raises(ValidationFailed) as refusal:
            await do(orders.update_settings, **{name: twice[name]})
        assert problems(refusal.value) == [((name, 1, member), ErrorCode.DUPLICATE)]
    with pytest.raises(Conflict) as stale:
        await do(orders.update_settings, expected_version=2)
    assert problems(stale.value) == [(("expected_version",), ErrorCode.VERSION_MISMATCH)]
