"""Endpoints of the payment settings of a store."""

from __future__ import annotations

from domain import payments
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.actions import ItemAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.payments.objects import SETTINGS_OF_PAYMENTS

SETTINGS = tagged(
    "Payments",
    Endpoint(
        method="GET",
        path="/settings/payments",
        name="getPaymentSettings",
        summary="Get the payment settings",
        action=ItemAction(source=SETTINGS_OF_PAYMENTS),
    ),
    Endpoint(
        method="PUT",
        path="/settings/payments",
        name="updatePaymentSettings",
        summary="Update the payment settings",
        description="Sets the keys of a live store at its payment processor. Omitted fields stay unchanged. Keys are "
        "stored encrypted and not returned. A test store has none: the response is 403.",
        action=WriteAction(
            use_case=use_case_of(payments.update_payment_settings),
            returns=SETTINGS_OF_PAYMENTS,
            current=SETTINGS_OF_PAYMENTS,
        ),
    ),
)
