"""What REST and webhooks write of orders, draft orders, settings and a customer's order totals."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import orjson

from domain.kernel.address import AddressDocument
from domain.kernel.documents import (
    AmountMember,
    BooleanMember,
    ComputedMember,
    DerivedListMember,
    Document,
    EnumMember,
    InstantMember,
    IntegerMember,
    JsonMember,
    ManyMember,
    NumberTextMember,
    ObjectMember,
    StoredMember,
    TextListMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CREATED_AT, CURRENCY, UPDATED_AT, VERSION, id_member
from domain.kernel.principal import Principal
from domain.kernel.serialization import DecimalJson
from domain.kernel.sql.executor import Row
from domain.orders import reads
from domain.orders.pricing import percentage
from domain.orders.states import DraftOrderStatus, FulfillmentStatus, OrderStatus, PaymentStatus
from domain.payments import PaymentMethod

_ACTOR = TextMember("The id of the API key that made the change, or `system`.", example="key_01jd3v4q8r")


class LineDocument(Document):
    """A line of an order or draft order. Name and price are those at the time of the order."""

    id = id_member("item")
    product_id = TextMember("The id of the product.", example="prod_01jd3v4q8rf9k6w2m5n7t0xhz4")
    variant_id = TextMember(
        "The id of the variant. Null if the variant was removed.",
        example="var_01jd3v4q8rf9k6w2m5n7t0xhz4",
        nullable=True,
    )
    sku = TextMember("The SKU at the time of the order.", example="HEADPHONE-001")
    name = TextMember("The product name at the time of the order.", example="Premium Wireless Headphones")
    attributes = JsonMember(
        'The attributes of the variant at the time of the order, for example `{"size": "Large"}`.',
        values=str,
        example={"color": "Blue"},
    )
    quantity = IntegerMember("The quantity.", example=2)
    price = AmountMember("The unit price.", example=199.99)
    discount = AmountMember("The share of the discount.", example=20.00)
    tax = AmountMember("The tax on the line.", example=76.00)
    total = AmountMember("Price × quantity − discount + tax.", example=455.98)


class OrderItemDocument(LineDocument):
    """A line of an order."""

    fulfilled = IntegerMember("The quantity that was shipped.", example=0)
    refunded = IntegerMember("The quantity that was refunded.", example=0)
    returned = IntegerMember("The quantity that was sent back and has arrived.", example=0)


class _PurchaseDocument(Document):
    customer_id = TextMember(
        "The id of the customer. Null for a guest.", example="cust_01jd3v4q8rf9k6w2m5n7t0xhz4", nullable=True
    )
    email = TextMember("The e-mail address for messages about the order.", example="jane@example.com", nullable=True)
    currency = CURRENCY
    subtotal = AmountMember("The sum of all lines before discount and tax.", example=399.98)
    discount = AmountMember("The discount on the subtotal.", example=20.00)
    shipping = AmountMember("The shipping cost before tax.", example=4.95)
    shipping_tax = AmountMember("The part of the tax that applies to shipping.", example=0.99)
    tax = AmountMember("The tax on lines and shipping.", example=76.99)
    total = AmountMember("The total: subtotal minus discount plus shipping and tax.", example=461.92)
    payment_method = EnumMember("The payment method chosen by the buyer.", PaymentMethod, example="card", nullable=True)
    shipping_method = TextMember(
        "The code of the shipping method. Null if there is none.", example="standard", nullable=True
    )
    shipping_address = StoredMember("The shipping address.", AddressDocument, nullable=True)
    billing_address = StoredMember("The billing address.", AddressDocument, nullable=True)
    metadata = JsonMember("Custom JSON data.", example={"channel": "spring-fair"})
    tags = TextListMember("The tags. At most 50.", example=["gift"])
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class OrderDocument(_PurchaseDocument):
    """An order of a customer or guest."""

    id = id_member("ord")
    number = NumberTextMember(
        "The order number, unique in the store. Numbers increase and may have gaps.", example="1001"
    )
    status = EnumMember("The status of the order.", OrderStatus, example="pending")
    payment_status = EnumMember(
        "The payment status, derived from captures and refunds.", PaymentStatus, example="pending"
    )
    fulfillment_status = EnumMember(
        "The fulfilment status, derived from shipped quantities.", FulfillmentStatus, example="unfulfilled"
    )
    refunded = AmountMember("The refunded amount.", example=0.00)
    cancel_reason = TextMember(
        "The reason for the cancellation. Null if none was given.", example="customer_request", nullable=True
    )
    cancelled_at = InstantMember("When the order was cancelled. Null if not cancelled.", nullable=True)
    items = ManyMember("The lines of the order. At most 500.", reads.items_by_order, OrderItemDocument)


class DraftOrderDocument(_PurchaseDocument):
    """A draft of an order. It reserves no stock and creates no events until it is completed."""

    id = id_member("dord")
    order_id = TextMember("The id of the order created from the draft. Null if the draft is open.", nullable=True)
    status = EnumMember("The status of the draft order.", DraftOrderStatus, example="open")
    items = ManyMember("The lines of the draft order. At most 500.", reads.items_by_draft, LineDocument)


class AssignedOrdersDocument(Document):
    """The guest orders and drafts that were assigned to a customer."""

    customer_id = TextMember(
        "The id of the customer that the orders belong to now.", example="cust_01jd3v4q8rf9k6w2m5n7t0xhz4"
    )
    order_count = IntegerMember("The number of assigned orders.", example=3)
    draft_count = IntegerMember("The number of assigned draft orders.", example=0)
    has_more = BooleanMember("Whether there are more orders. Repeat the request to assign the next 500.", example=False)


class OrderNoteDocument(Document):
    """An internal note on an order."""

    id = id_member("note")
    text = TextMember("The text of the note.", example="Rang twice, nobody home.")
    actor = _ACTOR
    created_at = CREATED_AT


class OrderStatusChangeDocument(Document):
    """A change of an order's status."""

    id = id_member("step")
    from_status = EnumMember(
        "The status before the change. Null for the first entry, when the order was placed.",
        OrderStatus,
        example="pending",
        nullable=True,
    )
    status = EnumMember("The status after the change.", OrderStatus, example="processing")
    note = TextMember(
        "The reason for the change. Null if none was given.",
        example="Payment confirmed, preparing shipment",
        nullable=True,
    )
    actor = _ACTOR
    created_at = CREATED_AT


