"""The shop, the caller and the keys over GraphQL."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Ask, Graph, MakeKey, Shop

CREATE = """
mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    apiKey { id name hint scopes expiresAt revokedAt lastUsedAt version }
    secret
    userErrors { code field }
  }
}
"""
ROLL = """
mutation ($input: RollApiKeyInput!) {
  rollApiKey(input: $input) { apiKey { id name scopes } secret userErrors { code field } }
}
"""
REVOKE = """
mutation ($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) { apiKey { revokedAt version } userErrors { code field } }
}
"""


async def test_the_caller_sees_the_shop_and_itself(ask: Ask, shop: Shop, make_key: MakeKey) -> None:
    key = await make_key(shop.test, "products:read", "orders:write")
    query = "{ shop { id accountId name mode plan currency } viewer { credential scopes expiresAt } }"
    seen = (await ask(query, key=key)).json()["data"]
    store = shop.test.store
    assert seen["shop"] == {
        "id": store.id,
        "accountId": store.account_id,
        "name": store.name,
        "mode": "TEST",
        "plan": "ENTERPRISE",
        "currency": "GBP",
    }
    assert seen["viewer"]["credential"].startswith("key_")
    assert seen["viewer"]["scopes"] == ["orders:write", "products:read"]
    assert seen["viewer"]["expiresAt"] is None


async def test_a_key_is_shown_once_and_works_at_once(ask: Ask, graph: Graph) -> None:
    wanted = {"name": "Storefront", "scopes": ["products:read"], "expiresAt": "2099-01-15T11:30:00+01:00"}
    made = (await graph(CREATE, input=wanted))["createApiKey"]
    assert made["userErrors"] == []
    assert made["secret"].startswith("live_")
    assert made["apiKey"]["expiresAt"] == "2099-01-15T10:30:00.000Z"
    assert made["apiKey"]["scopes"] == ["products:read"]
    viewer = (await ask("{ viewer { credential } }", key=made["secret"])).json()["data"]["viewer"]
    assert viewer == {"credential": made["apiKey"]["id"]}
    listed = await graph("{ apiKeys { totalCount nodes { id hint } } }")
    assert listed["apiKeys"]["totalCount"] == 2
    assert made["secret"] not in str(listed)


async def test_a_rolled_key_has_a_successor(ask: Ask, graph: Graph) -> None:
    made = (await graph(CREATE, input={"name": "POS", "scopes": ["products:read"]}))["createApiKey"]
    rolled = (await graph(ROLL, input={"id": made["apiKey"]["id"], "overlapSeconds": 0}))["rollApiKey"]
    assert rolled["apiKey"]["name"] == "POS"
    assert rolled["apiKey"]["id"] != made["apiKey"]["id"]
    assert (await ask("{ shop { id } }", key=rolled["secret"])).status_code == 200
    assert (await ask("{ shop { id } }", key=made["secret"])).status_code == 401


async def test_a_revoked_key_stops_at_once(ask: Ask, graph: Graph) -> None:
    made = (await graph(CREATE, input={"name": "POS", "scopes": ["products:read"]}))["createApiKey"]
    assert (await ask("{ shop { id } }", key=made["secret"])).status_code == 200
    revoked = (await graph(REVOKE, input={"id": made["apiKey"]["id"]}))["revokeApiKey"]
    assert revoked["apiKey"]["revokedAt"] is not None
    assert (await ask("{ shop { id } }", key=made["secret"])).status_code == 401


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        ({"name": "", "scopes": ["all"]}, {"code": "TOO_SHORT", "field": ["name"]}),
        ({"name": "a", "scopes": []}, {"code": "TOO_SHORT", "field": ["scopes"]}),
        ({"name": "a", "scopes": ["all", "tea:make"]}, {"code": "INVALID", "field": ["scopes", "1"]}),
        (
            {"name": "a", "scopes": ["all"], "expiresAt": "2020-01-01T00:00:00Z"},
            {"code": "TOO_SMALL", "field": ["expiresAt"]},
        ),
    ],
)
async def test_a_key_that_cannot_be_made_is_a_user_error(
    graph: Graph, wanted: dict[str, Any], error: dict[str, Any]
) -> None:
    answer = (await graph(CREATE, input=wanted))["createApiKey"]
    assert answer == {"apiKey": None, "secret": None, "userErrors": [error]}
    assert (await graph("{ apiKeys { totalCount } }"))["apiKeys"] == {"totalCount": 1}


async def test_nobody_gives_away_more_than_they_have(ask: Ask, graph: Graph, shop: Shop, make_key: MakeKey) -> None:
    key = await make_key(shop.live, "access:write")
    answer = (await ask(CREATE, {"input": {"name": "a", "scopes": ["orders:read"]}}, key=key)).json()
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert answer["errors"][0]["extensions"]["missingScope"] == "orders:read"
    assert (await graph("{ apiKeys { totalCount } }"))["apiKeys"] == {"totalCount": 2}


async def test_every_change_of_access_is_in_the_audit_log(graph: Graph) -> None:
    made = (await graph(CREATE, input={"name": "POS", "scopes": ["products:read"]}))["createApiKey"]
    await graph(REVOKE, input={"id": made["apiKey"]["id"]})
    query = "{ auditLog(first: 2) { nodes { id action actor objectId details requestId createdAt } } }"
    log = (await graph(query))["auditLog"]["nodes"]
    viewer = (await graph("{ viewer { credential } }"))["viewer"]["credential"]
    assert [entry["action"] for entry in log] == ["key.revoked", "key.created"]
    assert {entry["objectId"] for entry in log} == {made["apiKey"]["id"]}
    assert {entry["actor"] for entry in log} == {viewer}
    assert log[1]["details"] == {"name": "POS", "scopes": ["products:read"]}
    assert log[0]["requestId"].startswith("req_")


async def test_keys_and_the_log_need_their_scope(ask: Ask, shop: Shop, make_key: MakeKey) -> None:
    key = await make_key(shop.live, "products:read")
    for query in ("{ apiKeys { nodes { id } } }", "{ auditLog { nodes { id } } }"):
        refused = (await ask(query, key=key)).json()
        assert "data" not in refused
        assert refused["errors"][0]["extensions"]["missingScope"] == "access:read"


async def test_a_key_as_a_node_needs_the_scope_to_read_keys(
    ask: Ask, graph: Graph, shop: Shop, make_key: MakeKey
) -> None:
    id = (await graph("{ viewer { credential } }"))["viewer"]["credential"]
    query = f'{{ node(id: "{id}") {{ __typename id }} shop {{ name }} }}'
    assert (await graph(query))["node"] == {"__typename": "ApiKey", "id": id}
    refused = (await ask(query, key=await make_key(shop.live, "products:read"))).json()
    assert refused["data"]["node"] is None
    assert refused["data"]["shop"] == {"name": shop.live.store.name}
    assert refused["errors"][0]["path"] == ["node"]
    assert refused["errors"][0]["extensions"]["missingScope"] == "access:read"
