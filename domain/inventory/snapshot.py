"""Snapshots of stock: how events store them and how they are read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, cast, func, literal_column
from sqlalchemy.dialects.postgresql import JSONB

from domain.inventory import reads
from domain.inventory.model import AlertState, level_id
from domain.inventory.stock_level import StockLevel
from domain.kernel.events import SnapshotRow, snapshot_row
from domain.kernel.reads.found_rows import FoundRows
from domain.kernel.reads.stored_rows import (
    OwnedItems,
    OwnedObject,
    OwnedRows,
    SelectedRows,
    StoredColumns,
    StoredRows,
    listed_rows,
    members_of,
)
from domain.kernel.sql.executor import Row

_SUMMED = ("available", "reserved", "on_hand")


def _level_id(level: StoredColumns) -> ColumnElement[Any]:
    """As ``level_id``."""
    names = [
        func.split_part(level.member(name), literal_column("'_'"), literal_column("2"))
        for name in ("variant_id", "warehouse_id")
    ]
    return literal_column("'level_'", Text).concat(names[0]).concat(names[1])


class _OwnedLocations(OwnedRows):
    """As ``locations_of`` the levels."""

    def found(self, row: StoredColumns, name: str) -> FoundRows:
        """The sums by warehouse."""
        levels = listed_rows(row.member("levels"), _LEVEL, row, f"{name}_level")
        warehouse = levels.columns["warehouse_id"]
        sums = [cast(func.sum(levels.columns[each]), BigInteger).label(each) for each in _SUMMED]
        grouped = levels.selecting(warehouse.label("warehouse_id"), *sums).group_by(warehouse)
        return SelectedRows(grouped.subquery(name), "warehouse_id")


_LEVEL = StoredRows(members_of(reads.levels_by_product), derived={"id": _level_id})
_ALERT = StoredRows(members_of(reads.alert_by_id), missing={"state": str(AlertState.LOW)})
INVENTORY = StoredRows(
    members_of(reads.inventory_by_product, variant_id=Text(), levels=JSONB(), alert=JSONB()),
    owned={
        reads.levels_by_product: OwnedItems("levels", _LEVEL),
        reads.locations_by_product: _OwnedLocations(),
        reads.alert_by_id: OwnedObject("alert", _ALERT),
    },
)
"""Snapshots of stock. The oldest ones precede states of alerts: their alerts had fired."""


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
    row = snapshot_row({**INVENTORY.complete(snapshot), "alert": None, "levels": None})
    levels = [_level_row(level) for level in snapshot["levels"]]
    row.owned = {
        reads.levels_by_product: levels,
        reads.locations_by_product: locations_of(levels),
        reads.alert_by_id: _alert_row(snapshot),
    }
    return row


def _level_row(stored: Mapping[str, Any]) -> SnapshotRow:
    level = snapshot_row(_LEVEL.complete(stored))
    is_known = level.variant_id is not None and level.warehouse_id is not None
    level.id = level_id(level.variant_id, level.warehouse_id) if is_known else None
    return level


def locations_of(levels: Sequence[Row]) -> list[Row]:
    """Return the stock by warehouse: what ``locations_by_product`` finds for these levels."""
    found: dict[str, Row] = {}
    for level in levels:
        empty = SimpleNamespace(warehouse_id=level.warehouse_id, available=0, reserved=0, on_hand=0)
        there = found.setdefault(level.warehouse_id, empty)
        there.available += level.available
        there.reserved += level.reserved
        there.on_hand += level.on_hand
    in_order = sorted(found, key=lambda warehouse: (warehouse is None, warehouse))  # null last, as in SQL
    return [found[warehouse] for warehouse in in_order]


def _alert_row(snapshot: Mapping[str, Any]) -> SnapshotRow | None:
    alert = snapshot.get("alert")
    return None if alert is None else snapshot_row(_ALERT.complete(alert))
