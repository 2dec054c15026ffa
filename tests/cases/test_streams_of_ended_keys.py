"""Streams whose key ends: an event says why."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from domain.kernel.clock import system_clock
from tests.gateway.conftest import EVENTS, Serving, gateway, key, web  # noqa: F401 - fixtures
from tests.gateway.test_rest_stream import following
from tests.gateway.test_sse import Reading, reading

ENDED = "The API key was revoked or has expired."


async def expiring(web: httpx.AsyncClient, ends: str) -> dict[str, Any]:  # noqa: F811 - the fixture's value
    soon = system_clock() + timedelta(seconds=4)
    given = {"expires_at": f"{soon:%Y-%m-%dT%H:%M:%SZ}"} if ends == "expired" else {}
    made: dict[str, Any] = (
        await web.post("/v2/access/keys", json={"name": "short", "scopes": ["products:read"], **given})
    ).json()
    return made


async def last_events(stream: Reading) -> list[Any]:
    """Name and data of the events that follow, to the end; a stream that goes on does not pass."""
    found = []
    async with asyncio.timeout(15):
        while (block := await stream.block()) is not None:
            if "event" in block.fields:
                found.append((block.fields["event"], block.data if block.fields["data"] else None))
    return found


@pytest.mark.parametrize("ends", ["revoked", "expired"])
async def test_a13_a_rest_stream_ends_with_an_error_that_says_why(web: httpx.AsyncClient, ends: str) -> None:  # noqa: F811
    """Taken out: ``revoked`` of ``StreamHandler``; the stream just ends."""
    made = await expiring(web, ends)
    async with following(web, headers={"Authorization": f"Bearer {made['secret']}"}) as stream:
        await stream.block()
        if ends == "revoked":
            await web.delete(f"/v2/access/keys/{made['id']}")
        ((name, data),) = await last_events(stream)
    assert (name, data["error"]["code"], data["error"]["message"]) == ("error", "authentication_error", ENDED)
    assert data["error"]["request_id"] == stream.response.headers["x-request-id"]


@pytest.mark.parametrize("ends", ["revoked", "expired"])
async def test_a13_a_graphql_stream_ends_with_the_error_and_complete(web: httpx.AsyncClient, ends: str) -> None:  # noqa: F811
    """Taken out: ``revoked`` of ``GraphQLStream``; the stream just ends."""
    made = await expiring(web, ends)
    async with reading(web, EVENTS, headers={"Authorization": f"Bearer {made['secret']}"}) as stream:
        await stream.block()
        if ends == "revoked":
            await web.delete(f"/v2/access/keys/{made['id']}")
        (name, data), end = await last_events(stream)
    (error,) = data["errors"]
    assert (name, error["message"], error["extensions"]["code"]) == ("next", ENDED, "UNAUTHENTICATED")
    assert "data" not in data
    assert end == ("complete", None)
