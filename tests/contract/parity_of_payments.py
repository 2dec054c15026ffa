"""What is asked of payments on both surfaces: use case, REST request, GraphQL input, and the code of a refusal.

Each store begins with what ``payment_fixtures.charge`` puts there. All but the settings are asked of test stores, which
pay with the sandbox.
"""

from __future__ import annotations

from typing import Any

from tests.contract.parity_of_customers import Case, Ids

NO_ORDER = "ord_00000000000000000000000000"
NO_FILE = "file_00000000000000000000000000"
LIVE = "payments.update_payment_settings"
"""The one use case that test stores are refused."""
CARD = {"number": "4242 4242 4242 4242", "exp_month": 12, "exp_year": 2099, "cvc": "123"}
CARD_INPUT = {"number": "4242 4242 4242 4242", "expMonth": 12, "expYear": 2099, "cvc": "123"}
EVIDENCE = {"transaction_details": "Mugs.", "shipping_proof": " Signed. ", "communication_log": None}


def money(amount: str) -> dict[str, str]:
    return {"amount": amount}


def intent(ids: Ids, which: str, tail: str = "") -> str:
    return f"/v2/payments/intents/{ids[which]}{tail}"


def creates(body: dict[str, Any], given: dict[str, Any], refused: str | None = None) -> Case:
    """An intent that is created alike on both surfaces."""
    return (
        "payments.create_payment_intent",
        lambda _: ("POST", "/v2/payments/intents", body),
        lambda _: given,
        refused,
    )


CREATING: tuple[Case, ...] = (
    (
        "payments.create_payment_intent",
        lambda ids: (
            "POST",
            "/v2/payments/intents",
            {
                "amount": 150,
                "currency": "gbp",
                "payment_method": "card",
                "payment_method_details": {"card": CARD},
                "capture_method": "automatic",
                "order_id": ids["ord"],
                "metadata": {"a": [1, None]},
            },
        ),
        lambda ids: {
            "amount": money("1.50"),
            "currency": "gbp",
            "paymentMethod": "CARD",
            "paymentMethodDetails": {"card": CARD_INPUT},
            "captureMethod": "AUTOMATIC",
            "orderId": ids["ord"],
            "metadata": {"a": [1, None]},
        },
        None,
    ),
    creates(
        {"amount": 150, "payment_method": "wire", "customer_id": None},
        {"amount": money("1.5"), "paymentMethod": "WIRE", "customerId": None},
    ),
    creates(
        {"amount": 150, "order_id": NO_ORDER},
        {"amount": money("1.50"), "orderId": NO_ORDER},
        "NOT_FOUND",
    ),
    creates(
        {"amount": 150, "payment_method_details": {"card": {**CARD, "exp_year": 2020, "number": "4242424242424243"}}},
        {
            "amount": money("1.50"),
            "paymentMethodDetails": {"card": {**CARD_INPUT, "expYear": 2020, "number": "4242424242424243"}},
        },
        "INVALID",
    ),
    creates({"amount": 150, "currency": "eur"}, {"amount": money("1.50"), "currency": "eur"}, "CURRENCY_MISMATCH"),
    (
        "payments.create_payment_intent",
        lambda ids: ("POST", "/v2/payments/intents", {"amount": 10_000_000, "order_id": ids["ord"]}),
        lambda ids: {"amount": money("100000"), "orderId": ids["ord"]},
        "AMOUNT_EXCEEDED",
    ),
)

CHARGING: tuple[Case, ...] = (
    (
        "payments.confirm_payment_intent",
        lambda ids: (
            "POST",
            intent(ids, "failed", "/confirm"),
            {"payment_method_details": {"card": CARD}, "version": 1},
        ),
        lambda ids: {"id": ids["failed"], "paymentMethodDetails": {"card": CARD_INPUT}, "expectedVersion": 1},
        None,
    ),
    (
        "payments.confirm_payment_intent",
        lambda ids: ("POST", intent(ids, "pi", "/confirm"), {}),
        lambda ids: {"id": ids["pi"]},
        "ILLEGAL_TRANSITION",
    ),
    (
        "payments.capture_payment_intent",
        lambda ids: ("POST", f"/v2/payments/{ids['held']}/capture", {"amount": 700}),
        lambda ids: {"id": ids["held"], "amount": money("7")},
        None,
    ),
    (
        "payments.capture_payment_intent",
        lambda ids: ("POST", f"/v2/payments/{ids['held']}/capture", {"amount": 1_001}),
        lambda ids: {"id": ids["held"], "amount": money("10.01")},
        "AMOUNT_EXCEEDED",
    ),
    (
        "payments.cancel_payment_intent",
        lambda ids: ("POST", intent(ids, "held", "/cancel"), None),
        lambda ids: {"id": ids["held"]},
        None,
    ),
    (
        "payments.cancel_payment_intent",
        lambda ids: ("POST", intent(ids, "waiting", "/cancel"), {"version": 9}),
        lambda ids: {"id": ids["waiting"], "expectedVersion": 9},
        "VERSION_MISMATCH",
    ),
)

REFUNDING: tuple[Case, ...] = (
    (
        "payments.refund_payment",
        lambda ids: (
            "POST",
            f"/v2/payments/{ids['whole']}/refund",
            {"amount": 250, "reason": " broken ", "refund_application_fee": True},
        ),
        lambda ids: {
            "id": ids["whole"],
            "amount": money("2.50"),
            "reason": " broken ",
            "refundApplicationFee": True,
        },
        None,
    ),
    (
        "payments.refund_payment",
        lambda ids: ("POST", f"/v2/payments/{ids['pi']}/refund", {"amount": 301}),
        lambda ids: {"id": ids["pi"], "amount": money("3.01")},
        "AMOUNT_EXCEEDED",
    ),
    (
        "payments.refund_payment",
        lambda ids: (
            "POST",
            f"/v2/payments/{ids['pay']}/refund",
            {"items": [{"id": ids["item"], "quantity": 1}, {"id": "item_0", "quantity": 0}]},
        ),
        lambda ids: {
            "id": ids["pay"],
            "items": [{"id": ids["item"], "quantity": 1}, {"id": "item_0", "quantity": 0}],
        },
        "TOO_SMALL",
    ),
)

