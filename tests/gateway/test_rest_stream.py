"""``GET /v2/events/stream``: what it tells, to whom, from where on, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
import pytest

from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from domain.kernel.principal import SCOPES
from tests.conftest import MakeKey, MakeProduct, Shop
from tests.contract.test_openapi import DOCUMENT, check
from tests.gateway.conftest import Serving
from tests.gateway.test_sse import Event, Reading

STREAM = "/v2/events/stream"
Serve = Callable[..., AbstractAsyncContextManager[Serving]]


@asynccontextmanager
async def following(web: httpx.AsyncClient, **options: Any) -> AsyncGenerator[Reading]:
    """Follow the log."""
    async with web.stream("GET", STREAM, **options) as response:
        assert response.status_code == 200, await response.aread()
        yield Reading(response)


async def started(stream: Reading) -> str:
    """The cursor that the stream begins at."""
    block = await stream.block()
    assert block is not None
    assert block.fields.keys() == {"", "id"}
    return block.fields["id"]


def shown(event: Event) -> tuple[str, str]:
    return event.fields["event"], event.data["data"]["object"]["id"]


async def test_an_event_is_its_document_under_its_cursor_and_type(
    web: httpx.AsyncClient, make_product: MakeProduct, log: EventLog
) -> None:
    async with following(web) as stream:
        assert stream.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.response.headers["cache-control"] == "no-cache, no-store, no-transform"
        assert stream.response.headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in stream.response.headers  # though httpx takes gzip
        assert "content-length" not in stream.response.headers
        await started(stream)
        product = await make_product(name="Mug\nof two lines")
        event = await stream.event()
    assert shown(event) == ("product.created", product.id)
    assert event.fields["id"] == event.data["cursor"]
    assert event.data == (await web.get(f"/v2/events/{event.data['id']}")).json()
    answer = DOCUMENT["paths"]["/events/stream"]["get"]["responses"]["200"]["content"]["text/event-stream"]
    check(event.data, answer["schema"]["x-event-data"])


async def test_it_resumes_after_a_cursor_and_last_event_id_overrides(
    web: httpx.AsyncClient, make_product: MakeProduct, log: EventLog
) -> None:
    start = f"e1.{await log.head()}"
    products = [await make_product() for _ in range(4)]
    async with following(web, params={"after": start}) as stream:
        assert await started(stream) == start
        events = [await stream.event() for _ in range(4)]
    assert [shown(event)[1] for event in events] == [product.id for product in products]
    again = {"Last-Event-ID": events[1].fields["id"]}
    async with following(web, params={"after": start}, headers=again) as stream:
        assert [await stream.event() for _ in range(2)] == events[2:]
    async with following(web, params={"after": start}, headers={"Last-Event-ID": ""}) as stream:
        assert await stream.event() == events[0]


async def test_only_the_types_asked_for_come_and_the_place_is_told_of_the_others(
    web: httpx.AsyncClient, make_product: MakeProduct
) -> None:
    async with following(web, params={"types": "product.deleted,product.updated"}) as stream:
        await started(stream)
        product = await make_product()
        assert (await web.put(f"/v2/products/{product.id}", json={"name": "Cup"})).status_code == 200
        assert shown(await stream.event()) == ("product.updated", product.id)
        assert (await web.delete(f"/v2/products/{product.id}")).status_code == 204
        assert shown(await stream.event()) == ("product.deleted", product.id)


async def test_only_events_of_one_object_that_meet_every_condition_come(
    web: httpx.AsyncClient, make_product: MakeProduct
) -> None:
    product, other = await make_product(name="Mug"), await make_product(name="Jug")
    where = {"object_id": product.id, "where": "name:Cup: large,price:10.50"}
    async with following(web, params=where) as stream:
        await started(stream)
        for path, change in (
            (product.id, {"name": "Cup: large"}),
            (other.id, {"name": "Cup: large", "price": 10.5}),
            (product.id, {"price": 10.5}),
            (product.id, {"name": "Cup"}),
            (product.id, {"name": "Cup: large", "status": "draft"}),
        ):
            assert (await web.put(f"/v2/products/{path}", json=change)).status_code == 200
        changed = [(await stream.event()).data["data"]["changed_fields"] for _ in range(2)]
    assert changed == [["price"], ["name", "status"]]


@pytest.mark.parametrize("where", ["", "status", "status:", "Status:a", "a..b:c", "a:b,", ",".join(["a:b"] * 11)])
async def test_conditions_that_say_nothing_are_refused(web: httpx.AsyncClient, where: str) -> None:
    answer = await web.get(STREAM, params={"where": where})
    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (400, "where")


async def test_a_type_without_its_scope_is_refused_when_named_and_left_out_when_not(
    web: httpx.AsyncClient, shop: Shop, make_key: MakeKey, make_product: MakeProduct, log: EventLog
) -> None:
    poor = {"Authorization": f"Bearer {await make_key(shop.live, *(s for s in SCOPES if s != 'products:read'))}"}
    refused = await web.get(STREAM, params={"types": "product.created"}, headers=poor)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "authorization_error")
    assert "products:read" in refused.json()["error"]["message"]
    start = f"e1.{await log.head()}"
    await make_product()
    async with following(web, params={"after": start}, headers=poor) as stream:
        assert await started(stream) == start
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await stream.event()


async def test_another_store_is_not_heard(
    web: httpx.AsyncClient, shop: Shop, other_shop: Shop, make_product: MakeProduct
) -> None:
    async with following(web) as stream:
        await started(stream)
        await make_product(other_shop.live)
        await make_product(shop.test)
        mine = await make_product()
        assert shown(await stream.event())[1] == mine.id


async def test_what_is_wrong_is_said_before_the_stream_begins(
    web: httpx.AsyncClient, gateway: Serving, log: EventLog
) -> None:
    future = f"e1.{await log.head() + 1_000_000}"
    cases: tuple[tuple[dict[str, Any], int, str | None], ...] = (
        ({"params": {"after": "nonsense"}}, 400, "after"),
        ({"params": {"after": future}}, 400, "after"),
        ({"headers": {"Last-Event-ID": "nonsense"}}, 400, "after"),
        ({"headers": [("Last-Event-ID", "e1.1"), ("Last-Event-ID", "e1.2")]}, 400, "last-event-id"),
        ({"params": {"types": "product.nonsense"}}, 400, "types"),
        ({"params": {"limit": "5"}}, 400, "limit"),
        ({"headers": {"Accept": "application/json"}}, 406, None),
        ({"headers": {"Authorization": "Bearer live_nobody"}}, 401, None),
    )
    for given, status, field in cases:
        answer = await web.get(STREAM, **given)
        error = answer.json()["error"]
        assert (answer.status_code, error["request_id"]) == (status, answer.headers["x-request-id"]), given
        assert [each["field"] for each in error["details"]] == ([field] if field else []), given
    assert (await web.post(STREAM)).headers["allow"] == "GET, HEAD"


async def test_head_shows_the_headers_and_ends(web: httpx.AsyncClient) -> None:
    answer = await web.head(STREAM)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert "content-length" not in answer.headers
    assert (await web.head(STREAM, params={"after": "nonsense"})).status_code == 400


async def test_a_key_that_is_revoked_anywhere_ends_its_stream(
    web: httpx.AsyncClient, database: Database, shop: Shop, make_product: MakeProduct
) -> None:
    made = (await web.post("/v2/access/keys", json={"name": "short", "scopes": ["products:read"]})).json()
    async with following(web, headers={"Authorization": f"Bearer {made['secret']}"}) as stream:
        await started(stream)
        async with (
            database.system_connection() as connection
        ):  # as another process does it, of which this one is not told
            await connection.execute("UPDATE api_key SET revoked_at = now() WHERE id = $1", made["id"])
        assert await stream.rest() == ["error"]


async def test_a_server_that_stops_ends_its_streams_and_nothing_is_missed(
    serve: Serve, web: httpx.AsyncClient, key: str, make_product: MakeProduct, log: EventLog
) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        serve() as running,
        httpx.AsyncClient(base_url=running.url, headers=headers) as there,
        following(there) as stream,
    ):
        await started(stream)
        await make_product()
        seen = await stream.event()
        running.server.should_exit = True
        assert await stream.rest() == []
    missed = await make_product()
    async with following(web, headers={"Last-Event-ID": seen.fields["id"]}) as stream:
        assert shown(await stream.event())[1] == missed.id


async def test_a_reader_who_takes_nothing_holds_up_nobody(
    web: httpx.AsyncClient, gateway: Serving, key: str, make_product: MakeProduct, log: EventLog
) -> None:
    """It is sent what its socket takes; the rest waits in the log, not in memory."""
    start = f"e1.{await log.head()}"
    text = "x" * 60_000
    lazy, writer = await asyncio.open_connection("127.0.0.1", gateway.port, limit=1_024)
    writer.write(f"GET {STREAM} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
    await lazy.readuntil(b"\r\n\r\n")
    async with following(web, params={"after": start}) as stream:
        products = [await make_product(description=text) for _ in range(100)]
        heard = [shown(await stream.event())[1] for _ in range(100)]
    assert heard == [product.id for product in products]
    writer.transport.abort()
