"""Keys that keys make, and what they leave behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.kernel.clock import system_clock
from tests.conftest import Client

Made = dict[str, Any]
Make = Callable[..., Awaitable[tuple[Client, Made]]]
HOOK = {"url": "https://hooks.example.com/", "events": ["product.created"]}


@pytest.fixture
def make(http: httpx.AsyncClient, rest: Client) -> Make:
    """Makes a key by another (else by the owner's): a client that has it, and its document."""

    async def run(maker: Client | None = None, **given: Any) -> tuple[Client, Made]:
        answer = await (maker or rest)("POST", "/v2/access/keys", json={"name": "k", "scopes": ["all"], **given})
        assert answer.status_code == 201, answer.text
        made = answer.json()
        return Client(http, made["secret"]), made

    return run


def later(**duration: float) -> str:
    return f"{system_clock() + timedelta(**duration):%Y-%m-%dT%H:%M:%SZ}"


async def status(client: Client) -> int:
    return (await client("GET", "/v2/viewer")).status_code


async def test_c4_a_key_ends_no_later_than_the_one_that_makes_it(make: Make) -> None:
    """Made or rolled, by REST and by GraphQL. Taken out: ``_end_of`` in ``create_key``; the child never ends."""
    end = later(days=1)
    parent, made = await make(expires_at=end)
    _, child = await make(parent)
    assert (child["expires_at"], child["created_by"]) == (end, made["id"])
    _, null = await make(parent, expires_at=None)
    assert null["expires_at"] == end
    sooner = later(hours=1)
    assert (await make(parent, expires_at=sooner))[1]["expires_at"] == sooner
    refused = await parent(
        "POST", "/v2/access/keys", json={"name": "k", "scopes": ["all"], "expires_at": later(days=2)}
    )
    assert [(each["field"], each["code"]) for each in refused.json()["error"]["details"]] == [
        ("expires_at", "TOO_LARGE")
    ]
    query = 'mutation { createApiKey(input: { name: "k", scopes: ["all"] }) { apiKey { expiresAt createdBy } } }'
    found = (await parent("POST", "/graphql", json={"query": query})).json()["data"]["createApiKey"]["apiKey"]
    assert (found["expiresAt"][:19], found["createdBy"]) == (end[:19], made["id"])

    _, endless = await make()
    rolled = (await parent("POST", f"/v2/access/keys/{endless['id']}/roll")).json()
    assert (rolled["expires_at"], rolled["created_by"]) == (end, made["id"])
    grandchild, _ = await make((await make(parent))[0])
    assert (await grandchild("GET", "/v2/viewer")).json()["expires_at"] == end


async def test_c4_a_revoked_key_ends_all_that_descend_from_it(rest: Client, make: Make) -> None:
    """Those that its children made as well, and no other. Taken out: ``_descendants``; they go on."""
    parent, made = await make()
    child, _ = await make(parent)
    grandchild, _ = await make(child)
    other, _ = await make()
    answer = await rest("DELETE", f"/v2/access/keys/{made['id']}")
    assert (answer.status_code, answer.headers["x-key-count"]) == (204, "2")
    assert [await status(each) for each in (parent, child, grandchild, other)] == [401, 401, 401, 200]
    again = await rest("DELETE", f"/v2/access/keys/{made['id']}")
    assert (again.status_code, again.headers["x-key-count"]) == (204, "0")


async def test_c4_a_successor_takes_over_what_the_old_key_made(rest: Client, make: Make) -> None:
    """So that rolling ends nothing, and revoking the successor ends all. Taken out: ``_HAND_OVER``, ``hand_over``."""
    parent, made = await make()
    child, _ = await make(parent)
    hook = (await parent("POST", "/v2/webhooks", json=HOOK)).json()
    rolled = (await parent("POST", f"/v2/access/keys/{made['id']}/roll", json={"overlap_seconds": 0})).json()
    assert rolled["created_by"] == made["created_by"]
    assert [await status(parent), await status(child)] == [401, 200]
    assert (await rest("GET", f"/v2/webhooks/{hook['id']}")).json()["created_by"] == rolled["id"]
    answer = await rest("DELETE", f"/v2/access/keys/{rolled['id']}")
    assert (answer.headers["x-key-count"], answer.headers["x-webhook-count"]) == ("1", "1")
    assert await status(child) == 401


async def test_c4_endpoints_show_who_made_them_and_are_listed_by_them(rest: Client, make: Make) -> None:
    """On both surfaces. Taken out: the filter ``credential`` of the list."""
    by_key, made = await make()
    hook = (await by_key("POST", "/v2/webhooks", json=HOOK)).json()
    await rest("POST", "/v2/webhooks", json=HOOK)
    assert hook["created_by"] == made["id"]
    listed = (await rest("GET", f"/v2/webhooks?credential={made['id']}")).json()["data"]
    assert [each["id"] for each in listed] == [hook["id"]]
    query = """query ($key: String) {
        webhooks(filter: { credential: $key }) { nodes { id createdBy } }
        apiKeys(first: 5) { nodes { id webhooks(first: 5) { totalCount nodes { id } } } }
    }"""
    answer = (await rest("POST", "/graphql", json={"query": query, "variables": {"key": made["id"]}})).json()["data"]
    assert answer["webhooks"]["nodes"] == [{"id": hook["id"], "createdBy": made["id"]}]
    of_keys = {each["id"]: each["webhooks"] for each in answer["apiKeys"]["nodes"]}
    assert of_keys[made["id"]] == {"totalCount": 1, "nodes": [{"id": hook["id"]}]}


@pytest.mark.parametrize("surface", ["rest", "graphql"])
@pytest.mark.parametrize("kept", [True, False])
async def test_c4_revoking_keeps_webhooks_or_disables_them_and_tells_how_many(
    rest: Client, make: Make, surface: str, kept: bool
) -> None:
    """Those of its descendants too. Taken out: the reaction to ``KeysRevoked``; the count is 0 and they go on."""
    parent, made = await make()
    child, _ = await make(parent)
    hooks = [(await each("POST", "/v2/webhooks", json=HOOK)).json()["id"] for each in (parent, child)]
    if surface == "rest":
        path = f"/v2/access/keys/{made['id']}" + ("" if kept else "?webhooks=disable")
        answer = await rest("DELETE", path)
        assert answer.headers["x-webhook-count"] == "2"
    else:
        chosen = "" if kept else ", webhooks: DISABLE"
        query = f'mutation {{ revokeApiKey(input: {{ id: "{made["id"]}"{chosen} }}) {{ keyCount webhookCount }} }}'
        answer = await rest("POST", "/graphql", json={"query": query})
        assert answer.json()["data"]["revokeApiKey"] == {"keyCount": 1, "webhookCount": 2}
    found = [(await rest("GET", f"/v2/webhooks/{id}")).json() for id in hooks]
    reason = None if kept else "The API key that created the webhook was revoked."
    assert [(each["active"], each["disabled_reason"]) for each in found] == [(kept, reason)] * 2
    if kept:  # it can be asked for afterwards
        later_on = await rest("DELETE", f"/v2/access/keys/{made['id']}?webhooks=disable")
        assert later_on.headers["x-webhook-count"] == "2"
        assert not (await rest("GET", f"/v2/webhooks/{hooks[1]}")).json()["active"]


@pytest.mark.parametrize("query", ["webhooks=drop", "webhooks=", "hooks=keep", "webhooks=keep&webhooks=keep"])
async def test_c4_what_becomes_of_webhooks_is_one_of_two_words(rest: Client, make: Make, query: str) -> None:
    """Anything else is refused, and the key stays valid.

    Fails when ``Choice`` accepts unknown values (the first two), and when ``read_parameters`` ignores unknown names
    (the third) or repeated ones (the fourth): 204, and the key is revoked.
    """
    client, made = await make()
    assert (await rest("DELETE", f"/v2/access/keys/{made['id']}?{query}")).status_code == 400
    assert await status(client) == 200


async def test_c4_a_key_that_was_revoked_a_moment_ago_makes_no_other(make: Make, database: Any) -> None:
    """Though it is remembered for two seconds. Taken out: the look at ``revoked_at`` in ``_end_of``."""
    client, made = await make()
    assert await status(client) == 200
    async with database.system_connection() as connection:  # as another process revokes it
        await connection.execute("UPDATE api_key SET revoked_at = now() WHERE id = $1", made["id"])
    assert (await client("POST", "/v2/access/keys", json={"name": "k", "scopes": ["all"]})).status_code == 401
