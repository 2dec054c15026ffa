"""Inactive warehouses: deactivated when empty, accept no stock, and can be activated again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from domain import inventory
from domain.catalog.commands import VariantInput
from domain.kernel.database import Database
from tests.conftest import Client, MakeProduct, Shop
from tests.inventory.conftest import Balanced, Levels, MakeWarehouse, Put


def refusal(answer: Any) -> tuple[int, str, str]:
    details = answer.json()["error"]["details"][0]
    return answer.status_code, details["field"], details["code"]


async def test_an_empty_one_rests_and_is_woken(rest: Client, make_warehouse: MakeWarehouse) -> None:
    path = f"/v2/warehouses/{await make_warehouse('GB')}"
    document = (await rest("GET", path)).json()
    assert document["active"] is True
    resting = (await rest("PUT", path, json={**document, "active": False})).json()
    assert (resting["active"], resting["version"]) == (False, 2)
    assert (await rest("PUT", path, json={"active": False})).json() == resting
    woken = (await rest("PUT", path, json={"active": True})).json()
    assert (woken["active"], woken["version"]) == (True, 3)


async def test_one_with_stock_or_with_more_to_come_or_the_default_does_not(
    rest: Client, make_product: MakeProduct, make_warehouse: MakeWarehouse, put: Put, default: str
) -> None:
    product = await make_product(variants=(VariantInput(sku="M"),))
    second, third = await make_warehouse(), await make_warehouse()
    await put(product, second, 1)
    order = {"lines": [{"sku": "M", "quantity": 5}], "location": third}
    bought = (await rest("POST", "/v2/purchase_orders", json=order)).json()
    before = (await rest("GET", "/v2/warehouses")).json()
    for warehouse in (default, second, third):
        answer = await rest("PUT", f"/v2/warehouses/{warehouse}", json={"active": False})
        assert refusal(answer) == (409, "active", "ILLEGAL_TRANSITION")
    assert (await rest("GET", "/v2/warehouses")).json() == before
    await rest("POST", f"/v2/inventory/{product.id}/adjust", json={"quantity": -1, "reason": "x", "location": second})
    await rest("POST", f"/v2/purchase_orders/{bought['id']}/cancel")
    for warehouse in (second, third):
        assert (await rest("PUT", f"/v2/warehouses/{warehouse}", json={"active": False})).is_success
        made_default = await rest("PUT", f"/v2/warehouses/{warehouse}", json={"is_default": True})
        assert refusal(made_default) == (409, "is_default", "ILLEGAL_TRANSITION")
    both = await rest("PUT", f"/v2/warehouses/{second}", json={"is_default": True, "active": True})
    assert (both.json()["is_default"], both.json()["active"]) == (True, True)
    assert (await rest("PUT", f"/v2/warehouses/{default}", json={"active": False})).is_success


async def test_one_at_rest_takes_no_stock_by_any_way(
    rest: Client,
    make_product: MakeProduct,
    make_warehouse: MakeWarehouse,
    levels: Levels,
    balanced: Balanced,
    database: Database,
    shop: Shop,
    default: str,
) -> None:
    product = await make_product(variants=(VariantInput(sku="M", inventory=5),))
    second = await make_warehouse()
    await rest("PUT", f"/v2/warehouses/{second}", json={"active": False})
    stock = f"/v2/inventory/{product.id}"
    before = await levels(product)
    for path, body, field in (
        (f"{stock}/adjust", {"quantity": 1, "reason": "x", "location": second}, "location"),
        (f"{stock}/set", {"quantity": 1, "location": second}, "location"),
        (f"{stock}/alerts", {"threshold": 1, "location": second}, "location"),
        ("/v2/inventory/transfers", {"product_id": "M", "quantity": 1, "to_location": second}, "to_location"),
        (
            "/v2/inventory/transfers",
            {"product_id": "M", "quantity": 1, "from_location": second, "to_location": default},
            "from_location",
        ),
        ("/v2/purchase_orders", {"lines": [{"sku": "M", "quantity": 1}], "location": second}, "location"),
    ):
        assert refusal(await rest("POST", path, json=body)) == (409, field, "ILLEGAL_TRANSITION"), path
    assert await levels(product) == before
    async with database.transaction(shop.live) as work:  # what comes back to where it was sent from
        back = inventory.ReturnedStock(product.id, product.variants[0].id, 2, second)
        (shelved,) = await inventory.restock(work, [back], reason="returned")
    assert shelved.warehouse_id == default
    await balanced()


@pytest.mark.both_servers
async def test_stock_never_comes_to_lie_in_one_that_is_put_to_rest_meanwhile(
    rest: Client, make_product: MakeProduct, make_warehouse: MakeWarehouse, levels: Levels
) -> None:
    product = await make_product(variants=(VariantInput(sku="M"),))
    path = f"/v2/inventory/{product.id}/adjust"
    for _ in range(6):
        second = await make_warehouse()
        rested, *booked = await asyncio.gather(
            rest("PUT", f"/v2/warehouses/{second}", json={"active": False}),
            *(rest("POST", path, json={"quantity": 1, "reason": "x", "location": second}) for _ in range(3)),
        )
        there = (await levels(product)).get((product.variants[0].id, second), (0, 0))
        assert {answer.status_code for answer in booked} <= {201, 409}
        assert there[0] == [answer.status_code for answer in booked].count(201)
        assert (rested.status_code == 200) == (there == (0, 0))
