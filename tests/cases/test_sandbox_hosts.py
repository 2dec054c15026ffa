"""A3: on a host that begins with `sandbox-api.` only test keys count. A14: who has no key is told that first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from ipaddress import ip_network
from typing import Any

import httpx
import orjson
import pytest

from rest_compat import ENDPOINTS
from rest_compat.actions import StreamAction
from rest_compat.endpoint import Endpoint
from tests.cases.wires import Wire
from tests.conftest import MakeKey, Shop
from tests.contract.test_rest_surface import address
from tests.gateway.conftest import Serving, gateway, serve, talking

__all__ = ["gateway", "serve"]  # fixtures

HOSTS = (
    "sandbox-api.example.com",
    "SANDBOX-API.Example.COM",
    "sandbox-api.example.com:8443",
    "sandbox-api.example.com.",
)
OTHERS = ("api.example.com", "sandbox-apis.example.com", "my.sandbox-api.example.com", "sandbox-api", "127.0.0.1:8000")
QUERY = {"query": "{ shop { mode } }"}
Serve = Callable[..., AbstractAsyncContextManager[Serving]]


def headers(key: str, host: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "Host": host}


def refused(answer: httpx.Response) -> bool:
    return answer.status_code == 401 and "sandbox" in answer.text


@pytest.fixture
async def keys(shop: Shop, make_key: MakeKey) -> tuple[str, str]:
    """A live one and a test one, of every scope."""
    return await make_key(shop.live), await make_key(shop.test)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
async def test_a3_every_route_knows_its_host(
    http: httpx.AsyncClient, keys: tuple[str, str], endpoint: Endpoint
) -> None:
    """Taken out: `is_sandbox` of the one place that identifies; every route then lets the live key in."""
    live, test = keys
    method = "HEAD" if isinstance(endpoint.action, StreamAction) else endpoint.method  # a stream would not end
    answer = await http.request(endpoint.method, address(endpoint), headers=headers(live, HOSTS[0]))
    assert refused(answer)
    assert answer.json()["error"]["code"] == "authentication_error"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    for key, host in ((test, HOSTS[0]), (live, OTHERS[0]), (test, OTHERS[0])):
        assert (await http.request(method, address(endpoint), headers=headers(key, host))).status_code != 401


async def _sends(http: httpx.AsyncClient, key: str, host: str) -> list[httpx.Response]:
    given = headers(key, host)
    return [
        await http.post("/graphql", headers=given, json=QUERY),
        await http.get("/graphql", headers=given, params=QUERY),
        await http.post("/graphql/stream", headers=given, json=QUERY),
        await http.get("/graphql/stream", headers=given, params=QUERY),
        await http.get("/v2/customers", headers=given),
        await http.get("/v2/nothing", headers=given),
        await http.post("/nothing", headers=given),
    ]


@pytest.mark.parametrize("host", HOSTS)
async def test_a3_every_door_knows_its_host(http: httpx.AsyncClient, keys: tuple[str, str], host: str) -> None:
    """Taken out: as above; and the folding of case."""
    live, test = keys
    assert all(refused(answer) for answer in await _sends(http, live, host))
    assert [answer.status_code for answer in await _sends(http, test, host)] == [200] * 5 + [404] * 2


@pytest.mark.parametrize("host", OTHERS)
async def test_a3_other_hosts_take_every_key(http: httpx.AsyncClient, keys: tuple[str, str], host: str) -> None:
    """Fails when any host that begins with "sandbox" is one."""
    for key in keys:
        assert [answer.status_code for answer in await _sends(http, key, host)] == [200] * 5 + [404] * 2


async def test_a3_sockets_know_their_host(gateway: Serving, keys: tuple[str, str]) -> None:
    """The key comes in `connection_init`, after the host. Taken out: `is_sandbox` of the door."""
    for key, is_welcome in zip(keys, (False, True), strict=True):
        async with talking(f"ws://{HOSTS[1]}:{gateway.port}/graphql", host="127.0.0.1", port=gateway.port) as talk:
            await talk.say({"type": "connection_init", "payload": {"Authorization": f"Bearer {key}"}})
            if is_welcome:
                assert await talk.hear() == {"type": "connection_ack"}
            else:
                assert (await talk.ended())[0] in (4401, 4403)


async def test_a3_a_target_in_absolute_form_names_the_host(gateway: Serving, keys: tuple[str, str]) -> None:
    """RFC 9112, 3.2.2. Taken out: that its authority replaces the Host header."""
    for target, host, status in (
        ("http://sandbox-api.example.com/v2/settings", "api.example.com", 401),
        ("HTTP://SANDBOX-API.example.com", "api.example.com", 401),
        ("http://api.example.com/v2/products", "sandbox-api.example.com", 200),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        request = (
            f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {keys[0]}\r\nConnection: close\r\n\r\n"
        )
        writer.write(request.encode())
        assert await Wire(reader, writer).statuses() == [status]
        writer.close()


@pytest.mark.parametrize("trusted", [True, False])
async def test_a3_only_trusted_proxies_name_the_host(serve: Serve, keys: tuple[str, str], trusted: bool) -> None:
    """Taken out: the question who the peer is."""
    proxies: Any = (ip_network("127.0.0.1/32"),) if trusted else ()
    async with serve(trusted_proxies=proxies) as running, httpx.AsyncClient(base_url=running.url) as client:
        given = {**headers(keys[0], "internal"), "X-Forwarded-Host": HOSTS[0], "X-Forwarded-Proto": "https"}
        assert (await client.get("/v2/products", headers=given)).status_code == (401 if trusted else 200)
        given = {**given, "X-Forwarded-Host": OTHERS[0], "Host": HOSTS[0]}
        assert (await client.get("/v2/products", headers=given)).status_code == (200 if trusted else 401)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/v2/nothing", "/v2", "/nothing", "/v2/products/a/b/c", "/graphql/nothing"])
async def test_a14_no_key_comes_before_no_address(
    http: httpx.AsyncClient, keys: tuple[str, str], method: str, path: str
) -> None:
    """Taken out: `unknown` among the handlers; the answer is then 404."""
    answer = await http.request(method, path)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    answer = await http.request(method, path, headers={"Authorization": "Bearer live_nonsense"})
    assert answer.status_code == 401
    answer = await http.request(method, path, headers={"Authorization": f"Bearer {keys[0]}"})
    assert answer.status_code == 404
    if method != "HEAD":
        assert orjson.loads(answer.content)["error"]["code"] == "not_found"
