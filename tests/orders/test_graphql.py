"""Orders in GraphQL: queries, their number of statements, and events."""

from __future__ import annotations

import asyncio
from typing import Any

from domain import catalog, orders
from domain.catalog.commands import VariantInput
from domain.orders import OrderStatus
from domain.orders.commands import OrderItemInput
from tests.conftest import Ask, Client, Do, Graph, MakeCustomer, MakeKey, MakeProduct, Shop
from tests.orders.conftest import LONDON, MakeOrder

CREATE = """mutation ($input: CreateOrderInput!) { createOrder(input: $input) {
  order { id number status paymentStatus fulfillmentStatus email version paymentMethod shippingMethod metadata
    subtotal { amount currency minorUnits } discount { amount } shipping { amount } shippingTax { amount }
    tax { amount } total { amount } refunded { minorUnits } cancelledAt
    shippingAddress { line1 city country ... on PostalAddress { zip } } billingAddress { line1 }
    customer { email } history { fromStatus status note } notes { text }
    items { sku name quantity price { amount } discount { amount } total { amount } fulfilled refunded attributes
      order { number } product { name } variant { sku } } }
  userErrors { code field message } } }"""
PAGE = """{ orders(first: 50, sort: { field: CREATED_AT, direction: ASC }) { totalCount nodes {
  id number total { amount } customer { email }
  items { quantity total { amount } product { name sku } variant { sku inventory } }
  history { status } notes { text } } } }"""


async def test_an_order_is_created_and_returned_with_all_its_children(
    graph: Graph, mug: catalog.Product, make_customer: MakeCustomer
) -> None:
    customer = await make_customer(email="jane@example.com")
    given = {
        "customerId": customer.id,
        "items": [{"productId": mug.id, "quantity": 2, "price": {"amount": "199.99", "currency": "GBP"}}],
        "shippingAddress": LONDON,
        "paymentMethod": "APPLE_PAY",
        "shippingMethod": "standard",
        "discount": {"percent": "10"},
        "metadata": {"gift": True},
    }
    response = (await graph(CREATE, input=given))["createOrder"]
    assert response["userErrors"] == []
    order = response["order"]
    assert order.pop("id").startswith("ord_")
    (item,) = order.pop("items")
    assert order == {
        "number": "1001",
        "status": "PENDING",
        "paymentStatus": "PENDING",
        "fulfillmentStatus": "UNFULFILLED",
        "email": "jane@example.com",
        "version": 1,
        "paymentMethod": "APPLE_PAY",
        "shippingMethod": "standard",
        "metadata": {"gift": True},
        "subtotal": {"amount": "399.98", "currency": "GBP", "minorUnits": 39998},
        "discount": {"amount": "40.00"},
        "shipping": {"amount": "5.00"},
        "shippingTax": {"amount": "0.00"},
        "tax": {"amount": "0.00"},
        "total": {"amount": "364.98"},
        "refunded": {"minorUnits": 0},
        "cancelledAt": None,
        "shippingAddress": {"line1": "221B Baker Street", "city": "London", "country": "GB", "zip": None},
        "billingAddress": None,
        "customer": {"email": "jane@example.com"},
        "history": [{"fromStatus": None, "status": "PENDING", "note": None}],
        "notes": [],
    }
    assert item == {
        "sku": "MUG",
        "name": "Red mug",
        "quantity": 2,
        "price": {"amount": "199.99"},
        "discount": {"amount": "40.00"},
        "total": {"amount": "359.98"},
        "fulfilled": 0,
        "refunded": 0,
        "attributes": {},
        "order": {"number": "1001"},
        "product": {"name": "Red mug"},
        "variant": {"sku": "MUG"},
    }


