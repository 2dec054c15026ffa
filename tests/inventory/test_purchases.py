"""Purchase orders created manually: lines, receipts, cancellation."""

from __future__ import annotations

from typing import Any

from domain.catalog.commands import VariantInput
from tests.conftest import Client, Graph, MakeProduct
from tests.inventory.conftest import Balanced, Levels, MakeWarehouse

CREATE = """mutation ($input: CreatePurchaseOrderInput!) { createPurchaseOrder(input: $input) { purchaseOrder {
  id status quantity note product { id } alert { id } warehouse { id } lines { variant { sku } quantity received } }
  userErrors { code field } } }"""


def refusal(answer: Any) -> tuple[int, str, str]:
    details = answer.json()["error"]["details"][0]
    return answer.status_code, details["field"], details["code"]


async def two(make_product: MakeProduct) -> tuple[Any, Any]:
    mug = await make_product(sku="MUG", variants=(VariantInput(sku="MUG-1"), VariantInput(sku="MUG-2")))
    return mug, await make_product(sku="PLATE")


async def test_lines_identify_the_variant_by_id_sku_or_product(
    rest: Client, graph: Graph, make_product: MakeProduct, make_warehouse: MakeWarehouse
) -> None:
    mug, plate = await two(make_product)
    second = await make_warehouse()
    lines = [
        {"variantId": mug.variants[1].id, "quantity": 3},
        {"sku": "mug-1", "quantity": 4},
        {"productId": plate.id, "quantity": 5},
    ]
    made = (await graph(CREATE, input={"lines": lines, "location": second, "note": " By sea "}))["createPurchaseOrder"]
    order = made["purchaseOrder"]
    assert [(line["variant"]["sku"], line["quantity"], line["received"]) for line in order["lines"]] == [
        ("MUG-2", 3, 0),
        ("MUG-1", 4, 0),
        ("PLATE", 5, 0),
    ]
    assert (order["quantity"], order["note"], order["status"]) == (12, "By sea", "OPEN")
    assert (order["product"], order["alert"], order["warehouse"]["id"]) == (None, None, second)
    document = (await rest("GET", f"/v2/purchase_orders/{order['id']}")).json()
    assert [line["variant_id"] for line in document["lines"]] == [
        mug.variants[1].id,
        mug.variants[0].id,
        plate.variants[0].id,
    ]
    one = await rest("POST", "/v2/purchase_orders", json={"lines": [{"sku": "PLATE", "quantity": 1}]})
    assert (one.json()["product_id"], one.json()["variant_id"]) == (plate.id, plate.variants[0].id)
    assert one.headers["location"] == f"/v2/purchase_orders/{one.json()['id']}"


async def test_invalid_lines_are_refused(rest: Client, make_product: MakeProduct) -> None:
    mug, _ = await two(make_product)
    for lines, field, code in (
        ([{"product_id": mug.id, "quantity": 1}], "lines.0.variant_id", "REQUIRED"),
        ([{"quantity": 1}], "lines.0", "REQUIRED"),
        ([{"sku": "PLATE", "quantity": 1}, {"sku": "NONE", "quantity": 1}], "lines.1.sku", "NOT_FOUND"),
        ([{"sku": "PLATE", "quantity": 1}, {"sku": "plate", "quantity": 1}], "lines.1", "DUPLICATE"),
        ([{"sku": "PLATE", "quantity": 0}], "lines.0.quantity", "TOO_SMALL"),
        ([], "lines", "TOO_SHORT"),
        ([{"sku": sku, "quantity": 1_000_000_000} for sku in ("PLATE", "MUG-1", "MUG-2")], "lines", "TOO_LARGE"),
    ):
        answer = await rest("POST", "/v2/purchase_orders", json={"lines": lines})
        assert refusal(answer) == (422, field, code), lines
    assert (await rest("GET", "/v2/purchase_orders")).json()["data"] == []


