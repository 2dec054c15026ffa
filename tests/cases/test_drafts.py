"""Drafts: what was given stays, what was not follows its source."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from domain import catalog, customers, orders
from domain.catalog.commands import VariantInput
from domain.customers.commands import CustomerAddressInput
from domain.kernel.address import AddressInput
from domain.kernel.errors import DomainError, ErrorCode
from domain.kernel.money import Money
from domain.orders.commands import DiscountInput, OrderItemInput, TaxRateInput
from tests.conftest import Client, Do, Graph, MakeProduct

LEEDS = AddressInput(line1="1 Home Road", city="Leeds", country="GB")
TEE = (OrderItemInput(sku="TEE", quantity=2),)


def lives(country: str, **more: Any) -> CustomerAddressInput:
    defaults = {"default_shipping": True, "default_billing": True}
    return CustomerAddressInput(line1=f"1 {country} Road", city="Town", country=country, **{**defaults, **more})


@pytest.fixture
async def people(do: Do, make_product: MakeProduct) -> dict[str, str]:
    """Ada lives in France, Bob in Germany, Eve nowhere; France taxes 20 %, Germany 10 %. A tee costs 5.00."""
    await make_product(sku="TEE", variants=(VariantInput(sku="TEE", inventory=50),))
    rates = (TaxRateInput(country="FR", percent=Decimal(20)), TaxRateInput(country="DE", percent=Decimal(10)))
    await do(orders.update_settings, tax_rates=rates)
    made = {
        "ada": await do(customers.create_customer, email="ada@example.com", addresses=(lives("FR"),)),
        "bob": await do(customers.create_customer, email="bob@example.com", addresses=(lives("DE"),)),
        "eve": await do(customers.create_customer, email="eve@example.com"),
    }
    return {name: person.id for name, person in made.items()}


def shown(purchase: Any) -> tuple[Any, ...]:
    places = (purchase.shipping_address, purchase.billing_address)
    return (purchase.email, *[place and place["country"] for place in places], purchase.tax)


OF = {"ada": ("ada@example.com", "FR", "FR", 200), "bob": ("bob@example.com", "DE", "DE", 100)}
OF |= {"eve": ("eve@example.com", None, None, 0), "guest": (None, None, None, 0)}


@pytest.mark.parametrize("then", ["bob", "eve", "guest"])
async def test_a4_what_was_not_given_is_the_new_customers(then: str, do: Do, people: Any) -> None:
    """Taken out: ``set_buyer`` of an update (the first customer's e-mail stays, as it was)."""
    draft = await do(orders.create_draft_order, items=TEE, customer_id=people["ada"])
    assert shown(draft) == OF["ada"]
    updated = await do(orders.update_draft_order, id=draft.id, customer_id=people.get(then))
    assert shown(updated) == OF[then]
    order = await do(orders.complete_draft_order, id=draft.id)
    assert (order.customer_id, *shown(order)) == (people.get(then), *OF[then])


async def test_a4_what_was_given_stays_and_null_takes_it_back(do: Do, people: Any) -> None:
    """Taken out: ``record_own_fields``: what was given is lost with the customer."""
    given = {"email": "own@example.com", "shipping_address": LEEDS}
    draft = await do(orders.create_draft_order, items=TEE, customer_id=people["ada"], **given)
    assert shown(draft) == ("own@example.com", "GB", "FR", 0)
    updated = await do(orders.update_draft_order, id=draft.id, customer_id=people["bob"])
    assert shown(updated) == ("own@example.com", "GB", "DE", 0)
    updated = await do(orders.update_draft_order, id=draft.id, email=None, shipping_address=None)
    assert shown(updated) == OF["bob"]
    updated = await do(orders.update_draft_order, id=draft.id, billing_address=LEEDS, customer_id=None)
    assert shown(updated) == (None, None, "GB", 0)


async def test_a4_a_completed_draft_has_what_is_so_then(do: Do, people: Any) -> None:
    """Taken out: ``set_buyer`` of the completing: the address and e-mail of when the draft was written."""
    draft = await do(orders.create_draft_order, items=TEE, customer_id=people["ada"], shipping_method="standard")
    await do(customers.update_customer, id=people["ada"], email="new@example.com")
    await do(
        customers.add_address, customer_id=people["ada"], line1="2", city="Ulm", country="DE", default_shipping=True
    )
    order = await do(orders.complete_draft_order, id=draft.id)
    assert (order.email, order.shipping_address["city"], order.tax) == ("new@example.com", "Ulm", 100)


async def test_a4_an_echo_leaves_the_catalogs_prices_the_catalogs(rest: Client, do: Do, people: Any, rows: Any) -> None:
    """Taken out: ``price`` among the echoes of ``updateDraftOrder``: completed at 10.00 though the tees cost 24.00."""
    lines = [{"sku": "TEE", "quantity": 2}, {"sku": "TEE", "quantity": 1, "price": 1}]
    made = await rest("POST", "/v2/draft_orders", json={"items": lines, "discount": {"percent": 50}})
    path = f"/v2/draft_orders/{made.json()['id']}"
    more = {"items": [{**made.json()["items"][0], "quantity": 4}, made.json()["items"][1]], "tags": ["gift"]}
    changed = await rest("PUT", path, json={**made.json(), **more})
    assert (changed.status_code, changed.json()["version"], changed.json()["tags"]) == (200, 2, ["gift"])
    ids = [line["id"] for line in made.json()["items"]]
    assert [line["id"] for line in changed.json()["items"]] == ids
    assert [row["own_price"] for row in sorted(await rows("draft_order_item"), key=lambda row: row["position"])] == [
        False,
        True,
    ]
    product = (await rest("GET", "/v2/products/TEE")).json()
    await rest("PUT", f"/v2/products/{product['id']}", json={"price": 12})
    order = (await rest("POST", f"{path}/complete")).json()
    assert [(line["quantity"], line["price"]) for line in order["items"]] == [(4, 12.0), (1, 1.0)]
    assert (order["subtotal"], order["discount"], order["tags"]) == (49.0, 24.5, ["gift"])


UPDATE = """mutation ($input: UpdateDraftOrderInput!) { updateDraftOrder(input: $input) {
  draftOrder { version items { id sku quantity price { amount } } } userErrors { code field } } }"""


async def test_a4_lines_are_known_by_their_ids(graph: Graph, do: Do, people: Any, make_product: MakeProduct) -> None:
    """Taken out: the matching of ``draft_lines.replace_lines``: every update gives the lines new ids."""
    await make_product(sku="CUP", variants=(VariantInput(sku="CUP"),))
    own = OrderItemInput(sku="CUP", quantity=1, price=Money(100, "GBP"))
    draft = await do(orders.create_draft_order, items=(*TEE, own))
    tee, cup = (line.id for line in draft.items)

    async def update(*items: Any) -> Any:
        return (await graph(UPDATE, input={"id": draft.id, "items": items}))["updateDraftOrder"]

    same = await update({"id": tee, "quantity": 2}, {"sku": "cup", "quantity": 1})
    assert same["draftOrder"]["version"] == 1
    assert [line["price"]["amount"] for line in same["draftOrder"]["items"]] == ["5.00", "1.00"]
    turned = await update({"id": cup, "quantity": 3, "price": None}, {"id": tee, "quantity": 2})
    assert [(line["id"], line["quantity"], line["price"]["amount"]) for line in turned["draftOrder"]["items"]] == [
        (cup, 3, "5.00"),
        (tee, 2, "5.00"),
    ]
    other = await update({"id": tee, "sku": "CUP", "quantity": 1}, {"sku": "TEE", "quantity": 1})
    assert [(line["id"] == tee, line["sku"]) for line in other["draftOrder"]["items"]] == [
        (True, "CUP"),
        (False, "TEE"),
    ]
    for wrong, code in ((("item_x",), "NOT_FOUND"), ((tee, tee), "DUPLICATE")):
        refused = await update(*({"id": id, "quantity": 1} for id in wrong))
        assert refused["userErrors"] == [{"code": code, "field": ["items", str(len(wrong) - 1), "id"]}]


async def test_a_new_line_has_no_id_yet(do: Do, people: Any) -> None:
    for use_case, name in ((orders.create_order, "items"), (orders.create_draft_order, "items")):
        with pytest.raises(DomainError) as refusal:
            await do(use_case, **{name: (OrderItemInput(id="item_x", sku="TEE", quantity=1),)})
        assert [(each.path, each.code) for each in refusal.value.problems] == [((name, 0, "id"), ErrorCode.NOT_FOUND)]


async def test_a11_a_discount_above_the_subtotal_is_refused_wherever_it_comes_to_be(
    do: Do,
    people: Any,
    rows: Any,
) -> None:
    """Taken out: the check of ``terms.reprice`` where the discount is not given: capped without a word."""
    fifty = DiscountInput(amount=Money(5000, "GBP"))
    ten = tuple(OrderItemInput(sku="TEE", quantity=quantity) for quantity in (10, 1))
    order = await do(orders.create_order, items=ten, discount=fifty)
    draft = await do(orders.create_draft_order, items=ten, discount=fifty)
    tees = (await rows("product"))[0]["id"]
    before = [await rows(table) for table in ("sales_order", "order_item", "draft_order", "draft_order_item")]
    refused: list[tuple[Any, dict[str, Any], str, Any]] = [
        (orders.create_order, {"items": TEE, "discount": fifty}, "10.00", ("discount", "amount")),
        (orders.create_draft_order, {"items": TEE, "discount": fifty}, "10.00", ("discount", "amount")),
        (orders.edit_order, {"id": order.id, "remove_items": (order.items[0].id,)}, "5.00", ("discount", "amount")),
        (orders.update_draft_order, {"id": draft.id, "items": TEE}, "10.00", ("discount", "amount")),
    ]
    for use_case, given, most, path in refused:
        with pytest.raises(DomainError) as refusal:
            await do(use_case, **given)
        (problem,) = refusal.value.problems
        assert (problem.path, problem.code) == (path, ErrorCode.TOO_LARGE)
        assert f"at most {most}, the subtotal" in problem.message
    await do(catalog.update_product, id=tees, price=Money(100, "GBP"))
    with pytest.raises(DomainError) as refusal:
        await do(orders.complete_draft_order, id=draft.id)
    assert "at most 11.00" in refusal.value.problems[0].message
    assert [await rows(table) for table in ("sales_order", "order_item", "draft_order", "draft_order_item")] == before


BY_GRAPHQL = """mutation ($input: %s!) { %s(input: $input) {
    %s { email customer { id } } userErrors { code field message } } }"""


@pytest.mark.parametrize("then", ["bob", "guest"])
async def test_a4_both_surfaces_let_an_email_follow_its_customer(
    then: str, rest: Client, graph: Graph, people: Any
) -> None:
    """REST by PUT, GraphQL by updateDraftOrder. Fails without ``set_buyer`` of an update."""
    lines = [{"sku": "TEE", "quantity": 1}]
    expected = (OF[then][0], people.get(then))
    ids = [
        (await rest("POST", "/v2/draft_orders", json={"items": lines, "customer_id": people["ada"]})).json()["id"]
        for _ in range(2)
    ]
    document = (await rest("PUT", f"/v2/draft_orders/{ids[0]}", json={"customer_id": people.get(then)})).json()
    assert (document["email"], document["customer_id"]) == expected
    query = BY_GRAPHQL % ("UpdateDraftOrderInput", "updateDraftOrder", "draftOrder")
    answer = (await graph(query, input={"id": ids[1], "customerId": people.get(then)}))["updateDraftOrder"]
    draft = answer["draftOrder"]
    assert (draft["email"], draft["customer"] and draft["customer"]["id"]) == expected
    for id in ids:
        order = (await rest("POST", f"/v2/draft_orders/{id}/complete")).json()
        assert (order["email"], order["customer_id"]) == expected


async def test_a11_both_surfaces_name_the_discount_that_is_possible(rest: Client, graph: Graph, people: Any) -> None:
    """Created and edited down. Fails where ``terms.reprice`` caps instead."""
    ten = [{"sku": "TEE", "quantity": quantity} for quantity in (8, 2)]
    given = {"items": ten, "discount": {"amount": 50}}
    order = (await rest("POST", "/v2/orders", json=given)).json()
    least = "at most 10.00, the subtotal"
    for method, path, body in (
        ("POST", "orders", {**given, "items": ten[1:]}),
        ("PATCH", f"orders/{order['id']}", {"remove_items": [order["items"][0]["id"]]}),
    ):
        refused = await rest(method, f"/v2/{path}", json=body)
        (detail,) = refused.json()["error"]["details"]
        assert (refused.status_code, detail["field"], detail["code"]) == (422, "discount.amount", "TOO_LARGE")
        assert least in detail["message"]
    for name, sent in (
        ("createOrder", {**given, "items": ten[1:], "discount": {"amount": {"amount": 50}}}),
        ("editOrder", {"id": order["id"], "removeItems": [order["items"][0]["id"]]}),
    ):
        query = BY_GRAPHQL % (f"{name[0].upper()}{name[1:]}Input", name, "order")
        (error,) = (await graph(query, input=sent))[name]["userErrors"]
        assert (error["code"], error["field"]) == ("TOO_LARGE", ["discount", "amount"])
        assert least in error["message"]
    assert (await rest("GET", f"/v2/orders/{order['id']}")).json()["version"] == order["version"]
