"""Live prices for shoppers: subscriptions by WebSocket and server-sent events with a publishable key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
import orjson
import pytest
from websockets.exceptions import InvalidStatus

from tests.conftest import Client
from tests.gateway.conftest import Serving, Talk, talking
from tests.gateway.storefront.conftest import ORIGIN, Goods, created

OpenSocket = Callable[..., AbstractAsyncContextManager[Talk]]
PRICES = """subscription Prices($types: [EventType!], $after: Cursor, $filter: EventStreamFilter) {
  events(types: $types, after: $after, filter: $filter) {
    type objectId ... on ProductUpdated { product { sku price { amount } metadata } } } }"""


@pytest.fixture
async def prices(rest: Client, goods: Goods) -> Any:
    """The public document that follows prices."""
    return await created(rest, "/v2/documents", {"text": PRICES, "public": True})


async def change(owner: Client, product: Any, **given: Any) -> None:
    """Change a product."""
    answer = await owner("PUT", f"/v2/products/{product['id']}", json=given)
    assert answer.status_code == 200, answer.text


async def beginning(owner: Client) -> str:
    """The cursor of the newest event, once the products of the test are in the log."""
    async with asyncio.timeout(10):
        while True:
            found = (await owner("GET", "/v2/events?limit=200")).json()["data"]
            if len([each for each in found if each["type"].startswith("product.")]) >= 2:
                return str(found[-1]["cursor"])
            await asyncio.sleep(0.05)


async def test_a_page_follows_prices_of_active_products(
    gateway: Serving, rest: Client, goods: Goods, publishable: Any, prices: Any
) -> None:
    """Drafts and what is archived send nothing, nor do other objects. Taken out to see it fail: ``is_for_shoppers``."""
    after = await beginning(rest)
    async with talking(gateway.socket_url, origin=ORIGIN) as talk:
        await talk.init(publishable["secret"])
        variables = {"after": after}
        payload = {"documentId": prices["id"], "variables": variables}
        await talk.say({"id": "1", "type": "subscribe", "payload": payload})
        await change(rest, goods.hidden, price=1)
        await created(rest, "/v2/customers", {"email": "jane@example.com"})
        await change(rest, goods.old, name="Old candle")
        await change(rest, goods.lamp, price=44)
        heard = await talk.hear()
        assert heard["payload"]["data"]["events"] == {
            "type": "product_updated".upper(),
            "objectId": goods.lamp["id"],
            "product": {"sku": "LAMP", "price": {"amount": "44.00"}, "metadata": {"material": "brass"}},
        }
        await rest("DELETE", f"/v2/products/{goods.lamp['id']}")
        await change(rest, goods.hidden, status="active")
        heard = await talk.hear()
        assert heard["payload"]["data"]["events"]["objectId"] == goods.hidden["id"]


async def test_a_page_follows_by_server_sent_events(
    gateway: Serving, rest: Client, goods: Goods, publishable: Any, prices: Any
) -> None:
    headers = {"Authorization": f"Bearer {publishable['secret']}", "Origin": ORIGIN}
    body = {"documentId": prices["id"], "variables": {"after": await beginning(rest)}}
    async with (
        httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=10) as client,
        client.stream("POST", "/graphql/stream", json=body) as stream,
    ):
        assert stream.status_code == 200
        assert stream.headers["access-control-allow-origin"] == ORIGIN
        await change(rest, goods.lamp, price=43)
        async for line in stream.aiter_lines():
            if line.startswith("data: {"):
                event = orjson.loads(line.removeprefix("data: "))["data"]["events"]
                assert event["product"]["price"] == {"amount": "43.00"}
                break


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"types": ["ORDER_CREATED"]}, "FORBIDDEN"),
        ({"types": ["INVENTORY_LOW"]}, "FORBIDDEN"),
        ({"filter": {"where": [{"path": "metadata.supplier", "eq": "Acme"}]}}, "FORBIDDEN"),
        ({"filter": {"where": [{"path": "status", "eq": "draft"}]}}, "FORBIDDEN"),
    ],
)
async def test_what_they_cannot_follow(
    gateway: Serving, publishable: Any, prices: Any, variables: Any, code: str
) -> None:
    """Conditions would tell what is not shown."""
    async with talking(gateway.socket_url, origin=ORIGIN) as talk:
        await talk.init(publishable["secret"])
        payload = {"documentId": prices["id"], "variables": variables}
        await talk.say({"id": "1", "type": "subscribe", "payload": payload})
        heard = await talk.hear()
        assert heard["type"] == "error", heard
        assert heard["payload"][0]["extensions"]["code"] == code


async def test_sockets_open_for_its_pages_only(gateway: Serving, publishable: Any, key: str) -> None:
    """The handshake does not know the key yet; ``connection_init`` refuses the key of another page."""
    with pytest.raises(InvalidStatus) as refused:
        async with talking(gateway.socket_url, origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403
    for options in ({}, {"origin": f"http://127.0.0.1:{gateway.port}"}):
        async with talking(gateway.socket_url, **options) as talk:
            await talk.say({"type": "connection_init", "payload": {"Authorization": f"Bearer {publishable['secret']}"}})
            code, reason = await talk.ended()
            assert (code, "does not work" in reason) == (4403, True)
    async with talking(gateway.socket_url, origin=ORIGIN) as talk:
        await talk.init(publishable["secret"])


async def test_a_revoked_key_ends_its_sockets(gateway: Serving, rest: Client, publishable: Any) -> None:
    async with talking(gateway.socket_url, origin=ORIGIN) as talk:
        await talk.init(publishable["secret"])
        await rest("DELETE", f"/v2/access/keys/{publishable['id']}")
        assert (await talk.ended(5))[0] == 4403


async def test_other_operations_on_a_socket_are_refused(gateway: Serving, publishable: Any, goods: Goods) -> None:
    async with talking(gateway.socket_url, origin=ORIGIN) as talk:
        await talk.init(publishable["secret"])
        for number, text in enumerate(("{ products { totalCount } }", "subscription { events { id } }")):
            await talk.ask(text, id=str(number))
            heard = await talk.hear()
            assert heard["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
