"""Setting a counted quantity: one movement of the difference; a stale count is a conflict."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain import inventory
from domain.catalog.commands import VariantInput
from domain.kernel.database import Database
from tests.conftest import Client, Graph, MakeProduct, Shop
from tests.inventory.conftest import Balanced, Levels, MakeWarehouse

Events = Any
SET = """mutation ($input: SetInventoryInput!) { setInventory(input: $input) {
  inventory { totalOnHand } movement { quantity reason note warehouse { id } } userErrors { code field } } }"""


async def reserve(database: Database, shop: Shop, product: Any, quantity: int) -> None:
    async with database.transaction(shop.live) as work:
        wanted = inventory.ReservationRequest("item_1", product.id, product.variants[0].id, quantity, ())
        await inventory.reserve(work, [wanted], None)


@pytest.mark.both_servers
async def test_the_difference_is_one_movement_and_none_is_none(
    rest: Client, graph: Graph, make_product: MakeProduct, balanced: Balanced, events: Events
) -> None:
    product = await make_product(variants=(VariantInput(sku="M", inventory=7),))
    path = f"/v2/inventory/{product.id}"
    answer = await rest("POST", f"{path}/set", json={"quantity": 4, "expected_quantity": 7, "note": "Shelf 3"})
    assert (answer.status_code, answer.json()["total_on_hand"]) == (201, 4)
    booked = answer.json()["movement"]
    assert (booked["quantity"], booked["reason"], booked["note"]) == (-3, "counted", "Shelf 3")
    assert "location" not in answer.headers

    before = (await rest("GET", f"{path}/movements")).json()
    again = await rest("POST", f"{path}/set", json={"quantity": 4})
    assert (again.status_code, again.json()["movement"]) == (201, None)
    same = (await graph(SET, input={"productId": "M", "quantity": 4, "expectedQuantity": 4}))["setInventory"]
    assert same == {"inventory": {"totalOnHand": 4}, "movement": None, "userErrors": []}
    assert (await rest("GET", f"{path}/movements")).json() == before

    grown = (await graph(SET, input={"productId": "M", "quantity": 9, "reason": "found"}))["setInventory"]
    assert (grown["movement"]["quantity"], grown["movement"]["reason"]) == (5, "found")
    await balanced()
    assert [event["type"] for event in await events()] == ["product.created"]


async def test_a_stale_count_and_less_than_is_reserved_are_conflicts(
    rest: Client, make_product: MakeProduct, database: Database, shop: Shop, balanced: Balanced
) -> None:
    product = await make_product(variants=(VariantInput(sku="M", inventory=7),))
    await reserve(database, shop, product, 3)
    path = f"/v2/inventory/{product.id}"
    before = [(await rest("GET", where)).json() for where in (path, f"{path}/movements")]
    for body, field, code in (
        ({"quantity": 5, "expected_quantity": 4}, "expected_quantity", "VERSION_MISMATCH"),
        ({"quantity": 2}, "quantity", "INSUFFICIENT_STOCK"),
    ):
        answer = await rest("POST", f"{path}/set", json=body)
        details = answer.json()["error"]["details"][0]
        assert (answer.status_code, details["field"], details["code"]) == (409, field, code)
    assert [(await rest("GET", where)).json() for where in (path, f"{path}/movements")] == before
    assert (await rest("POST", f"{path}/set", json={"quantity": 3})).json()["total_available"] == 0
    await balanced()


async def test_of_many_who_counted_the_same_one_wins(rest: Client, make_product: MakeProduct) -> None:
    product = await make_product(variants=(VariantInput(sku="M", inventory=7),))
    bodies = [{"quantity": 10 + number, "expected_quantity": 7} for number in range(8)]
    answers = await asyncio.gather(*(rest("POST", f"/v2/inventory/{product.id}/set", json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


async def test_a_place_where_nothing_lay_is_counted_from_zero(
    rest: Client, make_product: MakeProduct, make_warehouse: MakeWarehouse, levels: Levels, balanced: Balanced
) -> None:
    product = await make_product(variants=(VariantInput(sku="M", inventory=1),))
    second, path = await make_warehouse(), f"/v2/inventory/{product.id}/set"
    assert (await rest("POST", path, json={"quantity": 0, "location": second})).json()["movement"] is None
    assert len(await levels(product)) == 1
    assert (await rest("POST", path, json={"quantity": 5, "location": second, "expected_quantity": 0})).is_success
    assert (await levels(product))[product.variants[0].id, second] == (5, 0)
    await balanced()


async def test_setting_announces_what_runs_low_and_out(rest: Client, make_product: MakeProduct, events: Events) -> None:
    product = await make_product(variants=(VariantInput(sku="M", inventory=7),))
    path = f"/v2/inventory/{product.id}"
    assert (await rest("POST", f"{path}/alerts", json={"threshold": 5})).json()["state"] == "armed"
    await rest("POST", f"{path}/set", json={"quantity": 0})
    assert [event["type"] for event in await events()][1:] == ["inventory.low", "inventory.out_of_stock"]
    assert (await events())[1]["snapshot"]["alert"]["state"] == "low"
