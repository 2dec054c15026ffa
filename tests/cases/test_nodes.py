"""A8, D2: every id that is handed out leads back to what it names, and what a mutation changed has one."""

from __future__ import annotations

import asyncio
import re

import pytest
from graphql import GraphQLObjectType, get_named_type

import schema
from domain.catalog.commands import ImageInput, VariantInput
from domain.customers.commands import CustomerAddressInput
from domain.kernel.database import Database
from resolvers.node import NODES, NOT_THINGS
from rest_compat.routing import ENDPOINTS
from schema.relay import Node
from schema.strawberry_internals import core_schema
from tests.conftest import Ask, Client, Graph, MakeCustomer, MakeKey, MakeProduct, Shop
from tests.contract.document_fixtures import trust
from tests.contract.job_fixtures import queue
from tests.contract.oauth_fixtures import authorize
from tests.contract.payment_fixtures import charge
from tests.contract.shipping_fixtures import send
from tests.contract.store_fixtures import sell
from tests.contract.webhook_fixtures import hook

CORE = core_schema(schema.schema)
ID = re.compile(r"\b([a-z]+)_[0-9a-hjkmnp-tv-z]{26}(?:[0-9a-hjkmnp-tv-z]{26})?\b")
VALUES = {"UserError"}
"""Types in payloads that describe no object of the store."""


@pytest.fixture
async def filled(
    database: Database, shop: Shop, make_product: MakeProduct, make_customer: MakeCustomer, rest: Client
) -> None:
    """A store with something of everything."""
    await make_product(
        variants=(VariantInput(sku="MUG", inventory=30),),
        categories=("a",),
        images=(ImageInput(url="https://img.example.com/1.png"),),
    )
    jane = await make_customer(addresses=(CustomerAddressInput(line1="1 Home Road", city="Leeds", country="GB"),))
    await rest("POST", "/v2/inventory/MUG/alerts", json={"threshold": 29, "reorder_quantity": 5})
    sold = await sell(database, shop.live, "MUG", jane.id)
    await charge(database, shop.live, sold["ord"], sold["item"], jane.id)
    await send(database, shop.live, jane.id)
    await hook(database, shop.live)
    await queue(database, shop.live)
    await trust(database, shop.live)
    await authorize(database, shop.live)
    await rest("POST", "/v2/inventory/MUG/adjust", json={"quantity": 1, "reason": "found"})


async def handed_out(rest: Client) -> dict[str, str]:
    """An id of each prefix in any answer of REST, and how it came: walks every route with ids that came before."""
    found: dict[str, str] = {}
    for _ in range(2):
        for endpoint in ENDPOINTS:
            if endpoint.method != "GET" or endpoint.path.endswith("/stream"):
                continue
            for path in _filled_in(endpoint.path, found):
                answer = await rest("GET", f"/v2{path}")
                for match in ID.finditer(answer.text if answer.status_code == 200 else ""):
                    found.setdefault(match[1], match[0])
    return found


def _filled_in(path: str, known: dict[str, str]) -> list[str]:
    """The path with each known id in the place of its parameters; children only make sense below their own parent."""
    names = re.findall(r"{(\w+)}", path)
    if not names:
        return [path]
    return [re.sub(r"{\w+}", id, path, count=1) for id in known.values()] if len(names) == 1 else []


EVERYTHING = """{
  shop { id accountId settings { id } } viewer { credential }
  products(first: 2) { nodes { id variants { id levels { id } image { id } } images { id } categories { id }
    inventory { id levels { id } alerts { id } movements(first: 2) { nodes { id } } } } }
  orders(first: 2) { nodes { id items { id } history { id } notes { id } } }
  draftOrders(first: 2) { nodes { id items { id } } }
  purchaseOrders(first: 2) { nodes { id } } customers(first: 2) { nodes { id addresses { id } } }
  webhooks(first: 2) { nodes { id deliveries(first: 2) { nodes { id } } } } events(first: 2) { nodes { id } }
  apiKeys(first: 2) { nodes { id } } auditLog(first: 2) { nodes { id } }
  trustedDocuments(first: 2) { nodes { id } } warehouses(first: 2) { nodes { id } } }"""


