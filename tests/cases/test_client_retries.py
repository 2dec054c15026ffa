"""D19: a mutation that a client repeats because its answer was lost changes things once."""

from __future__ import annotations

from typing import Any

from tests.conftest import Ask, Client

CREATE = 'mutation { createProduct(input: { name: "Mug", sku: "MUG", price: { amount: "1" } }) { product { id } } }'


async def test_d19_the_key_in_the_body_is_the_header_s(ask: Ask, rest: Client) -> None:
    """Fails when ``extensions.idempotencyKey`` counts over WebSocket alone."""

    async def send(extension: object, header: str | None = None) -> Any:
        body = {"query": CREATE, "extensions": {"idempotencyKey": extension}}
        headers = {} if header is None else {"Idempotency-Key": header}
        return await rest("POST", "/graphql", json=body, headers=headers)

    first, by_header = await send("k-1"), await ask(CREATE, headers={"Idempotency-Key": "k-1"})
    both = await send("k-1", "k-1")
    assert first.status_code == 200
    assert first.content == by_header.content == both.content
    assert by_header.headers["Idempotent-Replayed"] == both.headers["Idempotent-Replayed"] == "true"
    for refused in (await send("k-1", "k-2"), await send(7), await send("")):
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
