"""Endpoints of the shipping settings."""

from __future__ import annotations

from domain import shipping
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.actions import ItemAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.shipping.objects import SETTINGS_OF_SHIPPING

SETTINGS = tagged(
    "Settings",
    Endpoint(
        method="GET",
        path="/settings/shipping",
        name="getShippingSettings",
        summary="Get the shipping settings",
        action=ItemAction(source=SETTINGS_OF_SHIPPING),
    ),
    Endpoint(
        method="PUT",
        path="/settings/shipping",
        name="updateShippingSettings",
        summary="Update the shipping settings",
        action=WriteAction(
            use_case=use_case_of(shipping.update_shipping_settings),
            returns=SETTINGS_OF_SHIPPING,
            current=SETTINGS_OF_SHIPPING,
        ),
    ),
)
