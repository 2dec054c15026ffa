"""Orders as REST and webhooks write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypedDict

from domain.kernel.address import Address, AddressDocument, serialize_address
from domain.kernel.serialization import DecimalJson, FieldDoc, format_amount, format_instant, format_optional_instant
from domain.kernel.sql.executor import Row
from domain.orders.states import DraftOrderStatus, FulfillmentStatus, OrderStatus, PaymentMethod, PaymentStatus

CREATED = FieldDoc(
    description="When it was made, UTC.", example="2026-01-15T10:30:00Z", read_only=True, format="date-time"
)
UPDATED = FieldDoc(
    description="When it last changed, UTC.", example="2026-01-16T08:00:00Z", read_only=True, format="date-time"
)
VERSION = FieldDoc(description="Counts its changes; send it back to write safely.", example=1)
CURRENCY = FieldDoc(description="ISO 4217, lower case: the store's.", example="gbp", read_only=True)


class LineDocument(TypedDict):
    """So many of one variant, named and priced as it was then."""

    id: Annotated[str, FieldDoc(description="Its id.", example="item_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    product_id: Annotated[str, FieldDoc(description="What was bought.", example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    variant_id: Annotated[
        str | None,
        FieldDoc(description="Which variant of it; null once removed.", example="var_01jd3v4q8rf9k6w2m5n7t0xhz4"),
    ]
    sku: Annotated[str, FieldDoc(description="Its stock keeping unit then.", example="HEADPHONE-001")]
    name: Annotated[str, FieldDoc(description="Its name then.", example="Premium Wireless Headphones")]
    attributes: Annotated[
        dict[str, str], FieldDoc(description="What set the variant apart.", example={"color": "Blue"})
    ]
    quantity: Annotated[int, FieldDoc(description="How many.", example=2)]
    price: Annotated[DecimalJson, FieldDoc(description="The price of one.", example=199.99)]
    discount: Annotated[DecimalJson, FieldDoc(description="Its share of the discount.", example=20.00)]
    tax: Annotated[DecimalJson, FieldDoc(description="The tax on it.", example=76.00)]
    total: Annotated[
        DecimalJson, FieldDoc(description="Price times quantity, less discount, with tax.", example=455.98)
    ]


class OrderItemDocument(LineDocument):
    """A line of an order."""

    fulfilled: Annotated[int, FieldDoc(description="How many have been sent.", example=0)]
    refunded: Annotated[int, FieldDoc(description="How many have been paid back.", example=0)]


class _Purchase(TypedDict):
    customer_id: Annotated[
        str | None, FieldDoc(description="Who buys; null for a guest.", example="cust_01jd3v4q8rf9k6w2m5n7t0xhz4")
    ]
    email: Annotated[str | None, FieldDoc(description="Whom to write to about it.", example="jane@example.com")]
    currency: Annotated[str, CURRENCY]
    subtotal: Annotated[DecimalJson, FieldDoc(description="The lines at their prices.", example=399.98, read_only=True)]
    discount: Annotated[DecimalJson, FieldDoc(description="Taken off the subtotal.", example=20.00, read_only=True)]
    shipping: Annotated[DecimalJson, FieldDoc(description="What sending costs.", example=4.95, read_only=True)]
    shipping_tax: Annotated[
        DecimalJson, FieldDoc(description="What of the tax is on the shipping.", example=0.99, read_only=True)
    ]
    tax: Annotated[DecimalJson, FieldDoc(description="The tax on lines and shipping.", example=76.99, read_only=True)]
    total: Annotated[
        DecimalJson,
        FieldDoc(description="Subtotal less discount, with shipping and tax.", example=461.92, read_only=True),
    ]
    payment_method: Annotated[PaymentMethod | None, FieldDoc(description="How the buyer means to pay.", example="card")]
    shipping_method: Annotated[str | None, FieldDoc(description="How it is sent.", example="standard")]
    shipping_address: Annotated[AddressDocument | None, FieldDoc(description="Where it goes.")]
    billing_address: Annotated[AddressDocument | None, FieldDoc(description="Where the bill goes.")]
    metadata: Annotated[dict[str, Any], FieldDoc(description="Your own JSON.", example={"channel": "spring-fair"})]
    tags: Annotated[list[str], FieldDoc(description="Its tags.", example=["gift"])]
    version: Annotated[int, VERSION]
    created_at: Annotated[str, CREATED]
    updated_at: Annotated[str, UPDATED]


class OrderDocument(_Purchase):
    """A customer's or a guest's purchase."""

    id: Annotated[str, FieldDoc(description="Its id.", example="ord_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]
    number: Annotated[
        str, FieldDoc(description="Counts the store's orders, with gaps.", example="1001", read_only=True)
    ]
    status: Annotated[OrderStatus, FieldDoc(description="How far it has come.", example="pending", read_only=True)]
    payment_status: Annotated[
        PaymentStatus, FieldDoc(description="Follows from what was paid.", example="pending", read_only=True)
    ]
    fulfillment_status: Annotated[
        FulfillmentStatus, FieldDoc(description="Follows from what was sent.", example="unfulfilled", read_only=True)
    ]
    refunded: Annotated[DecimalJson, FieldDoc(description="What was paid back.", example=0.00, read_only=True)]
    cancel_reason: Annotated[
        str | None, FieldDoc(description="Why it was cancelled.", example="customer_request", read_only=True)
    ]
    cancelled_at: Annotated[
        str | None,
        FieldDoc(description="When it was cancelled, UTC.", example=None, read_only=True, format="date-time"),
    ]
    items: Annotated[list[OrderItemDocument], FieldDoc(description="What was bought.", read_only=True)]


class DraftOrderDocument(_Purchase):
    """An order being prepared."""

    id: Annotated[str, FieldDoc(description="Its id.", example="dord_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]
    order_id: Annotated[
        str | None, FieldDoc(description="The order it became; null while it is open.", example=None, read_only=True)
    ]
    status: Annotated[
        DraftOrderStatus,
        FieldDoc(description="open, or completed once it has become an order.", example="open", read_only=True),
    ]
    items: Annotated[list[LineDocument], FieldDoc(description="What is to be bought.")]


class AssignedOrdersDocument(TypedDict):
    """What a customer was given of guests' orders."""

    customer_id: Annotated[str, FieldDoc(description="Whose they are now.", example="cust_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    order_count: Annotated[int, FieldDoc(description="How many orders were assigned.", example=3)]
    draft_count: Annotated[int, FieldDoc(description="How many drafts were assigned.", example=0)]
    has_more: Annotated[
        bool,
        FieldDoc(description="Whether there are more: the same request again assigns the next 500.", example=False),
    ]


class OrderNoteDocument(TypedDict):
    """Something written on an order."""

    id: Annotated[str, FieldDoc(description="Its id.", example="note_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    text: Annotated[str, FieldDoc(description="What it says.", example="Rang twice, nobody home.")]
    actor: Annotated[str, FieldDoc(description="The credential that wrote it.", example="key_01jd3v4q8r")]
    created_at: Annotated[str, CREATED]


class OrderStatusChangeDocument(TypedDict):
    """One step of an order's way."""

    id: Annotated[str, FieldDoc(description="Its id.", example="step_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    from_status: Annotated[
        OrderStatus | None, FieldDoc(description="The status before; null when it was placed.", example="pending")
    ]
    status: Annotated[OrderStatus, FieldDoc(description="The status from then on.", example="processing")]
    note: Annotated[str | None, FieldDoc(description="Why.", example="Payment confirmed, preparing shipment")]
    actor: Annotated[str, FieldDoc(description="The credential that did it.", example="key_01jd3v4q8r")]
    created_at: Annotated[str, CREATED]


def serialize_order(row: Row, items: Sequence[Row]) -> OrderDocument:
    """An order as REST writes it, from the rows of its reads."""
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
        **_purchase(row),
    }


def serialize_draft(row: Row, items: Sequence[Row]) -> DraftOrderDocument:
    """A draft as REST writes it, from the rows of its reads."""
    return {
        "id": row.id,
        "order_id": row.order_id,
        "status": row.status,
        "items": [_line(item) for item in items],
        **_purchase(row),
    }


def serialize_item(row: Row) -> OrderItemDocument:
    """A line of an order as REST writes it."""
    return {**_line(row), "fulfilled": row.fulfilled, "refunded": row.refunded}


def serialize_note(row: Row) -> OrderNoteDocument:
    """A note as REST writes it."""
    return {"id": row.id, "text": row.text, "actor": row.actor, "created_at": format_instant(row.created_at)}


def serialize_step(row: Row) -> OrderStatusChangeDocument:
    """A step of an order's way as REST writes it."""
    return {
        "id": row.id,
        "from_status": row.from_status,
        "status": row.status,
        "note": row.note,
        "actor": row.actor,
        "created_at": format_instant(row.created_at),
    }


def _purchase(row: Row) -> _Purchase:
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
