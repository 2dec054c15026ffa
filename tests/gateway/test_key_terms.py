"""Keys that are limited to addresses, or were narrowed, on every transport of a running gateway."""

from __future__ import annotations

import asyncio

import httpx

from tests.access.test_key_terms import change, make
from tests.conftest import Client
from tests.gateway.conftest import Serving, talking


async def test_every_transport_refuses_a_foreign_address(gateway: Serving, rest: Client) -> None:
    key = await make(rest, allowed_addresses=["203.0.113.0/24"])
    async with httpx.AsyncClient(base_url=gateway.url, headers={"Authorization": f"Bearer {key['secret']}"}) as web:
        assert (await web.get("/v2/products")).status_code == 403
        for path in ("/graphql", "/graphql/stream"):
            answer = await web.post(path, json={"query": "{ __typename }"}, headers={"Accept": "*/*"})
            assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    async with talking(gateway.socket_url) as talk:
        await talk.say({"type": "connection_init", "payload": {"Authorization": f"Bearer {key['secret']}"}})
        assert (await talk.ended())[0] == 4403


async def test_a_narrowed_key_loses_its_live_connections(gateway: Serving, rest: Client) -> None:
    """Those that began with scopes which it has lost, within two seconds; a new one begins with what is left."""
    key = await make(rest)
    async with talking(gateway.socket_url) as talk, talking(gateway.socket_url) as other:
        await talk.init(key["secret"])
        await talk.ask("subscription { events { type } }")
        renamed = await change(rest, key, name="y")
        assert renamed.status_code == 200
        await asyncio.sleep(1.2)
        await other.init(key["secret"])
        await other.ask("{ __typename }", "2")
        assert (await other.hear())["type"] == "next"
        assert (await change(rest, key, scopes=["products:read"])).status_code == 200
        async with asyncio.timeout(3):
            assert (await talk.ended())[0] is not None
