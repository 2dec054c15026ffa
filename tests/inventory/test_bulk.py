"""Bulk adjustments: each has the events of a single adjustment."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain.catalog.commands import VariantInput
from tests.conftest import Client, Graph, MakeProduct
from tests.inventory.conftest import Balanced, Levels

ADJUST = """mutation ($input: [AdjustInventoryInput!]!, $errorPolicy: ErrorPolicy!) {
  adjustInventories(input: $input, errorPolicy: $errorPolicy) {
    results { inventory { totalOnHand } movement { quantity } } userErrors { field code } } }"""


def of(key: str, *quantities: int, **more: Any) -> list[dict[str, Any]]:
    return [{"product_id": key, "quantity": quantity, "reason": "counted", **more} for quantity in quantities]


@pytest.mark.both_servers
async def test_all_are_booked_in_their_order_or_none_is(
    rest: Client, make_product: MakeProduct, balanced: Balanced, events: Any
) -> None:
    mug = await make_product(sku="MUG", variants=(VariantInput(sku="M-1", inventory=5), VariantInput(sku="M-2")))
    await make_product(sku="PLATE", variants=(VariantInput(sku="PLATE", inventory=1),))
    await rest("POST", f"/v2/inventory/{mug.id}/alerts", json={"threshold": 4})
    before, told = (await rest("GET", "/v2/inventory/movements")).json(), await events()
    bad = [*of("M-1", -5, 6), *of("PLATE", -2), *of("MUG", 1), *of("NONE", 1), *of("M-2", 0), *of("M-2", 1)]
    answer = await rest("POST", "/v2/inventory/bulk", json={"input": bad})
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["error"]["details"]] == [
        ("input.2.quantity", "INSUFFICIENT_STOCK"),
        ("input.3.variant_id", "REQUIRED"),
        ("input.4.product_id", "NOT_FOUND"),
        ("input.5.quantity", "INVALID"),
    ]
    assert (await rest("GET", "/v2/inventory/movements")).json() == before
    assert await events() == told

    done = await rest("POST", "/v2/inventory/bulk", json={"input": bad, "error_policy": "skip"})
    results = done.json()["data"]
    assert [each["status"] for each in results] == ["done", "done", *["refused"] * 4, "done"]
    assert [each["inventory"]["movement"]["quantity"] for each in results if each["inventory"]] == [-5, 6, 1]
    assert results[0]["inventory"]["total_on_hand"] == results[1]["inventory"]["total_on_hand"] == 6
    # As if one after the other: out at the first, and back with the second, which would not be seen at the end.
    assert [event["type"] for event in (await events())[len(told) :]] == ["inventory.low", "inventory.out_of_stock"]
    await balanced()


async def test_both_surfaces_return_the_same(rest: Client, graph: Graph, make_product: MakeProduct) -> None:
    await make_product(sku="A", variants=(VariantInput(sku="A", inventory=5),))
    given = [{"productId": "A", "quantity": quantity, "reason": "x"} for quantity in (1, -99, 2)]
    skipped = (await graph(ADJUST, input=given, errorPolicy="SKIP"))["adjustInventories"]
    assert skipped == {
        "results": [
            {"inventory": {"totalOnHand": 8}, "movement": {"quantity": 1}},
            {"inventory": None, "movement": None},
            {"inventory": {"totalOnHand": 8}, "movement": {"quantity": 2}},
        ],
        "userErrors": [{"field": ["input", "1", "quantity"], "code": "INSUFFICIENT_STOCK"}],
    }
    refused = (await graph(ADJUST, input=given, errorPolicy="ALL_OR_NONE"))["adjustInventories"]
    assert refused == {"results": None, "userErrors": skipped["userErrors"]}


@pytest.mark.both_servers
async def test_bulks_in_opposite_orders_never_deadlock(
    rest: Client, make_product: MakeProduct, levels: Levels, balanced: Balanced
) -> None:
    products = [await make_product(sku=f"P{number}") for number in range(10)]
    inputs = [each for product in products for each in of(product.id, 1)]
    bodies = [{"input": order} for order in (inputs, inputs[::-1]) for _ in range(4)]
    answers = await asyncio.gather(*(rest("POST", "/v2/inventory/bulk", json=body) for body in bodies))
    assert {answer.status_code for answer in answers} == {201}
    assert set((await levels(*products)).values()) == {(8, 0)}
    await balanced()


async def test_more_than_the_maximum_of_one_product_refuses_its_input_alone(
    rest: Client, make_product: MakeProduct, balanced: Balanced
) -> None:
    await make_product(sku="A", variants=(VariantInput(sku="A"),))
    body = {"input": of("A", 1_000_000_000, 1_000_000_000, 1, -1), "error_policy": "skip"}
    results = (await rest("POST", "/v2/inventory/bulk", json=body)).json()["data"]
    assert [each["status"] for each in results] == ["done", "done", "refused", "done"]
    assert results[3]["inventory"]["total_on_hand"] == 1_999_999_999
    await balanced()
