"""Bulk changes of products: all or none, or all that are valid; two bulk changes never deadlock."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import pytest

from domain import catalog
from tests.catalog.test_product_creation import Events
from tests.conftest import Client, Graph, MakeKey, MakeProduct, Shop

UPDATE = """mutation ($input: [UpdateProductInput!]!, $errorPolicy: ErrorPolicy!) {
  updateProducts(input: $input, errorPolicy: $errorPolicy) {
    results { product { id name version } userErrors { field code } } userErrors { field code } } }"""
ARCHIVE = """mutation ($input: [ArchiveProductInput!]!) { archiveProducts(input: $input, errorPolicy: SKIP) {
    results { product { id status } } userErrors { field code } } }"""


async def three(make_product: MakeProduct) -> list[catalog.Product]:
    return [await make_product(sku=f"P{number}", name=f"Mug {number}") for number in range(3)]


def wrong(products: list[catalog.Product]) -> list[dict[str, Any]]:
    """Build one valid input and one of each invalid kind."""
    first, second, third = products
    return [
        {"id": second.id, "name": "Cup"},
        {"id": first.id, "sku": "P2"},
        {"id": third.id, "price": -1},
        {"id": "prod_none", "name": "Cup"},
        {"id": third.id, "name": "Bowl", "version": 7},
    ]


REFUSED = [
    ("input.1.sku", "TAKEN"),
    ("input.2.price", "TOO_SMALL"),
    ("input.3.id", "NOT_FOUND"),
    ("input.4.version", "VERSION_MISMATCH"),
]


@pytest.mark.both_servers
async def test_one_refused_input_refuses_all_and_every_problem_is_named(
    rest: Client, make_product: MakeProduct, events: Events
) -> None:
    products = await three(make_product)
    before, told = (await rest("GET", "/v2/products")).json(), await events()
    answer = await rest("POST", "/v2/products/bulk", json={"input": wrong(products)})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "validation_error")
    assert [(each["field"], each["code"]) for each in error["details"]] == REFUSED
    conflicts = await rest("POST", "/v2/products/bulk", json={"input": [wrong(products)[index] for index in (0, 4)]})
    assert (conflicts.status_code, conflicts.json()["error"]["code"]) == (409, "conflict")
    assert conflicts.json()["error"]["details"][0]["field"] == "input.1.version"
    assert (await rest("GET", "/v2/products")).json() == before
    assert await events() == told


@pytest.mark.both_servers
async def test_refused_inputs_are_skipped_and_the_others_written(
    rest: Client, graph: Graph, make_product: MakeProduct, events: Events
) -> None:
    products = await three(make_product)
    answer = await rest("POST", "/v2/products/bulk", json={"input": wrong(products), "error_policy": "skip"})
    assert answer.status_code == 201
    results = answer.json()["data"]
    assert [(each["index"], each["status"]) for each in results] == [
        (0, "done"),
        *((index, "refused") for index in range(1, 5)),
    ]
    assert results[0]["product"] == (await rest("GET", f"/v2/products/{products[1].id}")).json()
    assert [each["product"] for each in results[1:]] == [None] * 4
    assert [(error["field"], error["code"]) for each in results for error in each["errors"]] == REFUSED
    assert [event["type"] for event in await events()] == ["product.created"] * 3 + ["product.updated"]

    given = [
        {"id": products[0].id, "name": "Cup 0"},
        {"id": products[1].id, "price": {"amount": "-1"}},
        {"id": products[2].id, "name": "Cup 2"},
        {"id": products[0].id, "description": "Twice."},
    ]
    done = (await graph(UPDATE, input=given, errorPolicy="SKIP"))["updateProducts"]
    problem = {"field": ["input", "1", "price"], "code": "TOO_SMALL"}
    assert done["userErrors"] == [problem]
    assert [each["product"] and each["product"]["name"] for each in done["results"]] == [
        "Cup 0",
        None,
        "Cup 2",
        "Cup 0",
    ]
    assert [each["userErrors"] for each in done["results"]] == [[], [problem], [], []]
    assert done["results"][3]["product"]["version"] == 3  # both changes of the first, each with an event of its own
    assert [event["sequence"] for event in await events() if event["object_id"] == products[0].id] == [1, 2, 3]
    before, told = (await rest("GET", "/v2/products")).json(), await events()
    other = [{"id": products[2].id, "name": "Bowl"}, {"id": products[0].id, "sku": "P1"}]
    refused = (await graph(UPDATE, input=[*other, *given], errorPolicy="ALL_OR_NONE"))["updateProducts"]
    taken = {"field": ["input", "1", "sku"], "code": "TAKEN"}
    assert refused == {"results": None, "userErrors": [taken, {**problem, "field": ["input", "3", "price"]}]}
    assert (await rest("GET", "/v2/products")).json() == before
    assert await events() == told


async def test_many_are_archived_and_one_that_is_already_changes_nothing(
    graph: Graph, rest: Client, make_product: MakeProduct, events: Events
) -> None:
    products = await three(make_product)
    await rest("DELETE", f"/v2/products/{products[0].id}")
    given = [{"id": product.id} for product in products] + [{"id": "prod_none"}]
    done = (await graph(ARCHIVE, input=given))["archiveProducts"]
    assert done["userErrors"] == [{"field": ["input", "3", "id"], "code": "NOT_FOUND"}]
    assert [each["product"] and each["product"]["status"] for each in done["results"]] == ["ARCHIVED"] * 3 + [None]
    assert [event["type"] for event in await events()].count("product.deleted") == 3


@pytest.mark.parametrize("count", [0, 101])
async def test_a_bulk_holds_one_to_a_hundred_inputs(rest: Client, graph: Graph, count: int) -> None:
    given = [{"id": "prod_none"}] * count
    answer = await rest("POST", "/v2/products/bulk/archive", json={"input": given})
    details = answer.json()["error"]["details"]
    assert (answer.status_code, details[0]["field"]) == (422, "input")
    assert (await graph(ARCHIVE, input=given))["archiveProducts"]["userErrors"][0]["field"] == ["input"]


async def test_a_bulk_with_the_same_key_is_written_once(
    rest: Client, make_product: MakeProduct, events: Events
) -> None:
    products = await three(make_product)
    body = {"input": [{"id": each.id, "name": "Cup"} for each in products]}
    key = {"Idempotency-Key": secrets.token_hex(8)}
    answers = [await rest("POST", "/v2/products/bulk", json=body, headers=key) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotent-replayed"] == "true"
    assert len(await events()) == 6


@pytest.mark.both_servers
async def test_bulks_in_opposite_orders_never_deadlock(rest: Client, make_product: MakeProduct) -> None:
    """Both change the same products, exchange SKUs and create the same categories."""
    products = [await make_product(sku=f"P{number}") for number in range(12)]
    inputs = [{"id": each.id, "categories": [f"c{number}"]} for number, each in enumerate(products)]
    skus = [{"id": each.id, "sku": f"N{number % 6}"} for number, each in enumerate(products)]
    bodies = [
        {"input": order, "error_policy": "skip"}
        for order in (inputs, inputs[::-1], skus[:6], skus[6:][::-1], inputs[::2] + inputs[1::2], skus[::-1])
    ]
    answers = await asyncio.gather(*(rest("POST", "/v2/products/bulk", json=body) for body in bodies))
    assert [answer.status_code for answer in answers] == [201] * len(bodies)
    assert all(each["status"] == "done" for answer in answers[:2] for each in answer.json()["data"])
    taken = [row["sku"] for row in (await rest("GET", "/v2/products?limit=100")).json()["data"]]
    assert len(set(taken)) == 12


async def test_a_bulk_needs_the_scope_of_the_single_change(
    rest: Client, shop: Shop, make_key: MakeKey, make_product: MakeProduct
) -> None:
    products = await three(make_product)
    reader = Client(rest.http, await make_key(shop.live, "products:read"))
    for path in ("/v2/products/bulk", "/v2/products/bulk/archive", "/v2/inventory/bulk"):
        assert (await reader("POST", path, json={"input": [{"id": products[0].id}]})).status_code == 403
