"""The page at /events in Chromium: what was, what comes, through a cut, by type."""

from __future__ import annotations

import os

from tests.gateway.clients.conftest import Scenario


async def test_the_page_is_used_as_a_person_would(scenario: Scenario, chromium: str) -> None:
    seen = await scenario("events.mjs", CHROMIUM=chromium, SCREENSHOT=os.environ.get("SCREENSHOT", ""))
    assert "key" in seen["refused"]
    assert [row[0] for row in seen["listed"]] == ["product.created"] * 3, "those of before, the newest on top"
    assert seen["live"]["first"] == ["product.updated", seen["live"]["id"], "price"]
    assert seen["whole"] == 8.25
    assert seen["cut"][2] == "name", "what happened meanwhile is shown once the connection is back"
    assert seen["filtered"] == ["product.updated"] * 3
    assert seen["complaints"] == []
