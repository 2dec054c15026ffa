"""Subscribers who asked the same are told the same bytes, made once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import orjson
import pytest

from domain import catalog, events
from domain.catalog.commands import UpdateProduct
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from domain.kernel.principal import Principal
from gateway.execution import Code, CompiledEngine, Failure, GraphQLResponse, StreamedResponse
from gateway.graphql.documents import DocumentCache
from resolvers.context import Context
from tests.conftest import MakeProduct, Shop

FOLLOW = """subscription ($after: Cursor, $types: [EventType!] = [PRODUCT_UPDATED], $deep: Boolean = false) {
    events(after: $after, types: $types) { cursor ... on ProductUpdated {
        product { name categories { slug } variants @include(if: $deep) { sku } } } } }"""
CATEGORIES = "product_category"
"""Read for each execution, since relations are as they are now."""

Follow = Callable[..., AsyncGenerator[StreamedResponse]]


@pytest.fixture
def engine() -> CompiledEngine:
    return CompiledEngine(events.cursor_of)


@pytest.fixture
def follow(engine: CompiledEngine, database: Database, log: EventLog) -> Follow:
    documents = DocumentCache(engine.schema)

    def follow(caller: Principal, query: str = FOLLOW, **variables: Any) -> AsyncGenerator[StreamedResponse]:
        operation = documents.operation(query, None)
        return engine.subscribe(operation, variables, lambda: Context(caller, database, "req_test", log=log))

    return follow


async def begun(*streams: AsyncGenerator[StreamedResponse]) -> None:
    for stream in streams:
        assert (await anext(stream)).body == b""


async def told(stream: AsyncGenerator[StreamedResponse]) -> Any:
    async with asyncio.timeout(10):
        while not (streamed := await anext(stream)).body:
            pass
    return orjson.loads(streamed.body)


@pytest.fixture
async def rename(database: Database, shop: Shop, make_product: MakeProduct) -> Callable[[str], Any]:
    product = await make_product(categories=("kitchen",))

    async def rename(name: str) -> None:
        async with database.transaction(shop.live) as work:
            await catalog.update_product(work, shop.live, UpdateProduct(id=product.id, name=name))

    return rename


def executions(statements: list[str]) -> int:
    return sum(CATEGORIES in statement for statement in statements)


async def test_equal_subscribers_share_one_execution_whatever_cursor_they_began_at(
    engine: CompiledEngine, follow: Follow, shop: Shop, log: EventLog, rename: Any, statements: list[str]
) -> None:
    await log.read_on()
    resumed, narrowed = {"after": f"e1.{await log.head()}"}, {"types": ["PRODUCT_UPDATED", "PRODUCT_DELETED"]}
    starts: list[dict[str, Any]] = [{}, resumed, narrowed, {"deep": False}]
    streams = [follow(shop.live, **variables) for variables in starts for _ in range(5)]
    await begun(*streams)
    assert len(engine._groups) == 2, "a variable that is left out and one that says the default are not compared"
    await rename("Cup")
    statements.clear()
    answers = await asyncio.gather(*map(told, streams))
    assert answers == [answers[0]] * 20
    assert answers[0]["data"]["events"]["product"] == {"name": "Cup", "categories": [{"slug": "kitchen"}]}
    assert executions(statements) == 2
    for stream in streams:
        await stream.aclose()
    assert len(engine._groups) == 0


async def test_other_rights_variables_and_documents_are_executed_apart(
    follow: Follow, shop: Shop, rename: Any, statements: list[str]
) -> None:
    poor = Principal(shop.live.store, frozenset({"products:read"}), "key_poor")
    streams = [
        follow(shop.live),
        follow(poor),
        follow(shop.live, deep=True),
        follow(shop.live, FOLLOW.replace("name", "sku")),
        *(follow(shop.test) for _ in range(2)),
    ]
    await begun(*streams)
    statements.clear()
    await rename("Cup")
    products = [(await told(stream))["data"]["events"]["product"] for stream in streams[:4]]
    assert [set(product) for product in products] == [
        {"name", "categories"},
        {"name", "categories"},
        {"name", "categories", "variants"},
        {"sku", "categories"},
    ]
    waiting = [asyncio.ensure_future(told(stream)) for stream in streams[4:]]
    done, _ = await asyncio.wait(waiting, timeout=0.5)
    assert not done, "another store's events are nobody else's"
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    for stream in streams:
        await stream.aclose()


async def test_one_who_leaves_while_others_wait_takes_nothing_along(follow: Follow, shop: Shop, rename: Any) -> None:
    streams = [follow(shop.live) for _ in range(3)]
    await begun(*streams)
    tasks = [asyncio.ensure_future(told(stream)) for stream in streams]
    async with asyncio.timeout(10):
        await rename("Cup")
        while not any(task.done() for task in tasks):
            tasks[0].cancel()
            await asyncio.sleep(0)
    rest = await asyncio.gather(*tasks[1:])
    assert [answer["data"]["events"]["product"]["name"] for answer in rest] == ["Cup", "Cup"]
    for stream in streams:
        async with aclosing(stream):
            pass


async def test_errors_name_each_askers_own_request(engine: CompiledEngine) -> None:
    """Two of one audience meet an answer with an error: each has it executed for themselves."""
    operation = DocumentCache(engine.schema).operation(FOLLOW, None)

    def failing(request: str) -> Any:
        async def execute() -> GraphQLResponse:
            await asyncio.sleep(0)
            return GraphQLResponse(
                request.encode(), executed=True, has_data=True, failures=(Failure(Code.INTERNAL, "no"),)
            )

        return execute

    with engine._groups.joined(operation, {}, 1) as one, engine._groups.joined(operation, {}, 1) as two:
        assert one is two
        answers = await asyncio.gather(one.answer("e1.1", failing("req_1")), two.answer("e1.1", failing("req_2")))
    assert [answer.body for answer in answers] == [b"req_1", b"req_2"]
