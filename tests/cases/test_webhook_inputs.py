"""What a webhook, a preview and a condition on events may say."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from domain.catalog.commands import VariantInput
from domain.customers.commands import CustomerAddressInput
from domain.events import EventType
from domain.events.condition_paths import ANY_PATH, paths_of
from tests.conftest import Client, MakeCustomer, MakeKey, MakeProduct, Shop
from tests.gateway.conftest import Serving, gateway, key, web  # noqa: F401 - fixtures
from tests.gateway.test_rest_stream import STREAM, following, started
from tests.gateway.test_sse import reading

SLIM = "subscription { events { ... on ProductCreated { product { sku variants { cost { amount } } } } } }"
FOLLOW = """subscription ($filter: EventStreamFilter, $types: [EventType!]) {
    events(filter: $filter, types: $types) { id }
}"""


@pytest.mark.parametrize(
    "url", ["https://hooks.example.com/#part", "https://hooks.example.com#", "https://a.example/?a#b"]
)
async def test_a14_an_address_with_a_fragment_is_refused(rest: Client, url: str) -> None:
    """Created or changed, on both surfaces. Taken out: the look for it in ``AddressPolicy.check_url``; 201."""
    given = {"url": "https://hooks.example.com/", "events": ["product.created"]}
    hook = (await rest("POST", "/v2/webhooks", json=given)).json()
    for method, path in (("POST", "/v2/webhooks"), ("PUT", f"/v2/webhooks/{hook['id']}")):
        refused = await rest(method, path, json={**given, "url": url})
        assert refused.status_code == 422
        assert [each["field"] for each in refused.json()["error"]["details"]] == ["url"]
        assert "fragment" in refused.json()["error"]["details"][0]["message"]
    for name, asked in (("createWebhook", {**given, "url": url}), ("updateWebhook", {"id": hook["id"], "url": url})):
        type_ = f"{name[0].upper()}{name[1:]}Input"
        query = f"mutation ($input: {type_}!) {{ {name}(input: $input) {{ userErrors {{ field message }} }} }}"
        sent = {"query": query, "variables": {"input": asked}}
        (error,) = (await rest("POST", "/graphql", json=sent)).json()["data"][name]["userErrors"]
        assert (error["field"], "fragment" in error["message"]) == (["url"], True)


async def test_a14_one_name_for_the_end_of_an_overlap(rest: Client) -> None:
    """``previous_secret_until`` and ``previousSecretUntil``. Taken out: the label in the reads."""
    given = {"url": "https://hooks.example.com/", "events": ["product.created"]}
    hook = (await rest("POST", "/v2/webhooks", json=given)).json()
    rolled = (await rest("POST", f"/v2/webhooks/{hook['id']}/roll-secret")).json()
    query = f'{{ webhook(id: "{hook["id"]}") {{ previousSecretUntil }} }}'
    shown = (await rest("POST", "/graphql", json={"query": query})).json()["data"]["webhook"]["previousSecretUntil"]
    assert shown[:19] == rolled["previous_secret_until"][:19]


UNKNOWN = [
    ("statsu", "status"),
    ("shipping_address.contry", "shipping_address.country"),
    ("shippingAddress.country", "shipping_address.country"),
    ("status.code", None),
    ("items", None),
    ("items.sku", None),
    ("shipping_address", None),
    ("metadata", None),
]


@pytest.mark.parametrize(("path", "near"), UNKNOWN)
async def test_a14_a_path_that_no_object_has_is_refused_with_the_nearest(
    web: httpx.AsyncClient,  # noqa: F811
    path: str,
    near: str | None,
) -> None:
    """On both surfaces. Taken out: ``require_paths`` in ``wanting``; the stream begins, and never tells anything."""
    answer = await web.get(STREAM, params={"where": f"{path.lower()}:x", "types": "order.created"})
    assert answer.status_code == 400
    (problem,) = answer.json()["error"]["details"]
    assert (problem["field"], path.lower() in problem["message"]) == ("where", True)
    if near is not None:
        assert f". Did you mean {near}?" in problem["message"]
    variables = {"filter": {"where": [{"path": path.lower(), "eq": "x"}]}, "types": ["ORDER_CREATED"]}
    async with reading(web, FOLLOW, variables=variables) as stream:
        (error,) = (await stream.event()).data["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert problem["message"] in error["message"]


@pytest.mark.parametrize("type", list(EventType))
async def test_a14_every_path_that_an_object_has_is_taken(web: httpx.AsyncClient, type: EventType) -> None:  # noqa: F811
    """Metadata of any name, too. Fails when ``_is_known`` knows no members of free names.

    Both the paths and the check are made from the declared documents; the next test takes them from real ones.
    """
    paths = sorted(paths_of(type))
    assert "id" in paths or "product_id" in paths
    for first in range(0, len(paths), 10):
        chosen = [path.replace(ANY_PATH, ".any_name.at_all") for path in paths[first : first + 10]]
        where = ",".join(f"{path}:x" for path in chosen)
        async with following(web, params={"types": type, "where": where}) as stream:
            await started(stream)


def scalars_of(document: Any, before: str = "") -> set[str]:
    """The paths to single values in a document that was answered."""
    found = set()
    for name, value in document.items():
        if isinstance(value, dict):
            found |= scalars_of(value, f"{before}{name}.")
        elif not isinstance(value, list) and value is not None:  # null may stand for an object
            found.add(f"{before}{name}")
    return found


async def test_a14_every_path_of_an_object_that_was_sent_is_taken(
    web: httpx.AsyncClient,  # noqa: F811
    rest: Client,
    make_product: MakeProduct,
    make_customer: MakeCustomer,
) -> None:
    """Fails when ``_paths`` leaves metadata out, and when it leaves out the members of an address."""
    product = await make_product(sku="MUG", variants=(VariantInput(sku="MUG", inventory=9),))
    jane = await make_customer(addresses=(CustomerAddressInput(line1="1 Home Road", city="Leeds", country="GB"),))
    path = f"/v2/products/{product.id}"
    assert (await rest("PUT", path, json={"metadata": {"lot": {"row": 7}}})).status_code == 200
    bought = {"items": [{"sku": "MUG", "quantity": 1}], "customer_id": jane.id, "metadata": {"gift": True}}
    place = {"line1": "2 Road", "city": "York", "country": "GB"}
    assert (await rest("POST", "/v2/orders", json={**bought, "shipping_address": place})).status_code == 201
    sent: dict[str, set[str]] = {}
    async with asyncio.timeout(10):
        while "order.created" not in sent:
            for event in (await rest("GET", "/v2/events?limit=200")).json()["data"]:
                sent.setdefault(event["type"], set()).update(scalars_of(event["data"]["object"]))
            await asyncio.sleep(0.02)
    assert "metadata.lot.row" in sent["product.updated"]
    assert {"metadata.gift", "shipping_address.city"} <= sent["order.created"]
    assert {"product.created", "customer.created"} <= sent.keys()
    for type_, paths in sent.items():
        ordered = sorted(paths)
        for first in range(0, len(ordered), 10):
            where = ",".join(f"{path}:x" for path in ordered[first : first + 10])
            async with following(web, params={"types": type_, "where": where}) as stream:
                await started(stream)


async def test_a_query_is_previewed_before_it_is_saved(
    http: httpx.AsyncClient, rest: Client, shop: Shop, make_key: MakeKey, make_product: MakeProduct
) -> None:
    """On both surfaces, with the caller's scopes, and as a webhook with it would be sent."""
    await make_product(sku="MUG")
    async with asyncio.timeout(5):
        while not (events := (await rest("GET", "/v2/events")).json()["data"]):
            await asyncio.sleep(0.02)
    asked = {"query": SLIM, "event_id": events[0]["id"]}
    shown = await rest("POST", "/v2/webhooks/preview", json=asked)
    assert shown.status_code == 201
    assert shown.json()["data"]["object"] == {"product": {"sku": "MUG", "variants": [{"cost": None}]}}
    plain = (await rest("POST", "/v2/webhooks/preview", json={**asked, "query": None})).json()
    assert plain == events[0]
    query = "mutation ($input: PreviewWebhookQueryInput!) { previewWebhookQuery(input: $input) { payload } }"
    sent = {"query": query, "variables": {"input": {"query": SLIM, "eventId": events[0]["id"]}}}
    answer = (await rest("POST", "/graphql", json=sent)).json()["data"]["previewWebhookQuery"]
    assert answer["payload"].encode() == shown.content
    given = {"url": "https://hooks.example.com/", "events": ["product.created"], "query": SLIM}
    hook = (await rest("POST", "/v2/webhooks", json=given)).json()
    saved = await rest("POST", f"/v2/webhooks/{hook['id']}/preview", json={"event_id": events[0]["id"]})
    assert saved.content == shown.content

    blind = Client(http, await make_key(shop.live, "webhooks:read", "products:read"))
    assert (await blind("POST", "/v2/webhooks/preview", json=asked)).status_code == 403  # for the cost
    unseen = Client(http, await make_key(shop.live, "webhooks:read", "orders:read"))
    refused = await unseen("POST", "/v2/webhooks/preview", json={**asked, "query": None})
    assert [each["field"] for each in refused.json()["error"]["details"]] == ["event_id"]


