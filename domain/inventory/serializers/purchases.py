"""Serializers of purchase orders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, TypedDict

from domain.inventory.model import PurchaseOrderStatus
from domain.inventory.serializers.stock import CREATED, ID, PRODUCT, UPDATED, VARIANT, VERSION
from domain.kernel.serialization import FieldDoc, format_instant, format_optional_instant
from domain.kernel.sql.executor import Row


class PurchaseOrderLineDocument(TypedDict):
    """A line of a purchase order: a quantity of one variant."""

    product_id: Annotated[str, PRODUCT]
    variant_id: Annotated[str, VARIANT]
    quantity: Annotated[int, FieldDoc(description="The ordered quantity.", example=50)]
    received: Annotated[int, FieldDoc(description="The quantity received so far.", example=0)]


class PurchaseOrderDocument(TypedDict):
    """An order to a supplier, created manually or when an alert with a reorder quantity fires."""

    id: Annotated[str, FieldDoc(description=ID, example="po_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    product_id: Annotated[
        str | None,
        FieldDoc(
            description="The id of the ordered product. Null if the order has several lines.",
            example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    variant_id: Annotated[
        str | None,
        FieldDoc(
            description="The id of the ordered variant. Null if the order has several lines.",
            example="var_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    warehouse_id: Annotated[
        str,
        FieldDoc(
            description="The id of the warehouse that receives the order.", example="wh_01jd3v4q8rf9k6w2m5n7t0xhz4"
        ),
    ]
    alert_id: Annotated[
        str | None,
        FieldDoc(
            description="The id of the alert that created the order. Null if it was created manually.",
            example="alert_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    status: Annotated[PurchaseOrderStatus, FieldDoc(description="The status of the purchase order.", example="open")]
    quantity: Annotated[int, FieldDoc(description="The ordered quantity over all lines.", example=50)]
    received: Annotated[int, FieldDoc(description="The quantity received so far over all lines.", example=0)]
    lines: Annotated[
        list[PurchaseOrderLineDocument], FieldDoc(description="The lines of the order, one per variant. At most 100.")
    ]
    note: Annotated[str | None, FieldDoc(description="A free-text note.", example="By sea")]
    version: Annotated[int, VERSION]
    created_at: Annotated[str, CREATED]
    updated_at: Annotated[str, UPDATED]
    received_at: Annotated[
        str | None,
        FieldDoc(
            description="When the last outstanding unit was received. Null if units are outstanding.",
            example="2026-01-20T09:00:00Z",
            format="date-time",
        ),
    ]
    cancelled_at: Annotated[
        str | None,
        FieldDoc(
            description="When the order was cancelled. Null if it was not.",
            example="2026-01-20T09:00:00Z",
            format="date-time",
        ),
    ]


def _line_document(row: Row) -> PurchaseOrderLineDocument:
    return {
        "product_id": row.product_id,
        "variant_id": row.variant_id,
        "quantity": row.quantity,
        "received": row.received,
    }


def serialize_purchase_order(row: Row, lines: Sequence[Row]) -> PurchaseOrderDocument:
    """Serialize a purchase order for REST."""
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