class ShippingMethodDocument(Document):
    """A shipping method."""

    code = TextMember("The code that orders refer to.", example="standard")
    name = TextMember("The name shown to shoppers.", example="Standard delivery")
    price = AmountMember("The shipping cost before tax.", example=4.95)


def _percent(rate: Row, _: Principal) -> DecimalJson:
    return orjson.Fragment(f"{percentage(rate.rate):f}".encode())


class TaxRateDocument(Document):
    """The tax rate of a country or state."""

    country = TextMember("The country, as an ISO 3166-1 alpha-2 code.", example="GB")
    state = TextMember("The state. Null if the rate applies to the whole country.", nullable=True)
    percent = ComputedMember("The tax rate in percent.", _percent, DecimalJson, example=20)
    on_shipping = BooleanMember("Whether the rate applies to shipping as well.", example=True)


def _shipping_methods(row: Row, _: Principal) -> list[Row]:
    return [_entry(row, each) for each in row.shipping_methods]


def _tax_rates(row: Row, _: Principal) -> list[Row]:
    return [_entry(row, each) for each in row.tax_rates]


def _entry(row: Row, stored: Mapping[str, Any]) -> Row:
    return SimpleNamespace(currency=row.currency, **stored)


class SettingsDocument(Document):
    """The settings of the store: shipping methods and taxes."""

    currency = CURRENCY
    shipping_methods = DerivedListMember("The shipping methods. At most 50.", ShippingMethodDocument, _shipping_methods)
    tax_rates = DerivedListMember("The tax rates. At most 1,000.", TaxRateDocument, _tax_rates)
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT


class AmountDocument(Document):
    """An amount of money."""

    currency = CURRENCY
    amount = AmountMember("The amount in major units.", column="total_spent", example=461.92)


class OrderSummaryDocument(Document):
    """Totals of a customer's orders, without cancelled orders."""

    order_count = IntegerMember("The number of orders.", example=3)
    total_spent = ObjectMember(
        "The sum of the order totals, by currency. Empty if there are no orders.",
        AmountDocument,
        column="currency",
        listed=True,
    )
    average_order_value = AmountMember(
        "The average order total. Null if there are no orders.", example=153.97, nullable=True
    )
    last_order_at = InstantMember(
        "When the last order was placed. Null if there are no orders.",
        example="2026-01-15T10:30:00Z",
        nullable=True,
    )
