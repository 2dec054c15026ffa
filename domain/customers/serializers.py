"""Customers as REST and webhooks write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

from domain.customers.model import CustomerStatus
from domain.kernel.address import AddressDocument, serialize_address
from domain.kernel.serialization import FieldDoc, format_instant, format_optional_instant
from domain.kernel.sql.executor import Row

_CREATED = FieldDoc(
    description="When it was made, UTC.", example="2026-01-15T10:30:00Z", read_only=True, format="date-time"
)
_UPDATED = FieldDoc(
    description="When it last changed, UTC.", example="2026-01-16T08:00:00Z", read_only=True, format="date-time"
)


class _AddressHead(TypedDict):
    id: Annotated[str, FieldDoc(description="Its id.", example="addr_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]


class _AddressTail(TypedDict):
    default_shipping: Annotated[
        bool, FieldDoc(description="Whether parcels go there unless said otherwise.", example=True)
    ]
    default_billing: Annotated[bool, FieldDoc(description="Whether bills go there.", example=True)]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]


class CustomerAddressDocument(_AddressHead, AddressDocument, _AddressTail):
    """An address of a customer."""


class CustomerDocument(TypedDict):
    """A customer with their addresses."""

    id: Annotated[
        str, FieldDoc(description="Its id; never changes.", example="cust_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)
    ]
    email: Annotated[str, FieldDoc(description="Where they are reached.", example="customer@example.com")]
    first_name: Annotated[str | None, FieldDoc(description="The given name.", example="Jane")]
    last_name: Annotated[str | None, FieldDoc(description="The family name.", example="Doe")]
    phone: Annotated[str | None, FieldDoc(description="As it was given.", example="+44 20 7946 0958")]
    phone_e164: Annotated[
        str | None, FieldDoc(description="For machines, where it is valid.", example="+442079460958", read_only=True)
    ]
    tags: Annotated[list[str], FieldDoc(description="Their tags.", example=["vip", "newsletter"])]
    metadata: Annotated[dict[str, Any], FieldDoc(description="Your own JSON.", example={"season": "summer"})]
    acquisition_channel: Annotated[str, FieldDoc(description="How they came to the store.", example="api")]
    status: Annotated[CustomerStatus, FieldDoc(description="active, archived or erased.", example="active")]
    addresses: Annotated[
        list[CustomerAddressDocument], FieldDoc(description="Their addresses, the oldest first.", read_only=True)
    ]
    archived_at: Annotated[
        str | None, FieldDoc(description="When they were archived, UTC.", read_only=True, format="date-time")
    ]
    erased_at: Annotated[
        str | None, FieldDoc(description="When they were erased, UTC.", read_only=True, format="date-time")
    ]
    version: Annotated[int, FieldDoc(description="Counts its changes; send it back to write safely.", example=1)]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]


def serialize_customer_address(row: Row) -> CustomerAddressDocument:
    """An address of a customer as REST writes it."""
    return {
        "id": row.id,
        **serialize_address(row),
        "default_shipping": row.default_shipping,
        "default_billing": row.default_billing,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }


def serialize_customer(row: Row, addresses: Sequence[Row]) -> CustomerDocument:
    """A customer as REST writes it, from the rows of its reads."""
    return {
        "id": row.id,
        "email": row.email,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "phone": row.phone,
        "phone_e164": row.phone_e164,
        "tags": row.tags,
        "metadata": row.metadata,
        "acquisition_channel": row.acquisition_channel,
        "status": row.status,
        "addresses": [serialize_customer_address(address) for address in addresses],
        "archived_at": format_optional_instant(row.archived_at),
        "erased_at": format_optional_instant(row.erased_at),
        "version": row.version,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }
