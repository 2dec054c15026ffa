"""Stock by REST and GraphQL."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain import inventory
from domain.catalog.commands import VariantInput
from domain.inventory import ReservationRequest
from domain.kernel.database import Database
from tests.conftest import Client, Graph, MakeKey, MakeProduct, Shop
from tests.inventory.conftest import Balanced, MakeWarehouse, Put

LIST = """query ($first: Int) { products(first: 50, sort: {field: NAME}) { nodes { name inventory {
  totalAvailable totalReserved totalOnHand
  levels { available variant { sku } warehouse { name isDefault } }
  alerts { threshold }
  movements(first: $first, filter: {reason: "counted"}) { totalCount nodes { quantity } pageInfo { hasNextPage } }
} } } }"""


def field_of(answer: Any) -> list[tuple[str, str]]:
    return [(each["field"], each["code"]) for each in answer.json()["error"]["details"]]


async def test_the_view_of_a_product_is_summed_by_warehouse_and_narrowed_by_variant(
    rest: Client,
    database: Database,
    shop: Shop,
    make_product: MakeProduct,
    make_warehouse: MakeWarehouse,
    put: Put,
    default: str,
) -> None:
    product = await make_product(sku="MUG", variants=(VariantInput(sku="MUG"), VariantInput(sku="BLUE")))
    first, blue = (variant.id for variant in product.variants)
    second = await make_warehouse()
    await put(product, default, 5)
    await put(product, default, 3, 1)
    await put(product, second, 2, 1)
    async with database.transaction(shop.live) as work:
        await inventory.reserve(work, [ReservationRequest("item_1", product.id, blue, 3, ())], None)
    whole = (await rest("GET", f"/v2/inventory/{product.id}")).json()
    assert {name: value for name, value in whole.items() if name != "levels"} == {
        "product_id": product.id,
        "variant_id": None,
        "total_available": 7,
        "total_reserved": 3,
        "total_on_hand": 10,
        "locations": [
            {"warehouse_id": default, "available": 5, "reserved": 3, "on_hand": 8},
            {"warehouse_id": second, "available": 2, "reserved": 0, "on_hand": 2},
        ],
    }
    assert {(level["variant_id"], level["warehouse_id"]): level["available"] for level in whole["levels"]} == {
        (first, default): 5,
        (blue, default): 0,
        (blue, second): 2,
    }
    assert (await rest("GET", "/v2/inventory/mug")).json() == whole  # the product's own SKU, shared by a variant
    narrowed = (await rest("GET", f"/v2/inventory/{blue}")).json()
    assert (narrowed["variant_id"], narrowed["total_available"], narrowed["total_on_hand"]) == (blue, 2, 5)
    for path in ("/v2/inventory/BLUE", f"/v2/inventory/MUG?variant_id={blue}", f"/v2/inventory/{product.id}?sku=blue"):
        assert (await rest("GET", path)).json() == narrowed, path
    assert field_of(await rest("GET", f"/v2/inventory/{blue}?sku=MUG")) == [("sku", "INVALID")]
    assert field_of(await rest("GET", "/v2/inventory/MUG?variant_id=var_none")) == [("variant_id", "NOT_FOUND")]
    assert (await rest("GET", "/v2/inventory/MUG?colour=blue")).status_code == 400
    assert (await rest("GET", "/v2/inventory/NONE")).status_code == 404


async def test_adjusting_answers_the_stock_and_its_movement(
    rest: Client, make_product: MakeProduct, default: str, balanced: Balanced
) -> None:
    product = await make_product(sku="MUG")
    body = {"quantity": 10, "reason": "received", "location": default, "note": "Box 7"}
    answer = await rest("POST", "/v2/inventory/MUG/adjust", json=body)
    assert answer.status_code == 201
    made = answer.json()
    assert (made["total_available"], made["locations"][0]["available"]) == (10, 10)
    movement = made["movement"]
    assert (movement["quantity"], movement["reason"], movement["note"]) == (10, "received", "Box 7")
    assert movement["actor"].startswith("key_")
    assert (await rest("GET", answer.headers["Location"])).json() == movement
    assert (await rest("GET", f"/v2/inventory/{product.id}/movements")).json()["data"] == [movement]
    await balanced()


async def test_what_cannot_be_adjusted_changes_nothing(
    rest: Client, database: Database, shop: Shop, make_product: MakeProduct, put: Put, default: str
) -> None:
    product = await make_product(sku="MUG", variants=(VariantInput(sku="A"), VariantInput(sku="B")))
    await put(product, default, 5)
    async with database.transaction(shop.live) as work:
        await inventory.reserve(work, [ReservationRequest("item_1", product.id, product.variants[0].id, 3, ())], None)
    before = (await rest("GET", "/v2/inventory/MUG")).json()
    for path, given, status, field in (
        ("A", {"quantity": 0}, 422, "quantity"),
        ("A", {"quantity": 1.5}, 422, "quantity"),
        ("A", {"quantity": 1, "reason": " "}, 422, "reason"),
        ("A", {"quantity": 1, "reason": "x" * 65}, 422, "reason"),
        ("A", {"quantity": 1, "location": "wh_none"}, 422, "location"),
        ("A", {"quantity": 1, "sku": "B"}, 422, "sku"),
        ("MUG", {"quantity": 1}, 422, "variant_id"),
        ("A", {"quantity": -3}, 409, "quantity"),
    ):
        refused = await rest("POST", f"/v2/inventory/{path}/adjust", json={"reason": "x", **given})
        assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (status, field), given
    assert "Insufficient stock: 2 available in the warehouse, 3 more reserved by orders." in refused.text
    assert (await rest("GET", "/v2/inventory/MUG")).json() == before


async def test_one_product_is_kept_in_numbers_that_every_client_can_read(
    rest: Client, make_product: MakeProduct, make_warehouse: MakeWarehouse, graph: Graph
) -> None:
    product = await make_product(variants=(VariantInput(sku="A", inventory=1_000_000_000), VariantInput(sku="B")))
    more = {"quantity": 1_000_000_000, "reason": "received"}
    assert (await rest("POST", "/v2/inventory/B/adjust", json=more)).status_code == 201
    over = {"quantity": 1, "reason": "received", "location": await make_warehouse()}
    refused = await rest("POST", "/v2/inventory/B/adjust", json=over)
    assert (refused.status_code, field_of(refused)) == (422, [("quantity", "TOO_LARGE")])
    query = "query ($id: ID!) { inventory(productId: $id) { totalAvailable totalOnHand } }"
    found = (await graph(query, id=product.id))["inventory"]
    assert found == {"totalAvailable": 2_000_000_000, "totalOnHand": 2_000_000_000}


async def test_a_transfer_is_two_movements_that_refer_to_each_other(
    rest: Client, make_product: MakeProduct, make_warehouse: MakeWarehouse, put: Put, default: str, balanced: Balanced
) -> None:
    product, second = await make_product(sku="MUG"), await make_warehouse()
    await put(product, default, 5)
    body = {"product_id": "MUG", "quantity": 3, "from_location": default, "to_location": second, "note": "Van"}
    made = (await rest("POST", "/v2/inventory/transfers", json=body)).json()
    out, into = made["movements"]
    assert (out["quantity"], out["warehouse_id"], out["reference"]) == (-3, default, into["id"])
    assert (into["quantity"], into["warehouse_id"], into["reference"]) == (3, second, out["id"])
    assert {each["warehouse_id"]: each["available"] for each in made["locations"]} == {default: 2, second: 3}
    assert made["total_available"] == 5
    for given, status, field in (
        ({"quantity": 3}, 409, "quantity"),
        ({"to_location": default}, 422, "to_location"),
        ({"from_location": "wh_none"}, 422, "from_location"),
        ({"product_id": "NONE"}, 422, "product_id"),
    ):
        refused = await rest("POST", "/v2/inventory/transfers", json={**body, **given})
        assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (status, field)
    await balanced()


async def test_the_ledger_is_paged_and_narrowed(
    rest: Client, make_product: MakeProduct, make_warehouse: MakeWarehouse, default: str
) -> None:
    product = await make_product(sku="MUG", variants=(VariantInput(sku="A"), VariantInput(sku="B")))
    second = await make_warehouse()
    for number in range(1, 8):
        place = second if number % 3 == 0 else default
        body = {"quantity": number, "reason": "sold" if number == 5 else "found", "location": place}
        await rest("POST", f"/v2/inventory/{'A' if number % 2 else 'B'}/adjust", json=body)

    async def quantities(query: str, key: str = "MUG") -> list[int]:
        answer = await rest("GET", f"/v2/inventory/{key}/movements?{query}")
        assert answer.status_code == 200, answer.text
        return [each["quantity"] for each in answer.json()["data"]]

    assert await quantities("") == [7, 6, 5, 4, 3, 2, 1]
    assert await quantities("order=asc&sort=created_at&limit=2&page=2") == [3, 4]
    assert await quantities(f"warehouse_id={second}") == [6, 3]
    assert await quantities(f"variant_id={product.variants[1].id}") == [6, 4, 2]
    assert await quantities("", "B") == [6, 4, 2]
    assert await quantities("reason=sold") == [5]
    assert await quantities("created_from=2100-01-01") == []
    assert await quantities("created_to=2100-01-01&limit=1") == [7]
    backwards = await rest("GET", "/v2/inventory/MUG/movements?created_from=2100-01-01&created_to=2000-01-01")
    assert backwards.status_code == 400
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await rest("GET", f"/v2/inventory/MUG/movements?limit=3&cursor={cursor}")).json()
        seen += [each["quantity"] for each in page["data"]]
        cursor = page["pagination"]["next_cursor"]
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    await make_product(sku="CUP")
    assert await quantities("", "CUP") == []


async def test_there_is_one_default_warehouse_whoever_wants_to_be_it(rest: Client, default: str) -> None:
    place = {"name": "Leeds", "country": "gb", "state": "Yorkshire", "city": ""}
    answer = await rest("POST", "/v2/warehouses", json=place)
    made = answer.json()
    assert (made["country"], made["city"], made["is_default"], made["version"]) == ("GB", None, False, 1)
    assert (await rest("GET", answer.headers["Location"])).json() == made
    taken = (await rest("PUT", f"/v2/warehouses/{made['id']}", json={"is_default": True, "version": 1})).json()
    assert (taken["is_default"], taken["version"]) == (True, 2)
    before = (await rest("GET", f"/v2/warehouses/{default}")).json()
    assert (before["is_default"], before["version"]) == (False, 2)
    same = (await rest("PUT", f"/v2/warehouses/{made['id']}", json=taken)).json()
    assert same == taken
    stale = await rest("PUT", f"/v2/warehouses/{made['id']}", json={"name": "York", "version": 1})
    assert stale.status_code == 409
    third = (await rest("POST", "/v2/warehouses", json={**place, "is_default": True})).json()
    wanting = [made["id"], default, third["id"]] * 3
    answers = await asyncio.gather(*(rest("PUT", f"/v2/warehouses/{id}", json={"is_default": True}) for id in wanting))
    assert {answer.status_code for answer in answers} == {200}
    every = (await rest("GET", "/v2/warehouses")).json()["data"]
    assert [each["is_default"] for each in every].count(True) == 1


@pytest.mark.both_servers
async def test_the_stock_of_many_products_is_one_statement_a_relation(
    rest: Client,
    graph: Graph,
    make_product: MakeProduct,
    make_warehouse: MakeWarehouse,
    put: Put,
    default: str,
    statements: list[str],
) -> None:
    second = await make_warehouse()
    for number in range(4):
        product = await make_product(name=f"Mug {number}")
        await put(product, second, number + 1)
        for _ in range(number):
            body = {"quantity": 1, "reason": "counted"}
            await rest("POST", f"/v2/inventory/{product.id}/adjust", json=body)
    statements.clear()
    nodes = (await graph(LIST, first=2))["products"]["nodes"]
    read = [text for text in statements if "api_key" not in text]
    assert len(read) == 8  # products, totals, levels, their variants and warehouses, alerts, movements, their counts
    for number, node in enumerate(nodes):
        stock = node["inventory"]
        assert stock["totalAvailable"] == stock["totalOnHand"] == 2 * number + 1
        assert stock["movements"]["totalCount"] == number
        assert len(stock["movements"]["nodes"]) == min(2, number)
        assert stock["movements"]["pageInfo"] == {"hasNextPage": number > 2}
        assert sorted(level["warehouse"]["name"] for level in stock["levels"]) == (
            ["Main warehouse", "Second"] if number else ["Second"]
        )


async def test_graphql_narrows_all_of_the_stock_to_the_variant_asked_for(
    graph: Graph, make_product: MakeProduct, put: Put, default: str
) -> None:
    product = await make_product(sku="MUG", variants=(VariantInput(sku="A"), VariantInput(sku="B")))
    await put(product, default, 5)
    await put(product, default, 3, 1)
    query = """query ($product: ID!, $variant: ID) { inventory(productId: $product, variantId: $variant) {
        variant { sku levels { onHand } } totalOnHand levels { onHand } movements { totalCount } } }"""
    whole = (await graph(query, product="MUG"))["inventory"]
    assert (whole["variant"], whole["totalOnHand"], len(whole["levels"])) == (None, 8, 2)
    assert whole["movements"] == {"totalCount": 2}
    narrowed = (await graph(query, product="MUG", variant=product.variants[1].id))["inventory"]
    assert narrowed == {
        "variant": {"sku": "B", "levels": [{"onHand": 3}]},
        "totalOnHand": 3,
        "levels": [{"onHand": 3}],
        "movements": {"totalCount": 1},
    }
    assert (await graph(query, product="NONE"))["inventory"] is None


async def test_events_of_stock_are_seen_as_it_was_then(
    rest: Client, graph: Graph, make_product: MakeProduct, http: Any, shop: Shop, make_key: MakeKey
) -> None:
    product = await make_product(sku="MUG", variants=(VariantInput(sku="A", inventory=5),))
    alert = (await rest("POST", "/v2/inventory/A/alerts", json={"threshold": 2})).json()
    await rest("POST", "/v2/inventory/A/adjust", json={"quantity": -5, "reason": "sold"})
    await rest("POST", "/v2/inventory/A/adjust", json={"quantity": 9, "reason": "found"})
    async with asyncio.timeout(5):
        while (
            len(told := (await rest("GET", "/v2/events?types=inventory.low,inventory.out_of_stock")).json()["data"]) < 2
        ):
            await asyncio.sleep(0.02)  # its position is given after the commit
    low, out = told
    assert (low["type"], low["sequence"], out["type"], out["sequence"]) == (
        "inventory.low",
        1,
        "inventory.out_of_stock",
        2,
    )
    assert low["data"]["object"]["alert"]["threshold"] == 2
    assert (out["data"]["object"]["product_id"], out["data"]["object"]["alert"]) == (product.id, None)
    assert [each["available"] for each in out["data"]["object"]["locations"]] == [0]
    query = """{ events(filter: {types: [INVENTORY_LOW, INVENTORY_OUT_OF_STOCK]}) { nodes { __typename
        ... on InventoryLow { snapshot { totalAvailable levels { available } product { sku } alert { threshold } }
            inventory { totalAvailable variant { sku } } alert { id threshold } }
        ... on InventoryOutOfStock { snapshot { totalAvailable variant { sku } } inventory { totalAvailable } } } } }"""
    assert (await graph(query))["events"]["nodes"] == [
        {
            "__typename": "InventoryLow",
            "snapshot": {
                "totalAvailable": 0,
                "levels": [{"available": 0}],
                "product": {"sku": "MUG"},
                "alert": {"threshold": 2},
            },
            "inventory": {"totalAvailable": 9, "variant": {"sku": "A"}},
            "alert": {"id": alert["id"], "threshold": 2},
        },
        {
            "__typename": "InventoryOutOfStock",
            "snapshot": {"totalAvailable": 0, "variant": {"sku": "A"}},
            "inventory": {"totalAvailable": 9},
        },
    ]
    blind = Client(http, await make_key(shop.live, "products:read"))
    assert {each["type"] for each in (await blind("GET", "/v2/events")).json()["data"]} == {"product.created"}
