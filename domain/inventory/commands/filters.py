"""Which part of the stock a caller wants to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.inventory.commands.stock import MAX_MOVEMENT
from domain.inventory.model import AlertState
from domain.kernel.fields import UNSET, Choice, DateBound, Integer, ListOf, Text, Unset


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryView:
    """Which part of a product's stock is wanted."""

    variant_id: Annotated[
        str | Unset, Text(min=1, max=64, description="Only of this variant (var_…); of all when left out.")
    ] = UNSET
    sku: Annotated[str | Unset, Text(min=1, max=64, description="Only of the variant with this SKU.")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryMovementFilter:
    """Which movements a list holds; every condition must hold."""

    variant_id: Annotated[str | Unset, Text(min=1, max=64, description="Of this variant (var_…).")] = UNSET
    warehouse_id: Annotated[str | Unset, Text(min=1, max=64, description="In this warehouse (wh_…).")] = UNSET
    reason: Annotated[str | Unset, Text(min=1, max=64, description="For exactly this reason.", example="sold")] = UNSET
    created_from: Annotated[
        datetime | Unset,
        DateBound(description="Made then or later: a date (UTC) or a date-time.", example="2026-01-01"),
    ] = UNSET
    created_to: Annotated[
        datetime | Unset,
        DateBound(last=True, description="Made then or earlier: a date (UTC) or a date-time.", example="2026-12-31"),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryLedgerFilter(InventoryMovementFilter):
    """Which movements of the whole store a list holds; every condition must hold."""

    product_id: Annotated[str | Unset, Text(min=1, max=64, description="Of this product (prod_…).")] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryLevelFilter:
    """Which levels of stock a list holds; every condition must hold."""

    warehouse_id: Annotated[str | Unset, Text(min=1, max=64, description="In this warehouse (wh_…).")] = UNSET
    below: Annotated[
        int | Unset, Integer(max=2 * MAX_MOVEMENT, description="Of which fewer than this are available.", example=10)
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class InventoryAlertFilter:
    """Which alerts a list holds; every condition must hold."""

    product_id: Annotated[str | Unset, Text(min=1, max=64, description="Of this product (prod_…).")] = UNSET
    warehouse_id: Annotated[str | Unset, Text(min=1, max=64, description="That watch this warehouse (wh_…) alone.")] = (
        UNSET
    )
    state: Annotated[
        tuple[AlertState, ...] | Unset,
        ListOf(
            item=Choice(description="armed or low.", example="low"),
            min=1,
            max=2,
            description="In one of these states; left out: in any.",
        ),
    ] = UNSET
