"""Who buys: one way to put a customer on an order, whichever way it is made, also while they are being erased."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain import customers, orders
from domain.catalog.commands import VariantInput
from domain.customers.commands import CustomerAddressInput
from domain.kernel.database import Database
from domain.kernel.errors import DomainError, ErrorCode
from domain.orders import OrderStatus, PastLine, PastOrder
from domain.orders.commands import OrderItemInput, TaxRateInput
from tests.conftest import Client, Do, Graph, MakeProduct, Shop

TEE = (OrderItemInput(sku="TEE", quantity=1),)
HOME = CustomerAddressInput(line1="1 Home Road", city="Lyon", country="FR", default_shipping=True)
ROUNDS = 12


@pytest.fixture(autouse=True)
async def tee(make_product: MakeProduct) -> None:
    await make_product(sku="TEE", variants=(VariantInput(sku="TEE", inventory=500),))


Put = Callable[[Do, Database, Shop, str], Awaitable[Any]]


async def creates(do: Do, database: Database, shop: Shop, who: str) -> Any:
    return await do(orders.create_order, items=TEE, customer_id=who)


async def creates_a_draft(do: Do, database: Database, shop: Shop, who: str) -> Any:
    return await do(orders.create_draft_order, items=TEE, customer_id=who)


async def updates_a_draft(do: Do, database: Database, shop: Shop, who: str) -> Any:
    draft = await do(orders.create_draft_order, items=TEE)
    return await do(orders.update_draft_order, id=draft.id, customer_id=who)


async def assigns(do: Do, database: Database, shop: Shop, who: str) -> Any:
    await do(orders.create_order, items=TEE, email="guest@example.com")
    return await do(orders.assign_orders, customer_id=who, email="guest@example.com")


async def imports(do: Do, database: Database, shop: Shop, who: str) -> Any:
    past = PastOrder(created_at=datetime(2026, 1, 1, tzinfo=UTC), lines=(PastLine("TEE", 1),), customer_id=who)
    async with database.transaction(shop.live) as work:
        return await orders.import_orders(work, shop.live, [past])


WAYS: dict[str, Put] = {each.__name__: each for each in (creates, creates_a_draft, updates_a_draft, assigns, imports)}


async def _archived(do: Do, who: str) -> None:
    await do(customers.archive_customer, id=who)


async def _erased(do: Do, who: str) -> None:
    await do(customers.erase_customer, id=who)


GONE = {"archived": (_archived, ErrorCode.ILLEGAL_TRANSITION), "erased": (_erased, ErrorCode.NOT_FOUND)}


@pytest.mark.parametrize("gone", GONE)
@pytest.mark.parametrize("way", WAYS)
async def test_b2_no_way_takes_a_customer_who_is_archived_or_erased(
    way: str,
    gone: str,
    do: Do,
    database: Database,
    shop: Shop,
    rows: Any,
) -> None:
    """Taken out: ``find_buyers`` of the import: it takes over an archived customer's order."""
    leave, code = GONE[gone]
    jane = await do(customers.create_customer, email="jane@example.com")
    await leave(do, jane.id)
    with pytest.raises(DomainError) as refusal:
        await WAYS[way](do, database, shop, jane.id)
    assert [(each.path, each.code) for each in refusal.value.problems] == [(("customer_id",), code)]
    for table in ("sales_order", "draft_order"):
        assert jane.id not in [row["customer_id"] for row in await rows(table)]


@pytest.mark.parametrize("gone", GONE)
async def test_b2_a_draft_of_a_customer_who_has_gone_becomes_no_order(gone: str, do: Do, rows: Any) -> None:
    """Taken out: ``lock_buyer`` of the completing: it becomes one."""
    leave, code = GONE[gone]
    jane = await do(customers.create_customer, email="jane@example.com")
    draft = await do(orders.create_draft_order, items=TEE, customer_id=jane.id)
    await leave(do, jane.id)
    with pytest.raises(DomainError) as refusal:
        await do(orders.complete_draft_order, id=draft.id)
    assert [(each.path, each.code) for each in refusal.value.problems] == [(("id",), code)]
    assert await rows("sales_order") == []


@pytest.mark.parametrize("way", [*WAYS, "completes"])
async def test_b2_erasing_misses_nothing_that_is_written_at_the_same_moment(
    way: str,
    do: Do,
    database: Database,
    shop: Shop,
    rows: Any,
) -> None:
    """Whichever comes first: a purchase that stands is redacted, else it was refused. None waits for the other in a
    circle. Taken out: ``lock_buyer`` of the completing: orders keep the address of who was erased."""
    refused = 0
    for turn in range(ROUNDS):
        jane = await do(customers.create_customer, email=f"jane{turn}@example.com", addresses=(HOME,))
        if way == "completes":
            draft = await do(orders.create_draft_order, items=TEE, customer_id=jane.id)
            writes = do(orders.complete_draft_order, id=draft.id)
        else:
            writes = WAYS[way](do, database, shop, jane.id)
        erases = do(customers.erase_customer, id=jane.id)
        pair = (writes, erases) if turn % 2 else (erases, writes)
        results = await asyncio.gather(*pair, return_exceptions=True)
        failures = [each for each in results if isinstance(each, BaseException)]
        assert all(isinstance(each, DomainError) for each in failures), failures
        refused += len(failures)
        for table in ("sales_order", "draft_order"):
            mine = [row for row in await rows(table) if row["customer_id"] == jane.id]
            assert all(row["email"] is None for row in mine)
            assert all((row["shipping_address"] or {"city": "(erased)"})["city"] == "(erased)" for row in mine)
    assert refused <= ROUNDS


