"""Notes, status changes and assignments of orders as REST returns them."""

from __future__ import annotations

from typing import Annotated, TypedDict

from domain.kernel.serialization import FieldDoc, format_instant
from domain.kernel.sql.executor import Row
from domain.orders.serializers.orders import CREATED, ID_TEXT
from domain.orders.states import OrderStatus

_ACTOR = "The id of the API key that made the change, or `system`."


class AssignedOrdersDocument(TypedDict):
    """The guest orders and drafts that were assigned to a customer."""

    customer_id: Annotated[
        str,
        FieldDoc(
            description="The id of the customer that the orders belong to now.",
            example="cust_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    order_count: Annotated[int, FieldDoc(description="The number of assigned orders.", example=3)]
    draft_count: Annotated[int, FieldDoc(description="The number of assigned draft orders.", example=0)]
    has_more: Annotated[
        bool,
        FieldDoc(
            description="Whether there are more orders. Repeat the request to assign the next 500.", example=False
        ),
    ]


class OrderNoteDocument(TypedDict):
    """An internal note on an order."""

    id: Annotated[str, FieldDoc(description=ID_TEXT, example="note_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    text: Annotated[str, FieldDoc(description="The text of the note.", example="Rang twice, nobody home.")]
    actor: Annotated[str, FieldDoc(description=_ACTOR, example="key_01jd3v4q8r")]
    created_at: Annotated[str, CREATED]


class OrderStatusChangeDocument(TypedDict):
    """A change of an order's status."""

    id: Annotated[str, FieldDoc(description=ID_TEXT, example="step_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    from_status: Annotated[
        OrderStatus | None,
        FieldDoc(
            description="The status before the change. Null for the first entry, when the order was placed.",
            example="pending",
        ),
    ]
    status: Annotated[OrderStatus, FieldDoc(description="The status after the change.", example="processing")]
    note: Annotated[
        str | None,
        FieldDoc(
            description="The reason for the change. Null if none was given.",
            example="Payment confirmed, preparing shipment",
        ),
    ]
    actor: Annotated[str, FieldDoc(description=_ACTOR, example="key_01jd3v4q8r")]
    created_at: Annotated[str, CREATED]


def serialize_note(row: Row) -> OrderNoteDocument:
    """Build the REST document of a note."""
    return {"id": row.id, "text": row.text, "actor": row.actor, "created_at": format_instant(row.created_at)}


def serialize_step(row: Row) -> OrderStatusChangeDocument:
    """Build the REST document of a status change."""
    return {
        "id": row.id,
        "from_status": row.from_status,
        "status": row.status,
        "note": row.note,
        "actor": row.actor,
        "created_at": format_instant(row.created_at),
    }
