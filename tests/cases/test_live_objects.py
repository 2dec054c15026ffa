"""D1: an event's object is the object as it is now; its snapshot is of a type that no cache takes for the object."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

import schema
from domain import events
from domain.kernel.database import Database
from gateway.execution import CompiledEngine, StrawberryEngine
from gateway.execution.plan import FallbackReason
from gateway.graphql.documents import DocumentCache
from resolvers.context import Context
from schema.event_types import TYPES
from schema.strawberry_internals import core_schema
from tests.conftest import Client, Graph, MakeProduct, Shop

CORE = core_schema(schema.schema)
SNAPSHOTS = sorted(name for name in CORE.type_map if name.endswith("Snapshot"))


def everything_of(name: str) -> str:
    """A selection of all that the type has of its own: leaves, and what has no id below: values and snapshots."""
    type_ = CORE.type_map[name]
    assert isinstance(type_, GraphQLObjectType)
    found = []
    for key, field in type_.fields.items():
        below = get_named_type(field.type)
        if is_leaf_type(below):
            found.append(key)
        elif isinstance(below, GraphQLObjectType) and "id" not in below.fields:
            found.append(f"{key} {{ {everything_of(below.name)} }}")
        else:
            found.append(f"{key} {{ id }}")
    return " ".join(found)


def everything() -> str:
    """All of the snapshot of every type of event."""
    told = []
    for place, event in enumerate(TYPES):
        type_ = CORE.type_map[event.__name__]
        assert isinstance(type_, GraphQLObjectType)
        snapshot = get_named_type(type_.fields["snapshot"].type).name
        told.append(f"... on {type_.name} {{ s{place}: snapshot {{ {everything_of(snapshot)} }} }}")
    return f"{{ events(first: 30) {{ nodes {{ __typename id type objectId {' '.join(told)} }} }} }}"


def test_d1_snapshots_have_an_object_id_and_no_id_and_are_no_node() -> None:
    """With ``id`` in a snapshot, Apollo and urql would know it by the same key as another snapshot of the object.

    Fails with ``id`` in ``ProductSnapshot``.
    """
    assert len(SNAPSHOTS) >= 10
    for name in SNAPSHOTS:
        type_ = CORE.type_map[name]
        assert isinstance(type_, GraphQLObjectType)
        assert "id" not in type_.fields
        assert not {"Node", "Versioned"} & {interface.name for interface in type_.interfaces}
        assert ("objectId" in type_.fields) is (name != "InventoryLevelSnapshot")  # which is known by its two ids
        for live in ("Order", "Product", "Customer", "Inventory"):
            assert all(
                get_named_type(field.type).name != live or key == live.lower() for key, field in type_.fields.items()
            )


def test_d1_every_event_has_a_snapshot_and_a_live_nullable_object() -> None:
    """Walks the types of events, so that a new one cannot be forgotten.

    Fails without ``order`` of ``OrderUpdated``.
    """
    for event in TYPES:
        type_ = CORE.type_map[event.__name__]
        assert isinstance(type_, GraphQLObjectType)
        assert str(type_.fields["snapshot"].type).endswith("Snapshot!")
        area = events.EventType[_constant(event.__name__)].partition(".")[0]
        live = type_.fields[area]
        assert str(live.type) == area.capitalize()


def _constant(name: str) -> str:
    return "".join(f"_{each}" if each.isupper() else each.upper() for each in name).lstrip("_")


@pytest.fixture
async def history(rest: Client, make_product: MakeProduct) -> dict[str, str]:
    """Objects that have changed since their first event."""
    product = await make_product(name="Mug", sku="MUG")
    ids = {"product": product.id}
    await _ok(rest("PUT", f"/v2/products/{product.id}", json={"name": "Cup", "categories": ["kitchen"]}))
    await _ok(rest("POST", f"/v2/products/{product.id}/images", json={"url": "https://img.example.com/1.png"}))
    await _ok(rest("POST", "/v2/inventory/MUG/alerts", json={"threshold": 3}))
    await _ok(rest("POST", "/v2/inventory/MUG/adjust", json={"quantity": 5, "reason": "found"}))
    address = {"first_name": "Jane", "line1": "1 Home Road", "city": "Leeds", "country": "GB"}
    body = {"email": "jane@example.com", "addresses": [{**address, "default_shipping": True}]}
    ids["customer"] = (await _ok(rest("POST", "/v2/customers", json=body)))["id"]
    await _ok(rest("PUT", f"/v2/customers/{ids['customer']}", json={"first_name": "Jane"}))
    sold = {"customer_id": ids["customer"], "items": [{"sku": "MUG", "quantity": 3}], "shipping_address": address}
    for _ in range(3):
        order = await _ok(rest("POST", "/v2/orders", json={**sold, "items": [{"sku": "MUG", "quantity": 1}]}))
        await _ok(rest("POST", f"/v2/orders/{order['id']}/cancel", json={"reason": "changed_mind"}))
    order = await _ok(rest("POST", "/v2/orders", json=sold))
    ids["order"] = order["id"]
    await _ok(rest("POST", f"/v2/orders/{order['id']}/cancel", json={"reason": "changed_mind"}))
    return ids


async def _ok(response: Any) -> Any:
    answer = await response
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def settled(graph: Graph, query: str, count: int, **variables: Any) -> list[Any]:
    """The nodes of ``events``, once there are so many."""
    async with asyncio.timeout(10):
        while len(nodes := (await graph(query, **variables))["events"]["nodes"]) < count:
            await asyncio.sleep(0.05)  # positions are given after the commit
    return list(nodes)


FEED = """{ events { nodes { id type
  ... on ProductCreated { product { id name } productThen: snapshot { objectId name } }
  ... on ProductUpdated { product { id name } productThen: snapshot { objectId name } }
  ... on CustomerCreated { customer { id firstName } customerThen: snapshot { objectId firstName } }
  ... on CustomerUpdated { customer { id firstName } customerThen: snapshot { objectId firstName } }
  ... on InventoryLow { inventory { totalAvailable } stockThen: snapshot { objectId totalAvailable } }
  ... on OrderCreated { order { id status } orderThen: snapshot { objectId status } }
  ... on OrderCancelled { order { id status } orderThen: snapshot { objectId status } }
} } }"""
COUNT = 14
"""Events of ``history``."""


async def test_d1_an_activity_feed_shows_objects_as_they_are_and_snapshots_as_they_were(
    graph: Graph, history: dict[str, str]
) -> None:
    """Failed while ``order`` was the snapshot: PENDING under the id of an order that was cancelled since."""
    nodes = await settled(graph, FEED, COUNT)
    orders = [node for node in nodes if "orderThen" in node]
    assert len(orders) == 8
    assert {node["order"]["status"] for node in orders} == {"CANCELLED"}
    assert [node["orderThen"]["status"] for node in orders] == ["PENDING", "CANCELLED"] * 4
    assert all(node["order"]["id"] == node["orderThen"]["objectId"] for node in orders)
    products = [node for node in nodes if "productThen" in node]
    assert {node["product"]["name"] for node in products} == {"Cup"}
    assert [node["productThen"]["name"] for node in products][:2] == ["Mug", "Cup"]
    (made, changed) = [node for node in nodes if "customerThen" in node]
    assert made["customer"] == changed["customer"] == {"id": history["customer"], "firstName": "Jane"}
    assert [made["customerThen"]["firstName"], changed["customerThen"]["firstName"]] == [None, "Jane"]
    lows = [node for node in nodes if node["type"] == "INVENTORY_LOW"]
    assert {node["inventory"]["totalAvailable"] for node in lows} == {5}
    assert {node["stockThen"]["totalAvailable"] for node in lows} == {2}


async def test_d1_live_objects_of_a_list_of_events_are_read_together(
    graph: Graph, history: dict[str, str], statements: list[str]
) -> None:
    """One statement a kind of object, however many events.

    Fails when ``LARGEST_BATCH`` of ``resolvers.loaders`` is 1: the four orders are read by four statements.
    """
    await settled(graph, FEED, COUNT)
    statements.clear()
    await graph(FEED)
    reads = [statement for statement in statements if "FROM event" not in statement and "store_id" in statement]
    assert len([each for each in reads if "FROM sales_order" in each]) == 1
    assert len([each for each in reads if "FROM product " in each or "FROM product\n" in each]) <= 2  # and their stock
    assert len([each for each in reads if "FROM customer" in each]) == 1


async def test_d1_both_engines_show_all_of_every_snapshot_alike(
    database: Database, shop: Shop, graph: Graph, history: dict[str, str]
) -> None:
    """All fields of all types of snapshots, found by walking them.

    Fails when compiled code writes an enum by its value or custom scalars by ``str``, when it raises at a snapshot (the
    other engine then answers for it), and when ``_snapshot`` does not declare that it reads the column ``snapshot``.
    """
    answers = []
    await settled(graph, FEED, COUNT)
    fallbacks: list[FallbackReason] = []
    for engine in (StrawberryEngine(events.cursor_of), CompiledEngine(events.cursor_of, fallbacks.append)):
        documents = DocumentCache(engine.schema)
        operation = documents.operation(everything(), None)
        for _ in range(4):  # projected and written by the database, once it comes again
            context = Context(shop.live, database, "req_test")
            answer = await engine.execute(operation, {}, context)
            await context.close()
            assert not answer.failures, answer.failures[:3]
            answers.append(orjson.loads(answer.body))
    assert fallbacks == []
    assert all(answer == answers[0] for answer in answers)
    text = orjson.dumps(answers[0]).decode()
    assert all(f'"{name}"' in text for name in ("objectId", "threshold", "alt", "defaultShipping", "fulfilled"))


async def test_d1_an_object_that_is_gone_is_null_and_its_snapshot_stays(graph: Graph, rest: Client) -> None:
    """An alert can be removed; the event still says what fired. Fails when ``alert`` is not nullable."""
    made = {"name": "Mug", "sku": "MUG", "price": 1, "variants": [{"sku": "MUG", "inventory": 3}]}
    await _ok(rest("POST", "/v2/products", json=made))
    alert = await _ok(rest("POST", "/v2/inventory/MUG/alerts", json={"threshold": 3}))
    await _ok(rest("POST", "/v2/inventory/MUG/adjust", json={"quantity": -1, "reason": "sold"}))
    query = """{ events(filter: {types: [INVENTORY_LOW]}) { nodes { ... on InventoryLow {
        alert { id } snapshot { alert { objectId threshold } } } } } }"""
    (node,) = await settled(graph, query, 1)
    assert node["alert"] == {"id": alert["id"]}
    assert (await rest("DELETE", f"/v2/inventory/MUG/alerts/{alert['id']}")).status_code == 204
    (node,) = await settled(graph, query, 1)
    assert node == {"alert": None, "snapshot": {"alert": {"objectId": alert["id"], "threshold": 3}}}
