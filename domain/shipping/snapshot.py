"""Snapshots of shipments: written to the event log, and turned back into rows and documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB

from domain.kernel.events import SnapshotRow, snapshot_row
from domain.kernel.reads.stored_rows import OwnedItems, StoredRows, members_of
from domain.shipping import reads
from domain.shipping.model import Shipment, ShipmentItem, ShipmentPackage

_PLAIN = (
    "id",
    "order_id",
    "customer_id",
    "warehouse_id",
    "carrier",
    "carrier_name",
    "service",
    "service_name",
    "tracking_number",
    "tracking_url",
    "label_url",
    "failure",
    "ship_from",
    "ship_to",
    "currency",
    "cost",
    "insurance_value",
    "signature_required",
    "estimated_delivery_from",
    "estimated_delivery",
    "version",
)
"""Columns that are JSON as they are."""
_INSTANTS = ("shipped_at", "delivered_at", "cancelled_at", "created_at", "updated_at")
_NUMBERS = ("weight", "length", "width", "height")
"""Members of packages that snapshots store as decimal texts."""
_PACKAGE = StoredRows(members_of(reads.packages_by_shipment))
_ITEM = StoredRows(members_of(reads.items_by_shipment))
SHIPMENT = StoredRows(
    members_of(reads.shipment_by_id, packages=JSONB(), items=JSONB()),
    owned={
        reads.packages_by_shipment: OwnedItems("packages", _PACKAGE),
        reads.items_by_shipment: OwnedItems("items", _ITEM),
    },
)
"""Snapshots of shipments. Oldest ones are from before there were labels of carriers, and have no ``failure``."""


def shipment_snapshot(
    shipment: Shipment, packages: Sequence[ShipmentPackage], items: Sequence[ShipmentItem]
) -> dict[str, Any]:
    """Build the snapshot of a shipment with its packages and items: money in minor units, times in ISO 8601.

    Tracking events grow with the shipment and are read live.
    """
    return {
        **{name: getattr(shipment, name) for name in _PLAIN},
        "status": str(shipment.status),
        "source": str(shipment.source),
        **{name: _instant(getattr(shipment, name)) for name in _INSTANTS},
        "packages": [_package(each) for each in packages],
        "items": [_item(each) for each in items],
    }


def shipment_row(snapshot: Mapping[str, Any]) -> SnapshotRow:
    """Turn a snapshot into a row that owns the packages and items of that time."""
    shipment = snapshot_row(SHIPMENT.complete(snapshot))
    shipment.owned = {
        reads.packages_by_shipment: [_package_row(each) for each in snapshot["packages"]],
        reads.items_by_shipment: [snapshot_row(_ITEM.complete(each)) for each in snapshot["items"]],
    }
    return shipment


def _package_row(stored: Mapping[str, Any]) -> SnapshotRow:
    return snapshot_row({**_PACKAGE.complete(stored), **{name: Decimal(stored[name]) for name in _NUMBERS}})


def _instant(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _package(package: ShipmentPackage) -> dict[str, Any]:
    return {
        "id": package.id,
        "shipment_id": package.shipment_id,
        "position": package.position,
        "tracking_number": package.tracking_number,
        "weight": f"{package.weight:f}",
        "weight_unit": str(package.weight_unit),
        "length": f"{package.length:f}",
        "width": f"{package.width:f}",
        "height": f"{package.height:f}",
        "dimension_unit": str(package.dimension_unit),
    }


def _item(item: ShipmentItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "shipment_id": item.shipment_id,
        "position": item.position,
        "item_id": item.item_id,
        "product_id": item.product_id,
        "variant_id": item.variant_id,
        "sku": item.sku,
        "name": item.name,
        "quantity": item.quantity,
    }
