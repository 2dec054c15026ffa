"""Commands and filters of customers. Every limit is written here, once, for both surfaces."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from domain.customers.model import AddressType, CustomerStatus
from domain.kernel.address import AddressChange, AddressInput
from domain.kernel.fields import (
    UNSET,
    Boolean,
    Choice,
    Email,
    FieldLocation,
    Integer,
    Json,
    ListOf,
    NestedObject,
    Phone,
    Text,
    Unset,
)
from domain.kernel.fields.contact import MAX_EMAIL_LENGTH
from domain.kernel.fields.filter_fields import CREATED_FROM, CREATED_TO, UPDATED_FROM, UPDATED_TO
from domain.kernel.fields.tags import HAVING_TAGS, METADATA, TAGS

MAX_ADDRESSES = 100

_EMAIL = Email(description="The e-mail address. Unique in the store, ignoring case.", example="customer@example.com")
_FIRST_NAME = Text(max=255, description="The first name.", example="Jane")
_LAST_NAME = Text(max=255, description="The last name.", example="Doe")
_PHONE = Phone(
    description="The telephone number with `+` and country code. Stored as entered; a valid number is also stored in "
    "E.164 format.",
    example="+44 20 7946 0958",
)
_CHANNEL = Text(min=1, max=64, description="The channel through which the customer was acquired.", example="newsletter")
_STATUS = Choice(description="The status: active or archived. Erasing is a separate operation.", example="active")
_DEFAULT_SHIPPING = Boolean(description="Whether this is the default shipping address.", example=True)
_DEFAULT_BILLING = Boolean(description="Whether this is the default billing address.", example=True)
_VERSION = Integer(
    description="The version the change is based on. If the customer has changed since, the request fails with "
    "`VERSION_MISMATCH`.",
    min=1,
    place=FieldLocation.VERSION,
)


def _id(noun: str, prefix: str) -> Text:
    return Text(min=1, max=64, description=f"The id of the {noun} (`{prefix}_…`).", place=FieldLocation.PATH)


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerAddressInput(AddressInput):
    """An address of a new customer."""

    default_shipping: Annotated[bool, _DEFAULT_SHIPPING] = False
    default_billing: Annotated[bool, _DEFAULT_BILLING] = False


_ADDRESSES = ListOf(
    item=NestedObject(description="An address."),
    max=MAX_ADDRESSES,
    description="The addresses. At most one can be the default for shipping and one for billing.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateCustomer:
    """Create a customer with addresses."""

    email: Annotated[str, _EMAIL]
    first_name: Annotated[str | Unset | None, _FIRST_NAME] = UNSET
    last_name: Annotated[str | Unset | None, _LAST_NAME] = UNSET
    phone: Annotated[str | Unset | None, _PHONE] = UNSET
    addresses: Annotated[tuple[CustomerAddressInput, ...], _ADDRESSES] = ()
    tags: Annotated[tuple[str, ...], TAGS] = ()
    metadata: Annotated[Json | Unset, METADATA] = UNSET
    acquisition_channel: Annotated[str, _CHANNEL] = "api"


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateCustomer:
    """Update a customer. Fields that are left out stay unchanged. Addresses have operations of their own."""

    id: Annotated[str, _id("customer", "cust")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    email: Annotated[str | Unset, _EMAIL] = UNSET
    first_name: Annotated[str | Unset | None, _FIRST_NAME] = UNSET
    last_name: Annotated[str | Unset | None, _LAST_NAME] = UNSET
    phone: Annotated[str | Unset | None, _PHONE] = UNSET
    tags: Annotated[tuple[str, ...] | Unset, TAGS] = UNSET
    metadata: Annotated[Json | Unset, METADATA] = UNSET
    acquisition_channel: Annotated[str | Unset, _CHANNEL] = UNSET
    status: Annotated[CustomerStatus | Unset, _STATUS] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveCustomer:
    """Archive a customer. The customer stays readable and keeps the e-mail address."""

    id: Annotated[str, _id("customer", "cust")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class EraseCustomer:
    """Permanently erase the personal data of a customer, including copies in past events and stored responses.

    Orders are kept without it.
    """

    id: Annotated[str, _id("customer", "cust")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class AddAddress(AddressInput):
    """Add an address to a customer."""

    customer_id: Annotated[str, _id("customer", "cust")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    default_shipping: Annotated[bool, _DEFAULT_SHIPPING] = False
    default_billing: Annotated[bool, _DEFAULT_BILLING] = False


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateAddress(AddressChange):
    """Update an address of a customer. Fields that are left out stay unchanged."""

    customer_id: Annotated[str, _id("customer", "cust")]
    id: Annotated[str, _id("address", "addr")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    default_shipping: Annotated[bool | Unset, _DEFAULT_SHIPPING] = UNSET
    default_billing: Annotated[bool | Unset, _DEFAULT_BILLING] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveAddress:
    """Remove an address. If it was a default address, no default remains."""

    customer_id: Annotated[str, _id("customer", "cust")]
    id: Annotated[str, _id("address", "addr")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class SetDefaultAddress:
    """Set the default address of a customer for shipping, billing or both."""

    customer_id: Annotated[str, _id("customer", "cust")]
    id: Annotated[str, _id("address", "addr")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    type: Annotated[
        AddressType | Unset,
        Choice(description="The default to set: shipping or billing. If omitted, both are set.", example="shipping"),
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerFilter:
    """Conditions on customers. All of them must match."""

    status: Annotated[
        tuple[CustomerStatus, ...] | Unset,
        ListOf(
            item=Choice(description="A customer status.", example="active"),
            min=1,
            max=3,
            description="Return only these statuses. Default: all.",
        ),
    ] = UNSET
    email: Annotated[
        str | Unset,
        Text(
            min=1,
            max=MAX_EMAIL_LENGTH,
            description="Return only customers whose e-mail address, or its domain, starts with this text, ignoring "
            "case.",
            example="customer@example.com",
        ),
    ] = UNSET
    name: Annotated[
        str | Unset,
        Text(
            min=1,
            max=255,
            description="Return only customers whose names contain, for each of these words, a word that starts with "
            "it, ignoring case and accents.",
            example="jane do",
        ),
    ] = UNSET
    tags: Annotated[tuple[str, ...] | Unset, HAVING_TAGS] = UNSET
    created_from: Annotated[datetime | Unset, CREATED_FROM] = UNSET
    created_to: Annotated[datetime | Unset, CREATED_TO] = UNSET
    updated_from: Annotated[datetime | Unset, UPDATED_FROM] = UNSET
    updated_to: Annotated[datetime | Unset, UPDATED_TO] = UNSET
