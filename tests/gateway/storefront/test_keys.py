"""Publishable keys as their owner sees them: created, changed, rolled, and never mistaken for secret ones."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.conftest import Client, MakeKey, Shop
from tests.gateway.storefront.conftest import ORIGIN, Goods, Visit, created

KEYS = "/v2/access/keys"
ASKED = {"name": "Shop page", "type": "publishable", "origins": [ORIGIN]}


def problems(answer: httpx.Response) -> list[tuple[str, str]]:
    """The fields and codes of a refusal."""
    return [(each["field"], each["code"]) for each in answer.json()["error"]["details"]]


async def test_its_form_tells_it_apart(rest: Client, http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> None:
    for mode, principal in (("live", shop.live), ("test", shop.test)):
        made = await created(Client(http, await make_key(principal)), KEYS, ASKED)
        assert re.fullmatch(rf"{mode}_pub_[\w-]{{43}}", made["secret"])
        assert made["hint"].startswith(f"{mode}_pub_")
        assert (made["type"], made["scopes"]) == ("publishable", ["products:read"])
        assert (made["origins"], made["metadata_keys"], made["address_limit"]) == ([ORIGIN], [], 600)
    secret = await created(rest, KEYS, {"name": "Server", "scopes": ["products:read"]})
    assert (secret["type"], secret["origins"], secret["address_limit"]) == ("secret", [], None)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"origins": []}, ("origins", "REQUIRED")),
        ({"origins": ["https://shop.example/path"]}, ("origins.0", "INVALID")),
        ({"origins": ["shop.example"]}, ("origins.0", "INVALID")),
        ({"origins": ["https://*.example"]}, ("origins.0", "INVALID")),
        ({"origins": ["null"]}, ("origins.0", "INVALID")),
        ({"origins": ["file:///"]}, ("origins.0", "INVALID")),
        ({"origins": ["https://user@shop.example"]}, ("origins.0", "INVALID")),
        ({"origins": ["https://shop.example:443"]}, ("origins.0", "INVALID")),
        ({"origins": ["https://shop.example:x"]}, ("origins.0", "INVALID")),
        ({"origins": [ORIGIN, "http://shop.example"]}, ("origins.1", "INVALID")),
        ({"scopes": ["products:read", "orders:read"]}, ("scopes.1", "INVALID")),
        ({"scopes": ["all"]}, ("scopes.0", "INVALID")),
        ({"type": "secret"}, ("scopes", "REQUIRED")),
        ({"type": "secret", "scopes": ["all"]}, ("origins", "INVALID")),
        ({"type": "secret", "scopes": ["all"], "origins": [], "metadata_keys": ["a"]}, ("metadata_keys", "INVALID")),
        ({"type": "secret", "scopes": ["all"], "origins": [], "address_limit": 5}, ("address_limit", "INVALID")),
        ({"address_limit": 0}, ("address_limit", "TOO_SMALL")),
    ],
)
async def test_what_it_cannot_have_is_refused(rest: Client, changed: Any, problem: Any) -> None:
    answer = await rest("POST", KEYS, json={**ASKED, **changed})
    assert (answer.status_code, problems(answer)) == (422, [problem]), answer.text


async def test_origins_of_apps_and_of_machines(
    rest: Client, http: httpx.AsyncClient, shop: Shop, make_key: Any
) -> None:
    origins = ["app://com.example.shop", "http://localhost:3000", "http://[::1]:8080", "HTTPS://Lamps.Example", ORIGIN]
    made = await created(rest, KEYS, {**ASKED, "origins": origins})
    assert made["origins"] == ["app://com.example.shop", "http://localhost:3000", "http://[::1]:8080", ORIGIN]
    sandbox = Client(http, await make_key(shop.test))
    made = await created(sandbox, KEYS, {**ASKED, "origins": ["http://192.168.1.5:3000"]})
    assert made["origins"] == ["http://192.168.1.5:3000"]


async def test_who_cannot_read_products_creates_none(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> None:
    answer = await Client(http, await make_key(shop.live, "access:write", "orders:read"))("POST", KEYS, json=ASKED)
    assert answer.status_code == 403
    assert "products:read" in answer.text


async def test_it_is_changed_and_written_back(goods: Goods, rest: Client, visit: Visit, publishable: Any) -> None:
    """What is changed holds for the next request in this process, and is in the audit log."""
    path = f"{KEYS}/{publishable['id']}"
    read = (await rest("GET", path)).json()
    assert (await rest("PUT", path, json=read)).json() == read
    changes = {"origins": [ORIGIN, "https://new.example"], "metadata_keys": ["supplier"], "address_limit": 50}
    assert (await visit("GET", "/v2/products", origin="https://new.example")).status_code == 403
    changed = (await rest("PUT", path, json=changes)).json()
    assert changed["version"] == read["version"] + 1
    answer = await visit("GET", "/v2/products/LAMP", origin="https://new.example")
    assert answer.json()["metadata"] == {"supplier": "Acme"}
    assert (await rest("PUT", path, json={"address_limit": None})).json()["address_limit"] == 600
    assert problems(await rest("PUT", path, json={"origins": []})) == [("origins", "REQUIRED")]
    entries = (await rest("GET", "/v2/access/audit?action=key.updated")).json()["data"]
    assert entries[-1]["details"] == changes


async def test_a_secret_key_stays_one(rest: Client) -> None:
    """Written back, changed and rolled."""
    key = await created(rest, KEYS, {"name": "Server", "scopes": ["products:read"]})
    path = f"{KEYS}/{key['id']}"
    read = (await rest("GET", path)).json()
    assert (await rest("PUT", path, json=read)).json() == read
    assert (await rest("PUT", path, json={"name": "Other"})).json()["type"] == "secret"
    assert problems(await rest("PUT", path, json={"origins": [ORIGIN]})) == [("origins", "INVALID")]
    rolled = (await rest("POST", f"{path}/roll", json={})).json()
    assert (rolled["type"], rolled["secret"].startswith("live_pub_")) == ("secret", False)


async def test_its_successor_shows_the_same(goods: Goods, rest: Client, visit: Visit, publishable: Any) -> None:
    rolled = (await rest("POST", f"{KEYS}/{publishable['id']}/roll", json={"overlap_seconds": 0})).json()
    assert rolled["secret"].startswith("live_pub_")
    for name in ("type", "origins", "metadata_keys", "address_limit", "scopes"):
        assert rolled[name] == publishable[name], name
    assert (await visit("GET", "/v2/products")).status_code == 401
    answer = await visit("GET", "/v2/products", headers={"Authorization": f"Bearer {rolled['secret']}"})
    assert answer.status_code == 200


async def test_visitors_are_no_signals(goods: Goods, rest: Client, visit: Visit) -> None:
    """Everybody has the key: neither their addresses nor their refusals fill the audit log."""
    for origin in (ORIGIN, "https://evil.example", ORIGIN):
        await visit("GET", "/v2/products", origin=origin)
    actions = {each["action"] for each in (await rest("GET", "/v2/access/audit")).json()["data"]}
    assert actions == {"account.created", "key.created"}


async def test_graphql_creates_and_shows_it(rest: Client) -> None:
    text = """mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) {
      secret apiKey { type scopes origins metadataKeys addressLimit } userErrors { code field } } }"""
    given = {"name": "App", "type": "PUBLISHABLE", "origins": [ORIGIN], "metadataKeys": ["a"], "addressLimit": 9}
    made = (await rest("POST", "/graphql", json={"query": text, "variables": {"input": given}})).json()["data"]
    found = made["createApiKey"]
    assert found["userErrors"] == []
    assert found["secret"].startswith("live_pub_")
    assert found["apiKey"] == {
        "type": "PUBLISHABLE",
        "scopes": ["products:read"],
        "origins": [ORIGIN],
        "metadataKeys": ["a"],
        "addressLimit": 9,
    }
