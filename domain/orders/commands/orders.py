"""What callers can ask of orders. Every limit is written here, once, for both surfaces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from domain.kernel.address import AddressInput
from domain.kernel.fields import (
    UNSET,
    Amount,
    Boolean,
    Choice,
    DateBound,
    Email,
    FieldLocation,
    Integer,
    Json,
    ListOf,
    Metadata,
    NestedObject,
    Percent,
    Text,
    Unset,
)
from domain.kernel.fields.contact import MAX_EMAIL_LENGTH
from domain.kernel.fields.filter_fields import UPDATED_FROM, UPDATED_TO, at_least, at_most
from domain.kernel.fields.tags import TAGS
from domain.kernel.ids import example_id
from domain.kernel.money import Money
from domain.orders.states import FulfillmentStatus, OrderStatus, PaymentMethod, PaymentStatus

MAX_ITEMS = 500
MAX_QUANTITY = 1_000_000

_PRODUCT_ID = Text(
    min=1,
    max=64,
    description="What is bought; with several variants, name one.",
    example=example_id("prod"),
)
_VARIANT_ID = Text(min=1, max=64, description="Which variant of it.", example=example_id("var"))
_SKU = Text(min=1, max=64, description="The SKU of a variant, or of a product with only one.")
_QUANTITY = Integer(min=1, max=MAX_QUANTITY, description="How many.", example=2)
_WRITTEN_TO = Email(description="Whom to write to about it.", example="jane@example.com")
_GOES_TO = NestedObject(description="Where it goes; taxes follow it.")
_BILLED_TO = NestedObject(description="Where the bill goes.")
_LINE_ID = Text(
    min=1,
    max=64,
    description="Only where a draft is updated: the line's id (item_…), of which what is left out stays.",
)
_PRICE = Amount(description="The price of one; the catalog's when left out or null.", example="199.99")
_SHIPPING_ADDRESS = NestedObject(
    description="Where it goes; taxes follow it. Of a new order or a draft, the customer's default one when left out "
    "or null."
)
_BILLING_ADDRESS = NestedObject(
    description="Where the bill goes. Of a new order or a draft, the customer's default when left out or null."
)
_PAYMENT_METHOD = Choice(description="How the buyer means to pay.", example="card")
_SHIPPING_METHOD = Text(
    min=1,
    max=50,
    description="The code of one of the store's shipping methods; none, and shipping is free.",
    example="standard",
)
_EMAIL = Email(
    description="Whom to write to about it. Of a new order or a draft, the customer's address when left out or null.",
    example="jane@example.com",
)
_METADATA = Metadata(
    description="Your own JSON; on update keys merge and null drops a key.",
    example={"channel": "spring-fair"},
)
_NOTE = Text(min=1, max=2_000, description="Why, for those who work on the order.", example="Customer changed mind")
_VERSION = Integer(
    description="The version of the order you have seen; a stale one is a conflict and nothing is written.",
    min=1,
    place=FieldLocation.VERSION,
)
_ORDER_ID = Text(min=1, max=64, description="The order's id (ord_…).", place=FieldLocation.PATH)
CUSTOMER_ID = Text(min=1, max=64, description="Who buys; left out for a guest.", example=example_id("cust"))


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderItemInput:
    """So many of one variant, named by its product (with the variant where there are several), itself, or its SKU."""

    id: Annotated[str | Unset, _LINE_ID] = UNSET
    product_id: Annotated[str | Unset, _PRODUCT_ID] = UNSET
    variant_id: Annotated[str | Unset, _VARIANT_ID] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    quantity: Annotated[int, _QUANTITY]
    price: Annotated[Money | Unset | None, _PRICE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscountInput:
    """Taken off the subtotal before tax: either an amount or a percentage."""

    amount: Annotated[Money | Unset, Amount(description="So much, at most the subtotal.", example="10.00")] = UNSET
    percent: Annotated[Decimal | Unset, Percent(description="So much of a hundred.", example=10)] = UNSET


ITEMS = ListOf(item=NestedObject(description="A line."), min=1, max=MAX_ITEMS, description="What is bought.")
_DISCOUNT = NestedObject(one_of=True, description="What is taken off the subtotal: either an amount or a percentage.")


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderTerms:
    """What can be said of any order or draft, besides who buys and what."""

    email: Annotated[str | Unset | None, _EMAIL] = UNSET
    shipping_address: Annotated[AddressInput | Unset | None, _SHIPPING_ADDRESS] = UNSET
    billing_address: Annotated[AddressInput | Unset | None, _BILLING_ADDRESS] = UNSET
    payment_method: Annotated[PaymentMethod | Unset | None, _PAYMENT_METHOD] = UNSET
    shipping_method: Annotated[str | Unset | None, _SHIPPING_METHOD] = UNSET
    discount: Annotated[DiscountInput | Unset | None, _DISCOUNT] = UNSET
    metadata: Annotated[Json | Unset, _METADATA] = UNSET
    tags: Annotated[tuple[str, ...] | Unset, TAGS] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateOrder(OrderTerms):
    """Place an order: its stock is reserved, all of it or none."""

    customer_id: Annotated[str | Unset | None, CUSTOMER_ID] = UNSET
    items: Annotated[tuple[OrderItemInput, ...], ITEMS]


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateOrderStatus:
    """Move an order on: pending, processing, shipped, delivered; or cancelled, from the first two.

    Shipped without a shipment says that all that remains has been sent by other means: its stock goes.
    """

    id: Annotated[str, _ORDER_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    status: Annotated[OrderStatus, Choice(description="The next status.", example="processing")]
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelOrder:
    """Cancel an order that has not shipped: its stock is back at once."""

    id: Annotated[str, _ORDER_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    reason: Annotated[
        str | Unset | None,
        Text(min=1, max=64, description="Why, in a word of your own.", example="customer_request"),
    ] = UNSET
    refund: Annotated[
        bool,
        Boolean(description="Whether to pay back what was captured; authorisations end in any case.", example=True),
    ] = False
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemQuantity:
    """Another quantity for a line."""

    id: Annotated[str, Text(min=1, max=64, description="The line's id (item_…).", example=example_id("item"))]
    quantity: Annotated[int, _QUANTITY]


@dataclass(frozen=True, kw_only=True, slots=True)
class EditOrder(OrderTerms):
    """Change a pending order: lines to add, to remove, to have another quantity; where it goes, and how.

    Stock follows, all of it or none, and the totals are worked out anew at the order's own prices and tax.
    """

    id: Annotated[str, _ORDER_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    add_items: Annotated[
        tuple[OrderItemInput, ...],
        ListOf(item=NestedObject(description="A line."), max=MAX_ITEMS, description="Lines to add."),
    ] = ()
    set_quantities: Annotated[
        tuple[ItemQuantity, ...],
        ListOf(item=NestedObject(description="A line."), max=MAX_ITEMS, description="Lines to have another quantity."),
    ] = ()
    remove_items: Annotated[
        tuple[str, ...],
        ListOf(
            item=Text(min=1, max=64, description="A line's id (item_…)."),
            max=MAX_ITEMS,
            description="The ids of lines to remove; one line must stay.",
        ),
    ] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateOrder:
    """Change what is given of an order that has not shipped: whom to write to, where it goes, your own data.

    The tax follows the address, and the total the tax; lines, prices and stock stay.
    """

    id: Annotated[str, _ORDER_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    email: Annotated[str | Unset | None, _WRITTEN_TO] = UNSET
    shipping_address: Annotated[AddressInput | Unset | None, _GOES_TO] = UNSET
    billing_address: Annotated[AddressInput | Unset | None, _BILLED_TO] = UNSET
    metadata: Annotated[Json | Unset, _METADATA] = UNSET
    tags: Annotated[tuple[str, ...] | Unset, TAGS] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AssignOrders:
    """Give a customer the orders and drafts that guests have placed with an e-mail address.

    From then on they are the customer's: listed, summed, exported and erased with them. At most 500 orders at once,
    the oldest first.
    """

    customer_id: Annotated[
        str, Text(min=1, max=64, description="The customer's id (cust_…).", place=FieldLocation.PATH)
    ]
    email: Annotated[
        str | Unset,
        Email(
            description="The address that the guests gave, in any case; the customer's own when left out.",
            example="jane@example.com",
        ),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AddOrderNote:
    """Write something on an order."""

    order_id: Annotated[str, _ORDER_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    text: Annotated[
        str, Text(min=1, max=5_000, description="What there is to say.", example="Rang twice, nobody home.")
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderFilter:
    """Which orders a list holds; every condition must hold."""

    status: Annotated[
        tuple[OrderStatus, ...] | Unset,
        ListOf(
            item=Choice(description="A status.", example="pending"),
            min=1,
            max=5,
            description="One of these; left out: every status.",
        ),
    ] = UNSET
    customer_id: Annotated[
        str | Unset, Text(min=1, max=64, description="Of this customer.", example=example_id("cust"))
    ] = UNSET
    number: Annotated[
        str | Unset,
        Text(
            min=1,
            max=19,
            pattern=r"#?[0-9]{1,18}",
            form="digits, such as 1473 or #1473",
            description="The number of the order: 1473 or #1473.",
            example="1473",
        ),
    ] = UNSET
    email: Annotated[
        str | Unset,
        Text(
            min=1,
            max=MAX_EMAIL_LENGTH,
            description="Its e-mail address, or the domain of that, begins with this, whatever the case.",
            example="customer@example.com",
        ),
    ] = UNSET
    sku: Annotated[
        str | Unset,
        Text(min=1, max=64, description="With this SKU in a line, whatever the case.", example="HEADPHONE-001"),
    ] = UNSET
    payment_status: Annotated[
        tuple[PaymentStatus, ...] | Unset,
        ListOf(item=Choice(description="A payment status.", example="paid"), min=1, max=4, description="One of these."),
    ] = UNSET
    fulfillment_status: Annotated[
        tuple[FulfillmentStatus, ...] | Unset,
        ListOf(
            item=Choice(description="A fulfillment status.", example="unfulfilled"),
            min=1,
            max=3,
            description="One of these.",
        ),
    ] = UNSET
    date_from: Annotated[
        datetime | Unset,
        DateBound(description="Made then or later; a bare date is the whole UTC day.", example="2026-01-01"),
    ] = UNSET
    date_to: Annotated[
        datetime | Unset,
        DateBound(
            last=True, description="Made then or before; a bare date is the whole UTC day.", example="2026-01-31"
        ),
    ] = UNSET
    updated_from: Annotated[datetime | Unset, UPDATED_FROM] = UNSET
    updated_to: Annotated[datetime | Unset, UPDATED_TO] = UNSET
    total_from: Annotated[Money | Unset, at_least("The total")] = UNSET
    total_to: Annotated[Money | Unset, at_most("The total")] = UNSET
