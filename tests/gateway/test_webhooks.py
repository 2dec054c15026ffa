"""A gateway of one process sends webhooks by itself; one of several leaves that to a worker."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from gateway.settings import Settings
from tests.gateway.conftest import Start
from tests.webhooks.conftest import LOOPBACK
from tests.webhooks.sink import sinking

LAMP = {"name": "Lamp", "price": 5, "sku": "LAMP"}


async def statuses(client: httpx.AsyncClient, hook: Any) -> set[str]:
    """Of all that the endpoint was sent."""
    found = (await client.get(f"/v2/webhooks/{hook['id']}/deliveries")).json()["data"]
    return {each["status"] for each in found}


async def test_a_change_reaches_an_endpoint_within_moments(start: Start) -> None:
    async with sinking() as sink, start(webhook_allowed_networks=LOOPBACK) as client:
        given = {"url": sink.url(), "events": ["product.created"]}
        hook = (await client.post("/v2/webhooks", json=given)).json()
        await client.post("/v2/products", json=LAMP)
        await client.post(f"/v2/webhooks/{hook['id']}/test")
        async with asyncio.timeout(5):
            while len(sink.hits) < 2 or await statuses(client, hook) != {"delivered"}:
                await asyncio.sleep(0.01)
        assert {hit.document["type"] for hit in sink.hits} == {"product.created", "webhook.test"}
        assert all(hit.standard(hook["secret"]) and hit.platform(hook["secret"]) for hit in sink.hits)


async def test_loopback_is_refused_unless_it_is_allowed(start: Start) -> None:
    async with sinking() as sink, start() as client:
        refused = await client.post("/v2/webhooks", json={"url": sink.url(), "events": ["*"]})
        assert refused.status_code == 422
        assert refused.json()["error"]["details"][0]["message"] == "127.0.0.1 is not a public address."


async def test_one_of_several_processes_plans_and_does_not_send(start: Start) -> None:
    async with sinking() as sink, start(sends_webhooks=False, webhook_allowed_networks=LOOPBACK) as client:
        given = {"url": sink.url(), "events": ["product.created"]}
        hook = (await client.post("/v2/webhooks", json=given)).json()
        await client.post("/v2/products", json=LAMP)
        async with asyncio.timeout(5):
            while await statuses(client, hook) != {"pending"}:
                await asyncio.sleep(0.01)
        assert sink.hits == []


@pytest.mark.parametrize("networks", ["127.0.0.1/8", "localhost", "10.0.0.0/33"])
def test_networks_that_are_none_are_refused_at_start(networks: str) -> None:
    with pytest.raises(ValueError, match="webhook_allowed_networks"):
        Settings(webhook_allowed_networks=networks)
