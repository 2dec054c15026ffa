"""Webhooks over REST and GraphQL: what is shown, to whom, and once."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.conftest import Client, Graph, MakeKey, MakeProduct, Shop

URL = "https://hooks.example.com/"
GIVEN = {"url": URL, "events": ["product.updated", "product.created"]}


@pytest.fixture
async def hook(rest: Client) -> Any:
    """An endpoint, with its secret."""
    return (await rest("POST", "/v2/webhooks", json=GIVEN)).json()


async def planned(rest: Client, hook: Any, most: int) -> list[Any]:
    """The endpoint's deliveries, once there are as many."""
    async with asyncio.timeout(5):
        while True:
            found = (await rest("GET", f"/v2/webhooks/{hook['id']}/deliveries")).json()["data"]
            if len(found) >= most:
                return list(found)
            await asyncio.sleep(0.02)


async def test_the_secret_is_answered_by_create_and_roll_alone(rest: Client, graph: Graph) -> None:
    made = await rest("POST", "/v2/webhooks", json=GIVEN, headers={"Idempotency-Key": "once"})
    hook = made.json()
    assert made.status_code == 201
    assert made.headers["location"] == f"/v2/webhooks/{hook['id']}"
    assert made.headers["cache-control"] == "no-store"
    assert hook["secret"].startswith("whsec_")
    again = await rest("POST", "/v2/webhooks", json=GIVEN, headers={"Idempotency-Key": "once"})
    assert (again.headers["idempotent-replayed"], again.json()) == ("true", hook)
    rolled = (await rest("POST", f"/v2/webhooks/{hook['id']}/roll-secret")).json()
    assert rolled["secret"] not in (hook["secret"], None)
    assert rolled["previous_secret_until"] is not None

    secrets = (hook["secret"], rolled["secret"])
    shown = [
        (await rest("GET", "/v2/webhooks")).text,
        (await rest("GET", f"/v2/webhooks/{hook['id']}")).text,
        (await rest("PUT", f"/v2/webhooks/{hook['id']}", json={"active": False})).text,
        (await rest("GET", "/v2/access/audit")).text,
        str(await graph("query ($id: ID!) { webhook(id: $id) { secretHint url } }", id=hook["id"])),
    ]
    assert not [text for text in shown if any(secret in text for secret in secrets)]
    assert rolled["secret_hint"] == f"whsec_…{rolled['secret'][-4:]}"


async def test_versions_are_checked_and_gone_is_gone(rest: Client, hook: Any) -> None:
    path = f"/v2/webhooks/{hook['id']}"
    tag = (await rest("GET", path)).headers["etag"]
    assert (await rest("GET", path, headers={"If-None-Match": tag})).status_code == 304
    changed = await rest("PUT", path, json={"secret": "something else"}, headers={"If-Match": tag})
    assert changed.status_code == 422  # a secret is rolled, not written
    changed = await rest("PUT", path, json={"active": False}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert (await rest("DELETE", path, headers={"If-Match": tag})).status_code == 409
    assert (await rest("DELETE", path)).status_code == 204
    assert (await rest("GET", path)).status_code == 404


async def test_what_is_read_may_be_sent_back(rest: Client, hook: Any) -> None:
    path = f"/v2/webhooks/{hook['id']}"
    document = (await rest("GET", path)).json()
    again = await rest("PUT", path, json={**document, "events": ["*"]})
    assert (again.status_code, again.json()["events"]) == (200, ["*"])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"events": ["order.eaten"]}, "events.0"),
        ({"events": []}, "events"),
        ({"url": "http://127.0.0.1/"}, "url"),
        ({"url": "https://user@example.com/"}, "url"),
        ({"secret": "short"}, "secret"),
        ({"active": None}, "active"),
    ],
)
async def test_what_is_wrong_is_named(rest: Client, given: Any, field: str) -> None:
    refused = await rest("POST", "/v2/webhooks", json={**GIVEN, **given})
    assert refused.status_code == 422
    assert [detail["field"] for detail in refused.json()["error"]["details"]] == [field]
    assert (await rest("GET", "/v2/webhooks")).json()["data"] == []


