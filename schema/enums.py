"""Enums of the domain as GraphQL writes them: upper case, every value described.

Described here, before any field or input names them: an enum described after its first use would be another type.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from enum import Enum, EnumMeta
from typing import Any, TypeVar

import strawberry

from domain import orders
from domain.access import KeyState, LeftWebhooks
from domain.catalog import ProductStatus, WeightUnit
from domain.customers import AddressType, CustomerStatus
from domain.events.event_types import EventType
from domain.inventory import AlertState, PurchaseOrderStatus
from domain.kernel.errors import ErrorCode
from domain.kernel.events import REGISTRY
from domain.kernel.listing import Listing
from domain.kernel.principal import Mode, Plan
from domain.kernel.use_cases.bulk import ErrorPolicy
from domain.orders import DraftOrderStatus, FulfillmentStatus, OrderStatus, PaymentMethod, PaymentStatus
from domain.webhooks import WebhookDeliveryStatus
from resolvers.types import SortDirection
from schema.strawberry_internals import definition_of, keep_input_as_mapping

E = TypeVar("E", bound=EnumMeta)


def describe_enum(enum: E, description: str, values: Mapping[Any, str], name: str | None = None) -> E:
    """The enum as a GraphQL type. Raises KeyError for a value without a description."""
    strawberry.enum(enum, name=name or enum.__name__, description=description)
    for value in definition_of(enum).values:
        value.description = values[enum[value.name]]
    return enum


def sort_input(name: str, listing: Listing, descriptions: Mapping[str, str]) -> type[Any]:
    """The input that chooses one of a listing's sorts: ``{ field: NAME, direction: ASC }``."""
    sorts = {sort.upper(): sort for sort in listing.sorts}
    fields: Any = Enum(f"{name}Field", sorts)  # type: ignore[misc]  # made, not written
    texts = {fields(sort): text for sort, text in descriptions.items()}
    describe_enum(fields, "What the list can be sorted by; ties by id.", texts)
    parts = {
        "field": strawberry.field(description="What to sort by."),
        "direction": strawberry.field(description="Which way.", default=SortDirection.ASC),
    }
    annotations = {"field": fields, "direction": SortDirection}
    input_type = type(name, (), {"__annotations__": annotations, "__module__": __name__, **parts})
    return keep_input_as_mapping(strawberry.input(input_type, description="An order of the list."))


