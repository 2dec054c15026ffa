"""Exports of events: a range of the log, as REST writes each event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from domain.events.event_types import EventType
from domain.kernel.database import Database
from domain.kernel.event_log.cursors import read_position
from tests.conftest import Client, Graph, MakeCustomer, MakeKey, MakeProduct, Shop
from tests.jobs.bulk import Bulk

START = """mutation ($input: StartEventExportInput!) {
    startEventExport(input: $input) { job { kind progress { unit } } userErrors { code field message } } }"""


@pytest.fixture
async def told(bulk: Bulk, make_product: MakeProduct, make_customer: MakeCustomer) -> list[dict[str, Any]]:
    """The events of 130 products and a customer, as the list has them: more than are read at a time."""
    for number in range(130):
        await make_product(sku=f"S{number}")
    await make_customer(first_name="Jane")
    async with asyncio.timeout(30):
        while len(found := await listed(bulk)) < 131:
            await asyncio.sleep(0.05)
    return found


async def listed(bulk: Bulk, **parameters: str) -> list[dict[str, Any]]:
    """All events by pages of the list."""
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        answer = await bulk.rest("GET", "/v2/events", params={"limit": "100", **parameters, **after})
        page = answer.json()["data"]
        found += page
        if len(page) < 100:
            return found
        after = {"after": page[-1]["cursor"]}


async def exported(bulk: Bulk, **range: Any) -> list[dict[str, Any]]:
    """The lines of an export."""
    job = await bulk.finish(await bulk.start_events(**range))
    assert job["status"] == "succeeded", job["error"]
    return await bulk.result(job["id"])


async def test_every_event_is_exported_as_rest_returns_it(bulk: Bulk, told: list[dict[str, Any]]) -> None:
    """Taken out: ``position`` of the next batch (the first hundred for ever)."""
    job = await bulk.finish(await bulk.start_events())
    assert await bulk.result(job["id"]) == told
    assert job["counts"] == {"product.created": 130, "customer.created": 1}
    one = (await bulk.rest("GET", f"/v2/events/{told[7]['id']}")).json()
    assert (await bulk.result(job["id"]))[7] == one


async def test_a_range_is_of_types_times_and_cursors(bulk: Bulk, told: list[dict[str, Any]]) -> None:
    """Taken out: any of the conditions of ``_BATCH``."""
    assert await exported(bulk, types=["customer.created"]) == told[-1:]
    assert await exported(bulk, after=told[9]["cursor"], until=told[19]["cursor"]) == told[10:20]
    assert await exported(bulk, after=told[-1]["cursor"]) == []
    assert await exported(bulk, created_from="2100-01-01") == []
    assert await exported(bulk, created_to="2000-01-01") == []
    first, last = told[0]["created_at"][:10], told[-1]["created_at"][:10]  # bare dates are whole days of UTC
    assert await exported(bulk, created_from=first, created_to=last) == told
    begin = told[3]["created_at"]
    later = await exported(bulk, created_from=begin)
    assert told[4]["id"] in {each["id"] for each in later}
    assert all(each["created_at"] >= begin for each in later)


async def test_only_events_that_the_caller_may_read_are_exported(
    http: httpx.AsyncClient, bulk: Bulk, shop: Shop, make_key: MakeKey, told: list[dict[str, Any]]
) -> None:
    """Taken out: ``resolve_types`` in ``start_event_export``, its ``scopes``."""
    own = bulk.rest
    whole = await bulk.finish(await bulk.start_events())
    bulk.rest = Client(http, await make_key(shop.live, "products:read"))
    shown = await exported(bulk)
    assert (shown, [each["id"] for each in shown]) == (await listed(bulk), [each["id"] for each in told[:-1]])
    assert (await bulk.start_events(types=["customer.created"])).status_code == 403
    assert (await bulk.rest("GET", f"/v2/jobs/{whole['id']}/result")).status_code == 404
    bulk.rest = Client(http, await make_key(shop.live, "webhooks:read"))
    assert (await bulk.start_events()).status_code == 403
    bulk.rest = own


BAD: list[tuple[dict[str, Any], int, str]] = [
    ({"types": ["order.exploded"]}, 422, "types.0"),
    ({"after": "e1.5", "until": "e1.4"}, 422, "after"),
    ({"created_from": "2026-02-01", "created_to": "2026-01-01"}, 422, "created_from"),
    ({"created_from": "yesterday"}, 422, "created_from"),
    ({"after": "12"}, 422, "after"),
    ({"colour": "red"}, 422, "colour"),
]


@pytest.mark.parametrize(("range", "status", "field"), BAD)
async def test_a_bad_range_is_refused(bulk: Bulk, range: dict[str, Any], status: int, field: str) -> None:
    answer = await bulk.start_events(**range)
    assert (answer.status_code, answer.json()["error"]["details"][0]["field"]) == (status, field), answer.text
    assert (await bulk.rest("GET", "/v2/jobs")).json()["data"] == []


@asynccontextmanager
async def horizon_at(database: Database, cursor: str) -> AsyncGenerator[None]:
    """The events up to a cursor are as if they were past their retention."""
    async with database.system_connection() as connection:
        before = await connection.fetchval("SELECT horizon FROM event_log")
        await connection.execute("UPDATE event_log SET horizon = $1", read_position(cursor))
    try:
        yield
    finally:
        async with database.system_connection() as connection:
            await connection.execute("UPDATE event_log SET horizon = $1", before)


async def test_a_cursor_of_dropped_events_is_refused(
    bulk: Bulk, database: Database, told: list[dict[str, Any]]
) -> None:
    """Events after it are missing. Taken out: ``require_retained`` in ``start_event_export``."""
    async with horizon_at(database, told[9]["cursor"]):
        for range in ({"after": told[8]["cursor"]}, {"after": "e1.0"}):
            answer = await bulk.start_events(**range)
            assert answer.status_code == 400, answer.text
            (detail,) = answer.json()["error"]["details"]
            assert (detail["field"], detail["code"]) == ("after", "CURSOR_EXPIRED")
            body = {"query": START, "variables": {"input": range}}
            (refused,) = (await bulk.rest("POST", "/graphql", json=body)).json()["errors"]
            assert refused["extensions"]["code"] == "CURSOR_EXPIRED"
        assert (await bulk.rest("GET", "/v2/jobs")).json()["data"] == []
        assert await exported(bulk, after=told[9]["cursor"]) == told[10:]
        assert await exported(bulk) == told[10:]


async def test_an_export_whose_first_events_were_dropped_while_it_waited_fails(
    bulk: Bulk, database: Database, told: list[dict[str, Any]]
) -> None:
    """Its file would look whole. Taken out: ``_require_first``."""
    started = [await bulk.start_events(**range) for range in ({"after": told[4]["cursor"]}, {})]
    async with horizon_at(database, told[9]["cursor"]):
        late, whole = [await bulk.finish(each) for each in started]
    assert (late["status"], whole["status"]) == ("failed", "succeeded")
    assert "no longer stored" in late["error"]
    assert await bulk.result(whole["id"]) == told[10:]


async def test_graphql_starts_an_export_of_events(graph: Graph) -> None:
    payload = (await graph(START, input={"types": [EventType("order.created").name]}))["startEventExport"]
    assert payload == {"job": {"kind": "EVENT_EXPORT", "progress": {"unit": "events"}}, "userErrors": []}
    payload = (await graph(START, input={"after": "e1.5", "until": "e1.4"}))["startEventExport"]
    assert payload["userErrors"] == [
        {"code": "INVALID", "field": ["after"], "message": "Must not be later than until."}
    ]
