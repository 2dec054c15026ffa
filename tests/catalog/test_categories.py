"""Categories: creating, updating and removing them; listing and moving their products."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from domain import catalog
from domain.catalog.commands import MAX_MOVED, CreateProduct
from domain.catalog.service.categories import slug_of
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.money import Money
from tests.catalog.conftest import Update
from tests.catalog.test_product_creation import Events, refusal_of
from tests.conftest import Client, Do, Graph, MakeKey, MakeProduct, Shop

Slugs = Callable[[], Awaitable[list[str]]]


@pytest.fixture
def slugs(rest: Client) -> Slugs:
    async def read() -> list[str]:
        found = (await rest("GET", "/v2/categories?limit=200")).json()["data"]
        return sorted(category["slug"] for category in found)

    return read


async def id_of(rest: Client, slug: str) -> str:
    return str((await rest("GET", f"/v2/categories/{slug}")).json()["id"])


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Crème Brûlée & Co.", "creme-brulee-co"),
        ("  A  ", "a"),
        ("日本", "category"),
        ("x" * 255, "x" * 64),
        ("a" * 63 + " b", "a" * 63),
    ],
)
def test_a_slug_is_made_of_the_letters_of_the_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug


async def test_a_slug_that_is_made_is_numbered_until_it_is_free(do: Do, slugs: Slugs) -> None:
    for _ in range(3):
        await do(catalog.create_category, name="Home & Garden")
    long = [(await do(catalog.create_category, name="x" * 70)).slug for _ in range(2)]
    assert long == ["x" * 64, "x" * 62 + "-2"]
    assert await slugs() == ["home-garden", "home-garden-2", "home-garden-3", *sorted(long)]


async def test_twenty_concurrent_creations_of_one_name_get_twenty_slugs(rest: Client, slugs: Slugs) -> None:
    made = await asyncio.gather(*(rest("POST", "/v2/categories", json={"name": "Toys"}) for _ in range(20)))
    assert {answer.status_code for answer in made} == {201}
    assert len(set(await slugs())) == 20


async def test_a_slug_that_is_given_must_be_free(do: Do, slugs: Slugs) -> None:
    await do(catalog.create_category, name="Toys", slug="toys")
    with pytest.raises(Conflict) as refusal:
        await do(catalog.create_category, name="Other toys", slug="toys")
    assert refusal_of(refusal.value) == (ErrorCode.TAKEN, ("slug",))
    assert await slugs() == ["toys"]


async def test_an_update_changes_what_is_given_and_counts_only_changes(rest: Client, events: Events) -> None:
    made = await rest("POST", "/v2/categories", json={"name": "Toys", "description": "To play with."})
    document = made.json()
    assert made.headers["location"] == f"/v2/categories/{document['id']}"
    assert (document["slug"], document["version"]) == ("toys", 1)
    path = f"/v2/categories/{document['id']}"
    renamed = await rest("PUT", path, json={"name": "Games"}, headers={"If-Match": made.headers["etag"]})
    assert {**document, "name": "Games", "version": 2} == {
        **renamed.json(),
        "updated_at": document["updated_at"],
    }
    assert (await rest("PUT", path, json=renamed.json())).json() == renamed.json()
    stale = await rest("PUT", path, json={"name": "Old"}, headers={"If-Match": made.headers["etag"]})
    assert (stale.status_code, stale.json()["error"]["details"][0]["code"]) == (409, "VERSION_MISMATCH")
    moved = await rest("PUT", path, json={"slug": "games"})
    assert (moved.status_code, moved.json()["error"]["details"][0]["code"]) == (422, "READ_ONLY")
    assert (await rest("GET", "/v2/categories/toys")).json() == renamed.json()
    assert await events() == []


async def test_an_empty_category_is_removed(rest: Client, slugs: Slugs) -> None:
    made = await rest("POST", "/v2/categories", json={"name": "Toys"})
    path = made.headers["location"]
    stale = await rest("DELETE", path, headers={"If-Match": '"7-0000000000000000"'})
    assert stale.status_code == 409
    assert await slugs() == ["toys"]
    assert (await rest("DELETE", path)).status_code == 204
    assert (await rest("DELETE", path)).status_code == 404
    assert await slugs() == []


async def test_products_move_once_to_the_other_category_and_each_announces_it(
    rest: Client, make_product: MakeProduct, events: Events, slugs: Slugs
) -> None:
    only = await make_product(sku="ONLY", categories=("old",))
    both = await make_product(sku="BOTH", categories=("old", "new", "third"))
    other = await make_product(sku="OTHER", categories=("new",))
    old = (await rest("GET", "/v2/categories/old")).json()["id"]
    before = await events()

    refused = await rest("DELETE", f"/v2/categories/{old}")
    assert refused.status_code == 409
    assert refused.json()["error"]["details"][0]["field"] == "move_to"
    for wrong, code in (("nowhere", "NOT_FOUND"), ("old", "INVALID"), (old, "INVALID"), ("cat_x", "NOT_FOUND")):
        answer = await rest("DELETE", f"/v2/categories/{old}?move_to={wrong}")
        assert (answer.status_code, answer.json()["error"]["details"][0]["code"]) == (422, code)
    assert (await rest("DELETE", f"/v2/categories/{old}?move=new")).status_code == 400
    assert await events() == before
    assert await slugs() == ["new", "old", "third"]

    assert (await rest("DELETE", f"/v2/categories/{old}?move_to=new")).status_code == 204
    assert await slugs() == ["new", "third"]
    found = {row["id"]: row for row in (await rest("GET", "/v2/products?category=new")).json()["data"]}
    assert {id: row["categories"] for id, row in found.items()} == {
        only.id: ["new"],
        both.id: ["new", "third"],
        other.id: ["new"],
    }
    assert [found[each.id]["version"] for each in (only, both, other)] == [2, 2, 1]
    told = (await events())[len(before) :]
    assert sorted((each["type"], each["object_id"], *each["changed_fields"]) for each in told) == sorted(
        ("product.updated", each.id, "categories") for each in (only, both)
    )
    assert {each["object_id"]: each["snapshot"]["categories"] for each in told} == {
        only.id: ["new"],
        both.id: ["new", "third"],
    }


async def test_a_category_of_many_products_moves_in_few_statements_for_each_batch(
    rest: Client, do: Do, make_product: MakeProduct, events: Events, statements: list[str]
) -> None:
    for number in range(60):
        await make_product(sku=f"S{number}", categories=("old",))
    await make_product(sku="OTHER", categories=("new",))
    before, old = len(await events()), await id_of(rest, "old")
    statements.clear()
    await do(catalog.remove_category, id=old, move_to="new")
    assert len(statements) <= 25, statements
    assert len(await events()) == before + 60


async def test_more_products_than_are_moved_at_once_are_refused(
    rest: Client, do: Do, make_product: MakeProduct, database: Database, shop: Shop, slugs: Slugs
) -> None:
    await make_product(sku="A", categories=("old", "new"))
    commands = [
        CreateProduct(name="Mug", sku=f"S{number}", price=Money(1, "GBP"), categories=("old",))
        for number in range(MAX_MOVED)
    ]
    async with database.transaction(shop.live) as work:
        await catalog.create_products(work, shop.live, commands)
    with pytest.raises(Conflict) as refusal:
        await do(catalog.remove_category, id=await id_of(rest, "old"), move_to="new")
    assert refusal_of(refusal.value) == (ErrorCode.TOO_LARGE, ("id",))
    assert await slugs() == ["new", "old"]


async def test_products_named_into_a_category_while_it_is_removed_lose_nothing(
    rest: Client, make_product: MakeProduct
) -> None:
    """Writers of products and the removal of their category are serialized; no response is 500."""
    products = [await make_product(sku=f"S{number}", categories=("old",)) for number in range(5)]
    await make_product(sku="OTHER", categories=("new",))
    old = (await rest("GET", "/v2/categories/old")).json()["id"]
    writes = [rest("PUT", f"/v2/products/{product.id}", json={"categories": ["old", "x"]}) for product in products]
    answers = await asyncio.gather(*writes, rest("DELETE", f"/v2/categories/{old}?move_to=new"))
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert answers[-1].status_code in (204, 409)
    listed = (await rest("GET", "/v2/products?limit=100")).json()["data"]
    assert all(row["categories"] for row in listed)


PRODUCTS = """query ($first: Int, $sort: ProductSort, $filter: ProductFilter) {
  categories(first: 10) { nodes { slug products(first: $first, sort: $sort, filter: $filter) {
    nodes { sku } totalCount pageInfo { hasNextPage } } } } }"""


async def test_the_products_of_many_categories_are_one_statement(
    graph: Graph, make_product: MakeProduct, statements: list[str]
) -> None:
    for number in range(4):
        await make_product(sku=f"A{number}", name=f"{9 - number}", categories=("a", "b") if number else ("a",))
    await make_product(sku="D", status=catalog.ProductStatus.DRAFT, categories=("b", "c"))
    statements.clear()
    found = (await graph(PRODUCTS, first=2))["categories"]["nodes"]
    assert len([each for each in statements if "product_category" in each]) == 2  # all pages, all counts
    by_slug = {each["slug"]: each["products"] for each in found}
    assert [row["sku"] for row in by_slug["a"]["nodes"]] == ["A3", "A2"]
    assert [row["sku"] for row in by_slug["b"]["nodes"]] == ["D", "A3"]
    assert [each["totalCount"] for each in map(by_slug.get, "abc") if each] == [4, 4, 1]
    assert [each["pageInfo"]["hasNextPage"] for each in map(by_slug.get, "abc") if each] == [True, True, False]

    named = await graph(PRODUCTS, first=2, sort={"field": "NAME"}, filter={"status": ["ACTIVE"], "category": "b"})
    by_slug = {each["slug"]: each["products"] for each in named["categories"]["nodes"]}
    assert [row["sku"] for row in by_slug["a"]["nodes"]] == ["A3", "A2"]
    assert by_slug["a"]["totalCount"] == 3  # those of a that are in b too
    assert [row["sku"] for row in by_slug["c"]["nodes"]] == []


PAGE = """query ($slug: String, $after: String) { category(slug: $slug) { products(first: 2, after: $after) {
  nodes { sku } pageInfo { endCursor hasNextPage } } } }"""


async def test_the_products_of_a_category_are_walked_page_by_page(graph: Graph, make_product: MakeProduct) -> None:
    for number in range(5):
        await make_product(sku=f"A{number}", categories=("a",))
    seen, cursor = [], None
    while True:
        page = (await graph(PAGE, slug="a", after=cursor))["category"]["products"]
        seen += [row["sku"] for row in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        cursor = page["pageInfo"]["endCursor"]
    assert seen == ["A4", "A3", "A2", "A1", "A0"]


async def test_a_key_without_products_write_changes_no_category(
    rest: Client, shop: Shop, make_key: MakeKey, slugs: Slugs
) -> None:
    path = (await rest("POST", "/v2/categories", json={"name": "Toys"})).headers["location"]
    reader = Client(rest.http, await make_key(shop.live, "products:read"))
    for method, where, body in (
        ("POST", "/v2/categories", {"name": "A"}),
        ("PUT", path, {"name": "A"}),
        ("DELETE", path, None),
    ):
        assert (await reader(method, where, json=body)).status_code == 403
    assert await slugs() == ["toys"]


async def test_a_removed_category_comes_back_when_a_product_names_it(
    update: Update, do: Do, make_product: MakeProduct, rest: Client
) -> None:
    product = await make_product()
    made = await do(catalog.create_category, name="Toys", description="To play with.")
    await do(catalog.remove_category, id=made.id)
    await update(product, categories=("toys",))
    found = (await rest("GET", "/v2/categories/toys")).json()
    assert (found["name"], found["description"], found["version"]) == ("Toys", "", 1)
    assert found["id"] != made.id
