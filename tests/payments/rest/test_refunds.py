"""Refunds that are late or fail, and disputes, over REST."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Client
from tests.payments.rest.conftest import REFUND_PENDING, MakeOrder, Pay, card, problems_of
from tests.payments.rest.test_payments import balances, get, post

EVIDENCE = {"transaction_details": "Order 1", "shipping_proof": "Signed", "communication_log": "Thanks"}
DISPUTED = "4000 0000 0000 0259"


async def paid(pay: Pay, order: dict[str, Any] | None = None, **given: Any) -> tuple[str, str]:
    """The ids of a captured intent and its payment."""
    of = {} if order is None else {"order_id": order["id"]}
    intent = await pay(capture_method="automatic", **of, **given)
    assert intent["status"] == "succeeded"
    return intent["id"], intent["payments"][0]["id"]


async def test_a_refund_may_fail_later(till: Client, make_order: MakeOrder, pay: Pay) -> None:
    """It is reversed: on the payment, on the order and its lines, and in the ledger."""
    order = await make_order()
    _, payment = await paid(pay, order)
    items = [{"id": order["items"][1]["id"], "quantity": 1}]
    refund = await post(till, f"/v2/payments/{payment}/refund", items=items)
    assert (refund["status"], refund["amount"]) == ("succeeded", 1000)
    over = await till("POST", f"/v2/payments/{payment}/refund", json={"items": items})
    assert (over.status_code, problems_of(over)) == (409, [("items.0.quantity", "AMOUNT_EXCEEDED")])
    before = await balances(till)
    failed = await post(till, f"/v2/sandbox/payments/refunds/{refund['id']}/settle", outcome="failed")
    assert (failed["status"], failed["last_error"]["code"]) == ("failed", "refund_failed")
    after = await balances(till)
    assert after["refunds"] == 0
    assert after["processor"] == before["processor"] + 1000
    assert (await get(till, f"/v2/payments/{payment}"))["refunded"] == 0
    seen = await get(till, f"/v2/orders/{order['id']}")
    assert ([each["refunded"] for each in seen["items"]], seen["payment_status"]) == ([0, 0], "paid")
    again = await till("POST", f"/v2/sandbox/payments/refunds/{refund['id']}/settle", json={"outcome": "failed"})
    assert (again.status_code, problems_of(again)) == (409, [("id", "ILLEGAL_TRANSITION")])
    assert (await post(till, f"/v2/payments/{payment}/refund", items=items))["status"] == "succeeded"


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
async def test_a_pending_refund_reserves_its_amount(till: Client, pay: Pay, outcome: str) -> None:
    _, payment = await paid(pay, **card(REFUND_PENDING))
    refund = await post(till, f"/v2/payments/{payment}/refund", amount=3000)
    assert refund["status"] == "pending"
    assert (await get(till, f"/v2/payments/{payment}"))["refunded"] == 0
    over = await till("POST", f"/v2/payments/{payment}/refund", json={"amount": 1001})
    assert over.json()["error"]["message"] == "At most 10.00 GBP can be refunded."
    settled = await post(till, f"/v2/sandbox/payments/refunds/{refund['id']}/settle", outcome=outcome)
    assert settled["status"] == outcome
    assert (await get(till, f"/v2/payments/{payment}"))["refunded"] == (3000 if outcome == "succeeded" else 0)


async def test_lines_of_another_order_are_refused(till: Client, make_order: MakeOrder, pay: Pay) -> None:
    order, other = await make_order(), await make_order()
    _, payment = await paid(pay, order)
    items = [{"id": other["items"][0]["id"], "quantity": 1}]
    answer = await till("POST", f"/v2/payments/{payment}/refund", json={"items": items})
    assert (answer.status_code, problems_of(answer)) == (422, [("items.0.id", "NOT_FOUND")])
    assert (await get(till, f"/v2/orders/{order['id']}/refunds"))["data"] == []


async def test_what_was_not_captured_is_not_refunded(till: Client, pay: Pay) -> None:
    intent = await pay()
    for id in (intent["id"], intent["payments"][0]["id"]):
        answer = await till("POST", f"/v2/payments/{id}/refund")
        assert (answer.status_code, problems_of(answer)) == (409, [("id", "ILLEGAL_TRANSITION")])
    for id in ("pay_" + "0" * 26, "pi_" + "0" * 26, "nonsense"):
        assert (await till("POST", f"/v2/payments/{id}/refund")).status_code == 404


async def test_a_cancelled_order_is_refunded_by_the_worker(
    till: Client, make_order: MakeOrder, pay: Pay, reconcile: Any
) -> None:
    """The refund commits as pending with the cancel."""
    order = await make_order()
    _, payment = await paid(pay, order, amount=3000)
    held = await pay(order_id=order["id"], amount=500)
    cancelled = await post(till, f"/v2/orders/{order['id']}/cancel", refund=True)
    assert cancelled["status"] == "cancelled"
    (refund,) = (await get(till, f"/v2/orders/{order['id']}/refunds"))["data"]
    assert (refund["status"], refund["amount"], refund["reason"]) == ("pending", 3000, "order_cancelled")
    assert (await get(till, f"/v2/payments/intents/{held['id']}"))["status"] == "processing"
    await reconcile()
    (refund,) = (await get(till, f"/v2/orders/{order['id']}/refunds"))["data"]
    assert refund["status"] == "succeeded"
    assert (await get(till, f"/v2/payments/{payment}"))["refunded"] == 3000
    assert (await get(till, f"/v2/payments/intents/{held['id']}"))["status"] == "cancelled"
    assert (await get(till, f"/v2/orders/{order['id']}"))["payment_status"] == "refunded"


async def test_a_cancelled_order_keeps_its_money_unless_asked(
    till: Client, make_order: MakeOrder, pay: Pay, reconcile: Any
) -> None:
    order = await make_order()
    await paid(pay, order)
    await post(till, f"/v2/orders/{order['id']}/cancel")
    await reconcile()
    assert (await get(till, f"/v2/orders/{order['id']}/refunds"))["data"] == []
    assert (await get(till, f"/v2/orders/{order['id']}"))["payment_status"] == "paid"


@pytest.mark.parametrize("outcome", ["won", "lost"])
async def test_a_dispute_is_drafted_submitted_and_decided(
    till: Client, make_order: MakeOrder, pay: Pay, outcome: str
) -> None:
    order = await make_order()
    _, payment = await paid(pay, order)
    before = await balances(till)
    raised = await till("POST", f"/v2/sandbox/payments/{payment}/dispute", json={"amount": 1000})
    dispute = raised.json()
    assert (raised.status_code, dispute["status"], dispute["amount"]) == (201, "needs_response", 1000)
    path = f"/v2/payments/disputes/{dispute['id']}"
    assert raised.headers["Location"] == path
    assert await get(till, path) == dispute
    withheld = await balances(till)
    assert withheld["disputes"] == 1000
    assert withheld["processor"] == before["processor"] - 1000 - dispute["fee"]
    over = await till("POST", f"/v2/payments/{payment}/refund", json={"amount": 3001})
    assert (over.status_code, problems_of(over)) == (409, [("amount", "AMOUNT_EXCEEDED")])

    early = await till("POST", f"{path}/respond", json={"evidence": {"shipping_proof": "Signed"}, "submit": True})
    missing = [("evidence.transaction_details", "REQUIRED"), ("evidence.communication_log", "REQUIRED")]
    assert (early.status_code, problems_of(early)) == (422, missing)
    assert await get(till, path) == dispute
    draft = await post(till, f"{path}/respond", evidence={"shipping_proof": "Signed", "communication_log": "Thanks"})
    assert (draft["status"], draft["evidence_parts"]) == ("needs_response", ["shipping_proof", "communication_log"])
    draft = await post(till, f"{path}/respond", evidence={"communication_log": None})
    assert draft["evidence_parts"] == ["shipping_proof"]
    stale = await till("POST", f"{path}/respond", json={"version": draft["version"] - 1, "evidence": EVIDENCE})
    assert (stale.status_code, problems_of(stale)) == (409, [("version", "VERSION_MISMATCH")])
    sent = await post(till, f"{path}/respond", evidence=EVIDENCE, submit=True)
    assert (sent["status"], sent["evidence_parts"]) == ("under_review", list(EVIDENCE))
    assert sent["submitted_at"] is not None
    again = await till("POST", f"{path}/respond", json={"evidence": EVIDENCE})
    assert (again.status_code, problems_of(again)) == (409, [("id", "ILLEGAL_TRANSITION")])

    closed = await post(till, f"/v2/sandbox/payments/disputes/{dispute['id']}/close", outcome=outcome)
    assert (closed["status"], closed["closed_at"] is not None) == (outcome, True)
    assert (await balances(till))["disputes"] == (0 if outcome == "won" else 1000)
    assert (await get(till, f"/v2/payments/{payment}"))["disputed"] == (0 if outcome == "won" else 1000)
    again = await till("POST", f"/v2/sandbox/payments/disputes/{dispute['id']}/close", json={"outcome": outcome})
    assert (again.status_code, problems_of(again)) == (409, [("id", "ILLEGAL_TRANSITION")])
    for listed in (f"/v2/orders/{order['id']}", f"/v2/payments/{payment}"):
        assert (await get(till, f"{listed}/disputes"))["data"] == [closed]


async def test_disputes_are_listed_by_status(till: Client, make_order: MakeOrder, pay: Pay) -> None:
    order = await make_order()
    _, first = await paid(pay, order, **card(DISPUTED))
    held = await pay(**card(DISPUTED))
    assert (await get(till, f"/v2/payments/disputes?payment_id={held['payments'][0]['id']}"))["data"] == []
    other = (await post(till, f"/v2/payments/{held['id']}/capture"))["payments"][0]["id"]
    found = (await get(till, "/v2/payments/disputes?sort=created_at"))["data"]
    assert [each["payment_id"] for each in found] == [first, other]
    await post(till, f"/v2/sandbox/payments/disputes/{found[0]['id']}/close", outcome="lost")
    for query, wanted in (
        ("status=lost", [first]),
        ("status=needs_response", [other]),
        (f"order_id={order['id']}", [first]),
        (f"payment_id={other}", [other]),
    ):
        listed = (await get(till, f"/v2/payments/disputes?{query}"))["data"]
        assert [each["payment_id"] for each in listed] == wanted, query


async def test_a_payment_can_be_disputed_again_after_a_dispute_was_won(till: Client, pay: Pay) -> None:
    _, payment = await paid(pay)
    ids = []
    for amount in (1000, 2500):
        raised = await post(till, f"/v2/sandbox/payments/{payment}/dispute", amount=amount)
        assert (raised["status"], raised["amount"]) == ("needs_response", amount)
        assert (await balances(till))["disputes"] == amount
        refused = await till("POST", f"/v2/sandbox/payments/{payment}/dispute")
        assert (refused.status_code, problems_of(refused)) == (409, [("id", "ILLEGAL_TRANSITION")])
        await post(till, f"/v2/sandbox/payments/disputes/{raised['id']}/close", outcome="won")
        ids.append(raised["id"])
    found = (await get(till, f"/v2/payments/{payment}/disputes"))["data"]
    assert [(each["id"], each["status"]) for each in found] == [(id, "won") for id in ids]
