"""Customers in GraphQL: queries, their number of statements, and events."""

from __future__ import annotations

import asyncio
from typing import Any

from domain import customers
from domain.customers.commands import CustomerAddressInput
from tests.conftest import Ask, Client, Do, Graph, MakeCustomer, MakeKey, Shop

HOME = CustomerAddressInput(line1="1 Home Road", city="Leeds", country="GB", default_shipping=True)
WORK = CustomerAddressInput(line1="2 Work Road", city="York", country="GB")

PAGE = """{ customers(first: 50, sort: { field: EMAIL }) { totalCount nodes {
  id email firstName status addresses { line1 customer { email } }
  defaultShippingAddress { line1 defaultShipping } defaultBillingAddress { line1 } } } }"""


async def test_a_page_of_customers_takes_one_statement_per_level(
    graph: Graph, make_customer: MakeCustomer, statements: list[str]
) -> None:
    for number in range(6):
        await make_customer(email=f"{number}@example.com", first_name="Jane", addresses=(HOME, WORK))
    await graph(PAGE)
    statements.clear()
    found = (await graph(PAGE))["customers"]
    assert found["totalCount"] == 6
    first = found["nodes"][0]
    assert first["addresses"] == [
        {"line1": "1 Home Road", "customer": {"email": "0@example.com"}},
        {"line1": "2 Work Road", "customer": {"email": "0@example.com"}},
    ]
    assert first["defaultShippingAddress"] == {"line1": "1 Home Road", "defaultShipping": True}
    assert first["defaultBillingAddress"] is None
    # The page, its count, addresses, default addresses, customers of the addresses.
    assert len([statement for statement in statements if "FROM customer" in statement]) == 5


async def test_a_customer_is_found_by_id_by_email_and_as_a_node(graph: Graph, make_customer: MakeCustomer) -> None:
    jane = await make_customer(email="jane@example.com", addresses=(HOME,))
    found = await graph(
        """query ($id: ID!, $address: ID!) {
          byId: customer(id: $id) { email } byEmail: customer(email: "JANE@Example.com") { id }
          none: customer(email: "x") { id }
          node(id: $id) { ... on Customer { email version } }
          address: node(id: $address) { ... on CustomerAddress { country ... on PostalAddress { city } } } }""",
        id=jane.id,
        address=jane.addresses[0].id,
    )
    assert found == {
        "byId": {"email": "jane@example.com"},
        "byEmail": {"id": jane.id},
        "none": None,
        "node": {"email": "jane@example.com", "version": 1},
        "address": {"country": "GB", "city": "Leeds"},
    }


async def test_exactly_one_of_id_and_email_is_required(ask: Ask) -> None:
    for arguments in ("", '(id: "cust_1", email: "a@b.example")'):
        response = (await ask(f"{{ customer{arguments} {{ id }} }}")).json()
        assert "Give exactly one of id and email" in response["errors"][0]["message"]


async def test_lists_are_filtered_by_typed_conditions(graph: Graph, ask: Ask, make_customer: MakeCustomer) -> None:
    await make_customer(email="jane@example.com", first_name="Jane", last_name="Doe", tags=("a", "b"))
    await make_customer(email="ann@other.example")
    query = "query ($filter: CustomerFilter) { customers(filter: $filter) { nodes { email } } }"

    async def emails(**filter: Any) -> list[str]:
        return [node["email"] for node in (await graph(query, filter=filter))["customers"]["nodes"]]

    assert await emails(email="EXAMPLE.com") == ["jane@example.com"]
    assert await emails(name="do j", tags=["A", "b"], status=["ACTIVE", "ARCHIVED"]) == ["jane@example.com"]
    assert await emails(createdFrom="2001-01-01T00:00:00Z", createdTo=None) == ["ann@other.example", "jane@example.com"]
    assert await emails(createdTo="2001-01-01T00:00:00Z") == []
    backwards = {"createdFrom": "2026-01-02T00:00:00Z", "createdTo": "2026-01-01T00:00:00Z"}
    refused = (await ask(query, {"filter": backwards})).json()
    assert "must not be later" in refused["errors"][0]["message"].lower()


async def test_events_show_the_customer_at_the_time(
    graph: Graph, rest: Client, make_customer: MakeCustomer, do: Do
) -> None:
    jane = await make_customer(email="jane@example.com", first_name="Jane", addresses=(HOME,))
    await do(customers.add_address, customer_id=jane.id, line1="2", city="York", country="GB", default_billing=True)
    await do(customers.remove_address, customer_id=jane.id, id=jane.addresses[0].id)
    query = """query ($id: ID!) { events(filter: { objectId: $id }) { nodes { type changedFields
      ... on CustomerCreated { snapshot { ...c } customer { version } }
      ... on CustomerUpdated { snapshot { ...c } customer { version } } } } }
      fragment c on CustomerSnapshot { version email addresses { line1 defaultShipping defaultBilling } }"""
    async with asyncio.timeout(5):
        while len(nodes := (await graph(query, id=jane.id))["events"]["nodes"]) < 3:
            await asyncio.sleep(0.02)  # positions are assigned after the commit
    assert [(node["type"], node["changedFields"]) for node in nodes] == [
        ("CUSTOMER_CREATED", []),
        ("CUSTOMER_UPDATED", ["addresses"]),
        ("CUSTOMER_UPDATED", ["addresses"]),
    ]
    assert all(node["customer"] == {"version": 3} for node in nodes)
    home = {"line1": "1 Home Road", "defaultShipping": True, "defaultBilling": False}
    second = {"line1": "2", "defaultShipping": False, "defaultBilling": True}
    assert [node["snapshot"]["addresses"] for node in nodes] == [[home], [home, second], [second]]
    assert [node["snapshot"]["version"] for node in nodes] == [1, 2, 3]


async def test_events_of_customers_require_the_scope(
    rest: Client, make_customer: MakeCustomer, make_key: MakeKey, shop: Shop
) -> None:
    await make_customer()
    blind = Client(rest.http, await make_key(shop.live, "products:read"))
    async with asyncio.timeout(5):
        while not (await rest("GET", "/v2/events")).json()["data"]:
            await asyncio.sleep(0.02)
    assert (await blind("GET", "/v2/events")).json()["data"] == []
    assert (await blind("GET", "/v2/events?types=customer.created")).status_code == 403
