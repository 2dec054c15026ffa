"""Enums of the domain as GraphQL types: upper case, every value with a description.

They are described here, before any field or input uses them: an enum described after its first use would be another
type.
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
from domain.webhooks import DeliveryStatus
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
    fields: Any = Enum(f"{name}Field", sorts)  # type: ignore[misc]  # created at run time
    texts = {fields(sort): text for sort, text in descriptions.items()}
    describe_enum(fields, f"The fields that {listing.name} can be sorted by. Ties are broken by id.", texts)
    parts = {
        "field": strawberry.field(description="The field to sort by."),
        "direction": strawberry.field(description="The direction.", default=SortDirection.ASC),
    }
    annotations = {"field": fields, "direction": SortDirection}
    input_type = type(name, (), {"__annotations__": annotations, "__module__": __name__, **parts})
    return keep_input_as_mapping(strawberry.input(input_type, description="A sort order."))


describe_enum(
    SortDirection,
    "A sort direction.",
    {
        SortDirection.ASC: "Ascending: smallest, oldest or alphabetically first.",
        SortDirection.DESC: "Descending.",
    },
)
describe_enum(
    ProductStatus,
    "The status of a product.",
    {
        ProductStatus.ACTIVE: "The product is for sale.",
        ProductStatus.DRAFT: "The product is being prepared and cannot be ordered.",
        ProductStatus.ARCHIVED: "The product is archived: readable, but cannot be ordered.",
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
    "The status of a customer.",
    {
        CustomerStatus.ACTIVE: "The customer is active.",
        CustomerStatus.ARCHIVED: "The customer is archived: readable, and the e-mail address stays in use.",
        CustomerStatus.ERASED: "The personal data of the customer was erased. Orders remain without it.",
    },
)
describe_enum(
    AddressType,
    "The purpose of a default address.",
    {AddressType.SHIPPING: "Shipping address.", AddressType.BILLING: "Billing address."},
)
describe_enum(
    OrderStatus,
    "The status of an order.",
    {
        OrderStatus.PENDING: "The order was placed and can still be edited.",
        OrderStatus.PROCESSING: "The order is being prepared.",
        OrderStatus.SHIPPED: "The order was shipped.",
        OrderStatus.DELIVERED: "The order was delivered.",
        OrderStatus.CANCELLED: "The order was cancelled and its stock released.",
    },
)
describe_enum(
    DraftOrderStatus,
    "The status of a draft order.",
    {
        DraftOrderStatus.OPEN: "The draft can still be changed.",
        DraftOrderStatus.COMPLETED: "The draft was completed as an order.",
    },
)
describe_enum(
    KeyState,
    "The state of an API key.",
    {
        KeyState.ACTIVE: "The key is valid.",
        KeyState.EXPIRED: "The key has expired.",
        KeyState.REVOKED: "The key was revoked.",
    },
    name="ApiKeyState",
)
describe_enum(
    PaymentStatus,
    "The payment status of an order, derived from captures and refunds.",
    {
        PaymentStatus.PENDING: "The total has not been fully captured.",
        PaymentStatus.PAID: "The total has been captured.",
        PaymentStatus.FAILED: "The last payment failed and nothing has been captured.",
        PaymentStatus.REFUNDED: "All captured payments have been refunded.",
    },
)
describe_enum(
    FulfillmentStatus,
    "The fulfilment status of an order, derived from shipped quantities.",
    {
        FulfillmentStatus.UNFULFILLED: "No item has been shipped.",
        FulfillmentStatus.PARTIAL: "Some items have been shipped.",
        FulfillmentStatus.FULFILLED: "All items have been shipped.",
    },
)
describe_enum(
    PaymentMethod,
    "The payment method of an order.",
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
    "How refused inputs of a bulk mutation affect the other inputs.",
    {
        ErrorPolicy.ALL_OR_NONE: "If one input is refused, nothing is written. All problems are reported.",
        ErrorPolicy.SKIP: "Refused inputs are skipped. All others are written.",
    },
)
describe_enum(
    AlertState,
    "The state of an inventory alert.",
    {
        AlertState.ARMED: "The available quantity is at or above the threshold. The alert fires when it falls below.",
        AlertState.LOW: "The available quantity is below the threshold. The alert is armed again after it recovers.",
    },
)
describe_enum(
    PurchaseOrderStatus,
    "The status of a purchase order.",
    {
        PurchaseOrderStatus.OPEN: "Some or all units are outstanding.",
        PurchaseOrderStatus.RECEIVED: "All units have been received.",
        PurchaseOrderStatus.CANCELLED: "The purchase order was cancelled. Outstanding units are no longer expected.",
    },
)
describe_enum(
    Mode,
    "The mode of a store.",
    {Mode.LIVE: "The live store.", Mode.TEST: "The sandbox store, for tests."},
)
describe_enum(
    Plan,
    "The plan of an account.",
    {
        Plan.FREE: "The free plan.",
        Plan.STARTER: "The starter plan.",
        Plan.PROFESSIONAL: "The professional plan.",
        Plan.ENTERPRISE: "The enterprise plan.",
    },
)
describe_enum(
    ErrorCode,
    "The code of a user error.",
    {
        ErrorCode.REQUIRED: "The field is required.",
        ErrorCode.NULL_NOT_ALLOWED: "The field must not be null.",
        ErrorCode.UNKNOWN_FIELD: "The field is unknown.",
        ErrorCode.INVALID: "The value has an invalid format.",
        ErrorCode.TOO_SHORT: "The value has fewer characters or items than the minimum.",
        ErrorCode.TOO_LONG: "The value has more characters, items or bytes than the maximum.",
        ErrorCode.TOO_SMALL: "The value is below the minimum.",
        ErrorCode.TOO_LARGE: "The value is above the maximum.",
        ErrorCode.TOO_MANY_DECIMALS: "The amount has more decimals than its currency.",
        ErrorCode.CURRENCY_MISMATCH: "The amount is in another currency than the store.",
        ErrorCode.DUPLICATE: "The value occurs twice in the request.",
        ErrorCode.READ_ONLY: "The field is read-only.",
        ErrorCode.NOT_FOUND: "The object does not exist in the store.",
        ErrorCode.TAKEN: "The value is already in use and must be unique.",
        ErrorCode.VERSION_MISMATCH: "The object has changed since it was read. Read it again.",
        ErrorCode.ILLEGAL_TRANSITION: "The state of the object does not allow the change.",
        ErrorCode.INSUFFICIENT_STOCK: "There is not enough stock.",
        ErrorCode.IDEMPOTENCY_MISMATCH: "The idempotency key was already used for a different request.",
        ErrorCode.IN_FLIGHT: "A request with the same idempotency key is in progress.",
        ErrorCode.CURSOR_EXPIRED: "Events after this cursor are no longer stored.",
    },
    name="UserErrorCode",
)
describe_enum(
    EventType,
    "The type of an event.",
    {type: (inspect.getdoc(REGISTRY[type]) or "").replace("``", "`") for type in EventType},
)
describe_enum(
    LeftWebhooks,
    "The effect of revoking an API key on the webhooks it created.",
    {
        LeftWebhooks.KEEP: "The webhooks stay active, with the scopes of the key.",
        LeftWebhooks.DISABLE: "The webhooks are deactivated.",
    },
)
describe_enum(
    DeliveryStatus,
    "The status of a webhook delivery.",
    {
        DeliveryStatus.PENDING: "Waiting for the first or next attempt.",
        DeliveryStatus.DELIVERED: "The receiver accepted it.",
        DeliveryStatus.FAILED: "All attempts failed. It can be redelivered.",
    },
)


OrderSort = sort_input(
    "OrderSort",
    orders.reads.orders,
    {
        "created_at": "When the order was created.",
        "updated_at": "When the order was last changed.",
        "total": "The total of the order.",
        "number": "The order number.",
    },
)
