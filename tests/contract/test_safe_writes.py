"""Writing safely over real requests: repeated, stale and parallel writes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.catalog.commands import VariantInput
from domain.kernel.database import Database
from tests.conftest import Client, MakeProduct, Shop
from tests.contract.store_fixtures import sell

CREATE = """mutation ($input: CreateProductInput!) {
  createProduct(input: $input) { product { id sku } userErrors { code field } } }"""
UPDATE = """mutation ($input: UpdateProductInput!) {
  updateProduct(input: $input) { product { version } userErrors { code field } } }"""
Events = Callable[..., Awaitable[list[dict[str, Any]]]]


def by_rest(sku: str) -> tuple[str, str, dict[str, Any]]:
    return "POST", "/v2/products", {"name": "Mug", "price": 5, "sku": sku}


def by_graphql(sku: str) -> tuple[str, str, dict[str, Any]]:
    given = {"name": "Mug", "price": {"amount": "5"}, "sku": sku}
    return "POST", "/graphql", {"query": CREATE, "variables": {"input": given}}


@pytest.mark.both_servers
@pytest.mark.parametrize("request_for", [by_rest, by_graphql])
async def test_fifty_parallel_creates_with_one_key_make_one_product(
    rest: Client, events: Events, request_for: Callable[[str], tuple[str, str, dict[str, Any]]]
) -> None:
    method, path, body = request_for(f"SKU-{secrets.token_hex(4)}")
    key = {"Idempotency-Key": secrets.token_hex(8)}
    answers = await asyncio.gather(*(rest(method, path, json=body, headers=key) for _ in range(50)))
    statuses = [answer.status_code for answer in answers]
    made = [answer for answer in answers if answer.status_code in (200, 201)]
    assert made
    assert set(statuses) <= {200, 201, 409, 503}, statuses  # 503: more at once than connections to wait for
    assert len({answer.content for answer in made}) == 1
    assert [answer.headers.get("idempotent-replayed") for answer in made].count(None) == 1
    for answer in answers:
        if answer.status_code in (409, 503):
            assert int(answer.headers["retry-after"]) >= 1
    again = await rest(method, path, json=body, headers=key)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.content == made[0].content
    assert [event["type"] for event in await events()] == ["product.created"]
    assert (await rest("GET", "/v2/products")).json()["pagination"]["total_items"] == 1


@pytest.mark.both_servers
async def test_a_stale_if_match_writes_nothing(rest: Client, make_product: MakeProduct, events: Events) -> None:
    product = await make_product(name="Mug")
    path = f"/v2/products/{product.id}"
    seen = (await rest("GET", path)).headers["etag"]
    assert (await rest("PUT", path, json={"name": "Cup"}, headers={"If-Match": seen})).status_code == 200
    before, told = (await rest("GET", path)).json(), await events()

    stale = await rest("PUT", path, json={"name": "Bowl"}, headers={"If-Match": seen})
    assert stale.status_code == 409
    assert stale.json()["error"]["code"] == "conflict"
    assert stale.json()["error"]["details"][0]["code"] == "VERSION_MISMATCH"
    assert (await rest("DELETE", path, headers={"If-Match": seen})).status_code == 409
    body = {"query": UPDATE, "variables": {"input": {"id": product.id, "expectedVersion": 1, "name": "Bowl"}}}
    refused = (await rest("POST", "/graphql", json=body)).json()["data"]["updateProduct"]
    assert refused == {"product": None, "userErrors": [{"code": "VERSION_MISMATCH", "field": ["expectedVersion"]}]}

    assert (await rest("GET", path)).json() == before
    assert await events() == told


@pytest.mark.both_servers
async def test_twenty_parallel_updates_lose_none(rest: Client, make_product: MakeProduct, events: Events) -> None:
    product = await make_product()

    async def update(number: int) -> None:
        if number % 2:
            answer = await rest("PUT", f"/v2/products/{product.id}", json={"metadata": {f"n{number}": number}})
        else:
            given = {"id": product.id, "metadata": {f"n{number}": number}}
            answer = await rest("POST", "/graphql", json={"query": UPDATE, "variables": {"input": given}})
            assert answer.json()["data"]["updateProduct"]["userErrors"] == []
        assert answer.status_code == 200

    await asyncio.gather(*(update(number) for number in range(20)))
    found = (await rest("GET", f"/v2/products/{product.id}")).json()
    assert found["metadata"] == {f"n{number}": number for number in range(20)}
    assert found["version"] == 21
    assert [event["sequence"] for event in await events()] == list(range(1, 22))


async def test_one_of_many_writers_who_saw_the_same_version_wins(rest: Client, make_product: MakeProduct) -> None:
    product = await make_product()
    path = f"/v2/products/{product.id}"
    answers = await asyncio.gather(
        *(rest("PUT", path, json={"name": f"Mug {number}", "version": 1}) for number in range(10))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9


ORDER = """mutation ($input: CreateOrderInput!) { createOrder(input: $input) { order { id } userErrors { code } } }"""


@pytest.mark.both_servers
@pytest.mark.parametrize("surface", ["rest", "graphql"])
async def test_twenty_parallel_orders_with_one_key_reserve_once(
    rest: Client, make_product: MakeProduct, surface: str
) -> None:
    product = await make_product(variants=(VariantInput(sku="PLATE", inventory=20),))
    given = {"items": [{"sku": "PLATE", "quantity": 2}]}
    asked: tuple[str, dict[str, Any]] = ("/v2/orders", given)
    if surface == "graphql":
        asked = ("/graphql", {"query": ORDER, "variables": {"input": given}})
    key = {"Idempotency-Key": secrets.token_hex(8)}
    path, body = asked
    answers = await asyncio.gather(*(rest("POST", path, json=body, headers=key) for _ in range(20)))
    made = [answer for answer in answers if answer.status_code in (200, 201)]
    assert len({answer.content for answer in made}) == 1
    assert [answer.headers.get("idempotent-replayed") for answer in made].count(None) == 1
    assert (await rest("GET", "/v2/orders")).json()["pagination"]["total_items"] == 1
    assert (await rest("GET", f"/v2/inventory/{product.id}")).json()["total_reserved"] == 2
    other = await rest("POST", "/v2/orders", json={"items": [{"sku": "PLATE", "quantity": 3}]}, headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "conflict")


@pytest.mark.both_servers
async def test_a_stale_version_of_an_order_a_draft_or_the_settings_writes_nothing(
    rest: Client, make_product: MakeProduct, database: Database, shop: Shop, events: Events
) -> None:
    product = await make_product(variants=(VariantInput(sku="PLATE", inventory=20),))
    ids = await sell(database, shop.live, "PLATE")
    order, draft = f"/v2/orders/{ids['ord']}", f"/v2/draft_orders/{ids['dord']}"
    first = {path: (await rest("GET", path)).headers["etag"] for path in (order, draft, "/v2/settings")}
    for path, body in ((draft, {"email": "a@b.example"}), ("/v2/settings", {"shipping_methods": []})):
        assert (await rest("PUT", path, json=body, headers={"If-Match": first[path]})).status_code == 200
    noted = await rest("POST", f"{order}/notes", json={"text": "First"}, headers={"If-Match": first[order]})
    assert noted.status_code == 201

    read = (order, f"{order}/notes", f"{order}/history", draft, "/v2/settings", f"/v2/inventory/{product.id}")
    before, told = [(await rest("GET", path)).json() for path in read], await events()
    attempts: list[tuple[str, str, dict[str, Any] | None, str]] = [
        ("PATCH", order, {"set_quantities": [{"id": ids["item"], "quantity": 9}]}, order),
        ("PATCH", f"{order}/status", {"status": "processing"}, order),
        ("POST", f"{order}/cancel", None, order),
        ("POST", f"{order}/notes", {"text": "Second"}, order),
        ("PUT", draft, {"items": [{"sku": "PLATE", "quantity": 9}]}, draft),
        ("POST", f"{draft}/complete", None, draft),
        ("DELETE", draft, None, draft),
        ("PUT", "/v2/settings", {"tax_rates": []}, "/v2/settings"),
    ]
    for method, path, given, seen in attempts:
        answer = await rest(method, path, json=given, headers={"If-Match": first[seen]})
        assert (answer.status_code, answer.json()["error"]["details"][0]["code"]) == (409, "VERSION_MISMATCH"), path
    assert [(await rest("GET", path)).json() for path in read] == before
    assert await events() == told
