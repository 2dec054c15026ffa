"""The orders of a customer: totals, pages, export and erasure."""

from __future__ import annotations

import asyncio
from typing import Any

from domain import customers, orders
from domain.orders import OrderStatus
from domain.orders.commands import OrderItemInput
from tests.conftest import Client, Do, Graph, MakeKey, Shop
from tests.orders.conftest import MakeOrder
from tests.orders.test_placement import HOME
from tests.raw_json import compact

SUMMARY = """query ($id: ID!) { customer(id: $id) { orderSummary {
    orderCount totalSpent { amount currency } averageOrderValue { amount } lastOrderAt
} } }"""
NESTED = """{ customers(first: 50, sort: { field: EMAIL }) { nodes { email orderSummary { orderCount }
    orders(first: 5) { totalCount nodes { number items { quantity product { name } variant { sku } } } } } } }"""


async def test_the_summary_totals_orders_without_cancelled_ones(
    do: Do, make_order: MakeOrder, graph: Graph, rest: Client
) -> None:
    customer = await do(customers.create_customer, email="jane@example.com")
    empty = (await graph(SUMMARY, id=customer.id))["customer"]["orderSummary"]
    assert empty == {"orderCount": 0, "totalSpent": [], "averageOrderValue": None, "lastOrderAt": None}
    for quantity in (1, 2, 4):
        order = await make_order(quantity, customer_id=customer.id)
    await do(orders.cancel_order, id=order.id)
    summary = (await graph(SUMMARY, id=customer.id))["customer"]["orderSummary"]
    assert (summary["orderCount"], summary["totalSpent"]) == (2, [{"amount": "15.00", "currency": "GBP"}])
    assert summary["averageOrderValue"] == {"amount": "7.50"}
    response = await rest("GET", f"/v2/customers/{customer.id}")
    assert b'"total_spent":[{"currency":"gbp","amount":15.00}],"average_order_value":7.50' in compact(response.content)
    listed = (await rest("GET", "/v2/customers")).json()["data"]
    assert [each["order_summary"]["order_count"] for each in listed] == [2]


async def test_the_summary_requires_the_orders_scope(do: Do, shop: Shop, rest: Client, make_key: MakeKey) -> None:
    customer = await do(customers.create_customer, email="jane@example.com")
    narrow = Client(rest.http, await make_key(shop.live, "customers:read"))
    assert "order_summary" not in (await narrow("GET", f"/v2/customers/{customer.id}")).json()
    body = {"query": SUMMARY, "variables": {"id": customer.id}}
    assert (await narrow("POST", "/graphql", json=body)).json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_the_orders_of_many_customers_take_one_statement_per_level(
    do: Do, make_order: MakeOrder, graph: Graph, statements: list[str]
) -> None:
    for number in range(6):
        customer = await do(customers.create_customer, email=f"c{number}@example.com")
        for _ in range(number % 3):
            await make_order(1, customer_id=customer.id)
    await graph("{ shop { name } }")  # the key is cached from now on
    statements.clear()
    nodes = (await graph(NESTED))["customers"]["nodes"]
    assert [node["orders"]["totalCount"] for node in nodes] == [0, 1, 2, 0, 1, 2]
    assert [node["orderSummary"]["orderCount"] for node in nodes] == [0, 1, 2, 0, 1, 2]
    assert nodes[1]["orders"]["nodes"][0]["items"] == [
        {"quantity": 1, "product": {"name": "Red mug"}, "variant": {"sku": "MUG"}}
    ]
    # customers; summaries, orders and their counts; items; products and variants
    assert len(statements) == 7, statements


