"""Rates over REST: what carriers take, who has none and why, and carriers of the store's own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.conftest import Client
from tests.shipping.conftest import BEVERLY_HILLS, PARCEL, MakeOrder, get, post, problems_of

NEW_YORK, LOS_ANGELES = {"zip": "10001", "country": "US"}, {"zip": "90210", "country": "US"}
ASKED: dict[str, Any] = {"origin": NEW_YORK, "destination": LOS_ANGELES, "packages": [PARCEL]}
"""The example of the platform document."""
AT_HOME: dict[str, Any] = {**ASKED, "destination": {**LOS_ANGELES, "residential": True}}
"""The same to a private address."""
RATES = "/v2/shipping/rates"


def carrier(**given: Any) -> dict[str, Any]:
    """A carrier of the store's own, in kilograms."""
    prices = [
        {"zone": "home", "weight_from": 0, "weight_to": 2, "price": 4.95},
        {"zone": "home", "weight_from": 2, "weight_to": 30, "price": 9.95},
    ]
    service = {"code": "same_day", "name": "Same day", "min_days": 0, "max_days": 1, "rates": prices}
    zones = [{"code": "home", "countries": ["US"]}]
    made = {"code": "pedal", "name": "Pedal Couriers", "weight_unit": "kg", "zones": zones, "services": [service]}
    return {**made, **given}


def costs(found: dict[str, Any]) -> dict[tuple[str, str], float]:
    """The cost of each service."""
    return {(each["carrier"], each["service"]): each["cost"] for each in found["data"]}


async def test_the_documented_request_has_a_rate_of_every_carrier_that_goes_there(desk: Client) -> None:
    """Sorted by cost, in the currency of the store, with the days of delivery; and who does not go there."""
    found = await post(desk, RATES, **ASKED)
    offered = {(each["carrier"], each["service"]) for each in found["data"]}
    assert offered >= {
        ("usps", "priority"),
        ("usps", "parcel_select"),
        ("fedex", "ground"),
        ("fedex", "overnight"),
        ("ups", "ground"),
        ("ups", "next_day"),
        ("dhl", "ecommerce"),
    }
    prices = [each["cost"] for each in found["data"]]
    assert prices == sorted(prices)
    assert {each["currency"] for each in found["data"]} == {"gbp"}
    ground = next(each for each in found["data"] if (each["carrier"], each["service"]) == ("fedex", "ground"))
    assert date.fromisoformat(ground["estimated_delivery_from"]) <= date.fromisoformat(ground["estimated_delivery"])
    refused = {(each["carrier"], each["service"]): each["reason"] for each in found["unavailable"]}
    assert refused[("usps", "first_class")].startswith("First-Class Package takes at most")
    assert refused[("fedex", "international")] == "FedEx International Priority goes to other countries only."


async def test_extras_cost_more(desk: Client) -> None:
    """A second package, a private address, a signature and insurance; the parts add up."""
    plain = costs(await post(desk, RATES, **ASKED))
    for more in (
        {"packages": [PARCEL, PARCEL]},
        {"destination": {**LOS_ANGELES, "residential": True}},
        {"signature_required": True},
        {"insurance_value": 500},
        {"packages": [{**PARCEL, "length": 20, "width": 20, "height": 20}]},
    ):
        dearer = await post(desk, RATES, **{**ASKED, **more})
        assert costs(dearer)[("fedex", "ground")] > plain[("fedex", "ground")], more
        for each in dearer["data"]:
            assert round(each["base"] + each["surcharges"], 2) == each["cost"]


async def test_both_unit_systems_measure_alike(desk: Client) -> None:
    metric = {"weight": 1.134, "weight_unit": "kg", "length": 30.48, "width": 20.32, "height": 15.24}
    found = await post(desk, RATES, **{**ASKED, "packages": [{**metric, "dimension_unit": "cm"}]})
    assert costs(found) == costs(await post(desk, RATES, **ASKED))


async def test_a_tariff_in_another_currency_needs_an_exchange_rate(desk: Client) -> None:
    """At twice the rate all costs double, to the penny."""
    before = costs(await post(desk, RATES, **ASKED))
    await desk("PUT", "/v2/settings/shipping", json={"exchange_rates": [{"currency": "USD", "rate": 1.6}]})
    after = costs(await post(desk, RATES, **ASKED))
    assert all(abs(after[each] - 2 * before[each]) <= 0.011 for each in before)
    await desk("PUT", "/v2/settings/shipping", json={"exchange_rates": []})
    found = await post(desk, RATES, **ASKED)
    assert found["data"] == []
    assert [each["carrier"] for each in found["unavailable"]] == ["usps", "fedex", "ups", "dhl"]
    assert "Add an exchange rate for USD" in found["unavailable"][0]["reason"]


