"""Paying, capturing and refunding over REST, as a shop does it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from domain.kernel.principal import Plan
from tests.conftest import Client, MakeKey, Shop
from tests.payments.rest.conftest import (
    DECLINED,
    HOME,
    LOST_ANSWER,
    NO_FUNDS,
    SECURE,
    SUCCESS,
    MakeOrder,
    Pay,
    card,
    problems_of,
)

INTENTS = "/v2/payments/intents"
ZERO = "pi_" + "0" * 26


async def get(till: Client, path: str) -> Any:
    """The body of a GET that succeeds."""
    answer = await till("GET", path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(till: Client, path: str, **given: Any) -> Any:
    """The body of a POST that succeeds."""
    answer = await till("POST", path, json=given)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def balances(till: Client) -> dict[str, int]:
    """The balance of each account of the ledger."""
    found = (await get(till, "/v2/payments/ledger/balances"))["data"]
    assert sum(each["balance"] for each in found) == 0
    return {each["account"]: each["balance"] for each in found}


async def types(till: Client) -> list[str]:
    """The types of the events of payments and orders, in the order in which they were written."""
    found = (await get(till, "/v2/events?limit=200"))["data"]
    return [each["type"] for each in found if each["type"].startswith(("payment.", "order."))]


async def test_an_order_is_paid_captured_and_refunded_in_part(till: Client, make_order: MakeOrder) -> None:
    """The totals agree on the intent, the payment, the order and the ledger."""
    order = await make_order()
    assert (order["total"], order["payment_status"]) == (40.0, "pending")
    given = {"amount": 4000, "currency": "gbp", "payment_method": "card", "order_id": order["id"], "metadata": {"a": 1}}
    created = await till("POST", INTENTS, json=given)
    intent = created.json()
    assert created.status_code == 201
    assert created.headers["Location"] == f"{INTENTS}/{intent['id']}"
    assert (intent["status"], intent["amount"], intent["currency"]) == ("requires_capture", 4000, "gbp")
    assert (intent["metadata"], intent["next_action"], intent["last_error"]) == ({"a": 1}, None, None)
    (payment,) = intent["payments"]
    assert (payment["status"], payment["captured"]) == ("authorized", 0)
    assert payment["card"] == {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2100}
    assert await get(till, created.headers["Location"]) == intent

    captured = await post(till, f"/v2/payments/{intent['id']}/capture")
    assert (captured["status"], captured["payments"][0]["captured"]) == ("succeeded", 4000)
    assert (await get(till, f"/v2/orders/{order['id']}"))["payment_status"] == "paid"

    line = order["items"][0]
    refunded = await till(
        "POST",
        f"/v2/payments/{payment['id']}/refund",
        json={"items": [{"id": line["id"], "quantity": 1}], "reason": "customer_request"},
    )
    refund = refunded.json()
    assert refunded.status_code == 201
    assert refunded.headers["Location"] == f"/v2/payments/{payment['id']}/refunds/{refund['id']}"
    assert (refund["amount"], refund["status"], refund["reason"]) == (1500, "succeeded", "customer_request")
    assert refund["items"] == [{"item_id": line["id"], "quantity": 1}]
    assert refund["expected_from"] < refund["expected_by"]
    assert await get(till, refunded.headers["Location"]) == refund

    seen = await get(till, f"/v2/orders/{order['id']}")
    assert (seen["payment_status"], [each["refunded"] for each in seen["items"]]) == ("paid", [1, 0])
    paid = await get(till, f"/v2/payments/{payment['id']}")
    assert (paid["captured"], paid["refunded"], paid["refunds"]) == (4000, 1500, [refund])
    assert (await get(till, f"/v2/orders/{order['id']}/payments"))["data"] == [paid]
    assert (await get(till, f"/v2/orders/{order['id']}/refunds"))["data"] == [refund]
    assert (await get(till, f"/v2/payments/{payment['id']}/refunds"))["data"] == [refund]
    fee = paid["fee"]
    expected = {"receivable": -4000, "processor": 2500 - fee, "refunds": 1500, "fees": fee, "disputes": 0}
    assert await balances(till) == expected

    rest_of_it = await post(till, f"/v2/payments/{intent['id']}/refund")  # by the intent, all that is left
    assert rest_of_it["amount"] == 2500
    seen = await get(till, f"/v2/orders/{order['id']}")
    assert seen["payment_status"] == "refunded"


async def test_every_fact_is_a_transfer_that_can_be_read(till: Client, pay: Pay) -> None:
    intent = await pay(capture_method="automatic")
    (payment,) = intent["payments"]
    await post(till, f"/v2/payments/{payment['id']}/refund", amount=500)
    await pay(amount=100, capture_method="automatic")
    found = (await get(till, f"/v2/payments/ledger?payment_id={payment['id']}&sort=created_at"))["data"]
    assert [(each["kind"], each["amount"], each["debit"], each["credit"]) for each in found] == [
        ("capture", 4000, "processor", "receivable"),
        ("fee", payment["fee"], "fees", "processor"),
        ("refund", 500, "refunds", "processor"),
    ]
    assert len((await get(till, "/v2/payments/ledger"))["data"]) == 5
    assert await get(till, f"/v2/payments/ledger/{found[0]['id']}") == found[0]
    assert (await till("PUT", f"/v2/payments/ledger/{found[0]['id']}", json={})).status_code == 405


@pytest.mark.parametrize(("number", "code"), [(DECLINED, "card_declined"), (NO_FUNDS, "insufficient_funds")])
async def test_a_declined_card_is_no_error_and_may_be_replaced(
    till: Client, make_order: MakeOrder, pay: Pay, number: str, code: str
) -> None:
    order = await make_order()
    intent = await pay(order_id=order["id"], **card(number))
    assert (intent["status"], intent["last_error"]["code"]) == ("failed", code)
    assert [each["status"] for each in intent["payments"]] == ["failed"]
    assert (await get(till, f"/v2/orders/{order['id']}"))["payment_status"] == "failed"
    confirmed = await post(till, f"{INTENTS}/{intent['id']}/confirm", **card(SUCCESS))
    assert (confirmed["status"], confirmed["last_error"]) == ("requires_capture", None)
    assert [each["status"] for each in confirmed["payments"]] == ["failed", "authorized"]
    assert (await get(till, f"/v2/orders/{order['id']}"))["payment_status"] == "pending"


@pytest.mark.parametrize(("outcome", "status"), [("succeeded", "requires_capture"), ("failed", "failed")])
async def test_three_d_secure_waits_for_the_buyer(till: Client, pay: Pay, outcome: str, status: str) -> None:
    intent = await pay(**card(SECURE))
    assert intent["status"] == "requires_action"
    assert intent["next_action"]["type"] == "three_d_secure"
    assert intent["next_action"]["url"].endswith(f"/sandbox/3ds/{intent['payments'][0]['id']}")
    settled = await post(till, f"/v2/sandbox/payments/intents/{intent['id']}/settle", outcome=outcome)
    assert (settled["status"], settled["next_action"]) == (status, None)
    again = await till("POST", f"/v2/sandbox/payments/intents/{intent['id']}/settle", json={"outcome": outcome})
    assert (again.status_code, problems_of(again)) == (409, [("id", "ILLEGAL_TRANSITION")])


async def test_a_partial_capture_releases_the_rest(till: Client, pay: Pay) -> None:
    intent = await pay()
    path = f"/v2/payments/{intent['id']}/capture"
    over = await till("POST", path, json={"amount": 4001})
    assert (over.status_code, problems_of(over)) == (409, [("amount", "AMOUNT_EXCEEDED")])
    assert "40.00 GBP" in over.json()["error"]["message"]
    captured = await post(till, path, amount=1500)
    assert (captured["status"], captured["amount"]) == ("succeeded", 4000)
    assert (captured["payments"][0]["amount"], captured["payments"][0]["captured"]) == (4000, 1500)
    again = await till("POST", path)
    assert (again.status_code, problems_of(again)) == (409, [("id", "ILLEGAL_TRANSITION")])
    assert "succeeded" in again.json()["error"]["message"]
    over = await till("POST", f"/v2/payments/{intent['id']}/refund", json={"amount": 1501})
    assert (over.status_code, problems_of(over)) == (409, [("amount", "AMOUNT_EXCEEDED")])
    assert over.json()["error"]["message"] == "At most 15.00 GBP can be refunded."
    assert (await get(till, f"/v2/payments/{captured['payments'][0]['id']}/refunds"))["data"] == []


async def test_an_order_is_never_charged_more_than_its_total(till: Client, make_order: MakeOrder, pay: Pay) -> None:
    order = await make_order()
    first = await pay(amount=3000, order_id=order["id"])
    over = await till("POST", INTENTS, json={"amount": 1001, "order_id": order["id"]})
    assert (over.status_code, problems_of(over)) == (409, [("amount", "AMOUNT_EXCEEDED")])
    assert "10.00 GBP" in over.json()["error"]["message"]
    await post(till, f"{INTENTS}/{first['id']}/cancel")
    assert (await pay(amount=4000, order_id=order["id"]))["status"] == "requires_capture"


async def test_what_cannot_be_paid_is_refused_and_stores_nothing(till: Client, make_order: MakeOrder) -> None:
    order = await make_order()
    details = "payment_method_details"
    amex = "3782 822463 10005"
    for given, status, problems in (
        ({"currency": "usd"}, 422, [("currency", "CURRENCY_MISMATCH")]),
        ({"order_id": "ord_" + "0" * 26}, 422, [("order_id", "NOT_FOUND")]),
        ({"customer_id": "cust_" + "0" * 26}, 422, [("customer_id", "NOT_FOUND")]),
        ({"amount": 0}, 422, [("amount", "TOO_SMALL")]),
        ({"amount": -1}, 422, [("amount", "TOO_SMALL")]),
        ({"amount": 19.99}, 422, [("amount", "INVALID")]),
        ({"payment_method": "cheque"}, 422, [("payment_method", "INVALID")]),
        (card(SUCCESS, exp_year=2020), 422, [(f"{details}.card.exp_year", "INVALID")]),
        (card(SUCCESS, cvc="1234"), 422, [(f"{details}.card.cvc", "INVALID")]),
        (card(amex, cvc="123"), 422, [(f"{details}.card.cvc", "INVALID")]),
        (card("4242 4242 4242 4241"), 422, [(f"{details}.card.number", "INVALID")]),
        ({"payment_method": "apple_pay", details: {}}, 422, [(f"{details}.token", "REQUIRED")]),
        ({"payment_method": "ach", details: {}}, 422, [(f"{details}.bank_account", "REQUIRED")]),
    ):
        answer = await till("POST", INTENTS, json={"amount": 100, "order_id": order["id"], **given})
        assert (answer.status_code, problems_of(answer)) == (status, problems), given
        assert "4242" not in answer.text
    assert (await get(till, INTENTS))["data"] == []
    assert (await get(till, "/v2/payments"))["data"] == []
    assert (await till("POST", INTENTS, json={"amount": 100, **card(amex, cvc="1234")})).status_code == 201


async def test_a_cancelled_order_cannot_be_paid(till: Client, make_order: MakeOrder) -> None:
    order = await make_order()
    await post(till, f"/v2/orders/{order['id']}/cancel")
    answer = await till("POST", INTENTS, json={"amount": 100, "order_id": order["id"]})
    assert (answer.status_code, problems_of(answer)) == (409, [("order_id", "ILLEGAL_TRANSITION")])


@pytest.mark.parametrize("plan", [Plan.PROFESSIONAL, Plan.ENTERPRISE])
async def test_cryptocurrencies_need_the_enterprise_plan(
    http: httpx.AsyncClient, make_shop: Any, make_key: MakeKey, plan: Plan
) -> None:
    till = Client(http, await make_key((await make_shop(plan=plan)).test))
    answer = await till("POST", INTENTS, json={"amount": 100, "payment_method": "bitcoin"})
    if plan == Plan.PROFESSIONAL:
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "authorization_error")
        assert "enterprise" in answer.json()["error"]["message"]
        return
    action = answer.json()["next_action"]
    assert (answer.status_code, answer.json()["status"]) == (201, "processing")
    assert (action["type"], action["amount"], action["currency"]) == ("crypto_transfer", "1.00", "GBP")
    assert action["address"]


async def test_a_live_store_without_a_processor_says_so(rest: Client) -> None:
    answer = await rest("POST", INTENTS, json={"amount": 100})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "server_error")
    assert int(answer.headers["Retry-After"]) > 0
    assert "payment settings" in answer.json()["error"]["message"]
    assert (await get(rest, INTENTS))["data"] == []


@pytest.mark.parametrize("method", ["ach", "wire"])
async def test_bank_transfers_settle_when_the_bank_says_so(till: Client, make_order: MakeOrder, method: str) -> None:
    order = await make_order()
    intent = await post(till, INTENTS, amount=4000, order_id=order["id"], payment_method=method)
    assert intent["status"] == "processing"
    assert (intent["next_action"] or {}).get("type") == ("bank_transfer" if method == "wire" else None)
    assert (await get(till, f"/v2/orders/{order['id']}"))["payment_status"] == "pending"
    settled = await post(till, f"/v2/sandbox/payments/intents/{intent['id']}/settle")
    assert (settled["status"], settled["next_action"]) == ("succeeded", None)
    assert (await get(till, f"/v2/orders/{order['id']}"))["payment_status"] == "paid"


@pytest.mark.parametrize("method", ["paypal", "affirm", "klarna"])
async def test_methods_of_others_send_the_buyer_to_their_page(till: Client, method: str) -> None:
    details = {"return_url": "https://shop.example/thanks", "billing_address": HOME}
    given = {"payment_method": method, "payment_method_details": details}
    intent = await post(till, INTENTS, amount=4000, **given)
    assert (intent["status"], intent["next_action"]["type"]) == ("requires_action", "redirect")
    settled = await post(till, f"/v2/sandbox/payments/intents/{intent['id']}/settle")
    assert settled["status"] == "requires_capture"


async def test_an_authorisation_expires(till: Client, pay: Pay) -> None:
    intent = await pay()
    settled = await post(till, f"/v2/sandbox/payments/intents/{intent['id']}/settle", outcome="expired")
    assert (settled["status"], settled["last_error"]["code"]) == ("cancelled", "authorization_expired")
    answer = await till("POST", f"/v2/payments/{intent['id']}/capture")
    assert (answer.status_code, problems_of(answer)) == (409, [("id", "ILLEGAL_TRANSITION")])


async def test_a_cancelled_intent_is_released_and_stays_so(till: Client, pay: Pay) -> None:
    intent = await pay()
    cancelled = await post(till, f"{INTENTS}/{intent['id']}/cancel")
    assert (cancelled["status"], cancelled["payments"][0]["status"]) == ("cancelled", "cancelled")
    for action in (f"intents/{intent['id']}/cancel", f"intents/{intent['id']}/confirm", f"{intent['id']}/capture"):
        answer = await till("POST", f"/v2/payments/{action}")
        assert (answer.status_code, problems_of(answer)) == (409, [("id", "ILLEGAL_TRANSITION")])
        assert "cancelled" in answer.json()["error"]["message"]


async def test_an_answer_that_is_lost_is_found_by_the_worker(till: Client, pay: Pay, reconcile: Any) -> None:
    intent = await pay(**card(LOST_ANSWER))
    assert intent["status"] == "processing"
    await reconcile()
    assert (await get(till, f"{INTENTS}/{intent['id']}"))["status"] == "requires_capture"


async def test_a_key_is_answered_once_and_charged_once(till: Client) -> None:
    key = {"Idempotency-Key": "till-1"}
    first = await till("POST", INTENTS, json={"amount": 4000}, headers=key)
    again = await till("POST", INTENTS, json={"amount": 4000}, headers=key)
    assert (again.status_code, again.content, again.headers["Idempotent-Replayed"]) == (201, first.content, "true")
    assert len((await get(till, "/v2/payments"))["data"]) == 1
    other = await till("POST", INTENTS, json={"amount": 4001}, headers=key)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "conflict")


@pytest.mark.parametrize("action", ["capture", "cancel", "refund", "confirm"])
async def test_a_stale_version_changes_nothing(till: Client, pay: Pay, action: str) -> None:
    """By If-Match and in the body, also where several tags are named."""
    given = {"confirm": card(DECLINED), "refund": {"capture_method": "automatic"}}.get(action, {})
    intent = await pay(**given)
    paths = {"cancel": f"{INTENTS}/{intent['id']}/cancel", "confirm": f"{INTENTS}/{intent['id']}/confirm"}
    path = paths.get(action, f"/v2/payments/{intent['id']}/{action}")
    seen = await till("GET", f"{INTENTS}/{intent['id']}")
    version = seen.json()["version"]
    for headers, body in (
        ({"If-Match": f'"{version - 1}-0000000000000000"'}, {}),
        ({"If-Match": f'"{version - 1}-0000000000000000", "{version + 1}-0000000000000000"'}, {}),
        ({}, {"version": version - 1}),
    ):
        answer = await till("POST", path, json=body, headers=headers)
        assert (answer.status_code, problems_of(answer)) == (409, [("version", "VERSION_MISMATCH")])
    assert (await get(till, f"{INTENTS}/{intent['id']}")) == seen.json()
    tags = f'{seen.headers["ETag"]}, "{version + 1}-0000000000000000"'
    assert (await till("POST", path, json={}, headers={"If-Match": tags})).status_code == 201
    same = await till("GET", f"{INTENTS}/{intent['id']}", headers={"If-None-Match": seen.headers["ETag"]})
    assert same.status_code == 200
    same = await till("GET", f"{INTENTS}/{intent['id']}", headers={"If-None-Match": same.headers["ETag"]})
    assert same.status_code == 304


async def test_lists_are_narrowed(till: Client, make_order: MakeOrder, pay: Pay) -> None:
    order = await make_order()
    small = await pay(amount=100, order_id=order["id"])
    wire = await pay(amount=200, payment_method="wire")
    large = await pay(amount=300, **card(DECLINED))
    for path in (INTENTS, "/v2/payments"):
        for query, wanted in (
            ("sort=amount", [small, wire, large]),
            (f"order_id={order['id']}", [small]),
            ("payment_method=wire", [wire]),
            ("payment_method=wire,card&sort=amount&order=desc", [large, wire, small]),
            ("status=failed", [large]),
            ("amount_from=200&sort=amount", [wire, large]),
            ("amount_to=199", [small]),
            ("created_from=2020-01-01&created_to=2020-12-31", []),
        ):
            found = (await get(till, f"{path}?{query}"))["data"]
            ids = [each["id"] if path == INTENTS else each["payments"][0]["id"] for each in wanted]
            assert [each["id"] for each in found] == ids, query
        for query in ("amount_from=2&amount_to=1", "status=unknown", "amount_from=1.5", "search=a"):
            assert (await till("GET", f"{path}?{query}")).status_code == 400, query


async def test_a_key_that_may_not_read_sees_what_it_wrote(
    http: httpx.AsyncClient, shop: Shop, make_key: MakeKey, pay: Pay
) -> None:
    intent = await pay()
    writer = Client(http, await make_key(shop.test, "payments:write"))
    captured = await post(writer, f"/v2/payments/{intent['id']}/capture", amount=100)
    assert captured == {
        "id": intent["id"],
        "version": captured["version"],
        "status": "succeeded",
        "next_action": None,
        "last_error": None,
    }
    assert (await writer("GET", f"{INTENTS}/{intent['id']}")).status_code == 403


async def test_literal_paths_are_no_ids(till: Client) -> None:
    for path in ("intents", "disputes", "ledger", "ledger/balances"):
        assert "data" in await get(till, f"/v2/payments/{path}")
    for path in (f"intents/{ZERO}", "pay_" + "0" * 26, "nonsense", "disputes/dp_" + "0" * 26, "ledger/led_" + "0" * 26):
        assert (await till("GET", f"/v2/payments/{path}")).status_code == 404


async def test_lists_of_an_order_need_the_scope_of_payments(
    http: httpx.AsyncClient, till: Client, shop: Shop, make_key: MakeKey, make_order: MakeOrder, pay: Pay
) -> None:
    order = await make_order()
    await pay(order_id=order["id"], capture_method="automatic")
    reader = Client(http, await make_key(shop.test, "payments:read"))
    orders_only = Client(http, await make_key(shop.test, "orders:read"))
    for name, count in (("payments", 1), ("refunds", 0), ("disputes", 0)):
        assert len((await get(reader, f"/v2/orders/{order['id']}/{name}"))["data"]) == count
        assert (await orders_only("GET", f"/v2/orders/{order['id']}/{name}")).status_code == 403
        assert (await reader("GET", f"/v2/orders/ord_{'0' * 26}/{name}")).status_code == 404


async def test_the_keys_of_a_processor_are_set_and_never_shown(rest: Client, till: Client) -> None:
    before = await rest("GET", "/v2/settings/payments")
    assert (before.json()["processor"], before.json()["secret_key_hint"]) == ("stripe", None)
    given = {"stripe_secret_key": "sk_live_abcdefgh1234", "stripe_webhook_secret": "whsec_abcdefgh"}
    answer = await rest("PUT", "/v2/settings/payments", json=given, headers={"If-Match": before.headers["ETag"]})
    assert answer.status_code == 200
    settings = answer.json()
    assert (settings["secret_key_hint"], settings["has_webhook_secret"]) == ("1234", True)
    assert "abcdefgh" not in answer.text
    assert await get(rest, "/v2/settings/payments") == settings
    sent_back = await rest("PUT", "/v2/settings/payments", json=settings)
    assert (sent_back.status_code, sent_back.json()) == (200, settings)
    stale = await rest(
        "PUT", "/v2/settings/payments", json={"raw_cards": True}, headers={"If-Match": before.headers["ETag"]}
    )
    assert (stale.status_code, problems_of(stale)) == (409, [("version", "VERSION_MISMATCH")])
    entries = (await get(rest, "/v2/access/audit"))["data"]
    assert [each["action"] for each in entries].count("payment_settings.updated") == 1
    assert (await get(till, "/v2/settings/payments"))["processor"] == "sandbox"
    assert (await till("PUT", "/v2/settings/payments", json=given)).status_code == 403


async def test_only_the_test_store_has_a_sandbox(rest: Client) -> None:
    for path, given in (
        (f"intents/{ZERO}/settle", {}),
        (f"pay_{'0' * 26}/dispute", {}),
        (f"disputes/dp_{'0' * 26}/close", {"outcome": "won"}),
        (f"refunds/re_{'0' * 26}/settle", {"outcome": "failed"}),
    ):
        answer = await rest("POST", f"/v2/sandbox/payments/{path}", json=given)
        assert answer.status_code == 403
        assert "test_" in answer.json()["error"]["message"]


async def test_amounts_are_whole_numbers_of_minor_units(till: Client) -> None:
    """As in JSON Schema, 145.0 is an integer; amounts in major units are refused, not rounded."""
    assert (await post(till, INTENTS, amount=145.0))["amount"] == 145
    for amount in (145.5, "145", True, 1e-30):
        refused = await till("POST", INTENTS, json={"amount": amount})
        assert (refused.status_code, problems_of(refused)) == (422, [("amount", "INVALID")]), amount


async def test_blanks_do_not_lengthen_keys_of_the_processor(rest: Client) -> None:
    for field, short in (("stripe_secret_key", "sk_live"), ("stripe_webhook_secret", "whsec_a")):
        refused = await rest("PUT", "/v2/settings/payments", json={field: f" {short}   "})
        assert (refused.status_code, problems_of(refused)[0][0]) == (422, field)
