"""Reads and listing of movements: the ledger of the stock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from domain.inventory.model import InventoryMovement
from domain.inventory.reads.stock import SCOPE
from domain.kernel.fields import refuse_reversed
from domain.kernel.listing import Listing
from domain.kernel.listing.filters import at_or_after, at_or_before, equal, single
from domain.kernel.listing.nested import NestedListing
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read

_movement = InventoryMovement.__table__.c

_MOVEMENTS = select(
    _movement.id,
    _movement.product_id,
    _movement.variant_id,
    _movement.warehouse_id,
    _movement.quantity,
    _movement.reason,
    _movement.note,
    _movement.reference,
    _movement.actor,
    _movement.created_at,
)

movement_by_id = Read("movement_by_id", _MOVEMENTS, scope=SCOPE, store=_movement.store_id, key=_movement.id)
movements = Listing(
    "movements",
    _MOVEMENTS,
    scope=SCOPE,
    store=_movement.store_id,
    id=_movement.id,
    sorts={"created_at": _movement.created_at},
    filters={
        "product_id": equal("product_id", _movement.product_id),
        "variant_id": equal("variant_id", _movement.variant_id),
        "warehouse_id": single("warehouse_id", _movement.warehouse_id, ("created_at",), few=True),
        "reason": single("reason", _movement.reason, ("created_at",), few=True),
        "created_from": at_or_after("created_from", _movement.created_at),
        "created_to": at_or_before("created_to", _movement.created_at),
    },
)
"""The ledger of the store, or of one product (``product_id``)."""
movements_by_product = NestedListing("movements_by_product", movements, _movement.product_id)


def check_filters(principal: Principal, filters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Check the filters of the ledger. Raises MalformedRequest for a time range that ends before it begins."""
    refuse_reversed(filters, "created_from", "created_to")
    return filters