async def test_fifty_orders_with_all_children_take_one_statement_per_level(
    graph: Graph,
    make_order: MakeOrder,
    make_product: MakeProduct,
    make_customer: MakeCustomer,
    do: Do,
    statements: list[str],
) -> None:
    customers = [await make_customer() for _ in range(5)]
    for number in range(5):
        await make_product(sku=f"P{number}", variants=(VariantInput(sku=f"P{number}", inventory=1_000),))
    for number in range(50):
        items = tuple(OrderItemInput(sku=f"P{(number + step) % 5}", quantity=step + 1) for step in range(3))
        order = await make_order(items=items, customer_id=customers[number % 5].id if number % 6 else None)
    await do(orders.add_order_note, order_id=order.id, text="The last")
    await graph(PAGE)
    statements.clear()
    found = (await graph(PAGE))["orders"]
    assert (found["totalCount"], len(found["nodes"])) == (50, 50)
    last = found["nodes"][-1]
    assert [item["product"]["sku"] for item in last["items"]] == ["P4", "P0", "P1"]
    assert [item["variant"]["sku"] for item in last["items"]] == ["P4", "P0", "P1"]
    assert last["notes"] == [{"text": "The last"}]
    assert sum(node["customer"] is None for node in found["nodes"]) == 9
    # The page and its count; customers, lines, history, notes; products and variants of the lines; stock of these.
    assert len(statements) == 2 + 4 + 2 + 1, statements


