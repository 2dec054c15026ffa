"""Events over GraphQL: lists, single ones, and the stream, with the object as it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import orjson
import pytest

from domain import catalog, events
from domain.catalog.commands import UpdateProduct, VariantInput
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from domain.kernel.events import REGISTRY
from domain.kernel.money import Money
from domain.kernel.principal import Principal
from gateway.execution import StrawberryEngine, StreamedResponse
from gateway.graphql.documents import DocumentCache
from resolvers.context import Context
from tests.conftest import MakeProduct, Shop

Graph = Callable[..., Awaitable[Any]]
FOLLOW = """subscription ($types: [EventType!], $after: Cursor) { events(types: $types, after: $after) {
  id type cursor createdAt changedFields sequence
  ... on ProductCreated { snapshot { name variants { sku price { amount } } } product { name variants { inventory } } }
  ... on ProductUpdated { snapshot { name price { amount } version variants { sku } categories } product { name } }
  ... on ProductDeleted { product { status } } } }"""


@pytest.fixture
def follow(database: Database, log: EventLog) -> Callable[..., AsyncGenerator[StreamedResponse]]:
    engine = StrawberryEngine(events.cursor_of)
    documents = DocumentCache(engine.schema)

    def follow(caller: Principal, query: str = FOLLOW, **variables: Any) -> AsyncGenerator[StreamedResponse]:
        operation = documents.operation(query, None)
        return engine.subscribe(operation, variables, lambda: Context(caller, database, "req_test", log=log))

    return follow


async def take(stream: AsyncGenerator[StreamedResponse], count: int) -> list[Any]:
    found: list[Any] = []
    async with asyncio.timeout(10), aclosing(stream):
        async for each in stream:
            if each.body:
                found.append(orjson.loads(each.body))
            if len(found) == count:
                break
    return found


async def change(database: Database, caller: Principal, id: str, **given: Any) -> None:
    async with database.transaction(caller) as work:
        await catalog.update_product(work, caller, UpdateProduct(id=id, **given))


def test_every_type_of_the_log_is_an_event_type() -> None:
    assert {str(each) for each in events.EventType} == set(REGISTRY)


async def test_events_show_the_object_as_it_was(
    database: Database, shop: Shop, make_product: MakeProduct, log: EventLog, follow: Any
) -> None:
    start = f"e1.{await log.head()}"
    product = await make_product(
        name="Mug", categories=("kitchen",), variants=(VariantInput(sku="MUG-1", price=Money(300, "GBP"), inventory=2),)
    )
    await change(database, shop.live, product.id, name="Cup", price=Money(700, "GBP"))
    await change(database, shop.live, product.id, name="Bowl")
    made, cup, bowl = (each["data"]["events"] for each in await take(follow(shop.live, after=start), 3))
    assert (made["type"], made["changedFields"], made["sequence"]) == ("PRODUCT_CREATED", [], 1)
    assert made["snapshot"] == {"name": "Mug", "variants": [{"sku": "MUG-1", "price": {"amount": "3.00"}}]}
    assert made["product"] == {"name": "Bowl", "variants": [{"inventory": 2}]}
    assert (cup["type"], cup["changedFields"], cup["sequence"]) == ("PRODUCT_UPDATED", ["name", "price"], 2)
    assert cup["product"] == {"name": "Bowl"}
    assert cup["snapshot"] == {
        "name": "Cup",
        "price": {"amount": "7.00"},
        "version": 2,
        "variants": [{"sku": "MUG-1"}],
        "categories": ["kitchen"],
    }
    assert (bowl["snapshot"]["name"], bowl["snapshot"]["version"]) == ("Bowl", 3)


async def test_a_cursor_resumes_without_gap_or_repeat(
    database: Database, shop: Shop, make_product: MakeProduct, follow: Any, log: EventLog
) -> None:
    start = f"e1.{await log.head()}"
    product = await make_product()
    for number in range(10):
        await change(database, shop.live, product.id, name=f"Mug {number}")
    query = "subscription ($after: Cursor) { events(after: $after) { cursor sequence } }"
    whole = [each["data"]["events"] for each in await take(follow(shop.live, query, after=start), 11)]
    for place, event in enumerate(whole[:-1]):
        rest = await take(follow(shop.live, query, after=event["cursor"]), 10 - place)
        assert [each["data"]["events"] for each in rest] == whole[place + 1 :]


async def test_only_the_types_asked_for_come(
    database: Database, shop: Shop, make_product: MakeProduct, follow: Any, log: EventLog
) -> None:
    start = f"e1.{await log.head()}"
    product = await make_product()
    await change(database, shop.live, product.id, status=catalog.ProductStatus.ARCHIVED)
    found = await take(follow(shop.live, types=["PRODUCT_DELETED"], after=start), 1)
    assert found[0]["data"]["events"]["product"] == {"status": "ARCHIVED"}


async def test_a_filter_names_an_object_and_what_it_must_have_been(
    database: Database, shop: Shop, make_product: MakeProduct, log: EventLog, follow: Any
) -> None:
    start = f"e1.{await log.head()}"
    cheap, dear = await make_product(price=Money(100, "GBP")), await make_product(price=Money(20_000, "GBP"))
    await change(database, shop.live, cheap.id, price=Money(20_000, "GBP"))
    await change(database, shop.live, dear.id, name="Silver")
    query = """subscription ($after: Cursor, $filter: EventStreamFilter) {
        events(after: $after, filter: $filter) { type ... on ProductUpdated { product { id } } } }"""

    async def told(count: int, **filter: Any) -> list[Any]:
        stream = follow(shop.live, query, after=start, filter=filter)
        return [each["data"]["events"] for each in await take(stream, count)]

    updated = {"type": "PRODUCT_UPDATED"}
    assert await told(2, objectId=cheap.id) == [{"type": "PRODUCT_CREATED"}, {**updated, "product": {"id": cheap.id}}]
    dear_ones = [{"path": "price", "eq": "200.00"}, {"path": "currency", "eq": "gbp"}]
    assert [each["type"] for each in await told(3, where=dear_ones)] == ["PRODUCT_CREATED", *["PRODUCT_UPDATED"] * 2]
    both = [{"path": "price", "eq": "200.00"}, {"path": "name", "eq": "Silver"}]
    assert await told(1, objectId=dear.id, where=both) == [{**updated, "product": {"id": dear.id}}]
    (refused,) = await take(follow(shop.live, query, filter={"where": [{"path": "a b", "eq": "c"}]}), 1)
    assert refused["errors"][0]["extensions"]["problems"][0]["field"] == ["where", "0", "path"]


async def test_types_without_their_scope_are_refused_when_named_and_left_out_when_not(
    shop: Shop, make_product: MakeProduct, follow: Any, log: EventLog
) -> None:
    poor = Principal(shop.live.store, frozenset({"orders:read"}), "key_poor")
    query = "subscription ($types: [EventType!], $after: Cursor) { events(types: $types, after: $after) { id } }"
    (refused,) = await take(follow(poor, query, types=["PRODUCT_CREATED"]), 1)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    start = f"e1.{await log.head()}"
    await make_product()
    waiting = asyncio.create_task(take(follow(poor, query, after=start), 1))
    await asyncio.sleep(0.5)
    assert not waiting.done()
    waiting.cancel()


async def test_a_bad_cursor_is_refused(shop: Shop, follow: Any) -> None:
    for after, code in (("nonsense", "BAD_USER_INPUT"), ("e1.999999999999", "BAD_USER_INPUT")):
        (refused,) = await take(follow(shop.live, after=after), 1)
        assert refused["errors"][0]["extensions"]["code"] == code
        assert "data" not in refused


async def test_events_are_listed_from_the_oldest_and_found_by_id(
    graph: Graph, make_product: MakeProduct, database: Database, shop: Shop, log: EventLog
) -> None:
    product, other = await make_product(), await make_product()
    await change(database, shop.live, product.id, name="Cup")
    query = """query ($filter: EventFilter, $after: String) { events(filter: $filter, first: 2, after: $after) {
      totalCount nodes { id type ... on ProductCreated { product { id name } } } pageInfo { endCursor } } }"""
    async with asyncio.timeout(5):
        while (await graph(query))["events"]["totalCount"] < 3:
            await asyncio.sleep(0.02)
    first = (await graph(query))["events"]
    assert [node["type"] for node in first["nodes"]] == ["PRODUCT_CREATED", "PRODUCT_CREATED"]
    assert [node["product"]["id"] for node in first["nodes"]] == [product.id, other.id]
    after = first["pageInfo"]["endCursor"]
    assert [node["type"] for node in (await graph(query, after=after))["events"]["nodes"]] == ["PRODUCT_UPDATED"]
    narrow = (await graph(query, filter={"objectId": other.id, "types": ["PRODUCT_CREATED"]}))["events"]
    assert [node["product"]["id"] for node in narrow["nodes"]] == [other.id]
    id = first["nodes"][0]["id"]
    assert (await graph("query ($id: ID!) { event(id: $id) { id } }", id=id)) == {"event": {"id": id}}


async def test_subscriptions_are_not_served_by_plain_http(rest: Any) -> None:
    answer = await rest("POST", "/graphql", json={"query": "subscription { events { id } }"})
    assert answer.status_code == 400
    assert "/graphql/stream" in answer.json()["errors"][0]["message"]