DISPUTING: tuple[Case, ...] = (
    (
        "payments.respond_to_dispute",
        lambda ids: (
            "POST",
            f"/v2/payments/disputes/{ids['dp']}/respond",
            {"evidence": EVIDENCE, "submit": False, "version": 1},
        ),
        lambda ids: {
            "id": ids["dp"],
            "evidence": {"transactionDetails": "Mugs.", "shippingProof": " Signed. ", "communicationLog": None},
            "submit": False,
            "expectedVersion": 1,
        },
        None,
    ),
    (
        "payments.respond_to_dispute",
        lambda ids: (
            "POST",
            f"/v2/payments/disputes/{ids['dp']}/respond",
            {"evidence": {"transaction_details": "Mugs."}, "submit": True},
        ),
        lambda ids: {"id": ids["dp"], "evidence": {"transactionDetails": "Mugs."}, "submit": True},
        "REQUIRED",
    ),
)

ADDED = "evidence_type=shipping_proof&name=proof.pdf"


def _file(ids: Ids, content: str) -> dict[str, Any]:
    """The input for a PDF file."""
    file = {"evidenceType": "SHIPPING_PROOF", "name": "proof.pdf", "mediaType": "application/pdf"}
    return {"disputeId": ids["dp"], **file, "content": content}


FILES: tuple[Case, ...] = (
    (
        "payments.add_dispute_file",
        lambda ids: ("POST", f"/v2/payments/disputes/{ids['dp']}/files?{ADDED}", b"%PDF-1.7"),
        lambda ids: _file(ids, "JVBERi0xLjc="),
        None,
    ),
    (
        "payments.add_dispute_file",
        lambda ids: ("POST", f"/v2/payments/disputes/{ids['dp']}/files?{ADDED}", b"Mine"),
        lambda ids: _file(ids, "TWluZQ=="),
        "INVALID",
    ),
    (
        "payments.remove_dispute_file",
        lambda ids: ("DELETE", f"/v2/payments/disputes/{ids['dp']}/files/{ids['file']}", None),
        lambda ids: {"disputeId": ids["dp"], "id": ids["file"]},
        None,
    ),
    (
        "payments.remove_dispute_file",
        lambda ids: ("DELETE", f"/v2/payments/disputes/{ids['dp']}/files/{NO_FILE}", None),
        lambda ids: {"disputeId": ids["dp"], "id": NO_FILE},
        "NOT_FOUND",
    ),
)

IN_THE_SANDBOX: tuple[Case, ...] = (
    (
        "payments.settle_sandbox_payment",
        lambda ids: ("POST", f"/v2/sandbox/payments/intents/{ids['secure']}/settle", {"outcome": "failed"}),
        lambda ids: {"id": ids["secure"], "outcome": "FAILED"},
        None,
    ),
    (
        "payments.settle_sandbox_payment",
        lambda ids: ("POST", f"/v2/sandbox/payments/intents/{ids['failed']}/settle", {"outcome": "expired"}),
        lambda ids: {"id": ids["failed"], "outcome": "EXPIRED"},
        "ILLEGAL_TRANSITION",
    ),
    (
        "payments.raise_sandbox_dispute",
        lambda ids: (
            "POST",
            f"/v2/sandbox/payments/{ids['whole']}/dispute",
            {"amount": 400, "reason": "not_received"},
        ),
        lambda ids: {"id": ids["whole"], "amount": money("4.00"), "reason": "not_received"},
        None,
    ),
    (
        "payments.raise_sandbox_dispute",
        lambda ids: ("POST", f"/v2/sandbox/payments/{ids['pay']}/dispute", {}),
        lambda ids: {"id": ids["pay"]},
        "ILLEGAL_TRANSITION",
    ),
    (
        "payments.close_sandbox_dispute",
        lambda ids: ("POST", f"/v2/sandbox/payments/disputes/{ids['dp']}/close", {"outcome": "won"}),
        lambda ids: {"id": ids["dp"], "outcome": "WON"},
        None,
    ),
    (
        "payments.settle_sandbox_refund",
        lambda ids: ("POST", f"/v2/sandbox/payments/refunds/{ids['re']}/settle", {"outcome": "succeeded"}),
        lambda ids: {"id": ids["re"], "outcome": "SUCCEEDED"},
        None,
    ),
)

SETTINGS: tuple[Case, ...] = (
    (
        LIVE,
        lambda _: (
            "PUT",
            "/v2/settings/payments",
            {"stripe_secret_key": "sk_live_abcd1234", "stripe_webhook_secret": None, "raw_cards": True, "version": 1},
        ),
        lambda _: {
            "stripeSecretKey": "sk_live_abcd1234",
            "stripeWebhookSecret": None,
            "rawCards": True,
            "expectedVersion": 1,
        },
        None,
    ),
    (
        LIVE,
        lambda _: ("PUT", "/v2/settings/payments", {"stripe_secret_key": "sk_1"}),
        lambda _: {"stripeSecretKey": "sk_1"},
        "TOO_SHORT",
    ),
)

CASES: tuple[Case, ...] = (*CREATING, *CHARGING, *REFUNDING, *DISPUTING, *FILES, *IN_THE_SANDBOX, *SETTINGS)