async def every_id(rest: Client, graph: Graph) -> dict[str, str]:
    """An id of each prefix in any answer, of either surface."""
    async with asyncio.timeout(10):
        while '"evt_' not in (text := str(await graph(EVERYTHING)).replace("'", '"')):
            await asyncio.sleep(0.05)
    found = {match[1]: match[0] for match in ID.finditer(text)}
    stock = re.search(r"inv_prod_\w{26}", text)
    assert stock is not None
    return {**await handed_out(rest), **found, "inv": stock[0]}


async def test_a8_every_id_that_is_handed_out_leads_back_to_its_object(
    rest: Client, graph: Graph, filled: None
) -> None:
    """Walks every route and type. Failed for events, deliveries, status changes, levels, drafts' lines and audit
    entries, and fails again for each that is taken out of ``NODES``."""
    found = await every_id(rest, graph)
    assert set(found) - NOT_THINGS == set(Node.PREFIXES)
    query = "query ($id: ID!) { node(id: $id) { __typename id } }"
    for prefix in sorted(set(found) - NOT_THINGS):
        node = (await graph(query, id=found[prefix]))["node"]
        assert node is not None, found[prefix]
        assert node["id"] == found[prefix]
        named = Node.PREFIXES[prefix]
        assert not isinstance(named, str) or node["__typename"] == named
    ids = [found[prefix] for prefix in sorted(set(found) - NOT_THINGS)]
    nodes = (await graph("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids))["nodes"]
    assert [node["id"] for node in nodes] == ids


async def test_a8_a_draft_line_an_order_line_and_a_variants_stock_are_told_apart(graph: Graph, filled: None) -> None:
    """They share the prefixes ``item_`` and ``inv_``. Fails without the second read of ``item`` in ``NODES``."""
    query = """{ orders(first: 1) { nodes { items { id } } } draftOrders(first: 1) { nodes { items { id } } }
        products(first: 1) { nodes { id variants { id } } } }"""
    shown = await graph(query)
    line, draft = shown["orders"]["nodes"][0]["items"][0]["id"], shown["draftOrders"]["nodes"][0]["items"][0]["id"]
    variant = shown["products"]["nodes"][0]["variants"][0]["id"]
    ask = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Inventory { variant { id } } } }"
    assert (await graph(ask, ids=[line, draft, f"inv_{variant}"]))["nodes"] == [
        {"__typename": "OrderItem", "id": line},
        {"__typename": "DraftOrderItem", "id": draft},
        {"__typename": "Inventory", "id": f"inv_{variant}", "variant": {"id": variant}},
    ]


async def test_a8_each_needs_its_scope_and_shows_nothing_of_other_stores(
    rest: Client, graph: Graph, ask: Ask, filled: None, make_key: MakeKey, shop: Shop, other_shop: Shop
) -> None:
    """The same ids from another store are null; without the scope of their kind forbidden, or null (events, jobs)."""
    found = await every_id(rest, graph)
    query = "query ($id: ID!) { node(id: $id) { id } }"
    theirs = await make_key(other_shop.live)
    blind = await make_key(shop.live, "analytics:read")
    for prefix, id in sorted(found.items()):
        assert (await ask(query, {"id": id}, key=theirs)).json()["data"]["node"] is None
        answer = (await ask(query, {"id": id}, key=blind)).json()
        if prefix in ("store", "evt", "job", *NOT_THINGS):
            assert answer["data"]["node"] == ({"id": id} if prefix == "store" else None)
        else:
            (scope,) = NODES[prefix].reads[0].scopes
            assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
            assert scope in answer["errors"][0]["message"]
    for wrong in ("level_" + "0" * 51, "inv_cust_" + "0" * 26, "evt_", "store_" + "0" * 26, "level_" + "0" * 52):
        assert (await graph(query, id=wrong))["node"] is None


