"""Endpoints that tell the sandbox of a test store what happens next."""

from __future__ import annotations

from domain import payments
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.actions import WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.payments.objects import DISPUTE, INTENT, PAYMENT_OR_INTENT, REFUND

_REFUND = REFUND.id_in_path()

SANDBOX = tagged(
    "Payments",
    Endpoint(
        method="POST",
        path="/sandbox/payments/intents/{id}/settle",
        name="settleSandboxPayment",
        summary="Settle a payment in the sandbox",
        description="Test stores only. Decides a payment that waits for the buyer or a bank, or lets its "
        "authorisation expire.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(payments.settle_sandbox_payment),
            writes=frozenset({"status", "next_action", "last_error"}),
            returns=INTENT,
        ),
        ids={"id": INTENT.id_in_path()},
    ),
    Endpoint(
        method="POST",
        path="/sandbox/payments/{id}/dispute",
        name="raiseSandboxDispute",
        summary="Raise a dispute in the sandbox",
        description="Test stores only. Disputes a captured payment. The path may also have the id of a payment intent "
        "with one captured payment.",
        action=WriteAction(use_case=use_case_of(payments.raise_sandbox_dispute), returns=DISPUTE),
        ids={"id": PAYMENT_OR_INTENT},
    ),
    Endpoint(
        method="POST",
        path="/sandbox/payments/disputes/{id}/close",
        name="closeSandboxDispute",
        summary="Close a dispute in the sandbox",
        description="Test stores only. Decides the dispute for the shop or for the buyer.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(payments.close_sandbox_dispute),
            writes=frozenset({"status", "closed_at"}),
            returns=DISPUTE,
        ),
        ids={"id": DISPUTE.id_in_path()},
    ),
    Endpoint(
        method="POST",
        path="/sandbox/payments/refunds/{id}/settle",
        name="settleSandboxRefund",
        summary="Settle a refund in the sandbox",
        description="Test stores only. Decides a pending refund, or lets one fail that had succeeded.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(payments.settle_sandbox_refund),
            writes=frozenset({"status", "last_error"}),
            returns=REFUND,
        ),
        ids={"id": _REFUND},
    ),
)
