"""The same key and request change things once, and are answered the same."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from domain.kernel.database import Database
from tests.conftest import Client, MakeKey, MakeProduct, Shop

MUG = {"name": "Mug", "price": 5, "sku": "MUG"}
KEY = {"Idempotency-Key": "order-42"}


async def test_a_repeated_creation_is_answered_from_store(rest: Client, events: Any) -> None:
    first = await rest("POST", "/v2/products", json=MUG, headers=KEY)
    again = await rest("POST", "/v2/products", json=MUG, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    for name in ("Location", "ETag", "Content-Type", "Cache-Control"):
        assert again.headers[name] == first.headers[name]
    assert again.headers["X-Request-Id"] != first.headers["X-Request-Id"]
    assert len(await events()) == 1


async def test_every_method_is_repeated_safely(rest: Client, make_product: MakeProduct, events: Any) -> None:
    product = await make_product()
    path = f"/v2/products/{product.id}"
    writes: list[tuple[str, str, dict[str, Any]]] = [
        ("PUT", path, {"json": {"name": "Cup", "version": 1}}),
        ("POST", f"{path}/variants", {"json": {"sku": "B"}}),
        ("DELETE", path, {"headers": {"If-Match": '"3-x"'}}),
    ]
    for number, (method, place, more) in enumerate(writes):
        headers = {**more.pop("headers", {}), "Idempotency-Key": f"key-{number}"}
        first = await rest(method, place, headers=headers, **more)
        again = await rest(method, place, headers=headers, **more)
        assert first.status_code in (200, 201, 204)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Idempotent-Replayed"] == "true"
    assert len(await events()) == 4


async def test_a_document_written_back_is_repeated_though_it_is_stale_by_then(rest: Client, events: Any) -> None:
    document = (await rest("POST", "/v2/products", json=MUG)).json()
    document["name"] = "Cup"
    path = f"/v2/products/{document['id']}"
    first = await rest("PUT", path, json=document, headers=KEY)
    again = await rest("PUT", path, json=document, headers=KEY)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    assert len(await events()) == 2


@pytest.mark.parametrize(
    "other",
    [
        {"json": {**MUG, "price": 6}},
        {"json": MUG, "headers": {"If-Match": '"1-x"'}},
        {"json": {"url": "https://a.example/1"}, "path": "/images"},
        {"json": {}, "method": "PUT"},
    ],
)
async def test_the_same_key_for_another_request_is_a_conflict(rest: Client, other: dict[str, Any], events: Any) -> None:
    made = await rest("POST", "/v2/products", json=MUG, headers=KEY)
    path = made.headers["Location"] + other.get("path", "") if {"path", "method"} & other.keys() else "/v2/products"
    headers = {**KEY, **other.get("headers", {})}
    answer = await rest(other.get("method", "POST"), path, json=other["json"], headers=headers)
    assert (answer.status_code, answer.json()["error"]["details"][0]["code"]) == (409, "IDEMPOTENCY_MISMATCH")
    assert answer.json()["error"]["details"][0]["field"] == "idempotency_key"
    assert len(await events()) == 1


async def test_a_refusal_is_not_stored(rest: Client, make_product: MakeProduct, events: Any) -> None:
    product = await make_product(sku="MUG")
    assert (await rest("POST", "/v2/products", json=MUG, headers=KEY)).status_code == 409
    (variant,) = (await rest("GET", "/v2/products/MUG/variants")).json()["data"]
    renamed = {"sku": "CUP", "variants": [{"id": variant["id"], "sku": "CUP"}]}
    assert (await rest("PUT", f"/v2/products/{product.id}", json=renamed)).status_code == 200
    answer = await rest("POST", "/v2/products", json=MUG, headers=KEY)
    assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (201, False)


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "\u00e9"])
async def test_an_unusable_key_is_malformed(rest: Client, key: str, events: Any) -> None:
    headers = {b"Idempotency-Key": key.encode("latin-1"), b"Authorization": f"Bearer {rest.key}".encode()}
    answer = await rest.http.post("/v2/products", json=MUG, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "validation_error")
    assert await events() == []


async def test_a_key_given_twice_is_malformed(rest: Client, events: Any) -> None:
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b"), ("Authorization", f"Bearer {rest.key}")]
    assert (await rest.http.post("/v2/products", json=MUG, headers=headers)).status_code == 400
    assert await events() == []


async def test_keys_are_scoped_to_the_credential(
    rest: Client, http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, events: Any
) -> None:
    assert (await rest("POST", "/v2/products", json=MUG, headers=KEY)).status_code == 201
    for principal, status in ((shop.live, 409), (shop.test, 201)):
        other = Client(http, await make_key(principal))
        answer = await other("POST", "/v2/products", json=MUG, headers=KEY)
        assert (answer.status_code, "Idempotent-Replayed" in answer.headers) == (status, False)


async def test_fifty_repeats_at_once_change_things_once(rest: Client, events: Any) -> None:
    """Fails when a repeat does not see that the first is under way (no lock on the key): most then run into the SKU."""

    async def attempt() -> httpx.Response:
        return await rest("POST", "/v2/products", json=MUG, headers=KEY)

    answers = await asyncio.gather(*(attempt() for _ in range(50)))
    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    made = {answer.content for answer in answers if answer.status_code == 201}
    assert len(made) == 1
    for answer in answers:
        if answer.status_code != 201:
            assert int(answer.headers["Retry-After"]) >= 1
    assert (await attempt()).content in made
    assert len(await events()) == 1


async def test_stored_answers_hold_no_secret_in_the_clear(rest: Client, database: Database) -> None:
    answer = await rest("POST", "/v2/access/keys", json={"name": "x", "scopes": ["all"]}, headers=KEY)
    async with database.system_connection() as connection:
        stored = await connection.fetch("SELECT fingerprint, answer FROM idempotency_record")
    assert stored != []
    assert all(answer.json()["secret"].encode() not in row["answer"] for row in stored)
    again = await rest("POST", "/v2/access/keys", json={"name": "x", "scopes": ["all"]}, headers=KEY)
    assert again.json()["secret"] == answer.json()["secret"]
    assert again.headers["Cache-Control"] == "no-store"