async def test_only_carriers_that_are_on_are_offered(desk: Client, make_order: MakeOrder) -> None:
    """Nor can one that is off be chosen."""
    await desk("PUT", "/v2/settings/shipping", json={"carriers": ["ups"]})
    found = await post(desk, RATES, **ASKED)
    assert {each["carrier"] for each in found["data"]} == {"ups"}
    order = await make_order()
    asked = {"order_id": order["id"], "carrier": "fedex", "service": "ground", "packages": [PARCEL]}
    refused = await desk("POST", "/v2/shipments", json=asked)
    assert (refused.status_code, problems_of(refused)) == (422, [("carrier", "NOT_FOUND")])


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"origin": None}, [("origin", "NULL_NOT_ALLOWED")]),
        ({"destination": {"zip": "90210"}}, [("destination.country", "REQUIRED")]),
        ({"destination": {"country": "XX"}}, [("destination.country", "INVALID")]),
        ({"packages": []}, [("packages", "REQUIRED")]),
        (
            {"packages": [{"weight": 1}]},
            [
                (f"packages.0.{name}", "REQUIRED")
                for name in ("weight_unit", "length", "width", "height", "dimension_unit")
            ],
        ),
        ({"packages": [PARCEL] * 51}, [("packages", "TOO_LONG")]),
        ({"insurance_value": -1}, [("insurance_value", "TOO_SMALL")]),
        ({"speed": "fast"}, [("speed", "UNKNOWN_FIELD")]),
        ({"order_id": "ord_x"}, [("order_id", "NOT_FOUND")]),
    ],
)
async def test_a_question_that_cannot_be_is_refused(
    desk: Client, given: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    answer = await desk("POST", RATES, json={**ASKED, **given})
    assert (answer.status_code, problems_of(answer)) == (422, problems)


async def test_an_order_is_asked_for_by_its_id(desk: Client, make_order: MakeOrder) -> None:
    """Its warehouse, address and weights take the place of all three: 2.4 kg and a box of half a kilogram."""
    order = await make_order()
    found = costs(await post(desk, RATES, order_id=order["id"]))
    box = {"weight": 2.9, "weight_unit": "kg", "length": 45, "width": 35, "height": 30, "dimension_unit": "cm"}
    assert found == costs(await post(desk, RATES, **{**AT_HOME, "packages": [box]}))
    assert found
    cheaper = costs(await post(desk, RATES, order_id=order["id"], packages=[PARCEL]))
    assert cheaper == costs(await post(desk, RATES, **AT_HOME))


async def test_an_order_in_two_warehouses_costs_the_sum(desk: Client, make_order: MakeOrder) -> None:
    """Only services that go from both are left."""
    boston = {"name": "Boston", "country": "US", "state": "MA", "zip": "02101", "city": "Boston", "line1": "1 Quay"}
    second = await post(desk, "/v2/warehouses", **boston)
    await post(desk, "/v2/inventory/MUG/adjust", quantity=5, reason="received", location=second["id"])
    order = await make_order(items=[{"sku": "MUG", "quantity": 102}])
    found = await post(desk, RATES, order_id=order["id"])
    assert ("fedex", "ground") in costs(found)
    refused = await desk("POST", RATES, json={"order_id": order["id"], "packages": [PARCEL]})
    assert problems_of(refused) == [("packages", "INVALID")]


async def test_an_order_that_cannot_be_weighed_or_sent_says_why(desk: Client, make_order: MakeOrder) -> None:
    await post(desk, "/v2/products", name="Feather", sku="X", price=1, variants=[{"sku": "F", "inventory": 9}])
    order = await make_order(items=[{"sku": "F", "quantity": 1}])
    answer = await desk("POST", RATES, json={"order_id": order["id"]})
    assert problems_of(answer) == [("packages", "REQUIRED")]
    assert "The weight of F is not known" in answer.json()["error"]["details"][0]["message"]
    nowhere = await post(desk, "/v2/orders", items=[{"sku": "MUG", "quantity": 1}])
    answer = await desk("POST", RATES, json={"order_id": nowhere["id"]})
    assert problems_of(answer) == [("destination", "REQUIRED")]
    gone = await make_order()
    await post(desk, f"/v2/orders/{gone['id']}/cancel")
    answer = await desk("POST", RATES, json={"order_id": gone["id"]})
    assert problems_of(answer) == [("order_id", "INVALID")]


async def test_a_carrier_of_the_stores_own_is_offered_and_chosen(desk: Client, make_order: MakeOrder) -> None:
    """Its price by weight and zone, its tracking page, its label."""
    made = await post(desk, "/v2/shipping/carriers", **carrier(tracking_url="https://pedal.example/?n={number}"))
    assert (made["version"], made["active"], made["services"][0]["rates"][0]["price"]) == (1, True, 4.95)
    found = costs(await post(desk, RATES, **ASKED))
    assert found[("pedal", "same_day")] == 4.95
    heavy = {**PARCEL, "weight": 10}
    found = costs(await post(desk, RATES, **{**ASKED, "packages": [PARCEL, heavy]}))
    assert found[("pedal", "same_day")] == 14.90
    far = await post(desk, RATES, **{**ASKED, "destination": {"country": "FR"}})
    (none,) = [each for each in far["unavailable"] if each["carrier"] == "pedal"]
    assert none == {"carrier": "pedal", "service": None, "reason": "Same day does not go to this country."}
    order = await make_order()
    asked = {"order_id": order["id"], "carrier": "pedal", "service": "same_day", "packages": [PARCEL]}
    abroad = {**asked, "ship_to": {**BEVERLY_HILLS, "country": "FR"}}
    too_heavy = {**asked, "packages": [{**PARCEL, "weight": 70}]}
    for wrong, problem in ((abroad, ("service", "INVALID")), (too_heavy, ("packages", "TOO_LARGE"))):
        refused = await desk("POST", "/v2/shipments", json=wrong)
        assert (refused.status_code, problems_of(refused)) == (422, [problem])
    sent = await post(desk, "/v2/shipments", **asked)
    assert (sent["cost"], sent["source"], sent["carrier_name"]) == (4.95, "custom", "Pedal Couriers")
    assert sent["tracking_url"] == f"https://pedal.example/?n={sent['tracking_number']}"
    assert (await desk("GET", f"/v2/shipments/{sent['id']}/label")).status_code == 200
    await desk("PUT", f"/v2/shipping/carriers/{made['id']}", json={"active": False})
    assert ("pedal", "same_day") not in costs(await post(desk, RATES, **ASKED))
    assert (await desk("DELETE", f"/v2/shipping/carriers/{made['id']}")).status_code == 204
    assert (await get(desk, f"/v2/shipments/{sent['id']}"))["carrier_name"] == "Pedal Couriers"


def rates(*ranges: tuple[float, float], zone: str = "home", price: float = 1) -> list[dict[str, Any]]:
    """A service whose prices have these weights."""
    prices = [{"zone": zone, "weight_from": low, "weight_to": high, "price": price} for low, high in ranges]
    return [{"code": "s", "name": "S", "min_days": 1, "max_days": 2, "rates": prices}]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"services": rates((1, 2))}, ("services.0.rates.0.weight_from", "INVALID")),
        ({"services": rates((0, 2), (3, 4))}, ("services.0.rates.1.weight_from", "INVALID")),
        ({"services": rates((0, 2), (1.5, 4))}, ("services.0.rates.1.weight_from", "INVALID")),
        ({"services": rates((0, 0))}, ("services.0.rates.0.weight_to", "TOO_SMALL")),
        ({"services": rates((0, 2), zone="moon")}, ("services.0.rates.0.zone", "NOT_FOUND")),
        ({"services": rates((0, 2), price=-1)}, ("services.0.rates.0.price", "TOO_SMALL")),
        ({"services": [*rates((0, 2)), *rates((0, 2))]}, ("services.1.code", "DUPLICATE")),
        (
            {"zones": [{"code": "home", "countries": ["US"]}, {"code": "x", "countries": ["us"]}]},
            ("zones.1.countries.0", "DUPLICATE"),
        ),
        ({"zones": [{"code": "home"}, {"code": "rest"}]}, ("zones.1.countries", "DUPLICATE")),
        ({"tracking_url": "https://pedal.example/"}, ("tracking_url", "INVALID")),
        ({"code": "Pedal!"}, ("code", "INVALID")),
        ({"services": []}, ("services", "TOO_SHORT")),
    ],
)
async def test_a_tariff_that_does_not_hold_is_refused_when_it_is_saved(
    desk: Client, given: dict[str, Any], problem: tuple[str, str]
) -> None:
    """Gaps, overlaps, negative prices, zones that there are not; when it is changed as well."""
    answer = await desk("POST", "/v2/shipping/carriers", json=carrier(**given))
    assert (answer.status_code, problems_of(answer)) == (422, [problem])
    if "code" in given:
        return
    made = await post(desk, "/v2/shipping/carriers", **carrier())
    answer = await desk("PUT", f"/v2/shipping/carriers/{made['id']}", json=given)
    assert (answer.status_code, problems_of(answer)) == (422, [problem])
    assert await get(desk, f"/v2/shipping/carriers/{made['id']}") == made


