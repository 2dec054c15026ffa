"""GraphQL by server-sent events: framing, refusals, resuming, and streams that end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from domain import events
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from gateway.authentication import Authenticator
from gateway.execution import StrawberryEngine
from gateway.graphql import ConnectionRegistry, GraphQLStream, Operations
from gateway.graphql.sse import COMPLETE, next_event
from gateway.settings import Settings
from tests.conftest import MakeKey, MakeProduct, Shop
from tests.gateway.conftest import EVENTS, Serving, serving
from tests.gateway.test_edge import boundary
from transport.sse import heartbeat

STREAM = "/graphql/stream"
CREATE = 'mutation { createProduct(input: { name: "a", sku: "%s", price: { amount: 5 } }) { product { id } } }'


@dataclass(frozen=True, slots=True)
class Event:
    """One block of a stream."""

    fields: dict[str, str]

    @property
    def data(self) -> Any:
        """Its JSON."""
        return orjson.loads(self.fields["data"])


class Reading:
    """A stream that is being read."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines: AsyncIterator[str] = response.aiter_lines()

    async def block(self) -> Event | None:
        """The next block, heartbeats too; None at the end."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(10):
            async for line in self._lines:
                if not line:
                    return Event(fields)
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
        return None

    async def event(self) -> Event:
        """The next event."""
        while (found := await self.block()) is not None:
            if "event" in found.fields:
                return found
        raise AssertionError("the stream is over")

    async def rest(self) -> list[str | None]:
        """What events follow, by name."""
        found = []
        while (block := await self.block()) is not None:
            if "event" in block.fields:
                found.append(block.fields["event"])
        return found


@asynccontextmanager
async def reading(web: httpx.AsyncClient, query: str, **options: Any) -> AsyncGenerator[Reading]:
    """Read the stream of an operation."""
    headers = {"Accept": "text/event-stream", **options.pop("headers", {})}
    body = {"query": query, "variables": options.pop("variables", {})}
    async with web.stream("POST", STREAM, json=body, headers=headers, **options) as response:
        assert response.status_code == 200, await response.aread()
        yield Reading(response)


def test_events_are_framed_as_the_standard_says() -> None:
    assert next_event(b'{"data":1}', None) == b'event: next\ndata: {"data":1}\n\n'
    assert next_event(b"{}", "e1.7") == b"event: next\nid: e1.7\ndata: {}\n\n"
    assert COMPLETE == b"event: complete\ndata:\n\n"
    assert heartbeat(None) == b":\n\n"
    assert heartbeat("e1.7") == b":\nid: e1.7\n\n"


@pytest.mark.parametrize("by", ["POST", "GET"])
async def test_a_query_is_one_response_and_a_completion(web: httpx.AsyncClient, by: str) -> None:
    asked = {"query": "query A { __typename } query B { b: __typename }", "operationName": "B"}
    sent: dict[str, Any] = {"json": asked} if by == "POST" else {"params": asked}
    answer = await web.request(by, STREAM, **sent, headers={"Accept": "text/event-stream"})
    assert answer.text == 'event: next\ndata: {"data":{"b":"Query"}}\n\nevent: complete\ndata:\n\n'
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache, no-store, no-transform"
    assert answer.headers["x-accel-buffering"] == "no"
    assert "content-encoding" not in answer.headers
    assert answer.headers["x-request-id"].startswith("req_")


async def test_mutations_are_sent_by_post_and_repeat_under_their_key(web: httpx.AsyncClient, events: Any) -> None:
    refused = await web.get(STREAM, params={"query": CREATE % "A"})
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    answers = [
        await web.post(STREAM, json={"query": CREATE % "A"}, headers={"Idempotency-Key": "once"}) for _ in range(2)
    ]
    first, second = (Event(dict(part.split(": ", 1) for part in each.text.split("\n")[:2])).data for each in answers)
    assert first["data"]["createProduct"]["product"]["id"]
    assert second == {**first, "extensions": {"idempotentReplayed": True}}
    assert len(await events()) == 1


async def test_a_request_that_is_none_is_refused_with_a_status(web: httpx.AsyncClient, gateway: Serving) -> None:
    query = {"query": "{ __typename }"}
    async with httpx.AsyncClient(base_url=gateway.url) as nobody:
        refused = await nobody.post(STREAM, json=query, headers={"Accept": "text/event-stream"})
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    cases = (
        (await web.put(STREAM, json=query), 405),
        (await web.post(STREAM, json=query, headers={"Accept": "application/json"}), 406),
        (await web.post(STREAM, content=b"query", headers={"Content-Type": "text/plain"}), 415),
        (await web.post(STREAM, json=[query]), 400),
        (await web.post(STREAM, json={"query": 7}), 400),
        (await web.post(STREAM, json={**query, "variables": []}), 400),
        (await web.post(STREAM, content=b"{" * 2_000_000, headers={"Content-Type": "application/json"}), 413),
        (await web.get(STREAM), 400),
    )
    for answer, status in cases:
        assert answer.status_code == status, answer.text
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
        assert answer.headers["x-request-id"] == answer.json()["errors"][0]["extensions"]["requestId"]


async def test_an_operation_that_cannot_run_says_so_in_the_stream(
    web: httpx.AsyncClient, shop: Shop, make_key: MakeKey
) -> None:
    """As the protocol has it: "Validation steps … MUST report errors through an accepted SSE connection"."""
    poor = {"Authorization": f"Bearer {await make_key(shop.live, 'orders:read')}"}
    for query, headers, code in (
        ("{", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ nosuchfield }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query A { __typename } query B { __typename }", {}, "OPERATION_RESOLUTION_FAILURE"),
        ("{ products { nodes { id } } }", poor, "FORBIDDEN"),
        ("subscription { events(types: [PRODUCT_CREATED]) { id } }", poor, "FORBIDDEN"),
        (EVENTS, {"Last-Event-ID": "nonsense"}, "BAD_USER_INPUT"),
        (CREATE % "B", {"Idempotency-Key": "ü" * 300}, "BAD_REQUEST"),
    ):
        sent = {name: value.encode() for name, value in headers.items()}
        async with reading(web, query, headers=sent) as stream:
            event = await stream.event()
            assert event.data["errors"][0]["extensions"]["code"] == code, event
            assert "id" not in event.fields
            assert await stream.rest() == ["complete"]


async def test_events_carry_their_cursor_and_last_event_id_overrides_after(
    web: httpx.AsyncClient, make_product: MakeProduct, log: EventLog
) -> None:
    start = f"e1.{await log.head()}"
    async with reading(web, EVENTS, variables={"after": start}) as stream:
        begun = await stream.block()
        assert begun is not None
        assert begun.fields == {"": "", "id": start}  # to resume from when nothing has come yet
        for _ in range(3):
            await make_product()
        seen = [await stream.event() for _ in range(3)]
    assert [event.fields["id"] for event in seen] == [event.data["data"]["events"]["cursor"] for event in seen]
    again = {"Last-Event-ID": seen[0].fields["id"]}
    query = f'subscription {{ events(after: "{start}") {{ cursor sequence }} }}'
    async with reading(web, query, headers=again) as stream:
        assert [await stream.event() for _ in range(2)] == seen[1:]


async def test_what_is_passed_over_is_told_with_the_heartbeat(
    database: Database, settings: Settings, key: str, make_product: MakeProduct, log: EventLog
) -> None:
    """Nobody who waits for a rare event has to be shown all others again when the connection breaks."""
    query = "subscription { events(types: [PRODUCT_DELETED]) { cursor } }"
    operations = Operations(database, settings.keyring, StrawberryEngine(events.cursor_of), log)
    door = GraphQLStream(Authenticator(database), operations, ConnectionRegistry(database), heartbeat_seconds=0.2)
    async with serving(boundary(Starlette(routes=[Route(STREAM, door)]))) as running:
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=running.url, headers=headers) as web, reading(web, query) as stream:
            begun = await stream.block()
            await make_product()
            async with asyncio.timeout(5):
                while (beat := await stream.block()) is not None and "id" not in beat.fields:
                    pass
            assert begun is not None
            assert beat is not None
            assert int(beat.fields["id"][3:]) > int(begun.fields["id"][3:])
            assert "data" not in beat.fields


async def test_a_reader_who_leaves_stops_the_work(web: httpx.AsyncClient, gateway: Serving) -> None:
    async def tasks() -> int:
        return len([task for task in asyncio.all_tasks() if "_pass_on" in repr(task.get_coro())])

    async with reading(web, EVENTS) as stream:
        await stream.block()
        assert await tasks() == 1
    async with asyncio.timeout(5):
        while await tasks():
            await asyncio.sleep(0.02)


async def test_a_revoked_key_ends_its_streams_and_says_so(web: httpx.AsyncClient) -> None:
    made = (await web.post("/v2/access/keys", json={"name": "short", "scopes": ["products:read"]})).json()
    async with reading(web, EVENTS, headers={"Authorization": f"Bearer {made['secret']}"}) as stream:
        await stream.block()
        begun = time.monotonic()
        assert (await web.delete(f"/v2/access/keys/{made['id']}")).status_code == 204
        assert await stream.rest() == ["next", "complete"]
        assert time.monotonic() - begun < 2