describe_enum(
    SortDirection,
    "Which way a list runs.",
    {
        SortDirection.ASC: "The smallest, oldest or alphabetically first comes first.",
        SortDirection.DESC: "The reverse.",
    },
)
describe_enum(
    ProductStatus,
    "Whether a product is for sale.",
    {
        ProductStatus.ACTIVE: "For sale.",
        ProductStatus.DRAFT: "Being prepared; cannot be ordered.",
        ProductStatus.ARCHIVED: "Taken off; stays readable, cannot be ordered.",
    },
)
describe_enum(
    WeightUnit,
    "A unit of mass.",
    {
        WeightUnit.GRAM: "Grams.",
        WeightUnit.KILOGRAM: "Kilograms: 1,000 grams.",
        WeightUnit.OUNCE: "Ounces: 28.349523125 grams.",
        WeightUnit.POUND: "Pounds: 16 ounces.",
    },
)
describe_enum(
    CustomerStatus,
    "Whether a customer is dealt with.",
    {
        CustomerStatus.ACTIVE: "Dealt with.",
        CustomerStatus.ARCHIVED: "Put away; stays readable, and the e-mail address stays taken.",
        CustomerStatus.ERASED: "Nobody any more: the person was forgotten, the books were kept.",
    },
)
describe_enum(
    AddressType,
    "What an address can be the default for.",
    {AddressType.SHIPPING: "Where parcels go.", AddressType.BILLING: "Where bills go."},
)
describe_enum(
    OrderStatus,
    "How far an order has come.",
    {
        OrderStatus.PENDING: "Placed; can still be edited.",
        OrderStatus.PROCESSING: "Being worked on.",
        OrderStatus.SHIPPED: "On its way.",
        OrderStatus.DELIVERED: "Arrived.",
        OrderStatus.CANCELLED: "Cancelled; its stock is back.",
    },
)
describe_enum(
    DraftOrderStatus,
    "Whether a draft can still be changed.",
    {
        DraftOrderStatus.OPEN: "It is being prepared.",
        DraftOrderStatus.COMPLETED: "It has become an order.",
    },
)
describe_enum(
    KeyState,
    "Whether an API key still works.",
    {
        KeyState.ACTIVE: "It works.",
        KeyState.EXPIRED: "It has run out, and was not revoked.",
        KeyState.REVOKED: "It was revoked.",
    },
    name="ApiKeyState",
)
describe_enum(
    PaymentStatus,
    "What became of an order's payment; follows from what was captured and refunded.",
    {
        PaymentStatus.PENDING: "Not all of it is captured.",
        PaymentStatus.PAID: "All of it is captured.",
        PaymentStatus.FAILED: "The last attempt failed and nothing is captured.",
        PaymentStatus.REFUNDED: "All that was captured is paid back.",
    },
)
describe_enum(
    FulfillmentStatus,
    "What was sent of an order; follows from its lines.",
    {
        FulfillmentStatus.UNFULFILLED: "Nothing.",
        FulfillmentStatus.PARTIAL: "Some of it.",
        FulfillmentStatus.FULFILLED: "All of it.",
    },
)
describe_enum(
    PaymentMethod,
    "How a buyer means to pay.",
    {
        PaymentMethod.CARD: "A credit or debit card.",
        PaymentMethod.APPLE_PAY: "Apple Pay.",
        PaymentMethod.GOOGLE_PAY: "Google Pay.",
        PaymentMethod.PAYPAL: "PayPal.",
        PaymentMethod.ACH: "A bank transfer by ACH.",
        PaymentMethod.WIRE: "A wire transfer.",
        PaymentMethod.AFFIRM: "Affirm, in instalments.",
        PaymentMethod.KLARNA: "Klarna, in instalments.",
        PaymentMethod.BITCOIN: "Bitcoin.",
        PaymentMethod.ETHEREUM: "Ethereum.",
    },
)
describe_enum(
    ErrorPolicy,
    "What a refused input of a bulk means for the others.",
    {
        ErrorPolicy.ALL_OR_NONE: "One refused input refuses all; every problem is named.",
        ErrorPolicy.SKIP: "Refused inputs are left out, the others are written.",
    },
)
describe_enum(
    AlertState,
    "Whether an alert waits to fire, or has fired.",
    {
        AlertState.ARMED: "What is available is at least the threshold; it fires when that falls below.",
        AlertState.LOW: "What is available is below the threshold; it is armed again when that has recovered.",
    },
)
describe_enum(
    PurchaseOrderStatus,
    "Whether what was ordered is still to come.",
    {
        PurchaseOrderStatus.OPEN: "Some or all of it is still to come.",
        PurchaseOrderStatus.RECEIVED: "All of it has come.",
        PurchaseOrderStatus.CANCELLED: "Nothing more of it is to come.",
    },
)
describe_enum(
    Mode,
    "Which of an account's two stores.",
    {Mode.LIVE: "Real trade.", Mode.TEST: "The sandbox: nothing in it is real."},
)
describe_enum(
    Plan,
    "What an account pays for.",
    {
        Plan.FREE: "The free plan.",
        Plan.STARTER: "The starter plan.",
        Plan.PROFESSIONAL: "The professional plan.",
        Plan.ENTERPRISE: "The enterprise plan.",
    },
)
describe_enum(
    ErrorCode,
    "What is wrong with a field or a thing, for programs.",
    {
        ErrorCode.REQUIRED: "The field is needed.",
        ErrorCode.NULL_NOT_ALLOWED: "The field may be left out, but not be null.",
        ErrorCode.UNKNOWN_FIELD: "There is no such field.",
        ErrorCode.INVALID: "The value does not have the right form.",
        ErrorCode.TOO_SHORT: "Fewer characters or items than the least allowed.",
        ErrorCode.TOO_LONG: "More characters, items or bytes than the most allowed.",
        ErrorCode.TOO_SMALL: "Below the smallest value allowed.",
        ErrorCode.TOO_LARGE: "Above the largest value allowed.",
        ErrorCode.TOO_MANY_DECIMALS: "More decimals than the currency has.",
        ErrorCode.CURRENCY_MISMATCH: "Not the currency that is needed here.",
        ErrorCode.DUPLICATE: "The same thing twice in one request.",
        ErrorCode.READ_ONLY: "The field cannot be changed.",
        ErrorCode.NOT_FOUND: "There is no such thing in the store.",
        ErrorCode.TAKEN: "Another thing has this value, which must be unique.",
        ErrorCode.VERSION_MISMATCH: "The thing has changed since; read it again.",
        ErrorCode.ILLEGAL_TRANSITION: "The thing's state does not allow this.",
        ErrorCode.INSUFFICIENT_STOCK: "There is not enough in stock.",
        ErrorCode.IDEMPOTENCY_MISMATCH: "The idempotency key was used for another request.",
        ErrorCode.IN_FLIGHT: "The same request is still being worked on.",
        ErrorCode.CURSOR_EXPIRED: "The events after this cursor are no longer kept.",
    },
    name="UserErrorCode",
)
describe_enum(
    EventType,
    "A type of events.",
    {type: (inspect.getdoc(REGISTRY[type]) or "").replace("``", "`") for type in EventType},
)
describe_enum(
    LeftWebhooks,
    "What becomes of the webhooks of a key that is revoked.",
    {
        LeftWebhooks.KEEP: "They go on, with what the key might see.",
        LeftWebhooks.DISABLE: "They are made inactive.",
    },
)
describe_enum(
    WebhookDeliveryStatus,
    "How far a delivery has come.",
    {
        WebhookDeliveryStatus.PENDING: "It is to be sent, or to be tried again.",
        WebhookDeliveryStatus.DELIVERED: "The receiver has taken it.",
        WebhookDeliveryStatus.FAILED: "Given up; it can be sent again.",
    },
)


OrderSort = sort_input(
    "OrderSort",
    orders.reads.orders,
    {
        "created_at": "When it was made.",
        "updated_at": "When it last changed.",
        "total": "What it comes to.",
        "number": "Its number.",
    },
)
