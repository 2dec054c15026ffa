"""Two requests under one idempotency key are the same when they mean the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Ask, Client

KEY = {"Idempotency-Key": "order-42", "Content-Type": "application/json"}
BODY = '{"name": "Mug", "price": 5, "sku": "MUG", "metadata": {"a": [1, 2.50], "b": "\\u00e9"}}'
SAME = (
    '{"sku":"MUG","metadata":{"b":"é","a":[1.0,2.5]},"name":"Mug","price":5.00}',
    '{\n  "price": 5e0,\n  "sku": "\\u004dUG", "name": "Mug", "metadata": {"a": [1, 25e-1], "b": "\\u00e9"}\n}',
)
OTHER = (
    BODY.replace("5,", "5.01,"),
    BODY.replace("[1, 2.50]", "[2.50, 1]"),
    BODY.replace("[1, 2.50]", '[1, "2.50"]'),
    BODY.replace("[1, 2.50]", "[true, 2.50]"),
    BODY.replace('"MUG"', '"mug"'),
)
INVALID = (
    BODY.replace('"price": 5', '"price": -5'),
    BODY.replace('"price": 5', '"price": "5"'),
    '{"colour": "red"}',
    "{}",
    "[]",
    '{"name": ',
)
CREATE = "mutation Make($input: CreateProductInput!) { createProduct(input: $input) { product { sku } } }"
VARIABLES = {"input": {"name": "Mug", "sku": "MUG", "price": {"amount": 5}, "metadata": {"a": 1, "b": "é"}}}


@pytest.mark.parametrize("same", SAME)
async def test_d12_the_same_body_in_another_notation_is_a_repeat(rest: Client, events: Any, same: str) -> None:
    """Taken out to see it fail: ``request_bytes`` (the body's own bytes instead)."""
    first = await rest("POST", "/v2/products", content=BODY, headers=KEY)
    again = await rest("POST", "/v2/products", content=same.encode(), headers=KEY)
    assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(await events()) == 1


@pytest.mark.parametrize("other", OTHER)
async def test_d12_another_body_is_not(rest: Client, events: Any, other: str) -> None:
    """Taken out to see it fail: the marker of fractions in ``_by_value`` (2.50 and "2.50" were one)."""
    assert (await rest("POST", "/v2/products", content=BODY, headers=KEY)).status_code == 201
    refused = await rest("POST", "/v2/products", content=other.encode(), headers=KEY)
    assert (refused.status_code, refused.json()["error"]["details"][0]["code"]) == (409, "IDEMPOTENCY_MISMATCH")
    assert len(await events()) == 1


@pytest.mark.parametrize("invalid", INVALID)
async def test_a14_a_used_key_with_an_invalid_body_is_a_mismatch(rest: Client, events: Any, invalid: str) -> None:
    """Taken out to see it fail: the order in ``WriteHandler.__call__`` (the body was judged before the key)."""
    assert (await rest("POST", "/v2/products", content=BODY, headers=KEY)).status_code == 201
    refused = await rest("POST", "/v2/products", content=invalid, headers=KEY)
    assert (refused.status_code, refused.json()["error"]["details"][0]["code"]) == (409, "IDEMPOTENCY_MISMATCH")
    fresh = await rest("POST", "/v2/products", content=invalid, headers={**KEY, "Idempotency-Key": "another"})
    assert fresh.status_code in (400, 422)
    assert len(await events()) == 1


async def test_a14_a_used_key_of_an_update_with_an_invalid_body_is_a_mismatch(rest: Client) -> None:
    """As above, where the body can only be judged beside the document as it is.

    Fails when the command is made before the repeat is looked for.
    """
    made = (await rest("POST", "/v2/products", content=BODY, headers={"Content-Type": "application/json"})).json()
    path = f"/v2/products/{made['id']}"
    assert (await rest("PUT", path, json={"name": "Cup"}, headers=KEY)).status_code == 200
    refused = await rest("PUT", path, json={"name": None, "id": "other"}, headers=KEY)
    assert (refused.status_code, refused.json()["error"]["details"][0]["code"]) == (409, "IDEMPOTENCY_MISMATCH")


async def test_d12_the_same_operation_in_another_notation_is_a_repeat(ask: Ask, rest: Client, events: Any) -> None:
    """Taken out to see it fail: ``print_ast`` in ``Operations._repeats`` (the document's own text instead)."""
    first = await ask(CREATE, VARIABLES, headers=KEY)
    assert first.json()["data"]["createProduct"]["product"] == {"sku": "MUG"}
    blanks = CREATE.replace(" ", "\n ").replace("{", "{ # a comment\n")
    mixed = json.dumps({"input": dict(reversed(VARIABLES["input"].items()))}).replace('"amount": 5', '"amount": 5.00')
    for document, variables in ((blanks, json.dumps(VARIABLES)), (CREATE, mixed)):
        content = f'{{"variables": {variables}, "query": {json.dumps(document)}}}'
        again = await rest("POST", "/graphql", content=content, headers=KEY)
        assert again.headers["Idempotent-Replayed"] == "true", again.text
        assert again.content == first.content
    other = json.dumps(VARIABLES).replace('"amount": 5', '"amount": 5.01')
    refused = await rest(
        "POST", "/graphql", content=f'{{"variables": {other}, "query": {json.dumps(CREATE)}}}', headers=KEY
    )
    assert refused.json()["errors"][0]["extensions"]["problems"][0]["code"] == "IDEMPOTENCY_MISMATCH"
    assert len(await events()) == 1
