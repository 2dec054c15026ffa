"""Audits, and the clients that the protocols' own authors wrote: what they say is what the world expects."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from domain.kernel.event_log import EventLog
from tests.conftest import MakeProduct
from tests.gateway.clients.conftest import node
from tests.gateway.conftest import Serving

REPLAY = "subscription { events(after: %s) { cursor sequence } }"


async def run(tool: str, *arguments: str, key: str, expect: int = 0) -> list[str]:
    """Run a tool; what it prints, line by line."""
    return (await node(f"{tool}.mjs", *arguments, expect=expect, TOKEN=key)).splitlines()


@pytest.fixture
async def replay(make_product: MakeProduct, log: EventLog) -> str:
    """A subscription with many events to begin with."""
    start = f'"e1.{await log.head()}"'
    await asyncio.gather(*(make_product() for _ in range(50)))
    return REPLAY % start


async def test_the_audit_of_graphql_over_http_finds_nothing(gateway: Serving, key: str) -> None:
    printed = await run("audit_graphql_http", f"{gateway.url}/graphql", key=key)
    assert printed[-1].startswith("passed 61 of 61"), printed


async def test_every_rule_of_graphql_over_websocket_is_kept(gateway: Serving, key: str, replay: str) -> None:
    printed = await run("ws_rules", gateway.socket_url, replay, "5", key=key)
    assert [line for line in printed if not line.startswith("ok")] == ["26 passed, 0 failed"]


async def test_the_clients_of_graphql_ws_and_graphql_sse_get_every_event(
    gateway: Serving, key: str, replay: str
) -> None:
    for tool, url in (("ws_client", gateway.socket_url), ("sse_client", f"{gateway.url}/graphql/stream")):
        lines = [json.loads(line) for line in await run(tool, url, replay, "50", "20", key=key)]
        events: list[Any] = [line["next"]["data"]["events"] for line in lines if "next" in line]
        assert len({event["cursor"] for event in events}) == len(events) == 50, lines[-1]


async def test_both_clients_complete_a_query_and_show_what_is_wrong_with_one(gateway: Serving, key: str) -> None:
    for tool, url in (("ws_client", gateway.socket_url), ("sse_client", f"{gateway.url}/graphql/stream")):
        lines = [json.loads(line) for line in await run(tool, url, "{ __typename }", "0", key=key)]
        assert [line["next"] for line in lines if "next" in line] == [{"data": {"__typename": "Query"}}]
        assert [line["complete"] for line in lines if "complete" in line] == [True]
        failing = 1 if tool == "ws_client" else 0  # over server-sent events errors are a response like any other
        assert "nosuchfield" in "".join(await run(tool, url, "{ nosuchfield }", "0", key=key, expect=failing))
