"""Purchase orders as REST writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypedDict

from domain.inventory.model import PurchaseOrderStatus
from domain.inventory.serializers.stock import CREATED, PRODUCT, UPDATED, VARIANT, VERSION
from domain.kernel.serialization import FieldDoc, format_instant, format_optional_instant
from domain.kernel.sql.executor import Row


class PurchaseOrderLineDocument(TypedDict):
    """What a purchase order asks for of one variant."""

    product_id: Annotated[str, PRODUCT]
    variant_id: Annotated[str, VARIANT]
    quantity: Annotated[int, FieldDoc(description="How many were ordered.", example=50)]
    received: Annotated[int, FieldDoc(description="How many have come so far.", example=0)]


class PurchaseOrderDocument(TypedDict):
    """What was ordered from the supplier, by hand or by an alert."""

    id: Annotated[str, FieldDoc(description="Its id.", example="po_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    product_id: Annotated[
        str | None,
        FieldDoc(
            description="The product of the only line; null where there are several.",
            example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    variant_id: Annotated[
        str | None,
        FieldDoc(
            description="The variant of the only line; null where there are several.",
            example="var_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    warehouse_id: Annotated[str, FieldDoc(description="Where it shall come.", example="wh_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    alert_id: Annotated[
        str | None,
        FieldDoc(
            description="The alert that fired; null for one that was created by hand.",
            example="alert_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    status: Annotated[
        PurchaseOrderStatus, FieldDoc(description="open until all of it has come, or it is cancelled.", example="open")
    ]
    quantity: Annotated[int, FieldDoc(description="How much was ordered, of all lines.", example=50)]
    received: Annotated[int, FieldDoc(description="How much has come so far, of all lines.", example=0)]
    lines: Annotated[list[PurchaseOrderLineDocument], FieldDoc(description="What was ordered of each variant.")]
    note: Annotated[str | None, FieldDoc(description="What else there is to say.", example="By sea")]
    version: Annotated[int, VERSION]
    created_at: Annotated[str, CREATED]
    updated_at: Annotated[str, UPDATED]
    received_at: Annotated[
        str | None,
        FieldDoc(description="When all of it had come, UTC.", example="2026-01-20T09:00:00Z", format="date-time"),
    ]
    cancelled_at: Annotated[
        str | None,
        FieldDoc(description="When it was cancelled, UTC.", example="2026-01-20T09:00:00Z", format="date-time"),
    ]


def _line_document(row: Row) -> PurchaseOrderLineDocument:
    return {
        "product_id": row.product_id,
        "variant_id": row.variant_id,
        "quantity": row.quantity,
        "received": row.received,
    }


def serialize_purchase_order(row: Row, lines: Sequence[Row]) -> PurchaseOrderDocument:
    """A purchase order as REST writes it."""
    return {
        "id": row.id,
        "product_id": row.product_id,
        "variant_id": row.variant_id,
        "warehouse_id": row.warehouse_id,
        "alert_id": row.alert_id,
        "status": row.status,
        "quantity": row.quantity,
        "received": row.received,
        "lines": [_line_document(line) for line in lines],
        "note": row.note,
        "version": row.version,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
        "received_at": format_optional_instant(row.received_at),
        "cancelled_at": format_optional_instant(row.cancelled_at),
    }
