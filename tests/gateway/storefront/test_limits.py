"""Requests per minute from one client address."""

from __future__ import annotations

from typing import Any

import httpx

from domain.kernel.database import Database
from gateway.app import build
from gateway.settings import Settings
from tests.conftest import Client
from tests.gateway.storefront.conftest import ORIGIN, Goods, created


async def test_visitors_of_one_address_share_a_limit(
    goods: Goods, rest: Client, database: Database, settings: Settings
) -> None:
    """By REST and GraphQL; others go on, and so do IPv6 clients of another site, while those of one site share theirs.
    The response says how long to wait."""
    asked = {"name": "Shop page", "type": "publishable", "origins": [ORIGIN], "address_limit": 3}
    key = await created(rest, "/v2/access/keys", asked)
    document = await created(rest, "/v2/documents", {"text": "{ products { nodes { sku } } }", "public": True})
    headers = {"Authorization": f"Bearer {key['secret']}", "Origin": ORIGIN}
    app = build(settings, database)

    async def send(address: str, method: str = "GET", path: str = "/v2/products", **options: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app, client=(address, 1234))
        async with httpx.AsyncClient(transport=transport, base_url="https://127.0.0.1", headers=headers) as client:
            return await client.request(method, path, **options)

    by_graphql = {"method": "POST", "path": "/graphql", "json": {"documentId": document["id"]}}
    statuses = [(await send("192.0.2.1")).status_code for _ in range(2)]
    statuses.append((await send("192.0.2.1", **by_graphql)).status_code)
    assert statuses == [200, 200, 200]
    refused = await send("192.0.2.1")
    assert refused.status_code == 429, refused.text
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "3 requests per minute from one address" in refused.text
    assert int(refused.headers["X-RateLimit-Limit"]) == 50_000
    again = await send("192.0.2.1", **by_graphql)
    assert again.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert (await send("192.0.2.2")).status_code == 200
    sites = ["2001:db8:0:1::1", "2001:db8:0:1::2", "2001:db8:0:1::3", "2001:db8:0:1::4", "2001:db8:0:2::1"]
    assert [(await send(each)).status_code for each in sites] == [200, 200, 200, 429, 200]