async def test_an_order_takes_its_customers_default_addresses_and_their_tax(do: Do, rest: Client) -> None:
    """Wish. Taken out: ``set_buyer`` of ``create_order``: no address, and no tax."""
    await do(orders.update_settings, tax_rates=(TaxRateInput(country="FR", percent=Decimal(20)),))
    office = CustomerAddressInput(line1="2 Office Road", city="Nice", country="FR", default_billing=True)
    jane = await do(customers.create_customer, email="jane@example.com", addresses=(HOME, office))
    body: dict[str, Any] = {"items": [{"sku": "TEE", "quantity": 1}], "customer_id": jane.id}
    order = (await rest("POST", "/v2/orders", json=body)).json()
    assert (order["shipping_address"]["city"], order["billing_address"]["city"], order["tax"]) == ("Lyon", "Nice", 1.0)
    other = {"line1": "1", "city": "Leeds", "country": "GB"}
    order = (await rest("POST", "/v2/orders", json={**body, "shipping_address": other, "email": None})).json()
    assert (order["shipping_address"]["city"], order["billing_address"]["city"], order["tax"]) == ("Leeds", "Nice", 0.0)
    assert order["email"] == "jane@example.com"


UPDATE = """mutation ($input: UpdateOrderInput!) { updateOrder(input: $input) {
  order { email tags metadata version tax { amount } shippingAddress { city } } userErrors { code field } } }"""


async def test_an_order_can_be_changed_until_it_has_shipped(do: Do, rest: Client, graph: Graph, events: Any) -> None:
    """Wish: e-mail, addresses, metadata and tags, on both surfaces; the tax follows the address."""
    await do(orders.update_settings, tax_rates=(TaxRateInput(country="FR", percent=Decimal(20)),))
    order = await do(orders.create_order, items=TEE, metadata={"a": 1})
    await do(orders.update_order_status, id=order.id, status=OrderStatus.PROCESSING)
    lyon = {"line1": "1", "city": "Lyon", "country": "FR"}
    path = f"/v2/orders/{order.id}"
    body = {"email": "a@b.example", "tags": ["gift", "Gift"], "metadata": {"b": 2}, "shipping_address": lyon}
    changed = await rest("PUT", path, json={**body, "version": 2})
    assert changed.status_code == 200, changed.text
    document = changed.json()
    assert (document["tags"], document["metadata"], document["tax"]) == (["gift"], {"a": 1, "b": 2}, 1.0)
    assert (document["version"], document["total"]) == (3, 6.0)
    (told,) = [event for event in await events() if "tags" in event["changed_fields"]]
    assert set(told["changed_fields"]) >= {"email", "tags", "metadata", "shipping_address", "tax", "total"}
    again = (await graph(UPDATE, input={"id": order.id, "tags": [], "email": None}))["updateOrder"]
    assert again["order"] == {
        "email": None,
        "tags": [],
        "metadata": {"a": 1, "b": 2},
        "version": 4,
        "tax": {"amount": "1.00"},
        "shippingAddress": {"city": "Lyon"},
    }
    await do(orders.update_order_status, id=order.id, status=OrderStatus.SHIPPED)
    refused = await rest("PUT", path, json={"tags": ["late"]})
    assert (refused.status_code, refused.json()["error"]["details"][0]["code"]) == (409, "ILLEGAL_TRANSITION")
    late = (await graph(UPDATE, input={"id": order.id, "tags": ["late"]}))["updateOrder"]
    assert late == {"order": None, "userErrors": [{"code": "ILLEGAL_TRANSITION", "field": ["id"]}]}


ASSIGN = """mutation ($input: AssignOrdersInput!) { assignOrders(input: $input) {
  customerId orderCount draftCount hasMore userErrors { code field } } }"""


async def test_guests_orders_are_assigned_exported_and_erased_with_their_customer(
    do: Do,
    rest: Client,
    graph: Graph,
    rows: Any,
    events: Any,
) -> None:
    """Wish. Taken out: the assignment of drafts: one keeps the erased customer's address."""
    jane = await do(customers.create_customer, email="jane@example.com")
    mine = [await do(orders.create_order, items=TEE, email=email) for email in ("Jane@Example.com", "jane@example.com")]
    draft = await do(orders.create_draft_order, items=TEE, email="jane@example.com")
    await do(orders.create_order, items=TEE, email="other@example.com")
    path = f"/v2/customers/{jane.id}/orders"
    assert (await rest("GET", path)).json()["data"] == []
    assigned = await rest("POST", f"{path}/assign")
    assert (assigned.status_code, assigned.json()) == (
        201,
        {"customer_id": jane.id, "order_count": 2, "draft_count": 1, "has_more": False},
    )
    assert {each["id"] for each in (await rest("GET", path)).json()["data"]} == {order.id for order in mine}
    told = [event for event in await events() if event["changed_fields"] == ["customer_id"]]
    assert [event["object_id"] for event in told] == [order.id for order in mine]
    assert (await rest("GET", f"/v2/customers/{jane.id}")).json()["order_summary"]["order_count"] == 2
    exported = (await rest("GET", f"/v2/customers/{jane.id}/export")).json()
    assert {each["id"] for each in exported["orders"]} == {order.id for order in mine}
    again = (await graph(ASSIGN, input={"customerId": jane.id, "email": "OTHER@example.com"}))["assignOrders"]
    assert again == {"customerId": jane.id, "orderCount": 1, "draftCount": 0, "hasMore": False, "userErrors": []}
    await do(customers.erase_customer, id=jane.id)
    emails = [row["email"] for table in ("sales_order", "draft_order") for row in await rows(table)]
    assert emails == [None] * 4
    assert draft.id in [row["id"] for row in await rows("draft_order")]
