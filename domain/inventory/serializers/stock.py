"""Serializers of stock: documents of REST and webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypedDict

from domain.inventory.model import AlertState, level_id
from domain.kernel.serialization import FieldDoc, format_instant
from domain.kernel.sql.executor import Row

ID = "The id. The same in GraphQL, REST and webhooks."
PRODUCT = FieldDoc(description="The id of the product.", example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4")
VARIANT = FieldDoc(description="The id of the variant.", example="var_01jd3v4q8rf9k6w2m5n7t0xhz4")
_ONLY_VARIANT = FieldDoc(
    description="The id of the variant whose stock this is. Null if it is the stock of the whole product.",
    example="var_01jd3v4q8rf9k6w2m5n7t0xhz4",
)
_WAREHOUSE = FieldDoc(description="The id of the warehouse.", example="wh_01jd3v4q8rf9k6w2m5n7t0xhz4")
_AVAILABLE = FieldDoc(description="The quantity that can be sold: on hand minus reserved.", example=300)
_RESERVED = FieldDoc(description="The quantity reserved by orders.", example=15)
_ON_HAND = FieldDoc(description="The quantity on hand.", example=315)
VERSION = FieldDoc(description="The version, starting at 1. Increases with every change.", example=1)
CREATED = FieldDoc(
    description="When the object was created.", example="2026-01-15T10:30:00Z", read_only=True, format="date-time"
)
UPDATED = FieldDoc(
    description="When the object was last changed.", example="2026-01-16T08:00:00Z", read_only=True, format="date-time"
)


class LocationDocument(TypedDict):
    """The stock of a product, or of one of its variants, in one warehouse."""

    warehouse_id: Annotated[str, _WAREHOUSE]
    available: Annotated[int, _AVAILABLE]
    reserved: Annotated[int, _RESERVED]
    on_hand: Annotated[int, _ON_HAND]


class LevelDocument(TypedDict):
    """The stock of one variant in one warehouse."""

    id: Annotated[
        str,
        FieldDoc(
            description=ID,
            example="level_01jd3v4q8rf9k6w2m5n7t0xhz401jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    variant_id: Annotated[str, VARIANT]
    warehouse_id: Annotated[str, _WAREHOUSE]
    available: Annotated[int, _AVAILABLE]
    reserved: Annotated[int, _RESERVED]
    on_hand: Annotated[int, _ON_HAND]


class StoreLevelDocument(LevelDocument):
    """The stock of one variant in one warehouse, in a list of the whole store."""

    product_id: Annotated[str, PRODUCT]


class InventoryDocument(TypedDict):
    """The stock of a product, or of one of its variants, in all warehouses."""

    product_id: Annotated[str, PRODUCT]
    variant_id: Annotated[str | None, _ONLY_VARIANT]
    total_available: Annotated[
        int, FieldDoc(description="The quantity that can be sold: on hand minus reserved.", example=450)
    ]
    total_reserved: Annotated[int, FieldDoc(description="The quantity reserved by orders.", example=23)]
    total_on_hand: Annotated[int, FieldDoc(description="The quantity on hand.", example=473)]
    locations: Annotated[list[LocationDocument], FieldDoc(description="The stock by warehouse, over all variants.")]
    levels: Annotated[list[LevelDocument], FieldDoc(description="The stock by variant and warehouse.")]


class MovementDocument(TypedDict):
    """An entry of the stock ledger: one change of the quantity on hand in one warehouse. Immutable."""

    id: Annotated[str, FieldDoc(description=ID, example="mov_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    product_id: Annotated[str, PRODUCT]
    variant_id: Annotated[str, VARIANT]
    warehouse_id: Annotated[str, _WAREHOUSE]
    quantity: Annotated[
        int, FieldDoc(description="The change in quantity. Negative if stock left the warehouse.", example=-10)
    ]
    reason: Annotated[str, FieldDoc(description="The reason of the movement.", example="sold")]
    note: Annotated[str | None, FieldDoc(description="A free-text note.", example="Online order #12345")]
    reference: Annotated[
        str | None,
        FieldDoc(
            description="The id of the related order, purchase order or opposite transfer movement.",
            example="ord_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    actor: Annotated[
        str,
        FieldDoc(
            description="The id of the API key that made the change, or `system`.",
            example="key_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    created_at: Annotated[str, CREATED]


class AdjustedDocument(InventoryDocument):
    """The stock after an adjustment, and the movement of the adjustment."""

    movement: Annotated[MovementDocument, FieldDoc(description="The movement of the adjustment.")]


class StockSetDocument(InventoryDocument):
    """The stock after a quantity was set, and the movement of the difference."""

    movement: Annotated[
        MovementDocument | None,
        FieldDoc(description="The movement of the difference. Null if there was no difference."),
    ]


class TransferredDocument(InventoryDocument):
    """The stock after a transfer, and the movements of the transfer."""

    movements: Annotated[
        list[MovementDocument],
        FieldDoc(description="The movements out of the source warehouse and into the target warehouse."),
    ]


class AlertDocument(TypedDict):
    """An alert that fires when the available quantity falls below a threshold."""

    id: Annotated[str, FieldDoc(description=ID, example="alert_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    product_id: Annotated[str, PRODUCT]
    variant_id: Annotated[
        str | None,
        FieldDoc(
            description="The id of the variant that is watched. Null if all variants are.",
            example="var_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    warehouse_id: Annotated[
        str | None,
        FieldDoc(
            description="The id of the warehouse that is watched. Null if all warehouses are.",
            example="wh_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    threshold: Annotated[
        int, FieldDoc(description="The alert fires when fewer units than this are available.", example=10)
    ]
    reorder_quantity: Annotated[
        int | None,
        FieldDoc(description="The quantity to order when the alert fires. Null if nothing is ordered.", example=50),
    ]
    state: Annotated[
        AlertState,
        FieldDoc(
            description="The state: armed, or low from the time the stock falls below the threshold until it recovers.",
            example="armed",
        ),
    ]
    version: Annotated[int, VERSION]
    created_at: Annotated[str, CREATED]
    updated_at: Annotated[str, UPDATED]


class InventorySnapshotDocument(InventoryDocument):
    """The stock of a product, or of one of its variants, at the time of an event."""

    alert: Annotated[AlertDocument | None, FieldDoc(description="The alert that fired. Null if none did.")]


class WarehouseDocument(TypedDict):
    """A warehouse."""

    id: Annotated[str, FieldDoc(description=ID, example="wh_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]
    name: Annotated[str, FieldDoc(description="The display name.", example="Leeds")]
    is_default: Annotated[
        bool, FieldDoc(description="Whether this is the default warehouse of the store.", example=False)
    ]
    active: Annotated[
        bool,
        FieldDoc(
            description="Whether the warehouse can hold stock. An inactive warehouse is empty and accepts none.",
            example=True,
        ),
    ]
    country: Annotated[
        str | None, FieldDoc(description="The country, as an ISO 3166-1 alpha-2 code. Null if not known.", example="GB")
    ]
    state: Annotated[str | None, FieldDoc(description="The state, province or county.", example="Yorkshire")]
    city: Annotated[str | None, FieldDoc(description="The city.", example="Leeds")]
    zip: Annotated[str | None, FieldDoc(description="The postal code.", example="LS1 4AP")]
    line1: Annotated[str | None, FieldDoc(description="The street and number.", example="1 Canal Wharf")]
    line2: Annotated[str | None, FieldDoc(description="The second address line: building or unit.", example="Unit 4")]
    version: Annotated[int, VERSION]
    created_at: Annotated[str, CREATED]
    updated_at: Annotated[str, UPDATED]


def serialize_inventory(row: Row, levels: Sequence[Row]) -> InventoryDocument:
    """Serialize stock for REST: totals, and the levels whose sums they are."""
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
    """Serialize a stock level of a list of the store."""
    return {**_level_document(row), "product_id": row.product_id}


def serialize_movement(row: Row) -> MovementDocument:
    """Serialize a movement for REST."""
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
    """Serialize an alert for REST."""
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
    """Serialize a warehouse for REST."""
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
