"""Returns over REST: a whole life, what stock, order and payment do, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Client, MakeKey, Shop
from tests.shipping.conftest import PARCEL, MakeOrder, Ship, get, post, problems_of
from tests.shipping.rest.conftest import Send, line, on_hand


async def test_a_line_comes_back_is_restocked_and_refunded(desk: Client, delivered: Send) -> None:
    """Two mugs of 15.00 less 10 %, plus 20 %: 32.40. Taken out to see it fail: ``count_returned``."""
    order = await delivered()
    before = await on_hand(desk, "MUG")
    asked = await post(desk, "/v2/returns", order_id=order["id"], items=[line(order, quantity=2)], note="Torn box.")
    assert (asked["status"], asked["refund_amount"], asked["refund_id"]) == ("requested", 32.4, None)
    path = f"/v2/returns/{asked['id']}"
    approved = await post(desk, f"{path}/approve", carrier="ups", service="ground", note="Fine.", version=1)
    assert (approved["status"], approved["carrier_name"], approved["note"]) == ("approved", "UPS", "Torn box.")
    assert approved["label_url"].endswith(f"{path}/label")
    label = await desk("GET", f"{path}/label", headers={"Accept": "application/zpl"})
    assert b"Rodeo Drive" in label.content.partition(b"SHIP TO")[0]
    told = {"id": asked["items"][0]["id"], "condition": "used", "restock": 1}
    received = await post(desk, f"{path}/receive", items=[told])
    (item,) = received["items"]
    assert (received["status"], item["condition"], item["restocked"]) == ("received", "used", 1)
    assert await on_hand(desk, "MUG") == before + 1
    movements = (await get(desk, "/v2/inventory/MUG/movements"))["data"]
    assert (movements[0]["quantity"], movements[0]["reason"], movements[0]["reference"]) == (1, "returned", asked["id"])
    refunded = await post(desk, f"{path}/refund")
    assert refunded["refund_id"].startswith("re_")
    closed = await post(desk, f"{path}/close")
    assert (closed["status"], closed["closed_at"] is not None) == ("closed", True)
    now = await get(desk, f"/v2/orders/{order['id']}")
    assert (now["refunded"], now["payment_status"]) == (32.4, "paid")
    assert [(each["fulfilled"], each["refunded"], each["returned"]) for each in now["items"]] == [(3, 2, 2), (2, 0, 0)]
    steps = (await get(desk, f"{path}/history"))["data"]
    assert [(each["status"], each["note"]) for each in steps] == [
        ("requested", "Torn box."),
        ("approved", "Fine."),
        ("received", None),
        ("closed", None),
    ]
    assert [each["id"] for each in (await get(desk, f"/v2/orders/{order['id']}/returns"))["data"]] == [asked["id"]]


async def test_the_parts_of_a_line_cost_what_it_cost(desk: Client, delivered: Send) -> None:
    """Returned one by one, three mugs are refunded exactly what they cost together."""
    order = await delivered()
    amounts = []
    for _ in range(3):
        asked = await post(desk, "/v2/returns", order_id=order["id"], items=[line(order)])
        await post(desk, f"/v2/returns/{asked['id']}/approve")
        await post(desk, f"/v2/returns/{asked['id']}/refund")
        amounts.append(asked["refund_amount"])
    (mug, _) = order["items"]
    assert round(sum(amounts), 2) == mug["total"]
    assert (await get(desk, f"/v2/orders/{order['id']}"))["refunded"] == mug["total"]


async def test_damaged_items_do_not_go_back_to_stock(desk: Client, delivered: Send) -> None:
    """Unless that is said."""
    order = await delivered()
    before = await on_hand(desk, "MUG")
    asked = await post(desk, "/v2/returns", order_id=order["id"], items=[line(order, quantity=2, condition="damaged")])
    await post(desk, f"/v2/returns/{asked['id']}/approve")
    received = await post(desk, f"/v2/returns/{asked['id']}/receive")
    assert received["items"][0]["restocked"] == 0
    assert await on_hand(desk, "MUG") == before
    assert (await get(desk, f"/v2/orders/{order['id']}"))["items"][0]["returned"] == 2


async def test_no_more_comes_back_than_was_sent(desk: Client, make_order: MakeOrder, ship: Ship) -> None:
    """Of an order in part on its way: what its carriers have. A rejected return leaves room for another."""
    order = await make_order()
    body = {"order_id": order["id"], "items": [line(order)]}
    early = await desk("POST", "/v2/returns", json=body)
    assert (early.status_code, problems_of(early)) == (409, [("items.0.quantity", "AMOUNT_EXCEEDED")])
    first = await ship(order["id"], items=[{"id": order["items"][0]["id"], "quantity": 2}])
    labelled = await desk("POST", "/v2/returns", json=body)
    assert problems_of(labelled) == [("items.0.quantity", "AMOUNT_EXCEEDED")]
    await post(desk, f"/v2/shipments/{first['id']}/advance")
    asked = await post(desk, "/v2/returns", order_id=order["id"], items=[line(order, quantity=2)])
    full = await desk("POST", "/v2/returns", json=body)
    assert problems_of(full) == [("items.0.quantity", "AMOUNT_EXCEEDED")]
    rejected = await post(desk, f"/v2/returns/{asked['id']}/reject", note="Too late.")
    assert (rejected["status"], rejected["label_url"]) == ("rejected", None)
    await post(desk, "/v2/returns", **body)


@pytest.mark.parametrize(
    ("given", "status", "problem"),
    [
        ({"items": []}, 422, ("items", "TOO_SHORT")),
        ({"items": [{"id": "item_x", "quantity": 1, "reason": "other"}]}, 422, ("items.0.id", "NOT_FOUND")),
        ({"items": ["MUG", "MUG"]}, 422, ("items.1.id", "DUPLICATE")),
        ({"items": [{"quantity": 1, "reason": "bored"}]}, 422, ("items.0.id", "REQUIRED")),
        ({"order_id": "ord_x"}, 422, ("order_id", "NOT_FOUND")),
    ],
)
async def test_a_return_that_cannot_be_is_refused(
    desk: Client, delivered: Send, given: dict[str, Any], status: int, problem: tuple[str, str]
) -> None:
    order = await delivered()
    items = [line(order, each) if isinstance(each, str) else each for each in given.get("items", ["MUG"])]
    answer = await desk("POST", "/v2/returns", json={"order_id": order["id"], **given, "items": items})
    assert (answer.status_code, problems_of(answer)[0]) == (status, problem)


async def test_steps_follow_each_other(desk: Client, delivered: Send) -> None:
    """Each once, and in order."""
    order = await delivered()
    asked = await post(desk, "/v2/returns", order_id=order["id"], items=[line(order)])
    path = f"/v2/returns/{asked['id']}"

    async def refused(*steps: str) -> None:
        for step in steps:
            answer = await desk("POST", f"{path}/{step}", json={})
            assert (answer.status_code, problems_of(answer)) == (409, [("id", "ILLEGAL_TRANSITION")]), step

    await refused("receive", "close", "refund")
    await post(desk, f"{path}/approve")
    await refused("approve")
    stale = await desk("POST", f"{path}/receive", json={"version": 1})
    assert problems_of(stale) == [("version", "VERSION_MISMATCH")]
    await post(desk, f"{path}/refund")
    await refused("refund", "reject")
    await post(desk, f"{path}/receive")
    await refused("approve", "reject", "receive")
    await post(desk, f"{path}/close")
    await refused("approve", "reject", "receive", "close", "refund")


async def test_a_refund_needs_a_payment_and_the_right_to_pay(
    desk: Client, make_order: MakeOrder, ship: Ship, shop: Shop, make_key: MakeKey
) -> None:
    order = await make_order()
    sent = await ship(order["id"], packages=[PARCEL])
    await post(desk, f"/v2/shipments/{sent['id']}/advance")
    asked = await post(desk, "/v2/returns", order_id=order["id"], items=[line(order)])
    await post(desk, f"/v2/returns/{asked['id']}/approve")
    unpaid = await desk("POST", f"/v2/returns/{asked['id']}/refund", json={})
    assert (unpaid.status_code, problems_of(unpaid)) == (409, [("id", "ILLEGAL_TRANSITION")])
    packer = Client(desk.http, await make_key(shop.test, "shipping:write", "shipping:read"))
    forbidden = await packer("POST", f"/v2/returns/{asked['id']}/refund", json={})
    assert forbidden.status_code == 403
    assert "payments:write" in forbidden.json()["error"]["message"]
