"""Jobs on both surfaces: lists, filters, who may see and cancel them, and the subscription."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import httpx
import orjson
import pytest

from domain.jobs import JobFeed, JobKind, JobRun
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from domain.kernel.principal import Principal
from gateway.execution import CompiledEngine, StreamedResponse
from gateway.graphql.documents import DocumentCache
from gateway.jobs import cursor_of
from resolvers.context import Context
from tests.conftest import Client, Graph, MakeKey, Shop
from tests.jobs.conftest import Queue, Running

LIST = "query ($filter: JobFilter) { jobs(filter: $filter) { nodes { id } totalCount } }"
ONE = "query ($id: ID!) { job(id: $id) { id } node(id: $id) { id } }"
FOLLOW = "subscription ($id: ID!) { job(id: $id) { status progress { done total unit } counts finishedAt } }"

Follow = Callable[..., AsyncGenerator[StreamedResponse]]


async def test_both_surfaces_show_a_job(rest: Client, graph: Graph, queue: Queue) -> None:
    id = await queue(total=7)
    shown = (await rest("GET", f"/v2/jobs/{id}")).json()
    assert shown["progress"] == {"done": 0, "total": 7, "unit": "rows"}
    assert (shown["kind"], shown["status"], shown["created_by"]) == ("import_products", "queued", "system")
    query = """query ($id: ID!) { job(id: $id) {
        id kind status progress { done total unit } counts error createdBy startedAt finishedAt version } }"""
    assert (await graph(query, id=id))["job"] == {
        "id": id,
        "kind": "IMPORT_PRODUCTS",
        "status": "QUEUED",
        "progress": {"done": 0, "total": 7, "unit": "rows"},
        "counts": {},
        "error": None,
        "createdBy": "system",
        "startedAt": None,
        "finishedAt": None,
        "version": 1,
    }


async def test_jobs_are_filtered_by_kind_status_and_time(rest: Client, graph: Graph, queue: Queue) -> None:
    """Taken out: any of the filters of ``reads.jobs``."""
    first, second = await queue(), await queue(kind=JobKind.IMPORT_STOCK)
    await rest("POST", f"/v2/jobs/{first}/cancel")
    cases = [
        ("", None, [second, first]),
        ("?kind=import_stock", {"kind": ["IMPORT_STOCK"]}, [second]),
        ("?status=queued,running", {"status": ["QUEUED", "RUNNING"]}, [second]),
        ("?status=cancelled&kind=import_stock", {"status": ["CANCELLED"], "kind": ["IMPORT_STOCK"]}, []),
        ("?created_from=2100-01-01", {"createdFrom": "2100-01-01"}, []),
        ("?created_to=2100-01-01", {"createdTo": "2100-01-01"}, [second, first]),
    ]
    for parameters, filter, ids in cases:
        found = (await rest("GET", f"/v2/jobs{parameters}")).json()["data"]
        assert [job["id"] for job in found] == ids, parameters
        jobs = (await graph(LIST, filter=filter))["jobs"]
        assert jobs == {"nodes": [{"id": id} for id in ids], "totalCount": len(ids)}


@pytest.mark.parametrize(
    ("scopes", "sees", "cancels"),
    [
        (("inventory:read",), True, False),
        (("inventory:write",), True, True),
        (("products:write", "products:read"), False, False),
    ],
)
async def test_a_job_needs_the_scope_of_what_it_moves(
    http: httpx.AsyncClient,
    shop: Shop,
    make_key: MakeKey,
    queue: Queue,
    scopes: tuple[str, ...],
    sees: bool,
    cancels: bool,
) -> None:
    """Taken out: ``check_job_filters``, ``sees`` of the routes and the node type, ``require`` in ``cancel_job``."""
    id = await queue(kind=JobKind.IMPORT_STOCK)
    client = Client(http, await make_key(shop.live, *scopes))
    assert (await client("GET", f"/v2/jobs/{id}")).status_code == (200 if sees else 404)
    assert [job["id"] for job in (await client("GET", "/v2/jobs")).json()["data"]] == ([id] if sees else [])
    assert (await client("GET", "/v2/jobs?kind=import_stock")).status_code == (200 if sees else 403)
    answer = (await client("POST", "/graphql", json={"query": ONE, "variables": {"id": id}})).json()
    assert answer["data"] == {"job": {"id": id} if sees else None, "node": {"id": id} if sees else None}
    refused = 403 if sees else 404
    assert (await client("POST", f"/v2/jobs/{id}/cancel")).status_code == (201 if cancels else refused)


@pytest.fixture
def follow(database: Database, log: EventLog, http: httpx.AsyncClient) -> Follow:
    """``http`` has built the application, which provides the feed."""
    engine = CompiledEngine(cursor_of)
    documents = DocumentCache(engine.schema)

    def follow(caller: Principal, id: str) -> AsyncGenerator[StreamedResponse]:
        operation = documents.operation(FOLLOW, None)
        return engine.subscribe(operation, {"id": id}, lambda: Context(caller, database, "req_test", log=log))

    return follow


async def received(stream: AsyncGenerator[StreamedResponse]) -> list[Any]:
    """All that it sends until it ends by itself."""
    async with asyncio.timeout(20), aclosing(stream):
        return [orjson.loads(each.body) async for each in stream]


async def test_a_subscription_sends_a_job_until_it_has_finished(
    shop: Shop, queue: Queue, running: Running, follow: Follow
) -> None:
    """By whichever process it is run. Taken out: the loop of ``resolvers.jobs.follow`` (only the first is sent)."""
    id = await queue(total=2)

    sent: list[Any] = []

    async def step_by_step(run: JobRun) -> None:
        if run.id != id:  # left by another test
            return
        for done in (1, 2):
            while not sent or sent[-1]["progress"]["done"] < done - 1:
                await asyncio.sleep(0.02)
            async with run.batch() as batch:
                batch.done, batch.counts["created"] = done, done

    async with running(step_by_step), asyncio.timeout(30), aclosing(follow(shop.live, id)) as stream:
        async for each in stream:
            sent.append(orjson.loads(each.body)["data"]["job"])
    assert sent[0]["status"] == "QUEUED"
    assert sent[-1]["status"] == "SUCCEEDED"
    assert sent[-1]["finishedAt"] is not None
    assert [each["progress"]["done"] for each in sent] == sorted(each["progress"]["done"] for each in sent)
    assert {each["progress"]["done"] for each in sent} == {0, 1, 2}
    assert [each["finishedAt"] for each in sent[:-1]] == [None] * (len(sent) - 1)


async def test_a_subscription_to_a_finished_job_sends_it_once(
    shop: Shop, rest: Client, queue: Queue, follow: Follow
) -> None:
    id = await queue()
    await rest("POST", f"/v2/jobs/{id}/cancel")
    (sent,) = await received(follow(shop.live, id))
    assert sent["data"]["job"]["status"] == "CANCELLED"


async def test_a_subscription_to_a_job_that_is_not_there_is_refused(
    shop: Shop, other_shop: Shop, queue: Queue, follow: Follow
) -> None:
    """Of another store, or of an area that the caller has no scope of. Taken out: ``may_see_job`` in ``job``."""
    theirs, ours = await queue(other_shop.live), await queue()
    without = Principal(shop.live.store, frozenset({"orders:read"}), "key_x")
    for caller, id in ((shop.live, theirs), (without, ours), (shop.live, "job_x")):
        (sent,) = await received(follow(caller, id))
        assert sent["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_nothing_polls_once_the_last_follower_has_left(
    database: Database, shop: Shop, queue: Queue, follow: Follow, rest: Client
) -> None:
    """Taken out: ``polling.cancel()`` in ``JobFeed._leave``."""
    ids = [await queue() for _ in range(3)]
    following = [asyncio.create_task(received(follow(shop.live, id))) for id in ids]
    await asyncio.sleep(0.2)
    feed: JobFeed = database.dependency(JobFeed)
    assert len(feed) == 3
    for id in ids:
        await rest("POST", f"/v2/jobs/{id}/cancel")
    assert [len(await each) for each in following] == [2, 2, 2]
    assert (len(feed), feed.is_polling) == (0, False)