async def test_a14_both_surfaces_preview_only_what_is_subscribed_to(rest: Client, make_product: MakeProduct) -> None:
    """Fails without the look at the endpoint's selectors in ``preview_webhook``."""
    given = {"url": "https://hooks.example.com/", "events": ["order.*"]}
    hook = (await rest("POST", "/v2/webhooks", json=given)).json()
    await make_product()
    async with asyncio.timeout(5):
        while not (events := (await rest("GET", "/v2/events")).json()["data"]):
            await asyncio.sleep(0.02)
    refused = await rest("POST", f"/v2/webhooks/{hook['id']}/preview", json={"event_id": events[0]["id"]})
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (409, "event_id")
    query = """mutation ($input: PreviewWebhookInput!) { previewWebhook(input: $input) {
        payload userErrors { field code } } }"""
    sent = {"query": query, "variables": {"input": {"id": hook["id"], "eventId": events[0]["id"]}}}
    answer = (await rest("POST", "/graphql", json=sent)).json()["data"]["previewWebhook"]
    assert answer == {"payload": None, "userErrors": [{"field": ["eventId"], "code": "ILLEGAL_TRANSITION"}]}


async def test_d9_the_audit_log_is_the_same_on_both_surfaces(
    http: httpx.AsyncClient, rest: Client, shop: Shop, make_key: MakeKey
) -> None:
    """Every action that there is, for a key with access:read alone.

    Fails when ``check_filters`` leaves out what is not of keys.
    """
    hook = (await rest("POST", "/v2/webhooks", json={"url": "https://a.example/", "events": ["*"]})).json()
    await rest("PUT", f"/v2/webhooks/{hook['id']}", json={"active": False})
    await rest("POST", f"/v2/webhooks/{hook['id']}/roll-secret")
    await rest("DELETE", f"/v2/webhooks/{hook['id']}")
    made = (await rest("POST", "/v2/access/keys", json={"name": "k", "scopes": ["all"]})).json()
    await rest("POST", f"/v2/access/keys/{made['id']}/roll")
    await rest("DELETE", f"/v2/access/keys/{made['id']}?webhooks=disable")
    document = (await rest("POST", "/v2/documents", json={"text": "{ shop { id } }"})).json()
    await rest("DELETE", f"/v2/documents/{document['id']}")
    caller = Client(http, await make_key(shop.live, "access:read"))
    by_rest: list[Any] = (await caller("GET", "/v2/access/audit")).json()["data"]
    query = "{ auditLog { nodes { id action actor objectId details requestId } } }"
    by_graphql = (await caller("POST", "/graphql", json={"query": query})).json()["data"]["auditLog"]["nodes"]
    names = {"id": "id", "action": "action", "actor": "actor", "object_id": "objectId", "details": "details"}
    names["request_id"] = "requestId"
    assert [{graphql: each[name] for name, graphql in names.items()} for each in by_rest] == by_graphql
    assert {each["action"].partition(".")[0] for each in by_rest} == {"account", "key", "webhook", "document"}
