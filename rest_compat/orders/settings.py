"""Endpoints of the store settings."""

from __future__ import annotations

from domain import orders
from domain.kernel.use_cases.registry import use_case_of
from domain.orders.serializers import (
    SettingsDocument,
)
from rest_compat.endpoint import Endpoint, ItemAction, WriteAction
from rest_compat.orders.resources import (
    fetch_settings,
    represent_settings,
)

reads = orders.reads


SETTINGS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/settings",
        name="getSettings",
        summary="Get the store settings",
        tag="Settings",
        action=ItemAction(reads=(reads.settings_by_store,), fetch=fetch_settings),
        response=SettingsDocument,
    ),
    Endpoint(
        method="PUT",
        path="/settings",
        name="updateSettings",
        summary="Update the store settings",
        description="Omitted fields stay unchanged. A given list replaces the current one. Existing orders are not "
        "affected.",
        tag="Settings",
        action=WriteAction(
            use_case=use_case_of(orders.update_settings), represent=represent_settings, current=fetch_settings
        ),
        response=SettingsDocument,
    ),
)
