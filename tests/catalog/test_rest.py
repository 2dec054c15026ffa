"""The catalog by REST, as the platform document specifies it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from domain import catalog
from domain.catalog import ProductStatus
from domain.catalog.commands import ImageInput, VariantInput
from domain.kernel.money import Money
from tests.conftest import Client, MakeKey, MakeProduct, Shop
from tests.raw_json import compact

HEADPHONES: dict[str, Any] = {
    "name": "Premium Wireless Headphones",
    "description": "High-quality audio experience",
    "price": 199.99,
    "sku": "HEADPHONE-001",
    "status": "active",
    "categories": ["electronics", "audio"],
    "tags": ["new"],
    "metadata": {"season": "summer"},
    "variants": [
        {"sku": "HEADPHONE-001-BLUE", "inventory": 25, "attributes": {"color": "Blue"}, "cost": 80},
        {"sku": "HEADPHONE-001-GOLD", "price": 249.5, "image": "https://images.example.com/gold.jpg"},
    ],
    "images": ["https://images.example.com/1.jpg", {"url": "https://images.example.com/2.jpg", "alt": "From behind"}],
}
UNKNOWN = "prod_00000000000000000000000000"


async def test_a_product_is_created_as_the_document_shows(rest: Client, events: Any) -> None:
    answer = await rest("POST", "/v2/products", json=HEADPHONES)
    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["Location"] == f"/v2/products/{body['id']}"
    assert list(body) == [
        "id", "name", "description", "sku", "status", "price", "currency", "categories", "tags", "metadata",
        "variants", "images", "version", "created_at", "updated_at",
    ]  # fmt: skip
    assert b'"price":199.99,"currency":"gbp"' in compact(answer.content)
    assert b'"cost":80.00' in compact(answer.content)
    assert body["categories"] == ["audio", "electronics"]
    assert [variant["inventory"] for variant in body["variants"]] == [25, 0]
    assert [(variant["price"], variant["effective_price"]) for variant in body["variants"]] == [
        (None, 199.99),
        (249.5, 249.5),
    ]
    assert [(image["url"][-5:], image["position"]) for image in body["images"]] == [
        ("1.jpg", 0),
        ("2.jpg", 1),
        ("d.jpg", 2),
    ]
    assert body["variants"][1]["image"] == "https://images.example.com/gold.jpg"
    assert (await rest("GET", answer.headers["Location"])).content == answer.content
    assert [event["type"] for event in await events()] == ["product.created"]


async def test_a_product_without_variants_gets_one_with_its_sku(rest: Client) -> None:
    answer = await rest("POST", "/v2/products", json={"name": "Mug", "price": 5, "sku": "MUG"})
    assert [variant["sku"] for variant in answer.json()["variants"]] == ["MUG"]


@pytest.mark.parametrize("sku", ["A.B", "A B", "100% WOOL", "%2e", "Ünïcode-Ω", "a+b", "a?b#c", "prod_like", "日本"])
async def test_a_product_is_found_by_any_sku(rest: Client, make_product: MakeProduct, sku: str) -> None:
    product = await make_product(sku=sku, variants=(VariantInput(sku="of-a-variant"),))
    for name in (product.id, quote(sku, safe=""), quote(sku.upper(), safe=""), "OF-A-VARIANT"):
        answer = await rest("GET", f"/v2/products/{name}")
        assert (answer.status_code, answer.json()["id"]) == (200, product.id), name


@pytest.mark.parametrize(
    "name", [UNKNOWN, "unknown", "%20", "%00", "%ff", "%F0%9F%98%80", "x" * 3_000, "prod_", "a%2Fb"]
)
async def test_what_does_not_exist_is_not_found_by_any_method(rest: Client, name: str) -> None:
    for method, more in (("GET", {}), ("PUT", {"json": {"name": "x"}}), ("DELETE", {})):
        answer = await rest(method, f"/v2/products/{name}", **more)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), (method, name)


async def test_writes_take_the_id_only(rest: Client, make_product: MakeProduct) -> None:
    product = await make_product(sku="MUG")
    assert (await rest("PUT", "/v2/products/MUG", json={"name": "x"})).status_code == 404
    assert (await rest("DELETE", "/v2/products/MUG")).status_code == 404
    assert (await rest("POST", "/v2/products/MUG/images", json={"url": "https://a.example/1"})).status_code == 404
    assert (await rest("GET", f"/v2/products/{product.id}")).json()["version"] == 1


async def test_another_shop_sees_nothing(
    http: httpx.AsyncClient, make_key: MakeKey, make_product: MakeProduct, other_shop: Shop, shop: Shop
) -> None:
    product = await make_product(sku="MUG")
    for stranger in (other_shop.live, shop.test):
        rest = Client(http, await make_key(stranger))
        assert (await rest("GET", f"/v2/products/{product.id}")).status_code == 404
        assert (await rest("GET", "/v2/products/MUG")).status_code == 404
        assert (await rest("GET", "/v2/products")).json()["data"] == []
        assert (await rest("PUT", f"/v2/products/{product.id}", json={"name": "Mine"})).status_code == 404


async def test_costs_are_shown_to_those_who_may_see_them(
    http: httpx.AsyncClient, make_key: MakeKey, make_product: MakeProduct, shop: Shop
) -> None:
    variant = VariantInput(sku="V", cost=Money(150, "GBP"))
    product = await make_product(variants=(variant,))
    for scopes, seen in ((["products:read"], False), (["products:read", "analytics:read"], True)):
        rest = Client(http, await make_key(shop.live, *scopes))
        for path in (f"/v2/products/{product.id}", "/v2/products", f"/v2/products/{product.id}/variants"):
            assert (b'"cost":1.50' in compact((await rest("GET", path)).content)) is seen


async def test_an_update_changes_what_it_gives(rest: Client, events: Any) -> None:
    made = (await rest("POST", "/v2/products", json=HEADPHONES)).json()
    change = {
        "price": 150,
        "metadata": {"season": None, "lot": 7},
        "variants": [{"sku": "headphone-001-gold", "price": None}, {"sku": "NEW", "inventory": 1}],
        "categories": [],
    }
    answer = await rest("PUT", f"/v2/products/{made['id']}", json=change)
    body = answer.json()
    assert answer.status_code == 200
    assert (body["name"], body["version"], body["metadata"], body["categories"]) == (made["name"], 2, {"lot": 7}, [])
    assert [(variant["price"], variant["effective_price"]) for variant in body["variants"]] == [(None, 150.0)] * 3
    assert [event["type"] for event in await events()] == ["product.created", "product.updated"]


async def test_an_empty_update_changes_nothing(rest: Client, make_product: MakeProduct, events: Any) -> None:
    product = await make_product()
    answer = await rest("PUT", f"/v2/products/{product.id}", json={})
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert len(await events()) == 1


async def test_delete_archives_and_again_is_silent(rest: Client, make_product: MakeProduct, events: Any) -> None:
    product = await make_product(sku="MUG")
    for _ in range(2):
        answer = await rest("DELETE", f"/v2/products/{product.id}")
        assert (answer.status_code, answer.content) == (204, b"")
        assert "Content-Type" not in answer.headers
    assert (await rest("GET", "/v2/products/MUG")).json()["status"] == "archived"
    assert [event["type"] for event in await events()] == ["product.created", "product.deleted"]


async def test_a_taken_sku_is_a_conflict_and_writes_nothing(
    rest: Client, make_product: MakeProduct, events: Any
) -> None:
    await make_product(sku="MUG")
    answer = await rest("POST", "/v2/products", json={"name": "Mug", "price": 5, "sku": "mug"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "conflict")
    assert answer.json()["error"]["details"][0]["field"] == "sku"
    assert len(await events()) == 1


async def test_variants_are_listed_added_changed_and_removed(rest: Client, make_product: MakeProduct) -> None:
    product = await make_product(sku="MUG")
    path = f"/v2/products/{product.id}/variants"
    answer = await rest("POST", path, json={"sku": "MUG-XL", "price": 7, "inventory": 3})
    variant = answer.json()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{path}/{variant['id']}")
    assert (await rest("GET", answer.headers["Location"])).content == answer.content
    assert [each["sku"] for each in (await rest("GET", path)).json()["data"]] == ["MUG", "MUG-XL"]
    assert list((await rest("GET", "/v2/products/mug-xl/variants")).json()) == ["data"]
    answer = await rest("PUT", f"{path}/{variant['id']}", json={"price": None})
    assert (answer.status_code, answer.json()["price"], answer.json()["inventory"]) == (200, None, 3)
    assert (await rest("DELETE", f"{path}/{variant['id']}")).status_code == 204
    assert (await rest("GET", f"{path}/{variant['id']}")).status_code == 404
    assert (await rest("DELETE", f"{path}/{variant['id']}")).status_code == 404
    assert [each["sku"] for each in (await rest("GET", path)).json()["data"]] == ["MUG"]


async def test_a_variant_is_only_found_under_its_own_product(rest: Client, make_product: MakeProduct) -> None:
    one, other = await make_product(), await make_product(images=(ImageInput(url="https://a.example/1"),))
    (variant,) = (await rest("GET", f"/v2/products/{one.id}/variants")).json()["data"]
    (image,) = (await rest("GET", f"/v2/products/{other.id}/images")).json()["data"]
    for method in ("GET", "DELETE"):
        assert (await rest(method, f"/v2/products/{other.id}/variants/{variant['id']}")).status_code == 404
        assert (await rest(method, f"/v2/products/{one.id}/images/{image['id']}")).status_code == 404


async def test_images_are_listed_added_and_removed(rest: Client, make_product: MakeProduct) -> None:
    product = await make_product()
    path = f"/v2/products/{product.id}/images"
    answer = await rest("POST", path, json={"url": "https://a.example/1", "alt": "Front"})
    assert (answer.status_code, answer.headers["ETag"][:3]) == (201, '"2-')
    assert (await rest("GET", answer.headers["Location"])).content == answer.content
    assert (await rest("GET", path)).json() == {"data": [answer.json()]}
    assert (await rest("DELETE", answer.headers["Location"])).status_code == 204
    assert (await rest("GET", path)).json() == {"data": []}


async def test_categories_are_found_by_id_and_slug(rest: Client, make_product: MakeProduct) -> None:
    await make_product(categories=("audio", "home"))
    listed = (await rest("GET", "/v2/categories?sort=created_at")).json()["data"]
    assert {category["slug"] for category in listed} == {"audio", "home"}
    for category in listed:
        for name in (category["id"], category["slug"]):
            assert (await rest("GET", f"/v2/categories/{name}")).json() == category
    assert (await rest("GET", "/v2/categories/none")).status_code == 404


async def test_products_are_filtered_searched_and_sorted(rest: Client, make_product: MakeProduct) -> None:
    await make_product(name="blue Mug", price=Money(300, "GBP"), categories=("home",), tags=("new", "Sale"))
    await make_product(name="Red mug", price=Money(200, "GBP"), status=ProductStatus.DRAFT, tags=("new",))
    await make_product(name="Ancient lamp", price=Money(100, "GBP"), status=ProductStatus.ARCHIVED)

    async def names(query: str) -> list[str]:
        return [product["name"] for product in (await rest("GET", f"/v2/products?{query}")).json()["data"]]

    assert await names("") == ["Ancient lamp", "Red mug", "blue Mug"]
    assert await names("order=asc") == ["blue Mug", "Red mug", "Ancient lamp"]
    assert await names("sort=name") == ["Ancient lamp", "blue Mug", "Red mug"]
    assert await names("sort=price&order=desc") == ["blue Mug", "Red mug", "Ancient lamp"]
    assert await names("status=active,draft") == ["Red mug", "blue Mug"]
    assert await names("status=archived") == ["Ancient lamp"]
    assert await names("category=home") == ["blue Mug"]
    assert await names("category=none") == []
    assert await names("tags=new,sale") == ["blue Mug"]
    assert await names("search=mug+red") == ["Red mug"]
    assert await names("search=mug&sort=name") == ["blue Mug", "Red mug"]
    assert await names("search=MU&status=draft") == ["Red mug"]


@pytest.mark.parametrize("count", [1, 20])
async def test_a_page_costs_the_same_statements_however_long(
    rest: Client, make_product: MakeProduct, statements: list[str], count: int
) -> None:
    for _ in range(count):
        await make_product(images=(ImageInput(url="https://a.example/1"),), categories=("home",))
    await rest("GET", "/v2/shop")
    statements.clear()
    answer = await rest("GET", "/v2/products?cursor=")
    assert (len(answer.json()["data"]), len(statements)) == (count, 1)
    statements.clear()
    await rest("GET", "/v2/products")
    assert len(statements) == 1
    statements.clear()
    await rest("GET", f"/v2/products/{answer.json()['data'][0]['id']}")
    assert len(statements) == 1


async def test_amounts_have_their_currencys_digits(http: httpx.AsyncClient, make_shop: Any, make_key: MakeKey) -> None:
    for currency, price, written in (("JPY", 500, b"500"), ("KWD", 1.5, b"1.500"), ("GBP", 200, b"200.00")):
        shop = await make_shop(currency=currency)
        rest = Client(http, await make_key(shop.live))
        answer = await rest("POST", "/v2/products", json={"name": "Mug", "price": price, "sku": "M"})
        assert b'"price":' + written + b"," in compact(answer.content)
    answer = await rest("POST", "/v2/products", json={"name": "Mug", "price": 1.001, "sku": "N"})
    assert answer.json()["error"]["details"][0]["code"] == "TOO_MANY_DECIMALS"


def test_statuses_are_those_of_the_document() -> None:
    assert [status.value for status in catalog.ProductStatus] == ["active", "draft", "archived"]