async def test_a_customers_orders_are_listed_by_rest(do: Do, make_order: MakeOrder, rest: Client) -> None:
    customer = await do(customers.create_customer, email="jane@example.com")
    mine = [await make_order(1, customer_id=customer.id) for _ in range(3)]
    await make_order(1)
    await do(orders.update_order_status, id=mine[0].id, status=OrderStatus.PROCESSING)
    for named in (customer.id, "JANE@example.com"):
        listed = (await rest("GET", f"/v2/customers/{named}/orders")).json()
        assert [order["id"] for order in listed["data"]] == [order.id for order in reversed(mine)]
        assert listed["pagination"]["total_items"] == 3
    found = (await rest("GET", f"/v2/customers/{customer.id}/orders", params={"status": "processing"})).json()
    assert [order["id"] for order in found["data"]] == [mine[0].id]
    assert (await rest("GET", "/v2/customers/cust_00000000000000000000000000/orders")).status_code == 404
    elsewhere = await rest("GET", f"/v2/customers/{customer.id}/orders", params={"customer_id": customer.id})
    assert (elsewhere.status_code, elsewhere.json()["error"]["details"][0]["field"]) == (400, "customer_id")


async def test_a_filter_for_another_customer_within_a_customer_matches_nothing(
    do: Do, make_order: MakeOrder, graph: Graph
) -> None:
    jane, john = [await do(customers.create_customer, email=f"{name}@example.com") for name in ("jane", "john")]
    await make_order(1, customer_id=jane.id)
    query = """query ($id: ID!, $of: ID!) {
        customer(id: $id) { orders(filter: { customerId: $of }) { totalCount nodes { id } } } }"""
    found = [(await graph(query, id=jane.id, of=of.id))["customer"]["orders"]["totalCount"] for of in (jane, john)]
    assert found == [1, 0]


async def test_an_export_of_a_customer_contains_the_orders(
    do: Do, make_order: MakeOrder, shop: Shop, rest: Client, make_key: MakeKey
) -> None:
    customer = await do(customers.create_customer, email="jane@example.com")
    mine = [await make_order(1, customer_id=customer.id, shipping_address=HOME) for _ in range(2)]
    found = (await rest("GET", f"/v2/customers/{customer.id}/export")).json()
    assert [order["id"] for order in found["orders"]] == [order.id for order in mine]
    assert found["orders"][0]["shipping_address"]["first_name"] == "Jane"
    assert [item["sku"] for item in found["orders"][0]["items"]] == ["MUG"]
    narrow = Client(rest.http, await make_key(shop.live, "customers:read"))
    assert "orders" not in (await narrow("GET", f"/v2/customers/{customer.id}/export")).json()


async def test_erasing_a_customer_keeps_the_amounts_of_orders(
    do: Do, make_order: MakeOrder, rows: Any, events: Any, rest: Client
) -> None:
    customer = await do(customers.create_customer, email="jane@example.com")
    given = {"customer_id": customer.id, "shipping_address": HOME, "metadata": {"gift_to": "Aunt Jane"}}
    order = await make_order(2, **given)
    await do(orders.create_draft_order, items=(OrderItemInput(sku="MUG", quantity=1),), **given)
    await do(orders.add_order_note, order_id=order.id, text="Jane called")
    await do(orders.update_order_status, id=order.id, status=OrderStatus.PROCESSING, note="Told Jane")
    await do(customers.erase_customer, id=customer.id)
    for table in ("sales_order", "draft_order", "order_note", "order_status_change", "event"):
        assert "jane" not in str(await rows(table)).lower(), table
    assert "baker" not in str(await events()).lower()
    (row,) = await rows("sales_order")
    assert (row["total"], row["customer_id"], row["shipping_address"]["country"]) == (1000, customer.id, "GB")
    assert (await rest("GET", f"/v2/orders/{order.id}")).json()["shipping_address"]["line1"] == "(erased)"


async def test_an_order_shows_its_own_events(make_order: MakeOrder, do: Do, graph: Graph, log: Any) -> None:
    order = await make_order()
    await make_order()
    await do(orders.cancel_order, id=order.id)
    query = "query ($id: ID!) { order(id: $id) { events(first: 10) { nodes { type sequence } } } }"
    async with asyncio.timeout(10):  # positions are assigned after the commit
        while len(nodes := (await graph(query, id=order.id))["order"]["events"]["nodes"]) < 2:
            await asyncio.sleep(0.02)
    assert nodes == [{"type": "ORDER_CREATED", "sequence": 1}, {"type": "ORDER_CANCELLED", "sequence": 2}]