def test_d2_every_object_in_a_payload_has_an_id() -> None:
    """Walks the payloads of all mutations: what a normalised cache cannot identify it cannot update.

    Fails when ``InventoryMovement`` is no ``Node``.
    """
    payloads = [get_named_type(field.type) for field in CORE.type_map["Mutation"].fields.values()]  # type: ignore[attr-defined]
    # The results of a mutation of many are payloads themselves, walked as those of the single ones.
    values = VALUES | {payload.name for payload in payloads}
    checked = 0
    for payload in payloads:
        assert isinstance(payload, GraphQLObjectType)
        for name, field in payload.fields.items():
            type_ = get_named_type(field.type)
            if isinstance(type_, GraphQLObjectType) and type_.name not in values:
                assert "id" in type_.fields, f"{payload.name}.{name}"
                checked += 1
    assert checked > 40


async def test_d2_payloads_of_stock_carry_the_nodes_that_show_it(graph: Graph, filled: None) -> None:
    """By the ids that queries show them by. Fails when ``_product`` reads another thing."""
    query = """{ products(first: 1) { nodes { id inventory { id totalAvailable }
        variants { id inventory levels { id onHand warehouse { id } } } } } }"""
    product = (await graph(query))["products"]["nodes"][0]
    (variant,) = product["variants"]
    (level,) = variant["levels"]
    warehouse = await graph('mutation { createWarehouse(input: {name: "Leeds", country: "GB"}) { warehouse { id } } }')
    other = warehouse["createWarehouse"]["warehouse"]["id"]
    adjust = """mutation ($id: ID!) { adjustInventory(input: {productId: $id, quantity: 4, reason: "found"}) {
        product { id inventory { id totalAvailable } } variant { id inventory } level { id onHand } } }"""
    told = (await graph(adjust, id=product["id"]))["adjustInventory"]
    now = (await graph(query))["products"]["nodes"][0]
    assert told == {
        "product": {"id": product["id"], "inventory": now["inventory"]},
        "variant": {"id": variant["id"], "inventory": variant["inventory"] + 4},
        "level": {"id": level["id"], "onHand": level["onHand"] + 4},
    }
    transfer = """mutation ($input: TransferInventoryInput!) { transferInventory(input: $input) {
        product { id } variant { id inventory } outgoingLevel { id onHand } incomingLevel { id onHand } } }"""
    given = {"productId": product["id"], "quantity": 3, "toLocation": other, "fromLocation": level["warehouse"]["id"]}
    moved = (await graph(transfer, input=given))["transferInventory"]
    levels = {
        each["id"]: each["onHand"] for each in (await graph(query))["products"]["nodes"][0]["variants"][0]["levels"]
    }
    assert moved["outgoingLevel"] == {"id": level["id"], "onHand": level["onHand"] + 1}
    assert {each["id"]: each["onHand"] for each in (moved["outgoingLevel"], moved["incomingLevel"])} == levels
    assert moved["variant"] == {"id": variant["id"], "inventory": variant["inventory"] + 4}


async def test_d2_a_key_that_may_only_write_stock_is_not_shown_the_product(
    ask: Ask, graph: Graph, filled: None, make_key: MakeKey, shop: Shop
) -> None:
    """The catalog is another area: its nodes in payloads need its scope. Of the level, what was not sent needs to be
    readable; its id does not.

    Fails without ``unread`` of ``gateway.graphql.payload_scopes``.
    """
    key = await make_key(shop.live, "inventory:write")
    product = (await graph("{ products(first: 1) { nodes { id } } }"))["products"]["nodes"][0]["id"]
    mutation = (
        """mutation ($id: ID!) { adjustInventory(input: {productId: $id, quantity: 1, reason: "found"}) { %s } }"""
    )
    forbidden = (await ask(mutation % "product { name }", {"id": product}, key=key)).json()
    assert forbidden["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    unread = (await ask(mutation % "level { id onHand }", {"id": product}, key=key)).json()
    assert unread["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    allowed = (await ask(mutation % "level { id } movement { id quantity }", {"id": product}, key=key)).json()
    assert allowed["data"]["adjustInventory"]["level"]["id"].startswith("level_")
    assert allowed["data"]["adjustInventory"]["movement"]["quantity"] == 1
