"""What stock is said to be, and whose is shown."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.conftest import Ids, stock_of
from tests.conftest import Client, Graph

UPDATE = """mutation ($input: UpdateVariantInput!) {
  updateVariant(input: $input) { variant { inventory } userErrors { code field message } } }"""


async def spread(rest: Client, ids: Ids) -> None:
    """58 of TEE-L in the default warehouse, 7 in the second."""
    for quantity, more in ((48, {}), (7, {"location": ids["wh"]})):
        body = {"quantity": quantity, "reason": "received", **more}
        assert (await rest("POST", "/v2/inventory/TEE-L/adjust", json=body)).status_code == 201


async def levels(rest: Client, ids: Ids) -> dict[str, int]:
    found = (await rest("GET", "/v2/inventory/TEE-L")).json()["locations"]
    names = {ids["default"]: "default", ids["wh"]: "second"}
    return {names[each["warehouse_id"]]: each["available"] for each in found}


async def by_rest(rest: Client, graph: Graph, ids: Ids, wanted: int) -> tuple[int, str | None]:
    body = {"variants": [{"sku": "TEE-L", "inventory": wanted}]}
    answer = await rest("PUT", f"/v2/products/{ids['prod']}", json=body)
    if answer.status_code == 409:
        return 409, answer.json()["error"]["details"][0]["message"]
    return answer.json()["variants"][1]["inventory"], None


async def by_graphql(rest: Client, graph: Graph, ids: Ids, wanted: int) -> tuple[int, str | None]:
    variant = (await rest("GET", f"/v2/products/{ids['prod']}")).json()["variants"][1]["id"]
    given = {"productId": ids["prod"], "id": variant, "inventory": wanted}
    answer = (await graph(UPDATE, input=given))["updateVariant"]
    if answer["userErrors"]:
        assert (answer["userErrors"][0]["code"], answer["userErrors"][0]["field"]) == (
            "INSUFFICIENT_STOCK",
            ["inventory"],
        )
        return 409, answer["userErrors"][0]["message"]
    return answer["variant"]["inventory"], None


@pytest.mark.parametrize("surface", [by_rest, by_graphql])
async def test_a2_inventory_is_the_total_that_a_variant_shall_have(
    surface: Any, rest: Client, graph: Graph, ids: Ids
) -> None:
    """Taken out: the total of ``declaring.declare`` (the default warehouse's alone, as it was): 65 gives 72."""
    await spread(rest, ids)
    _, moved = await stock_of(rest, "TEE-L")
    assert await surface(rest, graph, ids, 65) == (65, None)
    assert await stock_of(rest, "TEE-L") == (65, moved)
    assert await surface(rest, graph, ids, 60) == (60, None)
    assert await levels(rest, ids) == {"default": 53, "second": 7}
    assert await surface(rest, graph, ids, 7) == (7, None)
    refused, message = await surface(rest, graph, ids, 6)
    assert (refused, "at least 7" in str(message)) == (409, True)
    assert await levels(rest, ids) == {"default": 0, "second": 7}
    assert await surface(rest, graph, ids, 9) == (9, None)
    assert await levels(rest, ids) == {"default": 2, "second": 7}


async def test_a2_what_orders_hold_stays_theirs(rest: Client, graph: Graph, ids: Ids) -> None:
    """Available is less what is reserved: setting it leaves what orders wait for where it is.

    Fails when ``declare`` counts what is on hand.
    """
    await rest("POST", "/v2/orders", json={"items": [{"sku": "TEE-L", "quantity": 4}]})
    assert await by_rest(rest, graph, ids, 0) == (0, None)
    found = (await rest("GET", "/v2/inventory/TEE-L")).json()
    assert (found["total_available"], found["total_reserved"], found["total_on_hand"]) == (0, 4, 4)


STOCK = "inventory { variant { sku } product { sku } totalAvailable levels { variant { sku } available } }"
MUTATIONS = {
    "adjustInventory": {"quantity": 1, "reason": "found"},
    "transferInventory": {"quantity": 1, "toLocation": "wh"},
    "setInventoryAlert": {"threshold": 3},
    "removeInventoryAlert": {"id": "alert"},
}
NAMINGS: dict[str, tuple[dict[str, str], str | None]] = {
    "by the variant's SKU": ({"productId": "tee-l"}, "TEE-L"),
    "by the variant's id": ({"productId": "var"}, "TEE-S"),
    "by product and variant": ({"productId": "prod", "variantId": "var"}, "TEE-S"),
    "by product and SKU": ({"productId": "TEE", "sku": "TEE-L"}, "TEE-L"),
    "by product": ({"productId": "TEE"}, None),
}


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.parametrize("naming", NAMINGS)
async def test_a10_the_stock_answered_is_that_of_what_was_named(
    name: str, naming: str, rest: Client, graph: Graph, ids: Ids
) -> None:
    """Taken out: ``instead`` of ``schema.inventory._stock_now``: the product's for a variant's SKU."""
    given, sku = NAMINGS[naming]
    if name == "removeInventoryAlert" and {"variantId", "sku"} & given.keys():
        return  # the alert's own id says which
    if sku is None and name in ("adjustInventory", "transferInventory"):
        return  # never guessed
    if name == "removeInventoryAlert":
        ids["alert"] = (await rest("POST", "/v2/inventory/TEE/alerts", json={"threshold": 2})).json()["id"]
    sent = {field: ids.get(str(value), value) for field, value in {**given, **MUTATIONS[name]}.items()}
    type_ = f"{name[0].upper()}{name[1:]}Input"
    query = f"mutation ($input: {type_}!) {{ {name}(input: $input) {{ {STOCK} userErrors {{ message }} }} }}"
    answer = (await graph(query, input=sent))[name]
    assert answer["userErrors"] == []
    found = answer["inventory"]
    assert (found["product"]["sku"], found["variant"]) == ("TEE", None if sku is None else {"sku": sku})
    shown = (await rest("GET", f"/v2/inventory/{sku or 'TEE'}")).json()
    assert found["totalAvailable"] == shown["total_available"]
    assert {level["variant"]["sku"] for level in found["levels"]} == ({sku} if sku else {"TEE-S", "TEE-L"})
