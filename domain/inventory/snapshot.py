"""Snapshots of stock: how events store them and how they are read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from domain.inventory import reads
from domain.inventory.model import AlertState, level_id
from domain.inventory.stock_level import StockLevel
from domain.kernel.events import SnapshotRow, snapshot_row
from domain.kernel.sql.executor import Row


def inventory_snapshot(
    product_id: str, variant_id: str | None, levels: Iterable[StockLevel], alert: Row | None
) -> dict[str, Any]:
    """Build the snapshot of a product's or variant's stock in all warehouses, with the alert that fired, if any."""
    ordered = sorted(levels, key=lambda level: (level.variant_id, level.warehouse_id))
    return {
        "product_id": product_id,
        "variant_id": variant_id,
        "total_on_hand": sum(level.on_hand for level in ordered),
        "total_reserved": sum(level.reserved for level in ordered),
        "total_available": sum(level.available for level in ordered),
        "levels": [
            {
                "product_id": product_id,
                "variant_id": level.variant_id,
                "warehouse_id": level.warehouse_id,
                "on_hand": level.on_hand,
                "reserved": level.reserved,
                "available": level.available,
            }
            for level in ordered
        ],
        "alert": None if alert is None else _alert(alert),
    }


def _alert(alert: Row) -> dict[str, Any]:
    return {
        "id": alert.id,
        "product_id": alert.product_id,
        "variant_id": alert.variant_id,
        "warehouse_id": alert.warehouse_id,
        "threshold": alert.threshold,
        "reorder_quantity": alert.reorder_quantity,
        "state": str(AlertState.LOW),
        "version": alert.version,
        "created_at": alert.created_at.isoformat(),
        "updated_at": alert.updated_at.isoformat(),
    }


def inventory_row(snapshot: Mapping[str, Any]) -> SnapshotRow:
    """Build the row of stock from a snapshot, with the levels it had then."""
    row = snapshot_row({name: value for name, value in snapshot.items() if name not in ("alert", "levels")})
    levels = [
        snapshot_row({"id": level_id(level["variant_id"], level["warehouse_id"]), **level})
        for level in snapshot["levels"]
    ]
    row.owned = {
        reads.levels_by_product: levels,
        reads.locations_by_product: locations_of(levels),
        reads.alert_by_id: _alert_row(snapshot),
    }
    row.alert = snapshot.get("alert")
    return row


def locations_of(levels: Sequence[Row]) -> list[Row]:
    """Return the stock by warehouse: what ``locations_by_product`` finds for these levels."""
    found: dict[str, Row] = {}
    for level in levels:
        empty = SimpleNamespace(warehouse_id=level.warehouse_id, available=0, reserved=0, on_hand=0)
        there = found.setdefault(level.warehouse_id, empty)
        there.available += level.available
        there.reserved += level.reserved
        there.on_hand += level.on_hand
    return [found[warehouse] for warehouse in sorted(found)]


def alert_of(row: SnapshotRow) -> SnapshotRow | None:
    """Return the alert that fired, from the row of a snapshot."""
    return None if row.alert is None else snapshot_row(row.alert)


def _alert_row(snapshot: Mapping[str, Any]) -> SnapshotRow | None:
    alert = snapshot.get("alert")  # the oldest snapshots precede alert states; their alerts had fired
    return None if alert is None else snapshot_row({"state": str(AlertState.LOW), **alert})
