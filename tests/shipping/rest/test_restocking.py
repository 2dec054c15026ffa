"""Where returned units go."""

from __future__ import annotations

from tests.conftest import Client
from tests.shipping.conftest import get, post, problems_of
from tests.shipping.rest.conftest import Send, line, on_hand


async def test_what_is_restocked_is_told_as_it_happened(desk: Client, delivered: Send) -> None:
    """A variant that was removed has no stock, and a warehouse that was closed meanwhile takes nothing: the default
    one does. Taken out to see it fail: the lines in ``_restock``."""
    order = await delivered()
    mug, _ = order["items"]
    hull = await post(desk, "/v2/warehouses", name="Hull", country="GB", city="Hull", line1="1 Quay")
    (main,) = [each for each in (await get(desk, "/v2/warehouses"))["data"] if each["is_default"]]
    items = [line(order, "MUG"), line(order, "PLATE")]
    asked = await post(desk, "/v2/returns", order_id=order["id"], items=items)
    await post(desk, f"/v2/returns/{asked['id']}/approve", warehouse_id=hull["id"])
    closed = await desk("PUT", f"/v2/warehouses/{hull['id']}", json={"active": False})
    assert closed.status_code == 200, closed.text
    await post(desk, f"/v2/products/{mug['product_id']}/variants", sku="MUG-2")
    gone = await desk("DELETE", f"/v2/products/{mug['product_id']}/variants/{mug['variant_id']}")
    assert gone.status_code == 204, gone.text
    before = await on_hand(desk, "PLATE")
    received = await post(desk, f"/v2/returns/{asked['id']}/receive")
    told = [(each["sku"], each["restocked"], each["warehouse_id"]) for each in received["items"]]
    assert told == [("MUG", 0, None), ("PLATE", 1, main["id"])]
    assert await on_hand(desk, "PLATE") == before + 1
    assert await get(desk, f"/v2/returns/{asked['id']}") == received


async def test_a_line_is_restocked_where_that_is_said(desk: Client, delivered: Send) -> None:
    """Of several lines each in its own warehouse; the field of a refusal is that of the request."""
    order = await delivered()
    hull, york = [
        await post(desk, "/v2/warehouses", name=name, country="GB", city=name, line1="1 Quay")
        for name in ("Hull", "York")
    ]
    await desk("PUT", f"/v2/warehouses/{york['id']}", json={"active": False})
    mug, plate = (each["id"] for each in order["items"])
    items = [line(order, "MUG", 2), line(order, "PLATE")]
    asked = await post(desk, "/v2/returns", order_id=order["id"], items=items)
    await post(desk, f"/v2/returns/{asked['id']}/approve")
    path = f"/v2/returns/{asked['id']}/receive"
    for given, status, problem in (
        ([{"id": plate, "warehouse_id": f"wh_{'0' * 26}"}], 422, ("items.0.warehouse_id", "NOT_FOUND")),
        ([{"id": plate, "warehouse_id": york["id"]}], 409, ("items.0.warehouse_id", "ILLEGAL_TRANSITION")),
        ([{"id": plate, "restock": 2}], 422, ("items.0.restock", "TOO_LARGE")),
        ([{"id": mug}, {"id": mug}], 422, ("items.1.id", "DUPLICATE")),
    ):
        answer = await desk("POST", path, json={"items": given})
        assert (answer.status_code, problems_of(answer)) == (status, [problem]), answer.text
    received = await post(desk, path, items=[{"id": plate, "warehouse_id": hull["id"]}, {"id": mug, "restock": 1}])
    (main,) = [each["id"] for each in (await get(desk, "/v2/warehouses"))["data"] if each["is_default"]]
    assert [(each["restocked"], each["warehouse_id"]) for each in received["items"]] == [(1, main), (1, hull["id"])]
    levels = (await get(desk, "/v2/inventory/PLATE"))["locations"]
    assert {each["warehouse_id"]: each["on_hand"] for each in levels}[hull["id"]] == 1
