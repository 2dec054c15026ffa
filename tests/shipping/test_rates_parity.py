"""Rates are the same on both surfaces: those of packages and of orders, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Client
from tests.shipping.conftest import PARCEL, MakeOrder, post
from tests.shipping.rest.test_rates import ASKED, RATES

QUERY = """query ($input: ShippingRatesInput!) { shippingRates(input: $input) {
  rates { carrier service cost { amount } base { amount } surcharges { amount }
    estimatedDeliveryFrom estimatedDelivery }
  unavailable { carrier service reason } } }"""
UNITS = {"lb": "POUND", "in": "INCH"}
WIRE = {"order_id": "orderId", "signature_required": "signatureRequired", "insurance_value": "insuranceValue"}


def as_graphql(asked: dict[str, Any]) -> dict[str, Any]:
    """The input of GraphQL for a body of REST."""
    given = {WIRE.get(name, name): value for name, value in asked.items()}
    if "insuranceValue" in given:
        given["insuranceValue"] = {"amount": str(given["insuranceValue"])}
    if "packages" in given:
        given["packages"] = [
            {
                "weight": str(each["weight"]),
                "weightUnit": UNITS[each["weight_unit"]],
                "dimensionUnit": UNITS[each["dimension_unit"]],
                **{name: each[name] for name in ("length", "width", "height")},
            }
            for each in given["packages"]
        ]
    return given


async def by_graphql(desk: Client, asked: dict[str, Any]) -> Any:
    """The response of GraphQL."""
    body = {"query": QUERY, "variables": {"input": as_graphql(asked)}}
    return (await desk("POST", "/graphql", json=body)).json()


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"insurance_value": 500, "signature_required": True},
        {"packages": [PARCEL, {**PARCEL, "weight": 149}]},
        {"destination": {"country": "FR"}},
    ],
)
@pytest.mark.parametrize("of_order", [False, True])
async def test_both_surfaces_quote_alike(
    desk: Client, make_order: MakeOrder, more: dict[str, Any], *, of_order: bool
) -> None:
    order = await make_order()
    asked = {"order_id": order["id"], **more} if of_order else {**ASKED, **more}
    found = await post(desk, RATES, **asked)
    shown = (await by_graphql(desk, asked))["data"]["shippingRates"]
    quoted = [
        (
            each["carrier"],
            each["service"],
            *(float(each[name]["amount"]) for name in ("cost", "base", "surcharges")),
            each["estimatedDeliveryFrom"],
            each["estimatedDelivery"],
        )
        for each in shown["rates"]
    ]
    names = ("carrier", "service", "cost", "base", "surcharges", "estimated_delivery_from", "estimated_delivery")
    assert quoted == [tuple(each[name] for name in names) for each in found["data"]]
    assert shown["unavailable"] == found["unavailable"]


@pytest.mark.parametrize(
    ("asked", "problems"),
    [
        ({}, [(name, "REQUIRED") for name in ("origin", "destination", "packages")]),
        ({**ASKED, "packages": []}, [("packages", "REQUIRED")]),
        ({**ASKED, "packages": [{**PARCEL, "weight": 0}]}, [("packages.0.weight", "TOO_SMALL")]),
        ({**ASKED, "destination": {"country": "XX"}}, [("destination.country", "INVALID")]),
        ({**ASKED, "insurance_value": -1}, [("insurance_value", "TOO_SMALL")]),
        ({"order_id": "ord_x"}, [("order_id", "NOT_FOUND")]),
    ],
)
async def test_both_surfaces_refuse_alike(desk: Client, asked: dict[str, Any], problems: list[tuple[str, str]]) -> None:
    refused = await desk("POST", RATES, json=asked)
    assert [(each["field"], each["code"]) for each in refused.json()["error"]["details"]] == problems
    answer = await by_graphql(desk, asked)
    assert answer["data"] is None
    (error,) = answer["errors"]
    told = [(each["field"], each["code"], each["message"]) for each in error["extensions"]["problems"]]
    assert told == [
        ([WIRE.get(name, name) for name in each["field"].split(".")], each["code"], each["message"])
        for each in refused.json()["error"]["details"]
    ]