async def test_lists_are_filtered_sorted_and_paged_both_ways(
    graph: Graph, ask: Ask, make_order: MakeOrder, make_customer: MakeCustomer, do: Do
) -> None:
    jane = await make_customer()
    created = [await make_order(quantity, customer_id=jane.id if quantity < 3 else None) for quantity in (2, 1, 4, 3)]
    await do(orders.update_order_status, id=created[0].id, status=OrderStatus.PROCESSING)
    query = """query ($filter: OrderFilter, $sort: OrderSort, $first: Int, $after: String, $last: Int, $before: String)
      { orders(filter: $filter, sort: $sort, first: $first, after: $after, last: $last, before: $before)
        { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""

    async def indexes(**variables: Any) -> tuple[list[int], dict[str, Any]]:
        page = (await graph(query, **variables))["orders"]
        ids = [order.id for order in created]
        return [ids.index(node["id"]) for node in page["nodes"]], page["pageInfo"]

    by_total = {"field": "TOTAL", "direction": "DESC"}
    assert (await indexes())[0] == [3, 2, 1, 0]
    assert (await indexes(filter={"customerId": jane.id}))[0] == [1, 0]
    assert (await indexes(filter={"status": ["PENDING", "PROCESSING"], "number": "1001"}))[0] == [0]
    assert (await indexes(filter={"status": ["PROCESSING"], "paymentStatus": ["PENDING"]}))[0] == [0]
    assert (await indexes(filter={"fulfillmentStatus": ["FULFILLED"]}))[0] == []
    assert (await indexes(filter={"dateTo": "2001-01-01T00:00:00Z"}))[0] == []
    first, info = await indexes(sort=by_total, first=3)
    assert (first, info["hasNextPage"], info["hasPreviousPage"]) == ([2, 3, 0], True, False)
    rest_of_it, _ = await indexes(sort=by_total, first=3, after=info["endCursor"])
    assert rest_of_it == [1]
    back, info = await indexes(sort=by_total, last=2, before=info["endCursor"])
    assert (back, info["hasPreviousPage"]) == ([2, 3], False)
    backwards = {"dateFrom": "2026-01-02T00:00:00Z", "dateTo": "2026-01-01T00:00:00Z"}
    refused = (await ask(query, {"filter": backwards})).json()
    assert "must not be later" in refused["errors"][0]["message"].lower()


async def test_orders_lines_notes_and_drafts_are_nodes(graph: Graph, make_order: MakeOrder, do: Do) -> None:
    order = await make_order(2)
    note = await do(orders.add_order_note, order_id=order.id, text="Rang twice.")
    draft = await do(orders.create_draft_order, items=(OrderItemInput(sku="MUG", quantity=3),))
    found = await graph(
        """query ($ids: [ID!]!, $order: ID!, $draft: ID!) {
          nodes(ids: $ids) { __typename ... on OrderItem { order { number } } ... on OrderNote { text }
            ... on DraftOrder { items { quantity } became: order { id } } ... on Order { version } }
          order(id: $order) { number } draftOrder(id: $draft) { total { amount } }
          other: order(id: $draft) { id } draftOrders { totalCount nodes { id } } }""",
        ids=[order.id, order.items[0].id, note.id, draft.id],
        order=order.id,
        draft=draft.id,
    )
    assert found == {
        "nodes": [
            {"__typename": "Order", "version": 2},
            {"__typename": "OrderItem", "order": {"number": "1001"}},
            {"__typename": "OrderNote", "text": "Rang twice."},
            {"__typename": "DraftOrder", "items": [{"quantity": 3}], "became": None},
        ],
        "order": {"number": "1001"},
        "draftOrder": {"total": {"amount": "15.00"}},
        "other": None,
        "draftOrders": {"totalCount": 1, "nodes": [{"id": draft.id}]},
    }


async def test_a_refusal_has_the_path_of_the_field(graph: Graph, mug: catalog.Product) -> None:
    lines = [{"productId": mug.id, "quantity": 1}, {"sku": "NONE", "quantity": 1}]
    response = (await graph(CREATE, input={"items": lines}))["createOrder"]
    assert response["order"] is None
    assert [(each["code"], each["field"]) for each in response["userErrors"]] == [("NOT_FOUND", ["items", "1", "sku"])]
    response = (await graph(CREATE, input={"items": [{"productId": mug.id, "quantity": 11}]}))["createOrder"]
    assert [(each["code"], each["field"]) for each in response["userErrors"]] == [
        ("INSUFFICIENT_STOCK", ["items", "0", "quantity"])
    ]


async def test_events_show_the_order_at_the_time(graph: Graph, make_order: MakeOrder, do: Do) -> None:
    order = await make_order(2)
    await do(orders.update_order_status, id=order.id, status=OrderStatus.PROCESSING)
    await do(orders.update_order_status, id=order.id, status=OrderStatus.SHIPPED)
    query = """query ($id: ID!) { events(filter: { objectId: $id }) { nodes { type sequence changedFields
      ... on OrderCreated { snapshot { ...o } order { status } }
      ... on OrderUpdated { snapshot { ...o } order { status } }
      ... on OrderFulfilled { snapshot { ...o } order { status } } } } }
      fragment o on OrderSnapshot { version status fulfillmentStatus items { fulfilled product { name } } }"""
    async with asyncio.timeout(5):
        while len(nodes := (await graph(query, id=order.id))["events"]["nodes"]) < 3:
            await asyncio.sleep(0.02)  # positions are assigned after the commit
    assert [(node["type"], node["sequence"]) for node in nodes] == [
        ("ORDER_CREATED", 1),
        ("ORDER_UPDATED", 2),
        ("ORDER_FULFILLED", 3),
    ]
    assert [node["changedFields"] for node in nodes[:2]] == [[], ["status"]]
    assert set(nodes[2]["changedFields"]) == {"status", "fulfillment_status", "items"}
    for version, (node, status) in enumerate(zip(nodes, ("PENDING", "PROCESSING", "SHIPPED"), strict=True), start=1):
        sent = 2 if status == "SHIPPED" else 0
        line = {"fulfilled": sent, "product": {"name": "Red mug"}}
        assert node["order"] == {"status": "SHIPPED"}
        assert node["snapshot"] == {
            "version": version,
            "status": status,
            "fulfillmentStatus": "FULFILLED" if sent else "UNFULFILLED",
            "items": [line],
        }


async def test_events_of_orders_require_the_scope(
    rest: Client, make_order: MakeOrder, make_key: MakeKey, shop: Shop
) -> None:
    order = await make_order()
    blind = Client(rest.http, await make_key(shop.live, "products:read"))
    async with asyncio.timeout(5):
        while order.id not in (await rest("GET", "/v2/events")).text:
            await asyncio.sleep(0.02)
    assert order.id not in (await blind("GET", "/v2/events")).text
    assert (await blind("GET", "/v2/events?types=order.created")).status_code == 403
