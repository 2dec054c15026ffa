"""A reply that is lost after the commit: the same key asks again, and is answered what was lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.conftest import MakeProduct
from tests.gateway.conftest import Serving

REPEATS = 50
PIECE = 65_536
GRAPHQL = """mutation ($sku: String!) { createOrder(input: { items: [{ sku: $sku, quantity: 1 }] }) {
    order { id number total { amount } } userErrors { code } } }"""


@asynccontextmanager
async def losing(port: int) -> AsyncGenerator[str]:
    """The address of a relay that passes every request on and loses every answer."""

    async def relay(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        answers, on = await asyncio.open_connection("127.0.0.1", port)
        passing = asyncio.create_task(_pass(near, on))
        await answers.read(1)  # an answer is on its way: what it tells of has happened
        back.transport.abort()
        on.transport.abort()
        passing.cancel()

    listener = await asyncio.start_server(relay, "127.0.0.1", 0)
    async with listener:
        yield f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"


async def _pass(near: asyncio.StreamReader, on: asyncio.StreamWriter) -> None:
    while piece := await near.read(PIECE):
        on.write(piece)
        await on.drain()


@pytest.mark.parametrize("surface", ["rest", "graphql"])
async def test_fifty_whose_replies_are_lost_place_one_order_and_learn_of_it_later(
    gateway: Serving, web: httpx.AsyncClient, make_product: MakeProduct, surface: str
) -> None:
    """Fails when the record of the key is written after the commit of the order, or not at all."""
    product = await make_product(sku="MUG-1", variants=())
    await web.put(f"/v2/products/{product.id}", json={"variants": [{"sku": "MUG-1", "inventory": 100}]})
    path, body = {
        "rest": ("/v2/orders", {"items": [{"sku": "MUG-1", "quantity": 1}]}),
        "graphql": ("/graphql", {"query": GRAPHQL, "variables": {"sku": "MUG-1"}}),
    }[surface]
    headers = {**dict(web.headers), "Idempotency-Key": "once"}

    async with losing(int(gateway.url.rpartition(":")[2])) as lost:

        async def ask_in_vain() -> None:
            async with httpx.AsyncClient(base_url=lost, headers=headers, timeout=30) as client:
                with pytest.raises(httpx.TransportError):
                    await client.post(path, json=body)

        await asyncio.gather(*(ask_in_vain() for _ in range(REPEATS)))
    answers = [await web.post(path, json=body, headers=headers) for _ in range(3)]
    assert [answer.headers["Idempotent-Replayed"] for answer in answers] == ["true"] * 3
    assert len({answer.content for answer in answers}) == 1
    placed = (await web.get("/v2/orders")).json()["data"]
    assert [order["id"] for order in placed] == [_id(answers[0].json(), surface)]


def _id(answer: dict[str, Any], surface: str) -> str:
    return str(answer["id"] if surface == "rest" else answer["data"]["createOrder"]["order"]["id"])
