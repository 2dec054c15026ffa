"""Stock as REST and webhooks write it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypedDict

from domain.inventory.model import AlertState, level_id
from domain.kernel.serialization import FieldDoc, format_instant
from domain.kernel.sql.executor import Row

PRODUCT = FieldDoc(description="The product's id.", example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4")
VARIANT = FieldDoc(description="The variant's id.", example="var_01jd3v4q8rf9k6w2m5n7t0xhz4")
_ONLY_VARIANT = FieldDoc(
    description="The variant that all of this is of; null: all of the product's.",
    example="var_01jd3v4q8rf9k6w2m5n7t0xhz4",
)
_WAREHOUSE = FieldDoc(description="The warehouse's id.", example="wh_01jd3v4q8rf9k6w2m5n7t0xhz4")
_AVAILABLE = FieldDoc(description="What can be sold: on hand less reserved.", example=300)
_RESERVED = FieldDoc(description="What orders have set aside.", example=15)
_ON_HAND = FieldDoc(description="What lies there.", example=315)
VERSION = FieldDoc(description="Counts its changes; send it back to write safely.", example=1)
CREATED = FieldDoc(
    description="When it was made, UTC.", example="2026-01-15T10:30:00Z", read_only=True, format="date-time"
)
UPDATED = FieldDoc(
    description="When it last changed, UTC.", example="2026-01-16T08:00:00Z", read_only=True, format="date-time"
)


class LocationDocument(TypedDict):
    """What lies in one warehouse."""

    warehouse_id: Annotated[str, _WAREHOUSE]
    available: Annotated[int, _AVAILABLE]
    reserved: Annotated[int, _RESERVED]
    on_hand: Annotated[int, _ON_HAND]


class LevelDocument(TypedDict):
    """What lies in one warehouse of one variant."""

    id: Annotated[
        str,
        FieldDoc(
            description="Its id, made of the variant's and the warehouse's.",
            example="level_01jd3v4q8rf9k6w2m5n7t0xhz401jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    variant_id: Annotated[str, VARIANT]
    warehouse_id: Annotated[str, _WAREHOUSE]
    available: Annotated[int, _AVAILABLE]
    reserved: Annotated[int, _RESERVED]
    on_hand: Annotated[int, _ON_HAND]


class StoreLevelDocument(LevelDocument):
    """What lies in one warehouse of one variant, in a list of the whole store."""

    product_id: Annotated[str, PRODUCT]


class InventoryDocument(TypedDict):
    """The stock of a product, or of one of its variants."""

    product_id: Annotated[str, PRODUCT]
    variant_id: Annotated[str | None, _ONLY_VARIANT]
    total_available: Annotated[int, FieldDoc(description="What can be sold from all warehouses.", example=450)]
    total_reserved: Annotated[int, FieldDoc(description="What orders have set aside in all of them.", example=23)]
    total_on_hand: Annotated[int, FieldDoc(description="What lies in all of them.", example=473)]
    locations: Annotated[list[LocationDocument], FieldDoc(description="By warehouse, over all variants.")]
    levels: Annotated[list[LevelDocument], FieldDoc(description="By variant and warehouse.")]


class MovementDocument(TypedDict):
    """One change of what lies in one warehouse."""

    id: Annotated[str, FieldDoc(description="Its id.", example="mov_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    product_id: Annotated[str, PRODUCT]
    variant_id: Annotated[str, VARIANT]
    warehouse_id: Annotated[str, _WAREHOUSE]
    quantity: Annotated[int, FieldDoc(description="How much came, or went where negative.", example=-10)]
    reason: Annotated[str, FieldDoc(description="Why.", example="sold")]
    note: Annotated[str | None, FieldDoc(description="What else there is to say.", example="Online order #12345")]
    reference: Annotated[
        str | None,
        FieldDoc(
            description="The id of what it was for: an order, a purchase order, a transfer's other half.",
            example="ord_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    actor: Annotated[
        str,
        FieldDoc(
            description="The credential that did it; system for the gateway itself.",
            example="key_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    created_at: Annotated[str, CREATED]


class AdjustedDocument(InventoryDocument):
    """The stock after an adjustment, and how it was booked."""

    movement: Annotated[MovementDocument, FieldDoc(description="How it was booked.")]


class StockSetDocument(InventoryDocument):
    """The stock after a quantity was set, and how the difference was booked."""

    movement: Annotated[
        MovementDocument | None, FieldDoc(description="How the difference was booked; null where there was none.")
    ]


class TransferredDocument(InventoryDocument):
    """The stock after a transfer, and how it was booked."""

    movements: Annotated[list[MovementDocument], FieldDoc(description="What left one warehouse and came to the other.")]


class AlertDocument(TypedDict):
    """Wanted: to hear when stock runs low."""

    id: Annotated[str, FieldDoc(description="Its id.", example="alert_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    product_id: Annotated[str, PRODUCT]
    variant_id: Annotated[str | None, _ONLY_VARIANT]
    warehouse_id: Annotated[
        str | None,
        FieldDoc(
            description="The warehouse that it is about; null: all of them.", example="wh_01jd3v4q8rf9k6w2m5n7t0xhz4"
        ),
    ]
    threshold: Annotated[int, FieldDoc(description="Fires when fewer than this are available.", example=10)]
    reorder_quantity: Annotated[
        int | None, FieldDoc(description="How much is ordered when it fires; null: nothing.", example=50)
    ]
    state: Annotated[
        AlertState,
        FieldDoc(
            description="armed: it fires when what is available falls below the threshold. low: that is below it; it "
            "is armed again when that has recovered.",
            example="armed",
        ),
    ]
    version: Annotated[int, VERSION]
    created_at: Annotated[str, CREATED]
    updated_at: Annotated[str, UPDATED]


class InventorySnapshotDocument(InventoryDocument):
    """The stock of a product at the moment of an event."""

    alert: Annotated[AlertDocument | None, FieldDoc(description="The alert that fired, of inventory.low.")]


class WarehouseDocument(TypedDict):
    """A place that holds stock."""

    id: Annotated[
        str, FieldDoc(description="Its id; never changes.", example="wh_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)
    ]
    name: Annotated[str, FieldDoc(description="What people call it.", example="Leeds")]
    is_default: Annotated[
        bool, FieldDoc(description="Whether stock lies here where nothing else is said.", example=False)
    ]
    active: Annotated[
        bool,
        FieldDoc(description="Whether stock can lie in it; an inactive one is empty and takes none.", example=True),
    ]
    country: Annotated[
        str | None, FieldDoc(description="ISO 3166-1 alpha-2; null where it was never said.", example="GB")
    ]
    state: Annotated[str | None, FieldDoc(description="State, province or county.", example="Yorkshire")]
    city: Annotated[str | None, FieldDoc(description="The town.", example="Leeds")]
    zip: Annotated[str | None, FieldDoc(description="The postal code.", example="LS1 4AP")]
    line1: Annotated[str | None, FieldDoc(description="Street and number.", example="1 Canal Wharf")]
    line2: Annotated[str | None, FieldDoc(description="Building, unit.", example="Unit 4")]
    version: Annotated[int, VERSION]
    created_at: Annotated[str, CREATED]
    updated_at: Annotated[str, UPDATED]


def serialize_inventory(row: Row, levels: Sequence[Row]) -> InventoryDocument:
    """The stock as REST writes it: totals, and the levels they are the sums of."""
    locations: dict[str, LocationDocument] = {}
    for level in levels:
        empty: LocationDocument = {"warehouse_id": level.warehouse_id, "available": 0, "reserved": 0, "on_hand": 0}
        there = locations.setdefault(level.warehouse_id, empty)
        there["available"] += level.available
        there["reserved"] += level.reserved
        there["on_hand"] += level.on_hand
    return {
        "product_id": row.product_id,
        "variant_id": row.variant_id,
        "total_available": row.total_available,
        "total_reserved": row.total_reserved,
        "total_on_hand": row.total_on_hand,
        "locations": [locations[warehouse] for warehouse in sorted(locations)],
        "levels": [_level_document(level) for level in levels],
    }


def _level_document(row: Row) -> LevelDocument:
    return {
        "id": level_id(row.variant_id, row.warehouse_id),
        "variant_id": row.variant_id,
        "warehouse_id": row.warehouse_id,
        "available": row.available,
        "reserved": row.reserved,
        "on_hand": row.on_hand,
    }


def serialize_store_level(row: Row) -> StoreLevelDocument:
    """A level as REST lists it."""
    return {**_level_document(row), "product_id": row.product_id}


def serialize_movement(row: Row) -> MovementDocument:
    """A movement as REST writes it."""
    return {
        "id": row.id,
        "product_id": row.product_id,
        "variant_id": row.variant_id,
        "warehouse_id": row.warehouse_id,
        "quantity": row.quantity,
        "reason": row.reason,
        "note": row.note,
        "reference": row.reference,
        "actor": row.actor,
        "created_at": format_instant(row.created_at),
    }


def serialize_alert(row: Row) -> AlertDocument:
    """An alert as REST writes it."""
    return {
        "id": row.id,
        "product_id": row.product_id,
        "variant_id": row.variant_id,
        "warehouse_id": row.warehouse_id,
        "threshold": row.threshold,
        "reorder_quantity": row.reorder_quantity,
        "state": row.state,
        "version": row.version,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }


def serialize_warehouse(row: Row) -> WarehouseDocument:
    """A warehouse as REST writes it."""
    return {
        "id": row.id,
        "name": row.name,
        "is_default": row.is_default,
        "active": row.active,
        "country": row.country,
        "state": row.state,
        "city": row.city,
        "zip": row.zip,
        "line1": row.line1,
        "line2": row.line2,
        "version": row.version,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }
