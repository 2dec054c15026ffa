"""Queries of the catalog by GraphQL."""

from __future__ import annotations

from typing import Any

import pytest

from domain.catalog import ProductStatus
from domain.catalog.commands import ImageInput, VariantInput
from domain.kernel.money import Money
from tests.conftest import Ask, Graph, MakeKey, MakeProduct, Shop

UNKNOWN = "prod_00000000000000000000000000"


async def test_a_product_is_found_by_id_and_by_any_of_its_skus(graph: Graph, make_product: MakeProduct) -> None:
    made = await make_product(sku="MUG", variants=(VariantInput(sku="MUG-Blue"),))
    query = "query ($id: ID, $sku: String) { product(id: $id, sku: $sku) { id } }"
    for arguments in ({"id": made.id}, {"sku": "mug"}, {"sku": "MUG-BLUE"}, {"id": made.id, "sku": None}):
        assert await graph(query, **arguments) == {"product": {"id": made.id}}
    for unknown in ({"id": UNKNOWN}, {"id": "mug"}, {"sku": "none"}, {"sku": "a\u0000"}):
        assert await graph(query, **unknown) == {"product": None}


@pytest.mark.parametrize("arguments", ["", f'(id: "{UNKNOWN}", sku: "a")', "(id: null, sku: null)"])
async def test_a_product_is_requested_by_exactly_one_of_both(ask: Ask, arguments: str) -> None:
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
      products(filter: $filter, sort: $sort, search: $search) { nodes { name } totalCount searchTruncated } }"""

    async def names(**arguments: Any) -> list[str]:
        found = (await graph(query, **arguments))["products"]
        assert found["totalCount"] == len(found["nodes"])
        assert found["searchTruncated"] is False
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
    assert [(problem["code"], problem["field"]) for problem in extensions["problems"]] == [
        ("TOO_SHORT", ["category", "0"])
    ]


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


async def test_the_cost_of_a_variant_requires_one_of_two_scopes(
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
