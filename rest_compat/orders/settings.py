"""Endpoints of the store settings."""

from __future__ import annotations

from domain import orders
from domain.kernel.use_cases.registry import use_case_of
from rest_compat.actions import ItemAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.orders.objects import SETTINGS_OF_STORE

reads = orders.reads


SETTINGS = tagged(
    "Settings",
    Endpoint(
        method="GET",
        path="/settings",
        name="getSettings",
        summary="Get the store settings",
        action=ItemAction(source=SETTINGS_OF_STORE),
    ),
    Endpoint(
        method="PUT",
        path="/settings",
        name="updateSettings",
        summary="Update the store settings",
        description="Omitted fields stay unchanged. A given list replaces the current one. Existing orders are not "
        "affected.",
        action=WriteAction(
            use_case=use_case_of(orders.update_settings), returns=SETTINGS_OF_STORE, current=SETTINGS_OF_STORE
        ),
    ),
)
