"""Orders as REST and webhooks write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, TypedDict

from domain.kernel.address import Address, AddressDocument, address_document
from domain.kernel.serialization import Major, Shown, instant, major, optional_instant
from domain.kernel.sql.executor import Row
from domain.orders.states import DraftOrderStatus, FulfillmentStatus, OrderStatus, PaymentMethod, PaymentStatus

CREATED = Shown(
    description="When it was made, UTC.", example="2026-01-15T10:30:00Z", read_only=True, format="date-time"
)
UPDATED = Shown(
    description="When it last changed, UTC.", example="2026-01-16T08:00:00Z", read_only=True, format="date-time"
)
VERSION = Shown(description="Counts its changes; send it back to write safely.", example=1)
CURRENCY = Shown(description="ISO 4217, lower case: the store's.", example="gbp", read_only=True)


class LineDocument(TypedDict):
    """So many of one variant, named and priced as it was then."""

    id: Annotated[str, Shown(description="Its id.", example="item_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    product_id: Annotated[str, Shown(description="What was bought.", example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    variant_id: Annotated[
        str | None,
        Shown(description="Which variant of it; null once removed.", example="var_01jd3v4q8rf9k6w2m5n7t0xhz4"),
    ]
    sku: Annotated[str, Shown(description="Its stock keeping unit then.", example="HEADPHONE-001")]
    name: Annotated[str, Shown(description="Its name then.", example="Premium Wireless Headphones")]
    attributes: Annotated[dict[str, str], Shown(description="What set the variant apart.", example={"color": "Blue"})]
    quantity: Annotated[int, Shown(description="How many.", example=2)]
    price: Annotated[Major, Shown(description="The price of one.", example=199.99)]
    discount: Annotated[Major, Shown(description="Its share of the discount.", example=20.00)]
    tax: Annotated[Major, Shown(description="The tax on it.", example=76.00)]
    total: Annotated[Major, Shown(description="Price times quantity, less discount, with tax.", example=455.98)]


class OrderItemDocument(LineDocument):
    """A line of an order."""

    fulfilled: Annotated[int, Shown(description="How many have been sent.", example=0)]
    refunded: Annotated[int, Shown(description="How many have been paid back.", example=0)]


class _Purchase(TypedDict):
    customer_id: Annotated[
        str | None, Shown(description="Who buys; null for a guest.", example="cust_01jd3v4q8rf9k6w2m5n7t0xhz4")
    ]
    email: Annotated[str | None, Shown(description="Whom to write to about it.", example="jane@example.com")]
    currency: Annotated[str, CURRENCY]
    subtotal: Annotated[Major, Shown(description="The lines at their prices.", example=399.98, read_only=True)]
    discount: Annotated[Major, Shown(description="Taken off the subtotal.", example=20.00, read_only=True)]
    shipping: Annotated[Major, Shown(description="What sending costs.", example=4.95, read_only=True)]
    shipping_tax: Annotated[
        Major, Shown(description="What of the tax is on the shipping.", example=0.99, read_only=True)
    ]
    tax: Annotated[Major, Shown(description="The tax on lines and shipping.", example=76.99, read_only=True)]
    total: Annotated[
        Major, Shown(description="Subtotal less discount, with shipping and tax.", example=461.92, read_only=True)
    ]
    payment_method: Annotated[PaymentMethod | None, Shown(description="How the buyer means to pay.", example="card")]
    shipping_method: Annotated[str | None, Shown(description="How it is sent.", example="standard")]
    shipping_address: Annotated[AddressDocument | None, Shown(description="Where it goes.")]
    billing_address: Annotated[AddressDocument | None, Shown(description="Where the bill goes.")]
    metadata: Annotated[dict[str, Any], Shown(description="Your own JSON.", example={"channel": "spring-fair"})]
    tags: Annotated[list[str], Shown(description="Its tags.", example=["gift"])]
    version: Annotated[int, VERSION]
    created_at: Annotated[str, CREATED]
    updated_at: Annotated[str, UPDATED]


class OrderDocument(_Purchase):
    """A customer's or a guest's purchase."""

    id: Annotated[str, Shown(description="Its id.", example="ord_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]
    number: Annotated[str, Shown(description="Counts the store's orders, with gaps.", example="1001", read_only=True)]
    status: Annotated[OrderStatus, Shown(description="How far it has come.", example="pending", read_only=True)]
    payment_status: Annotated[
        PaymentStatus, Shown(description="Follows from what was paid.", example="pending", read_only=True)
    ]
    fulfillment_status: Annotated[
        FulfillmentStatus, Shown(description="Follows from what was sent.", example="unfulfilled", read_only=True)
    ]
    refunded: Annotated[Major, Shown(description="What was paid back.", example=0.00, read_only=True)]
    cancel_reason: Annotated[
        str | None, Shown(description="Why it was cancelled.", example="customer_request", read_only=True)
    ]
    cancelled_at: Annotated[
        str | None,
        Shown(description="When it was cancelled, UTC.", example=None, read_only=True, format="date-time"),
    ]
    items: Annotated[list[OrderItemDocument], Shown(description="What was bought.", read_only=True)]


class DraftOrderDocument(_Purchase):
    """An order being prepared."""

    id: Annotated[str, Shown(description="Its id.", example="dord_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]
    order_id: Annotated[
        str | None, Shown(description="The order it became; null while it is open.", example=None, read_only=True)
    ]
    status: Annotated[
        DraftOrderStatus,
        Shown(description="open, or completed once it has become an order.", example="open", read_only=True),
    ]
    items: Annotated[list[LineDocument], Shown(description="What is to be bought.")]


class AssignedOrdersDocument(TypedDict):
    """What a customer was given of guests' orders."""

    customer_id: Annotated[str, Shown(description="Whose they are now.", example="cust_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    order_count: Annotated[int, Shown(description="How many orders were assigned.", example=3)]
    draft_count: Annotated[int, Shown(description="How many drafts were assigned.", example=0)]
    has_more: Annotated[
        bool, Shown(description="Whether there are more: the same request again assigns the next 500.", example=False)
    ]


class OrderNoteDocument(TypedDict):
    """Something written on an order."""

    id: Annotated[str, Shown(description="Its id.", example="note_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    text: Annotated[str, Shown(description="What it says.", example="Rang twice, nobody home.")]
    actor: Annotated[str, Shown(description="The credential that wrote it.", example="key_01jd3v4q8r")]
    created_at: Annotated[str, CREATED]


class OrderStatusChangeDocument(TypedDict):
    """One step of an order's way."""

    id: Annotated[str, Shown(description="Its id.", example="step_01jd3v4q8rf9k6w2m5n7t0xhz4")]
    from_status: Annotated[
        OrderStatus | None, Shown(description="The status before; null when it was placed.", example="pending")
    ]
    status: Annotated[OrderStatus, Shown(description="The status from then on.", example="processing")]
    note: Annotated[str | None, Shown(description="Why.", example="Payment confirmed, preparing shipment")]
    actor: Annotated[str, Shown(description="The credential that did it.", example="key_01jd3v4q8r")]
    created_at: Annotated[str, CREATED]


def order_document(row: Row, items: Sequence[Row]) -> OrderDocument:
    """An order as REST writes it, from the rows of its reads."""
    return {
        "id": row.id,
        "number": str(row.number),
        "status": row.status,
        "payment_status": row.payment_status,
        "fulfillment_status": row.fulfillment_status,
        "refunded": major(row.refunded, row.currency),
        "cancel_reason": row.cancel_reason,
        "cancelled_at": optional_instant(row.cancelled_at),
        "items": [item_document(item) for item in items],
        **_purchase(row),
    }


def draft_document(row: Row, items: Sequence[Row]) -> DraftOrderDocument:
    """A draft as REST writes it, from the rows of its reads."""
    return {
        "id": row.id,
        "order_id": row.order_id,
        "status": row.status,
        "items": [_line(item) for item in items],
        **_purchase(row),
    }


def item_document(row: Row) -> OrderItemDocument:
    """A line of an order as REST writes it."""
    return {**_line(row), "fulfilled": row.fulfilled, "refunded": row.refunded}


def note_document(row: Row) -> OrderNoteDocument:
    """A note as REST writes it."""
    return {"id": row.id, "text": row.text, "actor": row.actor, "created_at": instant(row.created_at)}


def step_document(row: Row) -> OrderStatusChangeDocument:
    """A step of an order's way as REST writes it."""
    return {
        "id": row.id,
        "from_status": row.from_status,
        "status": row.status,
        "note": row.note,
        "actor": row.actor,
        "created_at": instant(row.created_at),
    }


def _purchase(row: Row) -> _Purchase:
    currency = row.currency
    return {
        "customer_id": row.customer_id,
        "email": row.email,
        "currency": currency.lower(),
        "subtotal": major(row.subtotal, currency),
        "discount": major(row.discount, currency),
        "shipping": major(row.shipping, currency),
        "shipping_tax": major(row.shipping_tax, currency),
        "tax": major(row.tax, currency),
        "total": major(row.total, currency),
        "payment_method": row.payment_method,
        "shipping_method": row.shipping_method,
        "shipping_address": _address(row.shipping_address),
        "billing_address": _address(row.billing_address),
        "metadata": row.metadata,
        "tags": row.tags,
        "version": row.version,
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
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
        "price": major(row.price, row.currency),
        "discount": major(row.discount, row.currency),
        "tax": major(row.tax, row.currency),
        "total": major(row.total, row.currency),
    }


def _address(stored: Mapping[str, Any] | None) -> AddressDocument | None:
    return None if stored is None else address_document(Address.from_stored(stored))
