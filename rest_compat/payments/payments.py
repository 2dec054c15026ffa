"""Endpoints of payments and refunds."""

from __future__ import annotations

from domain import payments
from domain.kernel.use_cases.registry import use_case_of
from domain.payments.commands import PaymentFilter
from domain.payments.documents import PaymentDocument
from rest_compat.actions import ItemAction, PageAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.payments.objects import (
    DISPUTES,
    PAYMENT,
    PAYMENT_OR_INTENT,
    REFUND,
    REFUNDS,
    PaymentToRefund,
)

reads = payments.reads

_PAYMENT = PAYMENT.id_in_path()

PAYMENTS = tagged(
    "Payments",
    Endpoint(
        method="GET",
        path="/payments",
        name="listPayments",
        summary="List payments",
        description="A page of payments, newest first by default. Each is one attempt to charge a payment intent.",
        action=PageAction(
            listing=reads.payments, document=PaymentDocument, filters=PaymentFilter, check_filters=reads.check_filters
        ),
    ),
    Endpoint(
        method="GET",
        path="/payments/{id}",
        name="getPayment",
        summary="Get a payment",
        action=ItemAction(source=PAYMENT),
        ids={"id": _PAYMENT},
    ),
    Endpoint(
        method="GET",
        path="/payments/{id}/refunds",
        name="listRefunds",
        summary="List a payment's refunds",
        description="All refunds of the payment, oldest first.",
        action=ItemAction(source=REFUNDS),
        ids={"id": _PAYMENT},
    ),
    Endpoint(
        method="GET",
        path="/payments/{id}/refunds/{refund_id}",
        name="getRefund",
        summary="Get a refund",
        action=ItemAction(source=REFUND),
        ids={"id": _PAYMENT, "refund_id": REFUND.id_in_path()},
    ),
    Endpoint(
        method="POST",
        path="/payments/{id}/refund",
        name="refundPayment",
        summary="Refund a payment",
        description="Pays back a captured payment, in whole or in part. The path may also have the id of a payment "
        "intent with one captured payment. Without `amount`, the price of `items` is refunded, or all that is left.",
        action=WriteAction(use_case=use_case_of(payments.refund_payment), returns=REFUND, current=PaymentToRefund()),
        ids={"id": PAYMENT_OR_INTENT},
    ),
    Endpoint(
        method="GET",
        path="/payments/{id}/disputes",
        name="listPaymentDisputes",
        summary="List a payment's disputes",
        description="All disputes of the payment, oldest first.",
        action=ItemAction(source=DISPUTES),
        ids={"id": _PAYMENT},
    ),
)
