"""Refunds of returns: what they propose, and what becomes of a return whose refund fails."""

from __future__ import annotations

from typing import Any

from tests.conftest import Client
from tests.shipping.conftest import get, post, problems_of
from tests.shipping.rest.conftest import Send, line


async def amounts(desk: Client, *returns: dict[str, Any]) -> list[float]:
    """The refunds that returns propose now."""
    return [(await get(desk, f"/v2/returns/{each['id']}"))["refund_amount"] for each in returns]


async def test_open_returns_of_a_line_propose_what_it_costs_together(desk: Client, delivered: Send) -> None:
    """Three units cost 1.07. Whichever is refunded first, rejected, or refunded without a return, the sums agree.

    Taken out to see it fail: ``before`` of ``proposed_refund``, and each call of ``propose_refunds``.
    """
    order = await delivered(items=[{"sku": "MUG", "quantity": 3, "price": 0.33}])
    assert order["items"][0]["total"] == 1.07
    first, second, third = [await post(desk, "/v2/returns", order_id=order["id"], items=[line(order)]) for _ in "123"]
    assert [each["refund_amount"] for each in (first, second, third)] == [0.35, 0.36, 0.36]
    await post(desk, f"/v2/returns/{third['id']}/approve")
    refunded = await post(desk, f"/v2/returns/{third['id']}/refund")
    assert refunded["refund_amount"] == 0.35
    assert (await get(desk, f"/v2/orders/{order['id']}"))["refunded"] == 0.35
    assert await amounts(desk, first, second, third) == [0.36, 0.36, 0.35]
    await post(desk, f"/v2/returns/{first['id']}/reject")
    assert await amounts(desk, second) == [0.36]
    (payment,) = (await get(desk, "/v2/payments"))["data"]
    (mug,) = order["items"]
    await post(desk, f"/v2/payments/{payment['id']}/refund", items=[{"id": mug["id"], "quantity": 2}])
    assert (await get(desk, f"/v2/orders/{order['id']}"))["refunded"] == 1.07
    assert await amounts(desk, second) == [0]


async def test_a_rejected_return_leaves_its_part_to_the_others(desk: Client, delivered: Send) -> None:
    order = await delivered(items=[{"sku": "MUG", "quantity": 3, "price": 0.33}])
    first, second = [await post(desk, "/v2/returns", order_id=order["id"], items=[line(order)]) for _ in "12"]
    await post(desk, f"/v2/returns/{first['id']}/reject")
    found = await get(desk, f"/v2/returns/{second['id']}")
    assert (found["refund_amount"], found["version"]) == (0.35, 2)


async def test_a_return_whose_refund_failed_can_be_rejected_or_refunded_again(desk: Client, delivered: Send) -> None:
    """One that is on its way cannot. Taken out to see it fail: the status of the refund in ``has_refund``."""
    order = await delivered(card="4000000000007726", items=[{"sku": "MUG", "quantity": 3, "price": 0.33}])
    first, second = [await post(desk, "/v2/returns", order_id=order["id"], items=[line(order)]) for _ in "12"]
    for each in (first, second):
        await post(desk, f"/v2/returns/{each['id']}/approve")
    refund = (await post(desk, f"/v2/returns/{first['id']}/refund"))["refund_id"]
    refused = await desk("POST", f"/v2/returns/{first['id']}/reject", json={})
    assert (refused.status_code, problems_of(refused)) == (409, [("id", "ILLEGAL_TRANSITION")])
    assert (await desk("POST", f"/v2/returns/{first['id']}/refund", json={})).status_code == 409
    await post(desk, f"/v2/sandbox/payments/refunds/{refund}/settle", outcome="failed")
    assert (await get(desk, f"/v2/orders/{order['id']}"))["items"][0]["refunded"] == 0
    assert await amounts(desk, first, second) == [0.35, 0.36]
    again = await post(desk, f"/v2/returns/{first['id']}/refund")
    assert again["refund_id"] != refund
    await post(desk, f"/v2/sandbox/payments/refunds/{again['refund_id']}/settle", outcome="failed")
    rejected = await post(desk, f"/v2/returns/{first['id']}/reject", note="Worn.")
    assert rejected["status"] == "rejected"
    assert await amounts(desk, second) == [0.35]
