"""The catalog over GraphQL."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from domain.catalog import ProductStatus
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


async def test_null_where_there_is_nothing_to_clear_is_a_user_error(graph: Graph, make_product: MakeProduct) -> None:
    made = await make_product()
    answer = (await graph(UPDATE, input={"id": made.id, "name": None}))["updateProduct"]
    assert answer == {"product": None, "userErrors": [{"code": "NULL_NOT_ALLOWED", "field": ["name"]}]}


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


async def test_a_product_is_found_by_id_and_by_any_of_its_skus(graph: Graph, make_product: MakeProduct) -> None:
    made = await make_product(sku="MUG", variants=(VariantInput(sku="MUG-Blue"),))
    query = "query ($id: ID, $sku: String) { product(id: $id, sku: $sku) { id } }"
    for arguments in ({"id": made.id}, {"sku": "mug"}, {"sku": "MUG-BLUE"}, {"id": made.id, "sku": None}):
        assert await graph(query, **arguments) == {"product": {"id": made.id}}
    for unknown in ({"id": UNKNOWN}, {"id": "mug"}, {"sku": "none"}, {"sku": "a\u0000"}):
        assert await graph(query, **unknown) == {"product": None}


@pytest.mark.parametrize("arguments", ["", f'(id: "{UNKNOWN}", sku: "a")', "(id: null, sku: null)"])
async def test_a_product_is_asked_for_by_exactly_one_of_both(ask: Ask, arguments: str) -> None:
    answer = (await ask(f"{{ product{arguments} {{ id }} }}" if arguments else "{ product { id } }")).json()
    assert "data" not in answer
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_category_is_found_by_id_and_by_slug(graph: Graph, make_product: MakeProduct) -> None:
    await make_product(categories=("garden-tools",))
    query = "query ($id: ID, $slug: String) { category(id: $id, slug: $slug) { id slug name } }"
    found = (await graph(query, slug="garden-tools"))["category"]
    assert found["slug"] == "garden-tools"
    assert (await graph(query, id=found["id"]))["category"] == found
    assert (await graph("{ categories { totalCount nodes { slug } } }"))["categories"] == {
        "totalCount": 1,
        "nodes": [{"slug": "garden-tools"}],
    }


async def test_lists_filter_sort_and_search(graph: Graph, make_product: MakeProduct) -> None:
    await make_product(name="Blue cup", tags=("sale", "new"), categories=("cups",), price=Money(300, "GBP"))
    await make_product(name="apron", tags=("sale",), price=Money(900, "GBP"), status=ProductStatus.DRAFT)
    await make_product(name="Cup holder", price=Money(600, "GBP"), status=ProductStatus.ARCHIVED)
    query = """query ($filter: ProductFilter, $sort: ProductSort, $search: String) {
      products(filter: $filter, sort: $sort, search: $search) { nodes { name } totalCount searchCut } }"""

    async def names(**arguments: Any) -> list[str]:
        found = (await graph(query, **arguments))["products"]
        assert found["totalCount"] == len(found["nodes"])
        assert found["searchCut"] is False
        return [node["name"] for node in found["nodes"]]

    assert await names() == ["Cup holder", "apron", "Blue cup"]
    assert await names(sort={"field": "NAME"}) == ["apron", "Blue cup", "Cup holder"]
    assert await names(sort={"field": "PRICE", "direction": "DESC"}) == ["apron", "Cup holder", "Blue cup"]
    assert await names(filter={"status": ["DRAFT", "ARCHIVED"]}) == ["Cup holder", "apron"]
    assert await names(filter={"tags": ["SALE", "new"]}) == ["Blue cup"]
    assert await names(filter={"category": "cups", "status": None}) == ["Blue cup"]
    assert await names(search="cup") == ["Cup holder", "Blue cup"]
    assert await names(search="cup", sort={"field": "PRICE"}, filter={"status": "ACTIVE"}) == ["Blue cup"]


async def test_pages_run_forwards_and_backwards_without_gap_or_repeat(graph: Graph, make_product: MakeProduct) -> None:
    for number in range(7):
        await make_product(name=f"{number}")
    query = """query ($first: Int, $after: String, $last: Int, $before: String) {
      products(first: $first, after: $after, last: $last, before: $before, sort: { field: NAME }) {
        edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    forwards, cursor = [], None
    while True:
        page = (await graph(query, first=3, after=cursor))["products"]
        forwards += [edge["node"]["name"] for edge in page["edges"]]
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        assert page["pageInfo"]["hasPreviousPage"] is (cursor is not None)
        cursor = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert forwards == list("0123456")
    last = (await graph(query, last=3))["products"]
    assert [edge["node"]["name"] for edge in last["edges"]] == list("456")
    before = (await graph(query, last=3, before=last["pageInfo"]["startCursor"]))["products"]
    assert [edge["node"]["name"] for edge in before["edges"]] == list("123")
    assert before["pageInfo"]["hasPreviousPage"] is True
    empty = (await graph(query, first=0))["products"]
    assert empty["edges"] == []
    assert empty["pageInfo"]["startCursor"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        "first: -1",
        "first: 201",
        "last: 201",
        "first: 1, last: 1",
        'after: "x"',
        'first: 1, before: "c1~a"',
        'search: ""',
    ],
)
async def test_a_window_that_cannot_be_read_is_an_error_of_the_request(ask: Ask, arguments: str) -> None:
    answer = await ask(
        f"{{ products({arguments}) {{ nodes {{ id }} }} }}", headers={"Accept": "application/graphql-response+json"}
    )
    assert answer.status_code == 400
    assert "data" not in answer.json()
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_a_filter_out_of_bounds_is_an_error_that_names_its_field(ask: Ask) -> None:
    answer = (await ask('{ products(filter: { category: "" }) { nodes { id } } }')).json()
    assert answer["data"] is None
    extensions = answer["errors"][0]["extensions"]
    assert extensions["code"] == "BAD_USER_INPUT"
    assert [(problem["code"], problem["field"]) for problem in extensions["problems"]] == [("TOO_SHORT", ["category"])]


async def test_a_page_costs_one_statement_and_one_for_each_relation(
    graph: Graph, make_product: MakeProduct, statements: list[str]
) -> None:
    for number in range(5):
        await make_product(categories=("a", f"b-{number}"), images=(ImageInput(url="https://example.com/1.jpg"),))
    await graph("{ shop { id } }")  # so that the key is known
    statements.clear()
    page = await graph(
        "{ products { nodes { name variants { sku inventory } images { url } categories { slug } } } }",
    )
    assert len(page["products"]["nodes"]) == 5
    assert len(statements) == 1 + 4, statements
    assert not any("count(*)" in statement for statement in statements)


async def test_a_total_is_counted_only_when_asked_for(graph: Graph, make_product: MakeProduct, statements: Any) -> None:
    await make_product()
    await graph("{ shop { id } }")
    statements.clear()
    await graph("{ products { totalCount nodes { id } } }")
    assert len(statements) == 2


async def test_what_costs_the_merchant_needs_one_of_two_scopes(
    ask: Ask, shop: Shop, make_key: MakeKey, make_product: MakeProduct, statements: list[str]
) -> None:
    made = await make_product(variants=(VariantInput(sku="V", cost=Money(300, "GBP")),))
    query = f'{{ product(id: "{made.id}") {{ name variants {{ cost {{ amount }} }} }} }}'
    for scope in ("products:write", "analytics:read"):
        key = await make_key(shop.live, "products:read", scope)
        seen = (await ask(query, key=key)).json()["data"]["product"]
        assert seen == {"name": "Red mug", "variants": [{"cost": {"amount": "3.00"}}]}
    key = await make_key(shop.live, "products:read")
    await ask("{ shop { id } }", key=key)
    statements.clear()
    refused = await ask(query, key=key, headers={"Accept": "application/graphql-response+json"})
    assert refused.status_code == 403
    assert "data" not in refused.json()
    assert refused.json()["errors"][0]["extensions"]["missingScope"] == "products:write"
    assert statements == []


async def test_who_may_only_write_is_shown_what_was_written_and_nothing_more(
    ask: Ask, shop: Shop, make_key: MakeKey
) -> None:
    key = await make_key(shop.live, "products:write")
    query = "mutation ($input: CreateProductInput!) { createProduct(input: $input) { product { name %s } } }"
    seen = (await ask(query % "", {"input": MUG}, key=key)).json()
    assert seen == {"data": {"createProduct": {"product": {"name": "Mug"}}}}
    refused = (await ask(query % "variants { id }", {"input": {**MUG, "sku": "B"}}, key=key)).json()
    assert refused["errors"][0]["extensions"]["missingScope"] == "products:read"


async def test_anything_with_an_id_is_a_node(graph: Graph, make_product: MakeProduct) -> None:
    made = await make_product(images=(ImageInput(url="https://example.com/1.jpg"),), categories=("cups",))
    ids = [made.id, made.variants[0].id, made.images[0].id]
    ids.append((await graph('{ category(slug: "cups") { id } }'))["category"]["id"])
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
    found = (await graph(query, ids=[*ids, UNKNOWN, "nonsense", "ord_1"]))["nodes"]
    assert [node["__typename"] for node in found[:4]] == ["Product", "ProductVariant", "ProductImage", "Category"]
    assert [node["id"] for node in found[:4]] == ids
    assert found[4:] == [None, None, None]
    one = await graph("query ($id: ID!) { node(id: $id) { ... on Versioned { version } } }", id=made.id)
    assert one["node"] == {"version": 1}


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
