"""Apollo Client: pages joined in its cache, mutations, subscriptions over graphql-ws, and errors it understands."""

from __future__ import annotations

from tests.gateway.clients.conftest import Scenario, plain


async def test_apollo_client_reads_writes_follows_and_understands_refusals(scenario: Scenario) -> None:
    seen = await scenario("apollo.mjs")
    assert seen["pages"] == {
        "page": ["Amber mug", "Blue mug"],
        "joined": ["Amber mug", "Blue mug", "Coral mug"],
        "more": [True, False],
    }
    assert seen["mutations"]["userErrors"] == []
    assert plain(seen["mutations"]["again"]) == {
        "product": None,
        "userErrors": [{"code": "TAKEN", "field": ["sku"]}],
    }
    assert seen["mutations"]["cached"] == ["Zinc mug", "7.50"]
    # D1: the live order keeps its status in the normalised cache after its events were loaded
    assert seen["activity"] == {"then": [["PENDING", 1], ["CANCELLED", 2]], "cached": ["CANCELLED", 2]}
    # D2: what adjustInventory answers is known by its ids, and what is shown of the stock follows
    assert seen["stock"] == {"shown": [2, 2, 2], "cached": [5, 5, 5]}
    created, updated = map(plain, seen["subscription"])
    assert (created["type"], created["changedFields"], created["then"]["price"]["amount"]) == (
        "PRODUCT_CREATED",
        [],
        "5.00",
    )
    assert updated == {
        "type": "PRODUCT_UPDATED",
        "changedFields": ["price"],
        "product": {"id": created["product"]["id"], "price": {"amount": "7.50"}},
        "then": {"objectId": created["product"]["id"], "price": {"amount": "7.50"}},
    }
    assert seen["errors"] == {  # each a CombinedGraphQLErrors: whatever the status, Apollo saw a GraphQL answer
        "unknown": [True, "GRAPHQL_VALIDATION_FAILED"],
        "badArgument": [True, "BAD_USER_INPUT"],
        "anonymous": [True, "UNAUTHENTICATED"],
        "forbidden": [True, "FORBIDDEN"],
        "socket": [True, "BAD_USER_INPUT"],
    }
