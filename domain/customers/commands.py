"""What callers can ask of customers. Every limit is written here, once, for both surfaces."""

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
    DateBound,
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
from domain.kernel.fields.filter_fields import UPDATED_FROM, UPDATED_TO
from domain.kernel.fields.tags import HAVING_TAGS, METADATA, TAGS

MAX_ADDRESSES = 100

_EMAIL = Email(
    description="Where they are reached: unique in the store, whatever the case.", example="customer@example.com"
)
_FIRST_NAME = Text(max=255, description="The given name.", example="Jane")
_LAST_NAME = Text(max=255, description="The family name.", example="Doe")
_PHONE = Phone(
    description="With + and country code; a possible number is kept as given, a valid one also for machines.",
    example="+44 20 7946 0958",
)
_CHANNEL = Text(min=1, max=64, description="How they came to the store.", example="newsletter")
_STATUS = Choice(description="active or archived; erasing is an action of its own.", example="active")
_DEFAULT_SHIPPING = Boolean(description="Whether parcels go there unless said otherwise.", example=True)
_DEFAULT_BILLING = Boolean(description="Whether bills go there unless said otherwise.", example=True)
_VERSION = Integer(
    description="The version of the customer you have seen; a stale one is a conflict and nothing is written.",
    min=1,
    place=FieldLocation.VERSION,
)


def _id(noun: str, prefix: str) -> Text:
    return Text(min=1, max=64, description=f"The {noun}'s id ({prefix}_…).", place=FieldLocation.PATH)


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerAddressInput(AddressInput):
    """An address of a new customer."""

    default_shipping: Annotated[bool, _DEFAULT_SHIPPING] = False
    default_billing: Annotated[bool, _DEFAULT_BILLING] = False


_ADDRESSES = ListOf(
    item=NestedObject(description="An address."),
    max=MAX_ADDRESSES,
    description="Their addresses; of the defaults there is one each.",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateCustomer:
    """Add a customer, with addresses."""

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
    """Change what is given of a customer and leave the rest; addresses are changed one by one."""

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
    """Put a customer away: they stay readable, and their e-mail address stays taken."""

    id: Annotated[str, _id("customer", "cust")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class EraseCustomer:
    """Make a customer nobody, for good: the person goes, also out of past events and answers; the books stay."""

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
    """Change what is given of an address and leave the rest."""

    customer_id: Annotated[str, _id("customer", "cust")]
    id: Annotated[str, _id("address", "addr")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    default_shipping: Annotated[bool | Unset, _DEFAULT_SHIPPING] = UNSET
    default_billing: Annotated[bool | Unset, _DEFAULT_BILLING] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoveAddress:
    """Remove an address; where it was a default, there is none."""

    customer_id: Annotated[str, _id("customer", "cust")]
    id: Annotated[str, _id("address", "addr")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class SetDefaultAddress:
    """Make an address the default for shipping, for billing, or for both."""

    customer_id: Annotated[str, _id("customer", "cust")]
    id: Annotated[str, _id("address", "addr")]
    expected_version: Annotated[int | Unset, _VERSION] = UNSET
    type: Annotated[
        AddressType | Unset, Choice(description="shipping or billing; left out: both.", example="shipping")
    ] = UNSET


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerFilter:
    """Which customers a list holds; every condition must hold."""

    status: Annotated[
        tuple[CustomerStatus, ...] | Unset,
        ListOf(
            item=Choice(description="active, archived or erased.", example="active"),
            min=1,
            max=3,
            description="One of these; left out: every status.",
        ),
    ] = UNSET
    email: Annotated[
        str | Unset,
        Text(
            min=1,
            max=MAX_EMAIL_LENGTH,
            description="The address, or its domain, begins with this, whatever the case.",
            example="customer@example.com",
        ),
    ] = UNSET
    name: Annotated[
        str | Unset,
        Text(
            min=1,
            max=255,
            description="Each of these begins a word of their names, whatever the case and accents.",
            example="jane do",
        ),
    ] = UNSET
    tags: Annotated[tuple[str, ...] | Unset, HAVING_TAGS] = UNSET
    created_from: Annotated[
        datetime | Unset,
        DateBound(description="Made then or later: a date (UTC) or a date-time.", example="2026-01-01"),
    ] = UNSET
    created_to: Annotated[
        datetime | Unset,
        DateBound(last=True, description="Made then or earlier: a date (UTC) or a date-time.", example="2026-12-31"),
    ] = UNSET
    updated_from: Annotated[datetime | Unset, UPDATED_FROM] = UNSET
    updated_to: Annotated[datetime | Unset, UPDATED_TO] = UNSET
