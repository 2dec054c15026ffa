"""A mutation is one transaction: refused alone, undone together, repeated once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from domain.catalog import Product
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from domain.kernel.principal import Principal
from gateway.execution import Code, GraphQLResponse, Operation, StrawberryEngine
from gateway.graphql.documents import RejectedDocumentError
from gateway.graphql.operations import Caller, Operations
from gateway.graphql.requests import GraphQLRequest
from gateway.settings import Settings
from resolvers.context import Context
from tests.conftest import Ask, Graph, MakeProduct, Shop

CREATE = """mutation ($sku: String!) {
  createProduct(input: { name: "Mug", sku: $sku, price: { amount: "5" } }) {
    product { id sku } userErrors { code field } } }"""


async def names(graph: Graph) -> list[str]:
    found = await graph("{ products(sort: { field: NAME }) { nodes { name } } }")
    return [node["name"] for node in found["products"]["nodes"]]


async def test_a_refused_field_leaves_its_neighbours_alone(graph: Graph, events: Any) -> None:
    answer = await graph("""mutation {
      a: createProduct(input: { name: "A", sku: "one", price: { amount: "1" } }) { userErrors { code } }
      b: createProduct(input: { name: "B", sku: "ONE", price: { amount: "1" } }) { userErrors { code } }
      c: createProduct(input: { name: "C", sku: "two", price: { amount: "1" } }) { userErrors { code } } }""")
    assert answer == {"a": {"userErrors": []}, "b": {"userErrors": [{"code": "TAKEN"}]}, "c": {"userErrors": []}}
    assert await names(graph) == ["A", "C"]
    assert [event["type"] for event in await events()] == ["product.created"] * 2


async def test_later_fields_see_what_earlier_ones_wrote(graph: Graph, make_product: MakeProduct) -> None:
    made = await make_product()
    query = """mutation ($id: ID!) {
      a: updateProduct(input: { id: $id, name: "A" }) { product { name version } }
      b: updateProduct(input: { id: $id, name: "B", expectedVersion: 2 }) { product { name version } } }"""
    assert await graph(query, id=made.id) == {
        "a": {"product": {"name": "A", "version": 2}},
        "b": {"product": {"name": "B", "version": 3}},
    }


async def overstock(database: Database, product: Product) -> None:
    """More of the product than an Int can say, in warehouses that no use case made."""
    store, variant = product.store_id, product.variants[0].id
    async with database.system_connection() as connection:
        for id in ("wh_1", "wh_2", "wh_3"):
            await connection.execute(
                "INSERT INTO warehouse (store_id, id, name, name_key, is_default, version, created_at, updated_at)"
                " VALUES ($1, $2, 'W', 'w', false, 1, now(), now())",
                store,
                id,
            )
            await connection.execute(
                "INSERT INTO inventory_level"
                " (store_id, variant_id, warehouse_id, product_id, on_hand, reserved, updated_at)"
                " VALUES ($1, $2, $3, $4, 1000000000, 0, now())",
                store,
                variant,
                id,
                product.id,
            )


async def test_an_answer_that_cannot_be_rendered_undoes_the_lot(
    ask: Ask, graph: Graph, make_product: MakeProduct, database: Database, events: Any
) -> None:
    made = await make_product()
    await overstock(database, made)
    query = """mutation ($id: ID!) {
      a: createProduct(input: { name: "A", sku: "a", price: { amount: "1" } }) { product { id } }
      b: updateProduct(input: { id: $id, name: "B" }) { product { name variants { inventory } } } }"""
    answer = (await ask(query, {"id": made.id}, headers={"Idempotency-Key": "lost"})).json()
    assert answer["data"] is None
    assert answer["errors"][0]["path"] == ["b", "product", "variants", 0, "inventory"]
    assert answer["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert await names(graph) == ["Red mug"]
    assert len(await events()) == 1
    again = await ask(query, {"id": made.id}, headers={"Idempotency-Key": "lost"})
    assert "Idempotent-Replayed" not in again.headers


async def test_a_repeat_is_answered_alike_and_changes_nothing(ask: Ask, graph: Graph, events: Any) -> None:
    first = await ask(CREATE, {"sku": "a"}, headers={"Idempotency-Key": "k-1"})
    again = await ask(CREATE, {"sku": "a"}, headers={"Idempotency-Key": "k-1"})
    assert first.content == again.content
    assert first.status_code == again.status_code == 200
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(await names(graph)) == 1
    assert len(await events()) == 1


async def test_many_repeats_at_once_change_things_once(ask: Ask, graph: Graph) -> None:
    answers = await asyncio.gather(
        *(ask(CREATE, {"sku": "a"}, headers={"Idempotency-Key": "k-1"}) for _ in range(8)), return_exceptions=False
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    done = [answer for answer in answers if answer.status_code == 200]
    assert len({answer.content for answer in done}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in done) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.headers["Retry-After"] == "1"
            assert answer.json()["errors"][0]["extensions"]["code"] == "CONFLICT"
    assert len(await names(graph)) == 1


async def test_a_key_for_another_request_is_a_conflict(ask: Ask, graph: Graph) -> None:
    await ask(CREATE, {"sku": "a"}, headers={"Idempotency-Key": "k-1"})
    other = await ask(CREATE, {"sku": "b"}, headers={"Idempotency-Key": "k-1"})
    assert other.status_code == 409
    error = other.json()["errors"][0]
    assert error["extensions"]["code"] == "CONFLICT"
    assert error["extensions"]["problems"][0]["code"] == "IDEMPOTENCY_MISMATCH"
    assert "Retry-After" not in other.headers
    assert len(await names(graph)) == 1


async def test_a_refusal_is_not_kept(ask: Ask, graph: Graph, make_product: MakeProduct) -> None:
    blocking = await make_product(sku="a")
    refused = await ask(CREATE, {"sku": "a"}, headers={"Idempotency-Key": "k-1"})
    assert refused.json()["data"]["createProduct"]["userErrors"][0]["code"] == "TAKEN"
    await graph(
        'mutation ($id: ID!) { updateProduct(input: { id: $id, sku: "b" }) { userErrors { code } } }', id=blocking.id
    )
    done = await ask(CREATE, {"sku": "a"}, headers={"Idempotency-Key": "k-1"})
    assert done.json()["data"]["createProduct"]["userErrors"] == []
    assert "Idempotent-Replayed" not in done.headers


@pytest.mark.parametrize("key", ["", "a b", "x" * 256])
async def test_an_unusable_key_is_refused(ask: Ask, graph: Graph, key: str) -> None:
    answer = await ask(CREATE, {"sku": "a"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert await names(graph) == []


async def test_a_key_with_a_query_does_no_harm(ask: Ask) -> None:
    answer = await ask("{ shop { currency } }", headers={"Idempotency-Key": "k-1"})
    assert answer.json() == {"data": {"shop": {"currency": "GBP"}}}


class _SlowEngine:
    """Does what the real one does, and then takes too long."""

    def __init__(self) -> None:
        self._engine = StrawberryEngine()
        self.schema = self._engine.schema
        self.cost = self._engine.cost

    async def execute(self, operation: Operation, variables: Mapping[str, Any], context: Context) -> GraphQLResponse:
        answer = await self._engine.execute(operation, variables, context)
        await asyncio.sleep(10)
        return answer


async def test_an_operation_that_takes_too_long_is_stopped_and_undone(
    database: Database, settings: Settings, graph: Graph, shop: Shop
) -> None:
    operations = Operations(database, settings.keyring, _SlowEngine(), EventLog(database), seconds=0.3)
    for asked in (GraphQLRequest("{ shop { id } }", None, {}, {}), GraphQLRequest(CREATE, None, {"sku": "a"}, {})):
        with pytest.raises(RejectedDocumentError) as caught:
            await operations.run(await operations.prepare(asked, shop.live), asked, caller(shop.live))
        (failure,) = caught.value.failures
        assert failure.code is Code.TIMEOUT
        assert failure.message == "The operation took longer than 0.3 s and was stopped."
    assert await names(graph) == []


async def test_a_slow_statement_is_stopped_with_its_operation(
    database: Database, settings: Settings, shop: Shop, make_product: MakeProduct
) -> None:
    """The batches of the loaders are tasks of their own: they would go on, and hold their connections."""
    await make_product()
    operations = Operations(database, settings.keyring, StrawberryEngine(), EventLog(database), seconds=0.3)
    asked = GraphQLRequest("{ products { nodes { variants { id } } } }", None, {}, {})
    async with database.system_connection() as connection, connection.transaction():
        await connection.execute("LOCK TABLE product_variant IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(RejectedDocumentError):
            await operations.run(await operations.prepare(asked, shop.live), asked, caller(shop.live))
        assert await connection.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0
    done = await operations.run(await operations.prepare(asked, shop.live), asked, caller(shop.live))
    assert done.answer.has_data
    assert done.answer.failures == ()


def caller(principal: Principal) -> Caller:
    return Caller(principal, "req_test")
