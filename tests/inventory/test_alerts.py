"""Alerts fire once for each crossing, whatever reduced the stock, and create purchase orders."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain import catalog, inventory
from domain.catalog.commands import VariantChange, VariantInput
from domain.inventory import ReservationRequest
from domain.kernel.database import Database
from tests.conftest import Client, Do, MakeProduct, Shop
from tests.inventory.conftest import Balanced, MakeWarehouse

Told = Callable[[], Awaitable[list[tuple[str, int, int]]]]


@pytest.fixture
def told(events: Any) -> Told:
    """Read the events of stock so far: type, sequence, and the available quantity of the snapshot."""

    async def read() -> list[tuple[str, int, int]]:
        return [
            (event["type"], event["sequence"], event["snapshot"]["total_available"])
            for event in await events()
            if event["type"].startswith("inventory.")
        ]

    return read


async def adjust(rest: Client, key: str, quantity: int, **more: Any) -> dict[str, Any]:
    answer = await rest("POST", f"/v2/inventory/{key}/adjust", json={"quantity": quantity, "reason": "counted", **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def watch(rest: Client, key: str, threshold: int, **more: Any) -> dict[str, Any]:
    answer = await rest("POST", f"/v2/inventory/{key}/alerts", json={"threshold": threshold, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_an_alert_fires_on_crossing_and_again_only_after_recovery(
    rest: Client, make_product: MakeProduct, told: Told
) -> None:
    product = await make_product(sku="MUG")
    await adjust(rest, "MUG", 10)
    await watch(rest, "MUG", 5)
    for quantity in (-5, -1, -1, 1, 1, -1):  # 5 is not below 5; 4 fires; 3; 4; 5 re-arms; 4 fires
        await adjust(rest, "MUG", quantity)
    assert await told() == [("inventory.low", 1, 4), ("inventory.low", 2, 4)]
    assert (await rest("GET", f"/v2/inventory/{product.id}")).json()["total_available"] == 4


async def test_no_alert_no_event_and_setting_one_above_the_stock_is_no_crossing(
    rest: Client, make_product: MakeProduct, told: Told
) -> None:
    await make_product(sku="MUG")
    await adjust(rest, "MUG", 10)
    await adjust(rest, "MUG", -8)
    await watch(rest, "MUG", 5)
    await adjust(rest, "MUG", -1)
    assert await told() == []


async def test_reservations_declared_stock_and_transfers_cross_thresholds_too(
    rest: Client,
    database: Database,
    shop: Shop,
    make_product: MakeProduct,
    make_warehouse: MakeWarehouse,
    default: str,
    do: Do,
    told: Told,
) -> None:
    product = await make_product(variants=(VariantInput(sku="A", inventory=10),))
    variant, second = product.variants[0].id, await make_warehouse()
    await watch(rest, "A", 5)
    await watch(rest, "A", 5, location=default)
    async with database.transaction(shop.live) as work:
        await inventory.reserve(work, [ReservationRequest("item_1", product.id, variant, 6, ())], None)
    async with database.transaction(shop.live) as work:
        await inventory.consume(work, {"item_1": None}, reason="sold")  # available stays as it was
    assert await told() == [("inventory.low", 1, 4), ("inventory.low", 2, 4)]
    change = VariantChange(sku="A", inventory=8)
    await do(catalog.update_product, id=product.id, variants=(change,))
    moved = {"product_id": "A", "quantity": 4, "to_location": second}
    assert (await rest("POST", "/v2/inventory/transfers", json=moved)).status_code == 201
    assert (await told())[2:] == [("inventory.low", 3, 8)]  # of the warehouse alone
    change = VariantChange(sku="A", inventory=4)
    await do(catalog.update_product, id=product.id, variants=(change,))
    assert (await told())[3:] == [("inventory.low", 4, 4)]  # 8 to 4 over both


async def test_out_of_stock_fires_when_the_last_unit_of_a_variant_leaves_any_warehouse(
    rest: Client, make_product: MakeProduct, make_warehouse: MakeWarehouse, told: Told, events: Any
) -> None:
    product = await make_product(variants=(VariantInput(sku="A", inventory=2), VariantInput(sku="B", inventory=2)))
    second = await make_warehouse()
    await adjust(rest, "A", 1, location=second)
    await adjust(rest, "A", -2)
    assert await told() == []
    await adjust(rest, "A", -1, location=second)
    assert await told() == [("inventory.out_of_stock", 1, 0)]
    (event,) = [event for event in await events() if event["type"] == "inventory.out_of_stock"]
    assert event["object_id"] == product.id
    assert event["snapshot"]["variant_id"] == product.variants[0].id
    await adjust(rest, "A", 1)
    await adjust(rest, "A", -1)
    assert await told() == [("inventory.out_of_stock", 1, 0), ("inventory.out_of_stock", 2, 0)]


async def test_removing_a_variant_is_not_running_out(
    rest: Client, make_product: MakeProduct, told: Told, balanced: Balanced
) -> None:
    product = await make_product(variants=(VariantInput(sku="A", inventory=2), VariantInput(sku="B", inventory=2)))
    await watch(rest, product.id, 3)
    path = f"/v2/products/{product.id}/variants/{product.variants[0].id}"
    assert (await rest("DELETE", path)).status_code == 204
    assert await told() == [("inventory.low", 1, 2)]
    await balanced()


async def test_reordering_records_a_purchase_order_whose_receipt_raises_the_stock(
    rest: Client, make_product: MakeProduct, default: str, balanced: Balanced
) -> None:
    product = await make_product(sku="MUG")
    alert = await watch(rest, "MUG", 5, reorder_quantity=20)
    await adjust(rest, "MUG", 6)
    await adjust(rest, "MUG", -3)
    (order,) = (await rest("GET", "/v2/purchase_orders?status=open")).json()["data"]
    assert (order["product_id"], order["variant_id"]) == (product.id, product.variants[0].id)
    assert (order["warehouse_id"], order["alert_id"]) == (default, alert["id"])
    assert (order["quantity"], order["received"], order["status"]) == (20, 0, "open")
    path = f"/v2/purchase_orders/{order['id']}"
    part = (await rest("POST", f"{path}/receive", json={"quantity": 15})).json()
    assert (part["received"], part["status"], part["version"], part["received_at"]) == (15, "open", 2, None)
    over = await rest("POST", f"{path}/receive", json={"quantity": 6})
    assert (over.status_code, over.json()["error"]["details"][0]["message"]) == (
        409,
        "Only 5 units are outstanding on this purchase order.",
    )
    whole = (await rest("POST", f"{path}/receive")).json()
    assert (whole["received"], whole["status"], whole["version"]) == (20, "received", 3)
    assert (await rest("POST", f"{path}/receive")).status_code == 409
    assert (await rest("GET", "/v2/purchase_orders?status=open")).json()["data"] == []
    assert (await rest("GET", "/v2/inventory/MUG")).json()["total_available"] == 23
    booked = (await rest("GET", "/v2/inventory/MUG/movements?reason=received")).json()["data"]
    assert [(each["quantity"], each["reference"]) for each in booked] == [(5, order["id"]), (15, order["id"])]
    await balanced()


async def test_setting_an_alert_again_changes_it_and_each_target_has_its_own(
    rest: Client, make_product: MakeProduct, default: str
) -> None:
    product = await make_product(variants=(VariantInput(sku="A"), VariantInput(sku="B")))
    first = await watch(rest, product.id, 5)
    again = await watch(rest, product.id, 6)
    assert (again["id"], again["version"], again["threshold"]) == (first["id"], 2, 6)
    assert (await watch(rest, product.id, 6))["version"] == 2
    others = [
        await watch(rest, product.id, 6, sku="A"),
        await watch(rest, product.id, 6, location=default),
        await watch(rest, "B", 6, location=default),
    ]
    found = (await rest("GET", f"/v2/inventory/{product.id}/alerts")).json()["data"]
    assert [each["id"] for each in found] == [first["id"], *(each["id"] for each in others)]
    only = (await rest("GET", "/v2/inventory/B/alerts")).json()["data"]
    assert [each["id"] for each in only] == [others[2]["id"]]
    path = f"/v2/inventory/{product.id}/alerts/{first['id']}"
    seen = (await rest("GET", path)).headers["etag"]
    await watch(rest, product.id, 7)
    assert (await rest("DELETE", path, headers={"If-Match": seen})).status_code == 409
    assert (await rest("DELETE", path)).status_code == 204
    assert (await rest("DELETE", path)).status_code == 404


async def test_the_variant_to_reorder_must_be_unambiguous(rest: Client, make_product: MakeProduct) -> None:
    product = await make_product(variants=(VariantInput(sku="A"), VariantInput(sku="B")))
    refused = await rest("POST", f"/v2/inventory/{product.id}/alerts", json={"threshold": 1, "reorder_quantity": 5})
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "variant_id")
    assert (await rest("GET", f"/v2/inventory/{product.id}/alerts")).json()["data"] == []


@pytest.mark.both_servers
async def test_of_many_concurrent_removals_exactly_one_crosses(
    rest: Client, make_product: MakeProduct, make_warehouse: MakeWarehouse, told: Told, balanced: Balanced
) -> None:
    await make_product(sku="MUG")
    second = await make_warehouse()
    await adjust(rest, "MUG", 10)
    await adjust(rest, "MUG", 10, location=second)
    await watch(rest, "MUG", 8, reorder_quantity=3)
    turns = asyncio.Semaphore(8)

    async def take(number: int) -> None:
        async with turns:
            await adjust(rest, "MUG", -1, **({"location": second} if number % 2 else {}))

    await asyncio.gather(*(take(number) for number in range(20)))
    assert await told() == [("inventory.low", 1, 7), ("inventory.out_of_stock", 2, 0)]
    assert len((await rest("GET", "/v2/purchase_orders")).json()["data"]) == 1
    await balanced()
