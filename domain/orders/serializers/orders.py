"""The JSON documents of orders and drafts, for REST and webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypedDict

from domain.kernel.address import Address, AddressDocument, serialize_address
from domain.kernel.serialization import DecimalJson, FieldDoc, format_amount, format_instant, format_optional_instant
from domain.kernel.sql.executor import Row
from domain.orders.states import DraftOrderStatus, FulfillmentStatus, OrderStatus, PaymentMethod, PaymentStatus

CREATED = FieldDoc(
    description="When the object was created.", example="2026-01-15T10:30:00Z", read_only=True, format="date-time"
)
UPDATED = FieldDoc(
    description="When the object was last changed.", example="2026-01-16T08:00:00Z", read_only=True, format="date-time"
)
VERSION = FieldDoc(description="The version, starting at 1. Increases with every change.", example=1)
_ID = "The id. The same in GraphQL, REST and webhooks."
_ACTOR = "The id of the API key that made the change, or `system`."
CURRENCY = FieldDoc(
    description="The currency of the store, as a lower-case ISO 4217 code.", example="gbp", read_only=True
)


class LineDocument(TypedDict):
    """A line of an order or draft order. Name and price are those at the time of the order."""

    id: Annotated[str, FieldDoc(description=_ID, example="item_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    product_id: Annotated[
        str, FieldDoc(description="The id of the product.", example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4")
    ]
    variant_id: Annotated[
        str | None,
        FieldDoc(
            description="The id of the variant. Null if the variant was removed.",
            example="var_01jd3v4q8rf9k6w2m5n7t0xhz4",
        ),
    ]
    sku: Annotated[str, FieldDoc(description="The SKU at the time of the order.", example="HEADPHONE-001")]
    name: Annotated[
        str, FieldDoc(description="The product name at the time of the order.", example="Premium Wireless Headphones")
    ]
    attributes: Annotated[
        dict[str, str],
        FieldDoc(
            description='The attributes of the variant at the time of the order, for example `{"size": "Large"}`.',
            example={"color": "Blue"},
        ),
    ]
    quantity: Annotated[int, FieldDoc(description="The quantity.", example=2)]
    price: Annotated[DecimalJson, FieldDoc(description="The unit price.", example=199.99)]
    discount: Annotated[DecimalJson, FieldDoc(description="The share of the discount.", example=20.00)]
    tax: Annotated[DecimalJson, FieldDoc(description="The tax on the line.", example=76.00)]
    total: Annotated[DecimalJson, FieldDoc(description="Price × quantity − discount + tax.", example=455.98)]


class OrderItemDocument(LineDocument):
    """A line of an order."""

    fulfilled: Annotated[int, FieldDoc(description="The quantity that was shipped.", example=0)]
    refunded: Annotated[int, FieldDoc(description="The quantity that was refunded.", example=0)]


class _OrderBaseDocument(TypedDict):
    customer_id: Annotated[
        str | None,
        FieldDoc(description="The id of the customer. Null for a guest.", example="cust_01jd3v4q8rf9k6w2m5n7t0xhz4"),
    ]
    email: Annotated[
        str | None,
        FieldDoc(description="The e-mail address for messages about the order.", example="jane@example.com"),
    ]
    currency: Annotated[str, CURRENCY]
    subtotal: Annotated[
        DecimalJson,
        FieldDoc(description="The sum of all lines before discount and tax.", example=399.98, read_only=True),
    ]
    discount: Annotated[
        DecimalJson, FieldDoc(description="The discount on the subtotal.", example=20.00, read_only=True)
    ]
    shipping: Annotated[
        DecimalJson, FieldDoc(description="The shipping cost before tax.", example=4.95, read_only=True)
    ]
    shipping_tax: Annotated[
        DecimalJson,
        FieldDoc(description="The part of the tax that applies to shipping.", example=0.99, read_only=True),
    ]
    tax: Annotated[DecimalJson, FieldDoc(description="The tax on lines and shipping.", example=76.99, read_only=True)]
    total: Annotated[
        DecimalJson,
        FieldDoc(
            description="The total: subtotal minus discount plus shipping and tax.", example=461.92, read_only=True
        ),
    ]
    payment_method: Annotated[
        PaymentMethod | None, FieldDoc(description="The payment method chosen by the buyer.", example="card")
    ]
    shipping_method: Annotated[
        str | None,
        FieldDoc(description="The code of the shipping method. Null if there is none.", example="standard"),
    ]
    shipping_address: Annotated[AddressDocument | None, FieldDoc(description="The shipping address.")]
    billing_address: Annotated[AddressDocument | None, FieldDoc(description="The billing address.")]
    metadata: Annotated[dict[str, Any], FieldDoc(description="Custom JSON data.", example={"channel": "spring-fair"})]
    tags: Annotated[list[str], FieldDoc(description="The tags. At most 50.", example=["gift"])]
    version: Annotated[int, VERSION]
    created_at: Annotated[str, CREATED]
    updated_at: Annotated[str, UPDATED]


class OrderDocument(_OrderBaseDocument):
    """An order of a customer or guest."""

    id: Annotated[str, FieldDoc(description=_ID, example="ord_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]
    number: Annotated[
        str,
        FieldDoc(
            description="The order number, unique in the store. Numbers increase and may have gaps.",
            example="1001",
            read_only=True,
        ),
    ]
    status: Annotated[OrderStatus, FieldDoc(description="The status of the order.", example="pending", read_only=True)]
    payment_status: Annotated[
        PaymentStatus,
        FieldDoc(
            description="The payment status, derived from captures and refunds.", example="pending", read_only=True
        ),
    ]
    fulfillment_status: Annotated[
        FulfillmentStatus,
        FieldDoc(
            description="The fulfilment status, derived from shipped quantities.",
            example="unfulfilled",
            read_only=True,
        ),
    ]
    refunded: Annotated[DecimalJson, FieldDoc(description="The refunded amount.", example=0.00, read_only=True)]
    cancel_reason: Annotated[
        str | None,
        FieldDoc(
            description="The reason for the cancellation. Null if none was given.",
            example="customer_request",
            read_only=True,
        ),
    ]
    cancelled_at: Annotated[
        str | None,
        FieldDoc(
            description="When the order was cancelled. Null if not cancelled.",
            example=None,
            read_only=True,
            format="date-time",
        ),
    ]
    items: Annotated[
        list[OrderItemDocument], FieldDoc(description="The lines of the order. At most 500.", read_only=True)
    ]


class DraftOrderDocument(_OrderBaseDocument):
    """A draft of an order. It reserves no stock and creates no events until it is completed."""

    id: Annotated[str, FieldDoc(description=_ID, example="dord_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]
    order_id: Annotated[
        str | None,
        FieldDoc(
            description="The id of the order created from the draft. Null if the draft is open.",
            example=None,
            read_only=True,
        ),
    ]
    status: Annotated[
        DraftOrderStatus,
        FieldDoc(description="The status of the draft order.", example="open", read_only=True),
    ]
    items: Annotated[list[LineDocument], FieldDoc(description="The lines of the draft order. At most 500.")]


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

    id: Annotated[str, FieldDoc(description=_ID, example="note_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    text: Annotated[str, FieldDoc(description="The text of the note.", example="Rang twice, nobody home.")]
    actor: Annotated[str, FieldDoc(description=_ACTOR, example="key_01jd3v4q8r")]
    created_at: Annotated[str, CREATED]


class OrderStatusChangeDocument(TypedDict):
    """A change of an order's status."""

    id: Annotated[str, FieldDoc(description=_ID, example="step_01jd3v4q8rf9k6w2m5n7t0xhz4")]
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


