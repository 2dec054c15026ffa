"""Commands and filters of orders. Every limit is written here, once, for both surfaces."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from domain.kernel.address import AddressInput
from domain.kernel.fields import (
    UNSET,
    Amount,
    Boolean,
    Choice,
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
from domain.kernel.fields.tags import TAGS
from domain.kernel.ids import example_id
from domain.kernel.money import Money
from domain.orders.states import OrderStatus
from domain.payments import PaymentMethod

MAX_ITEMS = 500
MAX_QUANTITY = 1_000_000

_PRODUCT_ID = Text(
    min=1,
    max=64,
    description="The id of the product. If it has several variants, also specify the variant.",
    example=example_id("prod"),
)
_VARIANT_ID = Text(min=1, max=64, description="The id of the variant.", example=example_id("var"))
_SKU = Text(min=1, max=64, description="The SKU of a variant, or of a product with one variant.")
_QUANTITY = Integer(min=1, max=MAX_QUANTITY, description="The quantity.", example=2)
_WRITTEN_TO = Email(description="The e-mail address for messages about the order.", example="jane@example.com")
_GOES_TO = NestedObject(description="The shipping address. Taxes depend on it.")
_BILLED_TO = NestedObject(description="The billing address.")
_LINE_ID = Text(
    min=1,
    max=64,
    description="The id of an existing line (`item_…`). Only when a draft order is updated: omitted fields of the line "
    "stay unchanged.",
)
_PRICE = Amount(description="The unit price. If omitted or null, the catalog price applies.", example="199.99")
_SHIPPING_ADDRESS = NestedObject(
    description="The shipping address. Taxes depend on it. In a new order or a draft order, the default shipping "
    "address of the customer if omitted or null."
)
_BILLING_ADDRESS = NestedObject(
    description="The billing address. In a new order or a draft order, the default billing address of the customer if "
    "omitted or null."
)
_PAYMENT_METHOD = Choice(description="The payment method chosen by the buyer.", example="card")
_SHIPPING_METHOD = Text(
    min=1,
    max=50,
    description="The code of a shipping method of the store. Without one, shipping is free.",
    example="standard",
)
_EMAIL = Email(
    description="The e-mail address for messages about the order. In a new order or a draft order, the address of the "
    "customer if omitted or null.",
    example="jane@example.com",
)
_METADATA = Metadata(
    description="Custom JSON data. On update, keys are merged and a null value removes its key.",
    example={"channel": "spring-fair"},
)
_NOTE = Text(
    min=1, max=2_000, description="The reason for the change, for internal use.", example="Customer changed mind"
)
_VERSION = Integer(
    description="The version the change is based on. If the order has changed since, the request fails with "
    "`VERSION_MISMATCH`.",
    min=1,
    place=FieldLocation.VERSION,
)
_ORDER_ID = Text(min=1, max=64, description="The id of the order (`ord_…`).", place=FieldLocation.PATH)
CUSTOMER_ID = Text(min=1, max=64, description="The id of the customer. Null for a guest.", example=example_id("cust"))


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderItemInput:
    """A line: a quantity of one variant. Identify it by product (if it has one variant), variant or SKU."""

    id: Annotated[str | Unset, _LINE_ID] = UNSET
    product_id: Annotated[str | Unset, _PRODUCT_ID] = UNSET
    variant_id: Annotated[str | Unset, _VARIANT_ID] = UNSET
    sku: Annotated[str | Unset, _SKU] = UNSET
    quantity: Annotated[int, _QUANTITY]
    price: Annotated[Money | Unset | None, _PRICE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscountInput:
    """A discount on the subtotal before tax. Give either `amount` or `percent`."""

    amount: Annotated[Money | Unset, Amount(description="The amount. Cannot exceed the subtotal.", example="10.00")] = (
        UNSET
    )
    percent: Annotated[Decimal | Unset, Percent(description="The percentage of the subtotal.", example=10)] = UNSET


ITEMS = ListOf(item=NestedObject(description="A line."), min=1, max=MAX_ITEMS, description="The lines.")
_DISCOUNT = NestedObject(one_of=True, description="A discount on the subtotal: either an amount or a percentage.")


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderTerms:
    """Terms of any order or draft, besides the customer and the lines."""

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
    """Create an order and reserve its stock. If one line cannot be filled, nothing is reserved."""

    customer_id: Annotated[str | Unset | None, CUSTOMER_ID] = UNSET
    items: Annotated[tuple[OrderItemInput, ...], ITEMS]


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateOrderStatus:
    """Change the status of an order.

    Allowed are `pending` → `processing` → `shipped` → `delivered`, and `cancelled` from the first two. `shipped`
    fulfils all remaining items and deducts their stock.
    """

    id: Annotated[str, _ORDER_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    status: Annotated[OrderStatus, Choice(description="The new status.", example="processing")]
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CancelOrder:
    """Cancel an order that has not been shipped and release its stock."""

    id: Annotated[str, _ORDER_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    reason: Annotated[
        str | Unset | None,
        Text(
            min=1,
            max=64,
            description="The reason for the cancellation, as a code of your choice.",
            example="customer_request",
        ),
    ] = UNSET
    refund: Annotated[
        bool,
        Boolean(
            description="Whether to refund the captured amount. Authorisations are released in any case.", example=True
        ),
    ] = False
    note: Annotated[str | Unset | None, _NOTE] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemQuantity:
    """A new quantity for a line."""

    id: Annotated[str, Text(min=1, max=64, description="The id of the line (`item_…`).", example=example_id("item"))]
    quantity: Annotated[int, _QUANTITY]


@dataclass(frozen=True, kw_only=True, slots=True)
class EditOrder(OrderTerms):
    """Edit a pending order: its lines, quantities, addresses, methods and discount. Stock and totals are adjusted.

    If there is not enough stock for one line, nothing is changed. Existing lines keep their prices.
    """

    id: Annotated[str, _ORDER_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    add_items: Annotated[
        tuple[OrderItemInput, ...],
        ListOf(item=NestedObject(description="A line."), max=MAX_ITEMS, description="The lines to add."),
    ] = ()
    set_quantities: Annotated[
        tuple[ItemQuantity, ...],
        ListOf(
            item=NestedObject(description="A line."), max=MAX_ITEMS, description="The lines whose quantity changes."
        ),
    ] = ()
    remove_items: Annotated[
        tuple[str, ...],
        ListOf(
            item=Text(min=1, max=64, description="The id of a line (`item_…`)."),
            max=MAX_ITEMS,
            description="The ids of the lines to remove. At least one line must remain.",
        ),
    ] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateOrder:
    """Update an order that has not been shipped. Fields that are left out stay unchanged.

    Tax and total are recalculated for a new address. Lines, prices and stock stay unchanged.
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
    """Assign the orders and draft orders of guests with an e-mail address to a customer.

    From then on they are listed, summed, exported and erased with the customer. At most 500 orders per request, oldest
    first.
    """

    customer_id: Annotated[
        str, Text(min=1, max=64, description="The id of the customer (`cust_…`).", place=FieldLocation.PATH)
    ]
    email: Annotated[
        str | Unset,
        Email(
            description="The e-mail address of the guests, ignoring case. Default: the e-mail address of the customer.",
            example="jane@example.com",
        ),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AddOrderNote:
    """Add a note to an order."""

    order_id: Annotated[str, _ORDER_ID]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    text: Annotated[
        str, Text(min=1, max=5_000, description="The text of the note.", example="Rang twice, nobody home.")
    ]