async def test_receipts_are_booked_by_line_until_nothing_is_outstanding(
    rest: Client, make_product: MakeProduct, levels: Levels, balanced: Balanced, default: str
) -> None:
    mug, plate = await two(make_product)
    first, second, third = mug.variants[0].id, mug.variants[1].id, plate.variants[0].id
    lines = [{"variant_id": variant, "quantity": 5} for variant in (first, second, third)]
    order = (await rest("POST", "/v2/purchase_orders", json={"lines": lines})).json()
    path = f"/v2/purchase_orders/{order['id']}/receive"
    for body, status, field, code in (
        ({"quantity": 1}, 422, "lines", "REQUIRED"),
        ({"quantity": 1, "lines": [{"variant_id": first, "quantity": 1}]}, 422, "quantity", "INVALID"),
        ({"lines": [{"variant_id": "var_x", "quantity": 1}]}, 422, "lines.0.variant_id", "NOT_FOUND"),
        ({"lines": [{"variant_id": first, "quantity": 6}]}, 409, "lines.0.quantity", "ILLEGAL_TRANSITION"),
        ({"lines": [{"variant_id": first, "quantity": 1}] * 2}, 422, "lines.1", "DUPLICATE"),
    ):
        assert refusal(await rest("POST", path, json=body)) == (status, field, code), body
    assert await levels(mug, plate) == {}

    some = (await rest("POST", path, json={"lines": [{"variant_id": second, "quantity": 2}]})).json()
    assert (some["status"], some["received"], [line["received"] for line in some["lines"]]) == ("open", 2, [0, 2, 0])
    rest_of_it = (await rest("POST", path)).json()
    assert (rest_of_it["status"], rest_of_it["received"]) == ("received", 15)
    assert await levels(mug, plate) == {(variant, default): (5, 0) for variant in (first, second, third)}
    assert refusal(await rest("POST", path)) == (409, "id", "ILLEGAL_TRANSITION")
    await balanced()


async def test_an_open_order_is_cancelled_once_and_received_units_stay(
    rest: Client, make_product: MakeProduct, levels: Levels
) -> None:
    _, plate = await two(make_product)
    order = (await rest("POST", "/v2/purchase_orders", json={"lines": [{"sku": "PLATE", "quantity": 5}]})).json()
    path = f"/v2/purchase_orders/{order['id']}"
    await rest("POST", f"{path}/receive", json={"quantity": 2})
    stale = await rest("POST", f"{path}/cancel", json={"version": 1})
    assert refusal(stale)[2] == "VERSION_MISMATCH"
    cancelled = (await rest("POST", f"{path}/cancel")).json()
    assert (cancelled["status"], cancelled["received"], cancelled["version"]) == ("cancelled", 2, 3)
    assert cancelled["cancelled_at"] is not None
    for action in ("cancel", "receive"):
        assert refusal(await rest("POST", f"{path}/{action}")) == (409, "id", "ILLEGAL_TRANSITION")
    assert list((await levels(plate)).values()) == [(2, 0)]
    listed = (await rest("GET", "/v2/purchase_orders?status=cancelled,received")).json()["data"]
    assert [each["id"] for each in listed] == [order["id"]]


async def test_a_line_of_a_removed_variant_is_not_received_but_the_others_are(
    rest: Client, make_product: MakeProduct
) -> None:
    mug, _ = await two(make_product)
    lines = [{"variant_id": variant.id, "quantity": 5} for variant in mug.variants]
    order = (await rest("POST", "/v2/purchase_orders", json={"lines": lines})).json()
    await rest("DELETE", f"/v2/products/{mug.id}/variants/{mug.variants[1].id}")
    path = f"/v2/purchase_orders/{order['id']}/receive"
    assert refusal(await rest("POST", path))[0] == 409
    received = await rest("POST", path, json={"lines": [{"variant_id": mug.variants[0].id, "quantity": 5}]})
    assert received.json()["received"] == 5