def serialize_order(row: Row, items: Sequence[Row]) -> OrderDocument:
    """Build the REST document of an order from the rows of its reads."""
    return {
        "id": row.id,
        "number": str(row.number),
        "status": row.status,
        "payment_status": row.payment_status,
        "fulfillment_status": row.fulfillment_status,
        "refunded": format_amount(row.refunded, row.currency),
        "cancel_reason": row.cancel_reason,
        "cancelled_at": format_optional_instant(row.cancelled_at),
        "items": [serialize_item(item) for item in items],
        **_order_base(row),
    }


def serialize_draft(row: Row, items: Sequence[Row]) -> DraftOrderDocument:
    """Build the REST document of a draft from the rows of its reads."""
    return {
        "id": row.id,
        "order_id": row.order_id,
        "status": row.status,
        "items": [_line(item) for item in items],
        **_order_base(row),
    }


def serialize_item(row: Row) -> OrderItemDocument:
    """Build the REST document of an order line."""
    return {**_line(row), "fulfilled": row.fulfilled, "refunded": row.refunded}


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


def _order_base(row: Row) -> _OrderBaseDocument:
    currency = row.currency
    return {
        "customer_id": row.customer_id,
        "email": row.email,
        "currency": currency.lower(),
        "subtotal": format_amount(row.subtotal, currency),
        "discount": format_amount(row.discount, currency),
        "shipping": format_amount(row.shipping, currency),
        "shipping_tax": format_amount(row.shipping_tax, currency),
        "tax": format_amount(row.tax, currency),
        "total": format_amount(row.total, currency),
        "payment_method": row.payment_method,
        "shipping_method": row.shipping_method,
        "shipping_address": _address(row.shipping_address),
        "billing_address": _address(row.billing_address),
        "metadata": row.metadata,
        "tags": row.tags,
        "version": row.version,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }


def _line(row: Row) -> LineDocument:
    return {
        "id": row.id,
        "product_id": row.product_id,
        "variant_id": row.variant_id,
        "sku": row.sku,
        "name": row.name,
        "attributes": row.attributes,
        "quantity": row.quantity,
        "price": format_amount(row.price, row.currency),
        "discount": format_amount(row.discount, row.currency),
        "tax": format_amount(row.tax, row.currency),
        "total": format_amount(row.total, row.currency),
    }


def _address(stored: Mapping[str, Any] | None) -> AddressDocument | None:
    return None if stored is None else serialize_address(Address.from_stored(stored))
