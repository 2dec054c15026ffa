"""urql offers to take a stream for whatever it asks: it gets JSON for queries and mutations, a stream for the rest."""

from __future__ import annotations

from tests.gateway.clients.conftest import Scenario

JSON = "application/graphql-response+json; charset=utf-8"


async def test_urql_reads_writes_and_follows_over_both_transports(scenario: Scenario) -> None:
    seen = await scenario("urql.mjs")
    query, mutation, stream = seen["query"], seen["mutation"], seen["stream"]
    assert "text/event-stream" in query["accept"], "urql no longer asks as it did: this test means nothing"
    assert (query["status"], query["type"], query["error"]) == (200, JSON, None)
    assert (query["names"], query["total"]) == (["Amber mug", "Blue mug", "Coral mug"], 3)
    assert (seen["get"]["status"], seen["get"]["type"], seen["get"]["name"]) == (200, JSON, "Blue mug")
    assert mutation["type"] == JSON
    assert mutation["created"]["userErrors"] == []
    assert mutation["created"]["product"]["price"]["amount"] == "5.00"
    assert mutation["again"]["product"] is None
    assert [error["code"] for error in mutation["again"]["userErrors"]] == ["TAKEN"]
    assert mutation["total"] == 4
    # D1: the live order keeps its status in the normalised cache (graphcache) after its events were loaded
    assert seen["activity"] == {"then": [["PENDING", 1], ["CANCELLED", 2]], "cached": ["CANCELLED", 2]}
    followed = [("PRODUCT_CREATED", {"sku": "URQL-1"}), ("PRODUCT_DELETED", None)]
    for events in (seen["socket"], stream["events"]):
        assert [(event["type"], event.get("product")) for event in events] == followed
    assert (stream["status"], stream["type"]) == (200, "text/event-stream; charset=utf-8")


async def test_urql_understands_refusals(scenario: Scenario) -> None:
    errors = (await scenario("urql.mjs"))["errors"]
    assert errors == {
        "unknown": {"data": None, "codes": ["GRAPHQL_VALIDATION_FAILED"], "status": 400},
        "variables": {"data": None, "codes": ["BAD_USER_INPUT"], "status": 400},
        "anonymous": {"data": None, "codes": ["UNAUTHENTICATED"], "status": 401},
    }
