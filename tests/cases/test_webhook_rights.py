"""Who may have what sent where, and who is shown it afterwards."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any

import httpx
import orjson
import pytest

from domain import customers, webhooks
from domain.catalog.commands import VariantInput
from domain.kernel.errors import Conflict, DomainError, Forbidden, ValidationFailed
from domain.kernel.money import Money
from domain.kernel.principal import SCOPES, Principal
from domain.kernel.use_cases.registry import USE_CASES, UseCase
from domain.webhooks.commands import UpdateWebhook
from tests.conftest import Client, MakeKey, MakeProduct, Shop
from tests.webhooks.conftest import SECRET, Hooks, hooks, hooks_url, sink  # noqa: F401 - fixtures

OF_CUSTOMERS = "subscription { events { ... on CustomerCreated { customer { email } } } }"
WEAK = ("webhooks:write", "webhooks:read", "products:read")


async def with_cost(hooks: Hooks) -> str:  # noqa: F811 - the fixture's value
    """A product whose variant costs 77 pence."""
    return await hooks.happen(variants=(VariantInput(sku=f"V-{hooks.clock().timestamp()}", cost=Money(77, "GBP")),))


CHANGES: list[dict[str, Any]] = [
    {"url": "https://theirs.example.com/"},
    {"url": "https://theirs.example.com/", "active": False},
    {"include_imported": True},
    {"active": True},
]


@pytest.mark.parametrize("given", CHANGES, ids=str)
async def test_c2_who_may_not_see_what_is_sent_does_not_change_where_it_goes(hooks: Hooks, given: Any) -> None:  # noqa: F811
    """Taken out: ``require_all_sent`` in ``_take_over``; each change is made, and costs go elsewhere."""
    strong = await hooks.key("webhooks:write", "products:read", "products:write")
    of_costs = await hooks.listen("/a", "product.created", principal=strong, active="active" not in given)
    of_people = await hooks.listen("/b", "customer.created", query=OF_CUSTOMERS, active="active" not in given)
    before = await hooks.rows("webhook")
    caller = await hooks.key(*WEAK)
    for id, missing in ((of_costs, "products:write"), (of_people, "customers:read")):
        with pytest.raises(Forbidden) as refusal:
            await hooks.do(webhooks.update_webhook, caller, id=id, **given)
        assert refusal.value.missing_scope == missing
    assert await hooks.rows("webhook") == before


def of_endpoints() -> list[UseCase]:
    """Every use case of webhooks that names an endpoint."""
    return [
        case
        for case in USE_CASES.values()
        if case.name.startswith("webhooks.") and "id" in case.command.__annotations__
    ]


async def attempted(hooks: Hooks, case: UseCase, caller: Principal, webhook: str) -> None:  # noqa: F811
    given = {"webhooks.update_webhook": {"url": "https://theirs.example.com/"}}.get(case.name, {})
    needed: dict[str, Any] = {"event_id": "evt_1", "webhook_id": webhook}
    known = case.command.__dataclass_fields__
    given = {**{name: value for name, value in needed.items() if name in known}, **given}
    try:
        async with hooks.database.transaction(caller) as work:
            await case.execute(work, caller, case.command(id=webhook, **given))
    except DomainError:
        pass


@pytest.mark.parametrize("case", of_endpoints(), ids=lambda case: case.name)
async def test_c2_no_use_case_shows_a_weaker_caller_more_than_they_may_see(hooks: Hooks, case: UseCase) -> None:  # noqa: F811
    """Whatever a caller without the scopes does to an endpoint, its secret and address stay, or what is sent there is
    what they may see. Taken out: ``require_all_sent`` of ``roll_webhook_secret``; its row differs."""
    strong = await hooks.key("webhooks:write", "products:read", "products:write")
    webhook = await hooks.listen("/a", "product.created", principal=strong)
    (before,) = await hooks.rows("webhook")
    caller = await hooks.key(*WEAK)
    await attempted(hooks, case, caller, webhook)
    for row in await hooks.rows("webhook"):
        same = all(row[name] == before[name] for name in ("url", "secret", "query", "events"))
        assert same or set(row["scopes"]) <= caller.scopes
    if case.name == "webhooks.test_webhook":
        assert await hooks.rows() == []


async def test_c2_who_chooses_anew_what_is_sent_is_the_one_whose_scopes_count(hooks: Hooks) -> None:  # noqa: F811
    """Also for bodies that were made before: they are made again. Taken out: ``_needs_new_body``; the retry sends the
    cost to the new address."""
    strong = await hooks.key("webhooks:write", "products:read", "products:write")
    webhook = await hooks.listen("/status/500", "product.created", principal=strong)
    await with_cost(hooks)
    await hooks.deliver()
    assert "0.77" in hooks.sink.hits[0].body.decode()
    caller = await hooks.key(*WEAK)
    await hooks.do(webhooks.update_webhook, caller, id=webhook, url=hooks.sink.url("/theirs"), events=("product.*",))
    row = await hooks.row("webhook")
    assert (row["credential"], row["scopes"]) == (
        caller.credential,
        ["products:read", "webhooks:read", "webhooks:write"],
    )
    hooks.clock.goes_on(minutes=2)
    await hooks.deliver()
    await with_cost(hooks)
    await hooks.deliver()
    theirs = hooks.sink.at("/theirs")
    assert len(theirs) == 2
    assert not [hit for hit in theirs if "0.77" in hit.body.decode() or "cost" in hit.body.decode()]


async def test_c2_a_query_that_stays_must_be_visible_to_who_chooses_other_events(hooks: Hooks) -> None:  # noqa: F811
    """Taken out: the check of the query in ``_take_over``; the change is made."""
    webhook = await hooks.listen("/a", "customer.created", query=OF_CUSTOMERS)
    before = await hooks.row("webhook")
    with pytest.raises(Forbidden):
        await hooks.do(webhooks.update_webhook, await hooks.key(*WEAK), id=webhook, events=("product.created",))
    assert await hooks.row("webhook") == before


async def test_c2_a_stronger_caller_who_changes_the_address_widens_nothing(hooks: Hooks) -> None:  # noqa: F811
    """Taken out: what was held before, in ``_take_over``; the endpoint is sent costs from then on."""
    narrow = await hooks.key("webhooks:write", "products:read")
    webhook = await hooks.listen("/a", "product.created", principal=narrow)
    await hooks.do(webhooks.update_webhook, id=webhook, url=hooks.sink.url("/b"))
    await with_cost(hooks)
    await hooks.deliver()
    (hit,) = hooks.sink.hits
    assert (hit.path, "cost" in hit.body.decode()) == ("/b", False)


async def test_c2_what_is_written_as_it_was_changes_nothing(hooks: Hooks) -> None:  # noqa: F811
    """Neither the version nor whose scopes count (D8 too). Taken out: the comparison in ``_changes``."""
    webhook = await hooks.listen("/a", "product.created")
    before = await hooks.row("webhook")
    echo = {"url": before["url"], "events": tuple(before["events"]), "active": True, "query": None}
    await hooks.do(webhooks.update_webhook, await hooks.key(*WEAK), id=webhook, **echo, include_imported=False)
    assert await hooks.row("webhook") == before
    assert {*echo, "include_imported", "id", "expected_version"} == set(UpdateWebhook.__dataclass_fields__)


async def shown(client: Client, hook: str, delivery: str) -> list[Any]:
    """Body and answers of a delivery, by each way it can be read."""
    path = f"/v2/webhooks/{hook}/deliveries"
    query = """query ($id: ID!, $hook: ID!) {
        webhookDelivery(id: $id) { request status attempts { response status } }
        webhook(id: $hook) { deliveries(first: 5) { nodes { id request status attempts { response status } } } }
        webhooks(first: 5) {
            nodes { deliveries(first: 5) { edges { node { id request status attempts { response status } } } } }
        }
    }"""
    sent = {"query": query, "variables": {"id": delivery, "hook": hook}}
    data = (await client("POST", "/graphql", json=sent)).json()["data"]
    listed = (await client("GET", path)).json()["data"]
    within = [edge["node"] for node in data["webhooks"]["nodes"] for edge in node["deliveries"]["edges"]]
    found = [
        (await client("GET", f"{path}/{delivery}")).json(),
        *(each for each in listed if each["id"] == delivery),
        data["webhookDelivery"],
        *(each for each in data["webhook"]["deliveries"]["nodes"] if each["id"] == delivery),
        *(each for each in within if each["id"] == delivery),
    ]
    assert len(found) == 5
    assert {str(each["status"]).lower() for each in found} == {"failed"}
    assert {each["attempts"][0]["status"] for each in found} == {500}
    return [(each["request"], each["attempts"][0]["response"]) for each in found]


async def test_c3_bodies_are_shown_to_who_holds_their_scopes(
    http: httpx.AsyncClient, database: Any, shop: Shop, make_key: MakeKey, make_product: MakeProduct
) -> None:
    """Others see status and times. Taken out: ``may_see_body``; every key with webhooks:read is shown the cost."""
    owner = Client(http, await make_key(shop.live))
    given = {"url": "https://hooks.example.com/", "events": ["product.created"]}
    hook = (await owner("POST", "/v2/webhooks", json=given)).json()
    await make_product(variants=(VariantInput(sku="V", cost=Money(77, "GBP")),))
    async with asyncio.timeout(5):
        while not (found := (await owner("GET", f"/v2/webhooks/{hook['id']}/deliveries")).json()["data"]):
            await asyncio.sleep(0.02)
    body, needs = '{"cost": "0.77"}', ["products:read", "products:write|analytics:read"]
    attempt = {"number": 1, "at": "2026-01-15T10:30:00+00:00", "duration_ms": 7, "status": 500}
    attempts = orjson.dumps([{**attempt, "error": None, "response": body}]).decode()
    delivered = (
        "UPDATE webhook_delivery SET status = 'failed', due_at = NULL, request = $2, body_scopes = $3, attempts = $4"
    )
    async with database.system_connection() as connection:
        await connection.execute(f"{delivered} WHERE id = $1", found[0]["id"], body, needs, attempts)
    for scopes, sees in (
        (("products:read",), False),
        (("products:read", "orders:read", "customers:read", "access:write"), False),
        (("products:read", "products:write"), True),
        (("products:read", "analytics:read"), True),
    ):
        client = Client(http, await make_key(shop.live, "webhooks:read", *scopes))
        expected = (body, body) if sees else (None, None)
        assert await shown(client, hook["id"], found[0]["id"]) == [expected] * 5, scopes
    async with database.system_connection() as connection:  # of before it was noted
        await connection.execute("UPDATE webhook_delivery SET body_scopes = NULL WHERE id = $1", found[0]["id"])
    nearly = Client(http, await make_key(shop.live, *(scope for scope in SCOPES if scope != "shipping:read")))
    assert await shown(nearly, hook["id"], found[0]["id"]) == [(None, None)] * 5
    assert await shown(owner, hook["id"], found[0]["id"]) == [(body, body)] * 5


async def test_c3_a_delivery_keeps_the_scopes_of_what_was_sent(hooks: Hooks) -> None:  # noqa: F811
    """Of costs, of a query's fields, of a list that leaves out what its viewer may not see; none of a test.

    Fails when outcomes write no ``body_scopes``.
    """
    strong = await hooks.key("webhooks:write", "products:read", "products:write")
    await hooks.listen("/a", "product.created", principal=strong)
    await hooks.listen("/b", "product.created", principal=await hooks.key(*WEAK))
    await hooks.listen("/c", "product.created", query="subscription { events { id } }")
    query = "subscription { events { ... on ProductCreated { product { variants { cost { amount } } } } } }"
    await hooks.listen("/d", "product.created", query=query)
    people = await hooks.listen("/e", "customer.created", query=OF_CUSTOMERS)
    await hooks.do(webhooks.test_webhook, id=people)
    await with_cost(hooks)
    await hooks.do(customers.create_customer, email="jane@example.com")
    await hooks.place()
    await hooks.deliver()
    endpoints = {row["id"]: row["url"].rpartition("/")[2] for row in await hooks.rows("webhook")}
    needs = {(endpoints[row["webhook_id"]], row["type"]): row["body_scopes"] for row in await hooks.rows()}
    cost = "products:write|analytics:read"
    assert set(needs.pop(("d", "product.created"))) == {"products:read", cost}
    assert needs == {
        ("a", "product.created"): ["products:read", cost],
        ("b", "product.created"): ["products:read"],
        ("c", "product.created"): ["products:read"],
        ("e", "customer.created"): ["customers:read"],
        ("e", "webhook.test"): [],
    }


async def test_a14_a_preview_is_of_what_the_endpoint_is_sent(hooks: Hooks) -> None:  # noqa: F811
    """Taken out: the look at its selectors in ``preview_webhook``; a payload is shown that is never sent."""
    webhook = await hooks.listen("/a", "order.*")
    await hooks.happen()
    (event,) = [row for row in await hooks.rows("event") if row["type"] == "product.created"]
    with pytest.raises(Conflict) as refusal:
        await hooks.do(webhooks.preview_webhook, id=webhook, event_id=event["id"])
    assert "product.created" in str(refusal.value)


def signed(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


async def test_d21_a_second_header_is_signed_with_the_old_secret_until_the_overlap_ends(hooks: Hooks) -> None:  # noqa: F811
    """A receiver of the platform document that checks both is never without one. Taken out: the second of
    ``PLATFORM_HEADERS``."""
    webhook = await hooks.listen("/a", "product.created")
    new = (await hooks.do(webhooks.roll_webhook_secret, id=webhook, overlap_seconds=60)).secret
    await hooks.happen()
    await hooks.deliver()
    hooks.clock.goes_on(seconds=61)
    await hooks.happen()
    await hooks.deliver()
    during, after = hooks.sink.hits
    assert during.headers["x-webhook-signature"] == signed(new, during.body)
    assert during.headers["x-webhook-signature-previous"] == signed(SECRET, during.body)
    assert after.headers["x-webhook-signature"] == signed(new, after.body)
    assert "x-webhook-signature-previous" not in after.headers


async def test_d21_examples_of_secrets_are_usable_by_libraries(http: httpx.AsyncClient) -> None:
    """Taken out: the example of ``_SECRET``; libraries fail on ``your_webhook_secret``."""
    document = (await http.get("/v2/openapi.json")).text
    assert "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" in document
    assert "your_webhook_secret" not in document


@pytest.mark.parametrize("selector", ["order.creatd", "orders.*", "product", ".*", ""])
async def test_a16_an_unknown_selector_is_named_with_the_nearest_one(hooks: Hooks, selector: str) -> None:  # noqa: F811
    """Taken out: ``suggestion``."""
    with pytest.raises(ValidationFailed) as refusal:
        await hooks.do(webhooks.create_webhook, url="https://a.example/", events=("product.created", selector))
    (problem,) = refusal.value.problems
    assert (problem.path, problem.message.startswith(f"Unknown event type {selector}")) == (("events", 1), True)
    if selector.startswith("order"):
        assert ". Did you mean order" in problem.message


async def test_selectors_of_an_area_are_all_its_types(hooks: Hooks) -> None:  # noqa: F811
    await hooks.listen("/a", "product.*", "product.created", "customer.created")
    assert (await hooks.row("webhook"))["events"] == ["product.*", "customer.created"]
    await hooks.happen()
    await hooks.do(customers.create_customer, email="jane@example.com")
    await hooks.place()
    await hooks.deliver()
    assert sorted(hit.document["type"] for hit in hooks.sink.hits) == ["customer.created", "product.created"]
    caller = await hooks.key("webhooks:write", "products:read")
    with pytest.raises(Forbidden) as refusal:
        await hooks.do(webhooks.create_webhook, caller, url="https://a.example/", events=("order.*",))
    assert refusal.value.missing_scope == "orders:read"
