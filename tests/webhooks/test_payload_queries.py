"""A GraphQL document of the endpoint's own says what of each event is sent."""

from __future__ import annotations

import pytest

from domain import webhooks
from domain.catalog.commands import VariantInput
from domain.kernel.errors import Forbidden, ValidationFailed
from domain.kernel.money import Money
from tests.webhooks.conftest import SECRET, Hooks

SKU_AND_PRICE = """subscription Slim {
    events { type ... on ProductCreated { product { sku price { amount } ...names } } }
}
fragment names on Product { name }
"""


async def test_the_object_is_what_the_query_makes_of_the_event(hooks: Hooks) -> None:
    await hooks.listen("/flaky/1", query=SKU_AND_PRICE)
    await hooks.happen(sku="MUG")
    await hooks.deliver()
    hooks.clock.goes_on(minutes=2)
    await hooks.deliver()
    first, second = hooks.sink.hits
    assert first.document["data"] == {
        "object": {
            "type": "PRODUCT_CREATED",
            "product": {"sku": "MUG", "price": {"amount": "5.00"}, "name": "Red mug"},
        },
        "changed_fields": [],
    }
    assert list(first.document) == ["id", "type", "created_at", "data", "cursor", "sequence"]
    assert first.platform(SECRET)
    assert (first.body, first.id) == (second.body, second.id)


@pytest.mark.parametrize(
    "query",
    [
        "{",
        "{ products { nodes { id } } }",
        "mutation { createProduct(input: {}) { userErrors { code } } }",
        "subscription { events { nothing } }",
        'subscription { events(after: "e1.1") { id } }',
        "subscription ($types: [EventType!]) { events(types: $types) { id } }",
        "subscription ($unused: Int = 1) { events { id } }",
        "subscription { ...all } fragment all on Subscription { events { id } }",
        "subscription { __typename }",
        "subscription A { events { id } } subscription B { events { id } }",
        "subscription { events { " + "id " * 10_001 + "} }",
    ],
)
async def test_what_cannot_run_is_not_saved(hooks: Hooks, query: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        await hooks.listen(query=query)
    assert {problem.path for problem in refused.value.problems} == {("query",)}
    assert await hooks.rows("webhook") == []


async def test_a_query_needs_the_scopes_of_its_fields_when_it_is_saved(hooks: Hooks) -> None:
    caller = await hooks.key("webhooks:write", "products:read")
    with pytest.raises(Forbidden) as refused:
        await hooks.listen(
            principal=caller, query="subscription { events { ... on OrderCreated { order { number } } } }"
        )
    assert refused.value.missing_scope == "orders:read"
    await hooks.listen(principal=caller, query=SKU_AND_PRICE)


async def test_a_query_runs_with_what_its_creator_may_still_see(hooks: Hooks) -> None:
    creator = await hooks.key("webhooks:write", "products:read", "products:write")
    query = "subscription { events { ... on ProductCreated { product { variants { cost { amount } } } } } }"
    await hooks.listen(principal=creator, query=query)
    variants = (VariantInput(sku="V", cost=Money(1, "GBP")),)
    await hooks.happen(variants=variants)
    await hooks.deliver()
    assert hooks.sink.hits[0].document["data"]["object"] == {"product": {"variants": [{"cost": {"amount": "0.01"}}]}}
    async with hooks.database.system_connection() as connection:
        await connection.execute(
            "UPDATE api_key SET scopes = '{webhooks:write,products:read}' WHERE id = $1", creator.credential
        )
    await hooks.happen()
    await hooks.deliver()
    assert len(hooks.sink.hits) == 1
    delivery = (await hooks.rows())[-1]
    assert (delivery["status"], delivery["request"]) == ("pending", None)
    assert delivery["attempts"][0]["error"].startswith("The query failed: The API key lacks the scope products:write")
    assert (await hooks.row("webhook"))["failing_since"] is None


async def test_without_a_query_again_the_object_is_as_rest_writes_it(hooks: Hooks) -> None:
    webhook = await hooks.listen(query=SKU_AND_PRICE)
    await hooks.do(webhooks.update_webhook, id=webhook, query=None)
    product = await hooks.happen()
    await hooks.deliver()
    assert hooks.sink.hits[0].document["data"]["object"]["id"] == product
