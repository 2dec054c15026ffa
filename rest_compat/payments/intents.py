"""Endpoints of payment intents."""

from __future__ import annotations

from domain import payments
from domain.kernel.use_cases.registry import use_case_of
from domain.payments.commands import PaymentIntentFilter
from domain.payments.documents import PaymentIntentDocument
from rest_compat.actions import ItemAction, PageAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.payments.objects import INTENT, IntentToCapture

reads = payments.reads

_INTENT = INTENT.id_in_path()
_OUTCOME = frozenset({"status", "next_action", "last_error"})

INTENTS = tagged(
    "Payments",
    Endpoint(
        method="GET",
        path="/payments/intents",
        name="listPaymentIntents",
        summary="List payment intents",
        description="A page of payment intents, newest first by default.",
        action=PageAction(
            listing=reads.intents,
            document=PaymentIntentDocument,
            filters=PaymentIntentFilter,
            check_filters=reads.check_filters,
        ),
    ),
    Endpoint(
        method="POST",
        path="/payments/intents",
        name="createPaymentIntent",
        summary="Create a payment intent",
        description="Authorises the amount if the payment method is known. A declined payment is no error: the "
        "response is 201 with the status `failed` and a `last_error`. The payments of an order never exceed its total.",
        action=WriteAction(use_case=use_case_of(payments.create_payment_intent), returns=INTENT),
    ),
    Endpoint(
        method="GET",
        path="/payments/intents/{id}",
        name="getPaymentIntent",
        summary="Get a payment intent",
        action=ItemAction(source=INTENT),
        ids={"id": _INTENT},
    ),
    Endpoint(
        method="POST",
        path="/payments/intents/{id}/confirm",
        name="confirmPaymentIntent",
        summary="Confirm a payment intent",
        description="Attempts to charge an intent that waits for its payment method, or that has failed.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(payments.confirm_payment_intent), writes=_OUTCOME, returns=INTENT, current=INTENT
        ),
        ids={"id": _INTENT},
    ),
    Endpoint(
        method="POST",
        path="/payments/intents/{id}/cancel",
        name="cancelPaymentIntent",
        summary="Cancel a payment intent",
        description="Releases the authorisation of an intent that has not been captured.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(payments.cancel_payment_intent), writes=_OUTCOME, returns=INTENT, current=INTENT
        ),
        ids={"id": _INTENT},
    ),
    Endpoint(
        method="POST",
        path="/payments/{intent_id}/capture",
        name="capturePaymentIntent",
        summary="Capture a payment intent",
        description="Collects the authorised amount, or less of it, once. The rest is released.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(payments.capture_payment_intent),
            writes=_OUTCOME,
            described=False,  # the amount of a response is the one to collect
            returns=INTENT,
            current=IntentToCapture(),
        ),
        ids={"intent_id": _INTENT},
    ),
)
