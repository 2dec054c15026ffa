"""Filters of stock levels, movements and alerts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.inventory.commands.stock import MAX_MOVEMENT
from domain.inventory.model import AlertState
from domain.kernel.fields import UNSET, Choice, Integer, ListOf, Text, Unset
from domain.kernel.fields.filter_fields import CREATED_FROM, CREATED_TO


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryView:
    """The part of a product's stock to return."""

    variant_id: Annotated[
        str | Unset,
        Text(min=1, max=64, description="Restrict to the variant with this id (`var_…`). Default: all variants."),
    ] = UNSET
    sku: Annotated[
        str | Unset, Text(min=1, max=64, description="Restrict to the variant with this SKU. Default: all variants.")
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryMovementFilter:
    """Conditions on stock movements. All of them must match."""

    variant_id: Annotated[
        str | Unset, Text(min=1, max=64, description="Return only movements of this variant (`var_…`).")
    ] = UNSET
    warehouse_id: Annotated[
        str | Unset, Text(min=1, max=64, description="Return only movements in this warehouse (`wh_…`).")
    ] = UNSET
    reason: Annotated[
        str | Unset, Text(min=1, max=64, description="Return only movements with exactly this reason.", example="sold")
    ] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryLedgerFilter(InventoryMovementFilter):
    """Conditions on the stock movements of the store. All of them must match."""

    product_id: Annotated[
        str | Unset, Text(min=1, max=64, description="Return only movements of this product (`prod_…`).")
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryLevelFilter:
    """Conditions on stock levels. All of them must match."""

    warehouse_id: Annotated[
        str | Unset, Text(min=1, max=64, description="Return only levels in this warehouse (`wh_…`).")
    ] = UNSET
    below: Annotated[
        int | Unset,
        Integer(
            max=2 * MAX_MOVEMENT, description="Return only levels with fewer available units than this.", example=10
        ),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryAlertFilter:
    """Conditions on inventory alerts. All of them must match."""

    product_id: Annotated[
        str | Unset, Text(min=1, max=64, description="Return only alerts of this product (`prod_…`).")
    ] = UNSET
    warehouse_id: Annotated[
        str | Unset, Text(min=1, max=64, description="Return only alerts that watch this warehouse (`wh_…`) alone.")
    ] = UNSET
    state: Annotated[
        tuple[AlertState, ...] | Unset,
        ListOf(
            item=Choice(description="The state of the alert.", example="low"),
            min=1,
            max=2,
            description="Return only alerts in these states. Default: all.",
        ),
    ] = UNSET
