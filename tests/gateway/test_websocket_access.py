"""Who may open a socket, and for how long: keys, pages of other origins, revocation."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from domain import access
from domain.access.commands import CreateApiKey
from domain.kernel.database import Database
from tests.conftest import Shop
from tests.gateway.conftest import EVENTS, Serving, Talk, talking

OpenSocket = Callable[..., AbstractAsyncContextManager[Talk]]


async def test_connection_init_may_carry_null_and_keys_of_any_case(open_socket: OpenSocket, key: str) -> None:
    header = {"Authorization": f"Bearer {key}"}
    for payload in ({}, {"payload": None}, {"payload": {}}, {"payload": {"authorization": None}}):
        async with open_socket(additional_headers=header) as talk:
            await talk.say({"type": "connection_init", **payload})
            assert await talk.hear() == {"type": "connection_ack"}
    for params in ({"AUTHORIZATION": f"bearer {key}"}, {"apiKey": key}, {"token": key}):
        async with open_socket() as talk:
            await talk.say({"type": "connection_init", "payload": params})
            assert await talk.hear() == {"type": "connection_ack"}
    async with open_socket() as talk:
        await talk.say({"type": "connection_init", "payload": [1]})
        assert (await talk.ended())[0] == 4400


async def test_whoever_shows_no_key_that_works_is_forbidden(open_socket: OpenSocket, key: str) -> None:
    for params in (None, {}, {"Authorization": key}, {"Authorization": "Bearer live_nobody"}, {"apiKey": 7}):
        async with open_socket() as talk:
            await talk.say({"type": "connection_init", "payload": params})
            code, reason = await talk.ended()
            assert (code, reason[:10]) == (4403, "Forbidden:"), params
    bad = {"Authorization": "Bearer live_nobody"}
    async with open_socket(additional_headers=bad) as talk:  # what is said in connection_init counts
        await talk.init(key)


async def test_pages_of_strangers_cannot_connect(serve: Any) -> None:
    async with serve(cors_origins=("https://shop.example",)) as running:
        host = f"127.0.0.1:{running.port}"
        for origin in ("https://evil.example", "null", f"http://{host}.evil.example", "http://127.0.0.1", "file://"):
            with pytest.raises(InvalidStatus) as refused:
                async with talking(running.socket_url, origin=origin):
                    pass
            assert refused.value.response.status_code == 403
            assert b"GATEWAY_CORS_ORIGINS" in refused.value.response.body
            assert refused.value.response.headers["X-Request-Id"].startswith("req_")
        for origin in (f"http://{host}", "https://shop.example", "HTTPS://Shop.example"):
            async with talking(running.socket_url, origin=origin) as talk:
                assert talk.wire.response.headers["X-Request-Id"].startswith("req_")
    async with serve(cors_origins=("*",)) as running, talking(running.socket_url, origin="https://any.example"):
        pass


async def test_a_revoked_key_closes_its_sockets_within_two_seconds(
    open_socket: OpenSocket, gateway: Serving, shop: Shop, database: Database, key: str
) -> None:
    """In the process that revoked it at once, in another (here: beside the gateway) when it looks."""
    async with database.transaction(shop.live) as work:
        issued = await access.create_key(work, shop.live, CreateApiKey(name="mine", scopes=("all",)))
    async with open_socket(issued.secret) as talk, open_socket(issued.secret) as idle, open_socket(key) as other:
        await talk.ask(EVENTS)
        await asyncio.sleep(0.2)
        async with database.transaction(shop.live) as work:
            await access.revoke_key(work, shop.live, access.commands.RevokeApiKey(id=issued.id))
        begun = time.monotonic()
        assert (await talk.ended())[0] == 4403
        assert (await idle.ended())[0] == 4403
        assert time.monotonic() - begun < 2
        await other.ask("{ __typename }")
        assert (await other.hear())["type"] == "next"


async def test_a_key_revoked_through_this_gateway_is_noticed_at_once(
    open_socket: OpenSocket, web: Any, key: str
) -> None:
    made = (await web.post("/v2/access/keys", json={"name": "short", "scopes": ["products:read"]})).json()
    async with open_socket(made["secret"]) as talk:
        await talk.ask(EVENTS)
        await asyncio.sleep(0.2)
        begun = time.monotonic()
        revoked = await web.delete(f"/v2/access/keys/{made['id']}")
        assert revoked.status_code == 204, revoked.text
        code, reason = await talk.ended()
        assert (code, reason) == (4403, "Forbidden: the API key was revoked or has expired")
        assert time.monotonic() - begun < 0.5


async def test_an_expired_key_closes_its_sockets(open_socket: OpenSocket, web: Any, key: str) -> None:
    made = (await web.post("/v2/access/keys", json={"name": "short", "scopes": ["products:read"]})).json()
    async with open_socket(made["secret"]) as talk:
        rolled = await web.post(f"/v2/access/keys/{made['id']}/roll", json={"overlap_seconds": 1})
        assert rolled.status_code == 201, rolled.text
        begun = time.monotonic()
        assert (await talk.ended())[0] == 4403
        assert 0.5 < time.monotonic() - begun < 3
