"""Snapshots of stock: how events store them and how they are read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domain.inventory import reads
from domain.inventory.model import AlertState
from domain.inventory.serializers import InventorySnapshotDocument, serialize_alert, serialize_inventory
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
    levels = [snapshot_row(level) for level in snapshot["levels"]]
    row.owned = {reads.levels_by_product: levels}
    row.alert = snapshot.get("alert")
    return row


def alert_of(row: SnapshotRow) -> SnapshotRow | None:
    """Return the alert that fired, from the row of a snapshot."""
    return None if row.alert is None else snapshot_row(row.alert)


def alert_row(snapshot: Mapping[str, Any]) -> SnapshotRow | None:
    """Return the alert that fired, from a snapshot."""
    alert = snapshot["alert"]  # the oldest snapshots precede alert states; their alerts had fired
    return None if alert is None else snapshot_row({"state": str(AlertState.LOW), **alert})


def serialize_inventory_event(snapshot: Mapping[str, Any], *, with_cost: bool) -> InventorySnapshotDocument:
    """Serialize the stock of a snapshot for REST and webhooks. It contains no cost."""
    row, alert = inventory_row(snapshot), alert_row(snapshot)
    shown = serialize_inventory(row, row.owned[reads.levels_by_product])
    return {**shown, "alert": None if alert is None else serialize_alert(alert)}