async def test_deliveries_are_listed_by_status_and_type(
    rest: Client, graph: Graph, hook: Any, make_product: MakeProduct
) -> None:
    product = await make_product()
    await rest("PUT", f"/v2/products/{product.id}", json={"name": "Blue mug"})
    path = f"/v2/webhooks/{hook['id']}/deliveries"
    updated, created = await planned(rest, hook, 2)
    test = (await rest("POST", f"/v2/webhooks/{hook['id']}/test")).json()
    assert [each["type"] for each in (test, updated, created)] == ["webhook.test", "product.updated", "product.created"]

    async def found(query: str) -> list[str]:
        return [each["id"] for each in (await rest("GET", f"{path}?{query}")).json()["data"]]

    assert await found("") == [test["id"], updated["id"], created["id"]]
    assert await found("types=product.created") == [created["id"]]
    assert await found("types=product.created,product.updated&limit=1") == [updated["id"]]
    assert await found("status=delivered") == []
    assert await found("status=pending,failed&order=asc&sort=created_at") == [created["id"], updated["id"], test["id"]]
    query = """query ($id: ID!) { webhook(id: $id) { deliveries(first: 2, filter: { types: [PRODUCT_CREATED] }) {
        totalCount nodes { id type status event { id ... on ProductCreated { snapshot { name } } } webhook { id } }
    } } }"""
    assert (await graph(query, id=hook["id"]))["webhook"]["deliveries"] == {
        "totalCount": 1,
        "nodes": [
            {
                "id": created["id"],
                "type": "product.created",
                "status": "PENDING",
                "event": {"id": created["event_id"], "snapshot": {"name": "Red mug"}},
                "webhook": {"id": hook["id"]},
            }
        ],
    }


async def test_deliveries_of_events_that_the_caller_may_not_see_are_left_out(
    http: httpx.AsyncClient, rest: Client, hook: Any, shop: Shop, make_key: MakeKey, make_product: MakeProduct
) -> None:
    await make_product()
    (created,) = await planned(rest, hook, 1)
    test = (await rest("POST", f"/v2/webhooks/{hook['id']}/test")).json()
    blind = Client(http, await make_key(shop.live, "webhooks:read", "orders:read"))
    path = f"/v2/webhooks/{hook['id']}"
    assert [each["id"] for each in (await blind("GET", f"{path}/deliveries")).json()["data"]] == [test["id"]]
    assert (await blind("GET", f"{path}/deliveries?types=product.created")).status_code == 403
    assert (await blind("GET", f"{path}/deliveries/{created['id']}")).status_code == 404
    assert (await blind("POST", f"{path}/preview", json={"event_id": created["event_id"]})).status_code == 422
    query = """query ($id: ID!, $delivery: ID!) {
        webhookDelivery(id: $delivery) { id } webhook(id: $id) { deliveries { totalCount } }
    }"""
    sent = {"query": query, "variables": {"id": hook["id"], "delivery": created["id"]}}
    answer = (await blind("POST", "/graphql", json=sent)).json()
    assert answer == {"data": {"webhookDelivery": None, "webhook": {"deliveries": {"totalCount": 1}}}}


async def test_a_preview_is_what_would_be_sent(
    rest: Client, graph: Graph, hook: Any, make_product: MakeProduct
) -> None:
    await make_product()
    (created,) = await planned(rest, hook, 1)
    path = f"/v2/webhooks/{hook['id']}"
    by_rest = await rest("POST", f"{path}/preview", json={"event_id": created["event_id"]})
    assert by_rest.status_code == 201
    assert by_rest.json()["data"]["object"]["name"] == "Red mug"
    query = """mutation ($id: ID!, $event: ID!) {
        previewWebhook(input: { id: $id, eventId: $event }) { payload userErrors { code field } }
    }"""
    by_graphql = (await graph(query, id=hook["id"], event=created["event_id"]))["previewWebhook"]
    assert by_graphql["payload"].encode() == by_rest.content
    nowhere = "evt_00000000000000000000000000"
    assert (await graph(query, id=hook["id"], event=nowhere))["previewWebhook"] == {
        "payload": None,
        "userErrors": [{"code": "NOT_FOUND", "field": ["eventId"]}],
    }
    shape = "subscription { events { ... on ProductCreated { product { sku categories { slug } } } } }"
    assert (await rest("PUT", path, json={"query": shape})).status_code == 200
    shaped = (await rest("POST", f"{path}/preview", json={"event_id": created["event_id"]})).json()
    assert shaped["data"]["object"] == {"product": {"sku": by_rest.json()["data"]["object"]["sku"], "categories": []}}
    assert len((await rest("GET", f"{path}/deliveries")).json()["data"]) == 1  # nothing was sent
