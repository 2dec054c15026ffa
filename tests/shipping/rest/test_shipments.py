"""Shipments over REST: an order in two parcels, what stock and order do, and what is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from domain.kernel.database import Database
from tests.conftest import Client, MakeKey, Shop
from tests.shipping.conftest import (
    BEVERLY_HILLS,
    NEW_YORK,
    PARCEL,
    MakeOrder,
    Ship,
    get,
    post,
    problems_of,
    stock_products,
)

NOTHING = "0" * 26
Types = Callable[[], Awaitable[list[str]]]


@pytest.fixture
def types(events: Callable[..., Awaitable[list[dict[str, Any]]]], shop: Shop) -> Types:
    """The types of the events of shipments and orders, in the order in which they were written."""

    async def read() -> list[str]:
        found = [row["type"] for row in await events(shop.test)]
        return [each for each in found if each.startswith(("shipment.", "order."))]

    return read


async def stock(desk: Client, sku: str) -> tuple[int, int]:
    """On hand and reserved."""
    found = await get(desk, f"/v2/inventory/{sku}")
    return found["total_on_hand"], found["total_reserved"]


async def ledger_of(desk: Client, sku: str) -> list[tuple[int, str]]:
    """The movements, newest first."""
    found = (await get(desk, f"/v2/inventory/{sku}/movements"))["data"]
    return [(each["quantity"], each["reason"]) for each in found]


async def test_an_order_leaves_in_two_parcels_and_arrives(
    desk: Client, make_order: MakeOrder, ship: Ship, types: Types
) -> None:
    """Stock, lines, statuses and events follow. Taken out to see it fail: ``move_order`` of the second parcel."""
    order = await make_order()
    mug, plate = order["items"]
    assert await stock(desk, "MUG") == (100, 3)
    first = await ship(order["id"], items=[{"id": mug["id"], "quantity": 2}])
    assert (first["status"], first["source"], first["carrier_name"]) == ("created", "sandbox", "FedEx")
    assert first["ship_to"]["zip"] == "90210"
    assert first["ship_from"]["line1"] == "1 Broadway"
    assert [(each["id"], each["quantity"]) for each in first["items"]] == [(mug["id"], 2)]
    assert first["tracking_url"].endswith(first["tracking_number"])
    assert first["label_url"].endswith(f"/v2/shipments/{first['id']}/label")
    assert await stock(desk, "MUG") == (98, 1)
    assert (await ledger_of(desk, "MUG"))[0] == (-2, "sold")
    half = await get(desk, f"/v2/orders/{order['id']}")
    assert (half["status"], half["fulfillment_status"]) == ("processing", "partial")
    assert [each["fulfilled"] for each in half["items"]] == [2, 0]
    second = await ship(order["id"], carrier="ups", service="2day")
    assert [(each["id"], each["quantity"]) for each in second["items"]] == [(mug["id"], 1), (plate["id"], 2)]
    whole = await get(desk, f"/v2/orders/{order['id']}")
    assert (whole["status"], whole["fulfillment_status"]) == ("processing", "fulfilled")
    await post(desk, f"/v2/shipments/{first['id']}/advance")
    assert (await get(desk, f"/v2/orders/{order['id']}"))["status"] == "processing"
    moving = await post(desk, f"/v2/shipments/{second['id']}/advance")
    assert (moving["status"], moving["version"]) == ("in_transit", 2)
    assert (await get(desk, f"/v2/orders/{order['id']}"))["status"] == "shipped"
    for each in (first, second):
        await post(desk, f"/v2/shipments/{each['id']}/advance")
        arrived = await post(desk, f"/v2/shipments/{each['id']}/advance")
        assert arrived["status"] == "delivered"
        assert arrived["delivered_at"] is not None
    assert (await get(desk, f"/v2/orders/{order['id']}"))["status"] == "delivered"
    assert await types() == [
        "order.created",
        "shipment.created",
        "order.updated",
        "shipment.created",
        "order.updated",
        "shipment.in_transit",
        "shipment.in_transit",
        "order.fulfilled",
        "shipment.delivered",
        "shipment.delivered",
        "order.updated",
    ]
    tracked = (await get(desk, f"/v2/shipments/{first['id']}/track"))["data"]
    assert [each["status"] for each in tracked] == ["created", "in_transit", "out_for_delivery", "delivered"]
    steps = (await get(desk, f"/v2/orders/{order['id']}/history"))["data"]
    assert [each["status"] for each in steps] == ["pending", "processing", "shipped", "delivered"]
    listed = (await get(desk, f"/v2/orders/{order['id']}/shipments"))["data"]
    assert [each["id"] for each in listed] == [first["id"], second["id"]]


async def test_a_cancelled_shipment_puts_its_stock_back_as_reserved(
    desk: Client, make_order: MakeOrder, ship: Ship
) -> None:
    """Taken out to see it fail: the reservation in ``reinstate``."""
    order = await make_order()
    made = await ship(order["id"])
    assert await stock(desk, "MUG") == (97, 0)
    void = await post(desk, f"/v2/shipments/{made['id']}/cancel", version=1, reason="Wrong box")
    assert (void["status"], void["label_url"], void["version"]) == ("cancelled", None, 2)
    assert await stock(desk, "MUG") == (100, 3)
    assert (await ledger_of(desk, "MUG"))[:2] == [(3, "shipment_cancelled"), (-3, "sold")]
    again = await get(desk, f"/v2/orders/{order['id']}")
    assert (again["status"], again["fulfillment_status"]) == ("processing", "unfulfilled")
    assert (await desk("GET", f"/v2/shipments/{made['id']}/label")).status_code == 404
    twice = await desk("POST", f"/v2/shipments/{made['id']}/cancel", json={})
    assert (twice.status_code, problems_of(twice)) == (409, [("id", "ILLEGAL_TRANSITION")])
    assert (await ship(order["id"]))["status"] == "created"


async def test_what_was_handed_over_cannot_be_cancelled(desk: Client, make_order: MakeOrder, ship: Ship) -> None:
    """Neither the shipment nor its order."""
    order = await make_order()
    made = await ship(order["id"], items=[{"id": order["items"][0]["id"], "quantity": 1}])
    refused = await desk("POST", f"/v2/orders/{order['id']}/cancel", json={})
    assert (refused.status_code, problems_of(refused)) == (409, [("id", "ILLEGAL_TRANSITION")])
    await post(desk, f"/v2/shipments/{made['id']}/advance")
    late = await desk("POST", f"/v2/shipments/{made['id']}/cancel", json={})
    assert (late.status_code, problems_of(late)) == (409, [("id", "ILLEGAL_TRANSITION")])
    assert await stock(desk, "MUG") == (99, 2)


async def test_the_rest_can_be_shipped_without_a_shipment(desk: Client, make_order: MakeOrder, ship: Ship) -> None:
    """PATCH to shipped, as before; what was sent otherwise is never delivered by its parcels."""
    order = await make_order()
    made = await ship(order["id"], items=[{"id": order["items"][0]["id"], "quantity": 1}])
    answer = await desk("PATCH", f"/v2/orders/{order['id']}/status", json={"status": "shipped"})
    assert answer.json()["fulfillment_status"] == "fulfilled"
    assert await stock(desk, "MUG") == (97, 0)
    refused = await desk("POST", f"/v2/shipments/{made['id']}/cancel", json={})
    assert (refused.status_code, problems_of(refused)) == (409, [("id", "ILLEGAL_TRANSITION")])
    await post(desk, f"/v2/shipments/{made['id']}/advance", status="delivered")
    assert (await get(desk, f"/v2/orders/{order['id']}"))["status"] == "shipped"


@pytest.mark.parametrize(
    ("given", "status", "problem"),
    [
        ({"carrier": "pony"}, 422, ("carrier", "NOT_FOUND")),
        ({"service": "teleport"}, 422, ("service", "NOT_FOUND")),
        ({"order_id": f"ord_{NOTHING}"}, 422, ("order_id", "NOT_FOUND")),
        ({"warehouse_id": f"wh_{NOTHING}"}, 422, ("warehouse_id", "NOT_FOUND")),
        ({"items": [{"id": f"item_{NOTHING}", "quantity": 1}]}, 422, ("items.0.id", "NOT_FOUND")),
        ({"items": [{"id": "MUG", "quantity": 4}]}, 409, ("items.0.quantity", "AMOUNT_EXCEEDED")),
        ({"items": [{"id": "MUG", "quantity": 0}]}, 422, ("items.0.quantity", "TOO_SMALL")),
        ({"items": [{"id": "MUG", "quantity": 1}] * 2}, 422, ("items.1.id", "DUPLICATE")),
        ({"ship_to": {**BEVERLY_HILLS, "country": None}}, 422, ("ship_to.country", "NULL_NOT_ALLOWED")),
        ({"ship_to": {"line1": "9 Rodeo Drive", "city": "B"}}, 422, ("ship_to.country", "REQUIRED")),
        ({"packages": [{**PARCEL, "weight": 200}]}, 422, ("packages", "TOO_LARGE")),
        ({"packages": [{**PARCEL, "length": 400}]}, 422, ("packages", "TOO_LARGE")),
        ({"insurance_value": 50_000}, 422, ("insurance_value", "TOO_LARGE")),
        ({"ship_to": {**BEVERLY_HILLS, "country": "CA", "zip": "K1A 0B1"}}, 422, ("service", "INVALID")),
        ({"service": "international"}, 422, ("service", "INVALID")),
        ({"packages": [{**PARCEL, "weight": 0}]}, 422, ("packages.0.weight", "TOO_SMALL")),
        ({"packages": [{**PARCEL, "height": -1}]}, 422, ("packages.0.height", "TOO_SMALL")),
        ({"packages": [{**PARCEL, "weight_unit": None}]}, 422, ("packages.0.weight_unit", "NULL_NOT_ALLOWED")),
        ({"packages": [{**PARCEL, "dimension_unit": "ft"}]}, 422, ("packages.0.dimension_unit", "INVALID")),
    ],
)
async def test_a_shipment_that_cannot_be_is_refused(
    desk: Client, make_order: MakeOrder, given: dict[str, Any], status: int, problem: tuple[str, str], types: Types
) -> None:
    """With the field and the reason; nothing is changed."""
    order = await make_order()
    ids = {item["sku"]: item["id"] for item in order["items"]}
    for line in given.get("items", []):
        line["id"] = ids.get(line["id"], line["id"])
    asked = {"order_id": order["id"], "carrier": "fedex", "service": "ground", "packages": [PARCEL], **given}
    answer = await desk("POST", "/v2/shipments", json=asked)
    assert (answer.status_code, problems_of(answer)) == (status, [problem]), answer.text
    assert await types() == ["order.created"]
    assert await stock(desk, "MUG") == (100, 3)


async def refusal(desk: Client, asked: dict[str, Any]) -> str:
    """What is told of a shipment that is refused."""
    answer = await desk("POST", "/v2/shipments", json=asked)
    return str(answer.json()["error"]["details"][0]["message"])


async def test_a_refusal_names_the_carriers_and_the_limits_there_are(desk: Client, make_order: MakeOrder) -> None:
    order = await make_order()
    asked = {"order_id": order["id"], "packages": [PARCEL], "carrier": "pony", "service": "ground"}
    assert await refusal(desk, asked) == "Unknown carrier. There are: usps, fedex, ups, dhl."
    asked |= {"carrier": "ups"}
    unknown = await refusal(desk, asked | {"service": "x"})
    assert unknown == "UPS has no such service. There are: ground, 3day, 2day, next_day."
    assert "at most 150 lb" in await refusal(desk, asked | {"packages": [{**PARCEL, "weight": 151}]})


async def test_an_order_that_is_gone_or_done_is_not_shipped(desk: Client, make_order: MakeOrder, ship: Ship) -> None:
    order = await make_order()
    await ship(order["id"])
    asked = {"order_id": order["id"], "carrier": "fedex", "service": "ground", "packages": [PARCEL]}
    empty = await desk("POST", "/v2/shipments", json=asked)
    assert (empty.status_code, problems_of(empty)) == (409, [("order_id", "AMOUNT_EXCEEDED")])
    other = await make_order()
    await post(desk, f"/v2/orders/{other['id']}/cancel")
    gone = await desk("POST", "/v2/shipments", json=asked | {"order_id": other["id"]})
    assert (gone.status_code, problems_of(gone)) == (409, [("order_id", "ILLEGAL_TRANSITION")])


async def test_lines_are_packed_by_their_weights(desk: Client, make_order: MakeOrder, ship: Ship) -> None:
    """Three mugs and two plates weigh 2.4 kg: more than the small box holds."""
    order = await make_order()
    (package,) = (await ship(order["id"], packages=[]))["packages"]
    assert (package["weight"], package["weight_unit"], package["length"]) == (2.9, "kg", 45)
    other = await make_order()
    light = [{"id": other["items"][0]["id"], "quantity": 1}]
    (small,) = (await ship(other["id"], packages=[], items=light))["packages"]
    assert (small["weight"], small["length"]) == (0.5, 25)
    boxes = [{**small_box(), "max_weight": 0.9}]
    assert (await desk("PUT", "/v2/settings/shipping", json={"boxes": boxes})).status_code == 200
    many = await ship((await make_order())["id"], packages=[])
    assert [each["weight"] for each in many["packages"]] == [0.7, 0.7, 0.9, 0.5]
    assert len({each["tracking_number"] for each in many["packages"]}) == 4


def small_box() -> dict[str, Any]:
    """A box of the settings."""
    sides = {"length": 25, "width": 18, "height": 10, "dimension_unit": "cm"}
    return {"name": "Small", **sides, "max_weight": 2, "empty_weight": 0.1, "weight_unit": "kg"}


async def test_a_shipment_leaves_one_warehouse(desk: Client, make_order: MakeOrder, ship: Ship) -> None:
    """Of lines in several, nothing is guessed."""
    boston = {"country": "US", "state": "MA", "zip": "02101", "city": "Boston", "line1": "1 Wharf"}
    second = await post(desk, "/v2/warehouses", name="Boston", **boston)
    more = {"quantity": 5, "reason": "received", "location": second["id"]}
    await post(desk, "/v2/inventory/MUG/adjust", **more)
    order = await make_order(items=[{"sku": "MUG", "quantity": 103}])
    asked = {"order_id": order["id"], "carrier": "fedex", "service": "ground", "packages": [PARCEL]}
    vague = await desk("POST", "/v2/shipments", json=asked)
    assert (vague.status_code, problems_of(vague)) == (422, [("warehouse_id", "REQUIRED")])
    few = await ship(order["id"], warehouse_id=second["id"])
    assert (few["items"][0]["quantity"], few["ship_from"]["city"]) == (3, "Boston")
    rest = await ship(order["id"])
    assert rest["items"][0]["quantity"] == 100
    assert await stock(desk, "MUG") == (2, 0)
    await post(desk, f"/v2/shipments/{few['id']}/cancel")
    assert await stock(desk, "MUG") == (5, 3)


async def test_tracking_events_are_recorded_as_they_come(
    desk: Client, make_order: MakeOrder, ship: Ship, types: Types
) -> None:
    """One that comes late is listed where it belongs, and changes no status."""
    order = await make_order()
    made = await ship(order["id"])
    path = f"/v2/shipments/{made['id']}/track"
    told = {"status": "in_transit", "description": "Picked up", "location": "New York, NY"}
    moving = await post(desk, path, **told)
    assert (moving["status"], moving["version"]) == ("in_transit", 2)
    held = await post(desk, path, status="exception", description="Held by customs", version=2)
    assert held["status"] == "exception"
    early = await post(desk, path, status="out_for_delivery", occurred_at="2026-01-02T10:00:00Z")
    assert early["status"] == "exception"
    tracked = (await get(desk, path))["data"]
    assert [each["status"] for each in tracked] == ["out_for_delivery", "created", "in_transit", "exception"]
    assert tracked[2]["location"] == "New York, NY"
    future = await desk("POST", path, json={"status": "delivered", "occurred_at": "2999-01-01T00:00:00Z"})
    assert (future.status_code, problems_of(future)) == (422, [("occurred_at", "TOO_LARGE")])
    stale = await desk("POST", path, json={"status": "delivered", "version": 1})
    assert (stale.status_code, problems_of(stale)) == (409, [("version", "VERSION_MISMATCH")])
    await post(desk, path, status="delivered")
    done = await desk("POST", path, json={"status": "in_transit"})
    assert (done.status_code, problems_of(done)) == (409, [("id", "ILLEGAL_TRANSITION")])
    assert [each for each in await types() if each.startswith("shipment.")] == [
        "shipment.created",
        "shipment.in_transit",
        "shipment.delivered",
    ]


async def test_a_parcel_that_is_delivered_at_once_was_in_transit(
    desk: Client, make_order: MakeOrder, ship: Ship, types: Types
) -> None:
    """Each event once, whatever is skipped."""
    order = await make_order()
    made = await ship(order["id"])
    await post(desk, f"/v2/shipments/{made['id']}/advance", status="delivered", location="Home")
    assert [each for each in await types() if each != "order.updated"] == [
        "order.created",
        "shipment.created",
        "shipment.in_transit",
        "shipment.delivered",
        "order.fulfilled",
    ]
    assert (await types())[-1] == "order.updated"
    assert (await get(desk, f"/v2/orders/{order['id']}"))["status"] == "delivered"


async def test_a_label_is_a_pdf_a_png_or_zpl(desk: Client, make_order: MakeOrder, ship: Ship) -> None:
    """As ``Accept`` prefers."""
    made = await ship((await make_order())["id"], signature_required=True)
    path = f"/v2/shipments/{made['id']}/label"
    pdf = await desk("GET", path)
    assert (pdf.status_code, pdf.headers["content-type"], pdf.content[:5]) == (200, "application/pdf", b"%PDF-")
    zpl = await desk("GET", path, headers={"Accept": "application/pdf;q=0.5, application/zpl"})
    assert (zpl.headers["content-type"], zpl.content[:3]) == ("application/zpl", b"^XA")
    assert made["tracking_number"].encode() in zpl.content.replace(b" ", b"")
    png = await desk("GET", path, headers={"Accept": "image/*"})
    assert (png.headers["content-type"], png.content[:4]) == ("image/png", b"\x89PNG")
    assert b"SIGNATURE" in zpl.content
    assert b"SANDBOX" in zpl.content
    same = await desk("GET", path, headers={"If-None-Match": pdf.headers["etag"]})
    assert same.status_code == 304
    assert (await desk("GET", path, headers={"Accept": "image/gif"})).status_code == 406
    assert (await desk("GET", f"/v2/shipments/shp_{NOTHING}/label")).status_code == 404


async def test_a_live_store_needs_a_label_of_its_own(
    database: Database, rest: Client, shop: Shop, make_product: Any, make_key: MakeKey
) -> None:
    """The built-in tariffs only quote there. A wrong check digit is a slip."""
    await stock_products(make_product, shop.live)
    items = [{"sku": "MUG", "quantity": 1}]
    order = await post(rest, "/v2/orders", items=items, shipping_address=BEVERLY_HILLS)
    asked = {
        "order_id": order["id"],
        "carrier": "ups",
        "service": "ground",
        "packages": [PARCEL],
        "ship_from": NEW_YORK,
    }
    refused = await rest("POST", "/v2/shipments", json=asked)
    assert (refused.status_code, problems_of(refused)) == (409, [("tracking_number", "ILLEGAL_TRANSITION")])
    wrong = await rest("POST", "/v2/shipments", json=asked | {"tracking_number": "1Z5R89390357567128"})
    assert (wrong.status_code, problems_of(wrong)) == (422, [("tracking_number", "INVALID")])
    made = await post(rest, "/v2/shipments", **asked, tracking_number="1Z5R89390357567127")
    assert (made["source"], made["label_url"]) == ("caller", None)
    assert made["packages"][0]["tracking_number"] == "1Z5R89390357567127"
    assert (await rest("GET", f"/v2/shipments/{made['id']}/label")).status_code == 404
    forbidden = await rest("POST", f"/v2/shipments/{made['id']}/advance", json={})
    assert forbidden.status_code == 403
    assert (await post(rest, f"/v2/shipments/{made['id']}/track", status="in_transit"))["status"] == "in_transit"
