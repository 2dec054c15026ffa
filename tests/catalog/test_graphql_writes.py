"""Mutations of the catalog by GraphQL."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from domain.catalog.commands import ImageInput, VariantInput
from domain.kernel.money import Money
from tests.conftest import Ask, Client, Graph, MakeKey, MakeProduct, Shop

UNKNOWN = "prod_00000000000000000000000000"
CREATE = """
mutation ($input: CreateProductInput!) {
  createProduct(input: $input) {
    product {
      id name description sku status version metadata tags createdAt updatedAt
      price { amount currency minorUnits }
      variants { sku price { amount } overridesPrice cost { amount } attributes image { url } inventory }
      images { url alt position }
      categories { slug name }
    }
    userErrors { code field message }
  }
}
"""
UPDATE = """
mutation ($input: UpdateProductInput!) {
  updateProduct(input: $input) {
    product { name description version variants { sku overridesPrice price { amount } } }
    userErrors { code field }
  }
}
"""
HEADPHONES: dict[str, Any] = {
    "name": "Premium Wireless Headphones",
    "description": "High-quality audio experience",
    "price": {"amount": "199.99", "currency": "GBP"},
    "sku": "HEADPHONE-001",
    "status": "DRAFT",
    "categories": ["electronics", "audio"],
    "tags": ["new"],
    "metadata": {"season": "summer", "weight": 1.25},
    "variants": [
        {"sku": "HEADPHONE-001-BLUE", "inventory": 25, "attributes": {"color": "Blue"}, "cost": {"amount": "80"}},
        {"sku": "HEADPHONE-001-GOLD", "price": {"amount": "249.50"}, "image": "https://images.example.com/gold.jpg"},
    ],
    "images": [{"url": "https://images.example.com/1.jpg", "alt": "From the front"}],
}
MUG: dict[str, Any] = {"name": "Mug", "sku": "MUG", "price": {"amount": "5"}}


async def test_a_product_is_created_with_all_that_it_owns(graph: Graph, events: Any) -> None:
    answer = (await graph(CREATE, input=HEADPHONES))["createProduct"]
    product = answer["product"]
    assert answer["userErrors"] == []
    assert product["id"].startswith("prod_")
    assert product["createdAt"] == product["updatedAt"]
    assert product["createdAt"][-1] == "Z"
    assert len(product["createdAt"]) == len("2026-01-15T10:30:00.000Z")
    assert {name: product[name] for name in ("name", "sku", "status", "version", "tags", "metadata", "price")} == {
        "name": "Premium Wireless Headphones",
        "sku": "HEADPHONE-001",
        "status": "DRAFT",
        "version": 1,
        "tags": ["new"],
        "metadata": {"season": "summer", "weight": 1.25},
        "price": {"amount": "199.99", "currency": "GBP", "minorUnits": 19999},
    }
    assert product["variants"] == [
        {
            "sku": "HEADPHONE-001-BLUE",
            "price": {"amount": "199.99"},
            "overridesPrice": False,
            "cost": {"amount": "80.00"},
            "attributes": {"color": "Blue"},
            "image": None,
            "inventory": 25,
        },
        {
            "sku": "HEADPHONE-001-GOLD",
            "price": {"amount": "249.50"},
            "overridesPrice": True,
            "cost": None,
            "attributes": {},
            "image": {"url": "https://images.example.com/gold.jpg"},
            "inventory": 0,
        },
    ]
    assert [image["url"][-5:] for image in product["images"]] == ["1.jpg", "d.jpg"]
    assert [category["slug"] for category in product["categories"]] == ["audio", "electronics"]
    assert [event["type"] for event in await events()] == ["product.created"]


async def test_every_wrong_field_is_named_and_nothing_is_written(graph: Graph, events: Any) -> None:
    wrong = {
        "name": " ",
        "sku": "a/b",
        "price": {"amount": "1.005"},
        "variants": [{"sku": "OK"}, {"sku": "", "cost": {"amount": "-1"}}],
        "images": [{"url": "ftp://example.com"}],
    }
    answer = (await graph(CREATE, input=wrong))["createProduct"]
    assert answer["product"] is None
    assert [(error["code"], error["field"]) for error in answer["userErrors"]] == [
        ("TOO_SHORT", ["name"]),
        ("TOO_MANY_DECIMALS", ["price"]),
        ("INVALID", ["sku"]),
        ("TOO_SHORT", ["variants", "1", "sku"]),
        ("TOO_SMALL", ["variants", "1", "cost"]),
        ("INVALID", ["images", "0", "url"]),
    ]
    assert await events() == []
    assert (await graph("{ products { totalCount } }"))["products"] == {"totalCount": 0}


async def test_a_taken_sku_is_a_user_error_on_its_field(graph: Graph, make_product: MakeProduct, events: Any) -> None:
    await make_product(sku="mug")
    answer = (await graph(CREATE, input=MUG))["createProduct"]
    assert answer["product"] is None
    assert [(error["code"], error["field"]) for error in answer["userErrors"]] == [("TAKEN", ["sku"])]
    assert len(await events()) == 1


@pytest.mark.parametrize(
    ("written", "amount"),
    [('"19.99"', "19.99"), ("19.99", "19.99"), ("19", "19.00"), ("0.1", "0.10"), ("1e2", "100.00")],
)
async def test_amounts_are_exact_however_they_are_written(graph: Graph, written: str, amount: str) -> None:
    literal = await graph(
        f'mutation {{ createProduct(input: {{ name: "a", sku: "a", price: {{ amount: {written} }} }}) '
        "{ product { price { amount } } } }"
    )
    assert literal["createProduct"]["product"] == {"price": {"amount": amount}}


async def test_an_amount_in_variables_does_not_pass_through_a_float(rest: Client) -> None:
    query = """mutation ($amount: Decimal!) {
      createProduct(input: { name: "a", sku: "a", price: { amount: $amount } }) {
      product { price { minorUnits } } } }"""
    body = orjson.dumps({"query": query, "variables": {"amount": "?"}}).replace(b'"?"', b"9999999999999.99")
    answer = await rest("POST", "/graphql", content=body, headers={"Content-Type": "application/json"})
    assert answer.json()["data"]["createProduct"]["product"] == {"price": {"minorUnits": 999_999_999_999_999}}


async def test_another_currency_is_refused(graph: Graph) -> None:
    answer = await graph(CREATE, input={**MUG, "price": {"amount": "5", "currency": "eur"}})
    assert [(error["code"], error["field"]) for error in answer["createProduct"]["userErrors"]] == [
        ("CURRENCY_MISMATCH", ["price"])
    ]


async def test_a_currency_without_decimals_keeps_none(ask: Ask, make_shop: Any, make_key: MakeKey) -> None:
    tokyo = await make_shop(currency="JPY")
    key = await make_key(tokyo.live)
    made = (await ask(CREATE, {"input": {**MUG, "price": {"amount": "500"}}}, key=key)).json()["data"]
    assert made["createProduct"]["product"]["price"] == {"amount": "500", "currency": "JPY", "minorUnits": 500}


async def test_an_update_changes_what_is_given_and_leaves_the_rest(graph: Graph, make_product: MakeProduct) -> None:
    made = await make_product(description="As it was", variants=(VariantInput(sku="V", price=Money(700, "GBP")),))
    answer = (await graph(UPDATE, input={"id": made.id, "name": "New", "expectedVersion": 1}))["updateProduct"]
    assert answer["product"]["name"] == "New"
    assert answer["product"]["description"] == "As it was"
    assert answer["product"]["version"] == 2
    assert answer["product"]["variants"] == [{"sku": "V", "overridesPrice": True, "price": {"amount": "7.00"}}]
    cleared = await graph(UPDATE, input={"id": made.id, "variants": [{"sku": "V", "price": None}]})
    assert cleared["updateProduct"]["product"]["variants"] == [
        {"sku": "V", "overridesPrice": False, "price": {"amount": "5.00"}}
    ]


async def test_null_where_there_is_nothing_to_clear_is_as_if_left_out(graph: Graph, make_product: MakeProduct) -> None:
    made = await make_product()
    answer = (await graph(UPDATE, input={"id": made.id, "name": None, "expectedVersion": None}))["updateProduct"]
    assert (answer["product"]["name"], answer["userErrors"]) == ("Red mug", [])


async def test_a_stale_version_changes_nothing(graph: Graph, make_product: MakeProduct, events: Any) -> None:
    made = await make_product()
    answer = (await graph(UPDATE, input={"id": made.id, "name": "New", "expectedVersion": 7}))["updateProduct"]
    assert answer == {"product": None, "userErrors": [{"code": "VERSION_MISMATCH", "field": ["expectedVersion"]}]}
    assert (await graph("query ($id: ID) { product(id: $id) { name } }", id=made.id))["product"] == {"name": "Red mug"}
    assert len(await events()) == 1


async def test_updating_what_is_not_there_is_a_user_error(graph: Graph) -> None:
    answer = (await graph(UPDATE, input={"id": UNKNOWN, "name": "New"}))["updateProduct"]
    assert answer == {"product": None, "userErrors": [{"code": "NOT_FOUND", "field": ["id"]}]}


async def test_an_archived_product_stays_readable(graph: Graph, make_product: MakeProduct) -> None:
    made = await make_product()
    query = "mutation ($id: ID!) { archiveProduct(input: { id: $id }) { product { status } userErrors { code } } }"
    assert (await graph(query, id=made.id))["archiveProduct"] == {"product": {"status": "ARCHIVED"}, "userErrors": []}
    assert (await graph("query ($id: ID) { product(id: $id) { status } }", id=made.id))["product"] == {
        "status": "ARCHIVED"
    }


async def test_variants_come_and_go(graph: Graph, make_product: MakeProduct) -> None:
    made = await make_product(sku="MUG")
    added = await graph(
        "mutation ($input: AddVariantInput!) { addVariant(input: $input) "
        "{ variant { id sku inventory product { id } } product { version variants { sku } } userErrors { code } } }",
        input={"productId": made.id, "sku": "MUG-L", "inventory": 3},
    )
    variant = added["addVariant"]["variant"]
    assert (variant["sku"], variant["inventory"], variant["product"]) == ("MUG-L", 3, {"id": made.id})
    assert added["addVariant"]["product"] == {"version": 2, "variants": [{"sku": "MUG"}, {"sku": "MUG-L"}]}
    updated = await graph(
        "mutation ($input: UpdateVariantInput!) { updateVariant(input: $input) "
        "{ variant { sku price { amount } } product { version } } }",
        input={"productId": made.id, "id": variant["id"], "sku": "MUG-XL", "price": {"amount": "9"}},
    )
    assert updated["updateVariant"] == {
        "variant": {"sku": "MUG-XL", "price": {"amount": "9.00"}},
        "product": {"version": 3},
    }
    removed = await graph(
        "mutation ($input: RemoveVariantInput!) { removeVariant(input: $input) { product { variants { sku } } } }",
        input={"productId": made.id, "id": variant["id"]},
    )
    assert removed["removeVariant"] == {"product": {"variants": [{"sku": "MUG"}]}}


async def test_images_come_and_go(graph: Graph, make_product: MakeProduct) -> None:
    made = await make_product(images=(ImageInput(url="https://example.com/1.jpg"),))
    added = await graph(
        "mutation ($input: AddImageInput!) { addImage(input: $input) "
        "{ image { id url position } product { version } userErrors { code } } }",
        input={"productId": made.id, "url": "https://example.com/2.jpg"},
    )
    image = added["addImage"]["image"]
    assert (image["url"], image["position"]) == ("https://example.com/2.jpg", 1)
    removed = await graph(
        "mutation ($input: RemoveImageInput!) { removeImage(input: $input) { product { images { url } } } }",
        input={"productId": made.id, "id": image["id"]},
    )
    assert removed["removeImage"] == {"product": {"images": [{"url": "https://example.com/1.jpg"}]}}


async def test_who_may_only_write_is_shown_what_was_written_and_nothing_more(
    ask: Ask, shop: Shop, make_key: MakeKey
) -> None:
    """A creation returns the whole created object; a change returns only what its input contained."""
    key = await make_key(shop.live, "products:write")
    query = "mutation ($input: CreateProductInput!) { createProduct(input: $input) { product { %s } } }"
    seen = (await ask(query % "name variants { sku }", {"input": MUG}, key=key)).json()
    assert seen == {"data": {"createProduct": {"product": {"name": "Mug", "variants": [{"sku": "MUG"}]}}}}
    made = (await ask(query % "id", {"input": {**MUG, "sku": "B"}}, key=key)).json()
    change = {"input": {"id": made["data"]["createProduct"]["product"]["id"], "name": "Cup"}}
    query = "mutation ($input: UpdateProductInput!) { updateProduct(input: $input) { product { %s } } }"
    seen = (await ask(query % "name", change, key=key)).json()
    assert seen == {"data": {"updateProduct": {"product": {"name": "Cup"}}}}
    for unread in ("price { amount }", "variants { id }"):
        refused = (await ask(query % unread, change, key=key)).json()
        assert refused["errors"][0]["extensions"]["missingScope"] == "products:read"


async def test_another_shop_sees_nothing(
    ask: Ask, other_shop: Shop, make_key: MakeKey, make_product: MakeProduct
) -> None:
    made = await make_product(sku="MUG")
    key = await make_key(other_shop.live)
    query = f"""{{ byId: product(id: "{made.id}") {{ id }} bySku: product(sku: "MUG") {{ id }}
      node(id: "{made.variants[0].id}") {{ id }} products {{ totalCount nodes {{ id }} }} }}"""
    assert (await ask(query, key=key)).json()["data"] == {
        "byId": None,
        "bySku": None,
        "node": None,
        "products": {"totalCount": 0, "nodes": []},
    }
    answer = (await ask(UPDATE, {"input": {"id": made.id, "name": "Mine"}}, key=key)).json()["data"]["updateProduct"]
    assert answer == {"product": None, "userErrors": [{"code": "NOT_FOUND", "field": ["id"]}]}