async def test_a_code_belongs_to_one_carrier(desk: Client) -> None:
    await post(desk, "/v2/shipping/carriers", **carrier())
    for code in ("pedal", "fedex"):
        answer = await desk("POST", "/v2/shipping/carriers", json=carrier(code=code))
        assert (answer.status_code, problems_of(answer)) == (409, [("code", "TAKEN")])


@pytest.mark.parametrize(("company", "asked"), [(None, AT_HOME), ("Rodeo Ltd", ASKED)])
async def test_a_shipment_costs_what_was_quoted_for_its_order(
    desk: Client, make_order: MakeOrder, company: str | None, asked: dict[str, Any]
) -> None:
    """And what is quoted for the same packages: an address without a company is private, everywhere.

    Taken out to see it fail: ``is_residential`` of ``quote_address``.
    """
    order = await make_order(shipping_address={**BEVERLY_HILLS, "company": company})
    quoted = costs(await post(desk, RATES, order_id=order["id"], packages=[PARCEL]))
    given = {"order_id": order["id"], "carrier": "fedex", "service": "ground", "packages": [PARCEL]}
    sent = await post(desk, "/v2/shipments", **given)
    assert sent["cost"] == quoted[("fedex", "ground")]
    assert quoted == costs(await post(desk, RATES, **asked))
