"""GraphiQL in Chromium: queries, subscriptions that resume where they broke off, and streams that end when stopped."""

from __future__ import annotations

import os

from tests.gateway.clients.conftest import Scenario


async def test_the_page_is_used_as_a_person_would(scenario: Scenario, chromium: str) -> None:
    seen = await scenario("graphiql.mjs", CHROMIUM=chromium, SCREENSHOT=os.environ.get("SCREENSHOT", ""))
    assert seen["query"] == 3
    event = seen["subscription"]["event"]  # a price changed by REST
    assert (event["type"], event["changedFields"]) == ("PRODUCT_UPDATED", ["price"])
    then, now = event["snapshot"], event["product"]
    assert (then["name"], then["price"]) == ("Amber mug", {"amount": "8.25", "currency": "GBP"})
    assert now["sku"] == "MUG-1"
    assert seen["cut"]["cursors"] == [None, event["cursor"]], "it goes on after the last event it was told"
    assert seen["cut"]["prices"] == ["8.25", "8.50", "8.75", "9.00", "9.25"], "each once, in order"
    assert seen["cutBeforeAnyEvent"] == "Blue mug", "a heartbeat's cursor is gone on from too"
    assert seen["stopping"] == 3, "streams that were stopped hold no connection"
    assert seen["refused"] is True
    assert seen["complaints"] == []
