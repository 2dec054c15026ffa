"""Keys, the shop and the audit log over REST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.kernel.clock import system_clock
from domain.kernel.database import Database
from domain.kernel.principal import SCOPES
from domain.kernel.serialization import format_instant
from tests.conftest import Client, MakeKey, Shop


async def test_a_key_knows_its_shop_and_itself(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> None:
    rest = Client(http, await make_key(shop.test, "orders:read", "analytics:write"))
    found = (await rest("GET", "/v2/shop")).json()
    assert {name: value for name, value in found.items() if name != "rate_limit"} == {
        "id": shop.test.store.id,
        "account_id": shop.test.store.account_id,
        "name": shop.test.store.name,
        "mode": "test",
        "plan": "enterprise",
        "currency": "gbp",
    }
    viewer = (await rest("GET", "/v2/viewer")).json()
    assert viewer["credential"].startswith("key_")
    assert viewer == {
        "credential": viewer["credential"],
        "scopes": ["analytics:write", "orders:read"],
        "expires_at": None,
    }


async def test_a_key_is_made_and_its_secret_shown_once(rest: Client, http: httpx.AsyncClient) -> None:
    body = {"name": "Storefront", "scopes": ["products:read"], "expires_at": "2099-01-15T10:30:00+02:00"}
    answer = await rest("POST", "/v2/access/keys", json=body)
    key = answer.json()
    secret = key.pop("secret")
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/v2/access/keys/{key['id']}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert (key["scopes"], key["expires_at"], key["version"]) == (["products:read"], "2099-01-15T08:30:00Z", 1)
    assert secret.startswith("live_")
    found = await rest("GET", answer.headers["Location"])
    assert found.json() == key
    assert secret.encode() not in (await rest("GET", "/v2/access/keys")).content
    assert (await Client(http, secret)("GET", "/v2/products")).status_code == 200
    assert (await Client(http, secret)("GET", "/v2/access/keys")).status_code == 403


async def test_nobody_makes_a_key_that_may_more_than_they(
    http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, rest: Client
) -> None:
    humble = Client(http, await make_key(shop.live, "access:write"))
    answer = await humble("POST", "/v2/access/keys", json={"name": "x", "scopes": ["products:read"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "authorization_error")
    assert "products:read" in answer.json()["error"]["message"]
    assert (await rest("GET", "/v2/access/keys")).json()["pagination"]["total_items"] == 2


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "", "scopes": ["all"]}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["products:all"]}, "scopes.0"),
        ({"name": "x", "scopes": ["all"], "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "x", "scopes": ["all"], "expires_at": "2099-01-01"}, "expires_at"),
        ({"name": "x", "scopes": ["all"], "secret": "mine"}, "secret"),
    ],
)
async def test_a_wrong_key_is_refused(rest: Client, body: dict[str, Any], field: str) -> None:
    answer = await rest("POST", "/v2/access/keys", json=body)
    assert (answer.status_code, [each["field"] for each in answer.json()["error"]["details"]]) == (422, [field])
    assert (await rest("GET", "/v2/access/keys")).json()["pagination"]["total_items"] == 1


async def test_a_key_is_rolled_with_an_overlap(rest: Client) -> None:
    made = await rest("POST", "/v2/access/keys", json={"name": "x", "scopes": ["products:read"]})
    path = made.headers["Location"]
    answer = await rest("POST", f"{path}/roll", headers={"If-Match": made.headers["ETag"]})
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/v2/access/keys/{answer.json()['id']}" != path
    assert answer.json()["secret"] != made.json()["secret"]
    old = (await rest("GET", path)).json()
    assert old["version"] == 2
    assert old["expires_at"] <= format_instant(system_clock() + timedelta(days=1))
    again = await rest("POST", f"{path}/roll", json={"overlap_seconds": 0, "version": 1})
    assert again.status_code == 409
    assert (await rest("POST", f"{path}/roll", json={"overlap_seconds": 0})).status_code == 201
    assert (await rest("POST", f"{path}/roll", content=b"")).status_code == 409


async def test_a_key_is_revoked_and_again_is_silent(rest: Client, http: httpx.AsyncClient, database: Database) -> None:
    made = await rest("POST", "/v2/access/keys", json={"name": "x", "scopes": ["all"]})
    path = made.headers["Location"]
    assert (await rest("DELETE", path, headers={"If-Match": '"2-x"'})).status_code == 409
    for _ in range(2):
        assert (await rest("DELETE", path)).status_code == 204
    key = (await rest("GET", path)).json()
    assert (key["version"], key["revoked_at"] is None) == (2, False)
    assert (await Client(http, made.json()["secret"])("GET", "/v2/viewer")).status_code == 401


async def test_every_change_is_in_the_audit_log(rest: Client) -> None:
    made = await rest("POST", "/v2/access/keys", json={"name": "x", "scopes": ["products:read"]})
    revoked = await rest("DELETE", made.headers["Location"])
    entries = (await rest("GET", "/v2/access/audit?limit=2")).json()["data"]
    viewer = (await rest("GET", "/v2/viewer")).json()
    assert [entry["action"] for entry in entries] == ["key.revoked", "key.created"]
    assert {entry["object_id"] for entry in entries} == {made.json()["id"]}
    assert {entry["actor"] for entry in entries} == {viewer["credential"]}
    assert entries[0]["request_id"] == revoked.headers["X-Request-Id"]
    assert entries[1]["details"] == {"name": "x", "scopes": ["products:read"]}


async def test_keys_of_another_store_do_not_exist(
    rest: Client, http: httpx.AsyncClient, shop: Shop, make_key: MakeKey
) -> None:
    path = (await rest("POST", "/v2/access/keys", json={"name": "x", "scopes": ["all"]})).headers["Location"]
    sandbox = Client(http, await make_key(shop.test))
    for method, place in (("GET", path), ("DELETE", path), ("POST", f"{path}/roll")):
        assert (await sandbox(method, place)).status_code == 404
    assert (await sandbox("GET", "/v2/access/keys")).json()["pagination"]["total_items"] == 1
    assert (await rest("GET", path)).json()["revoked_at"] is None


def test_all_scopes_are_spoken_of() -> None:
    assert len(SCOPES) == 18
