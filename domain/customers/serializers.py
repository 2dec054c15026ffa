"""The JSON documents of customers, for REST and webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

from domain.customers.model import CustomerStatus
from domain.kernel.address import AddressDocument, serialize_address
from domain.kernel.serialization import FieldDoc, format_instant, format_optional_instant
from domain.kernel.sql.executor import Row

_CREATED = FieldDoc(
    description="When the object was created.", example="2026-01-15T10:30:00Z", read_only=True, format="date-time"
)
_UPDATED = FieldDoc(
    description="When the object was last changed.", example="2026-01-16T08:00:00Z", read_only=True, format="date-time"
)
_ID = "The id. The same in GraphQL, REST and webhooks."


class _AddressHead(TypedDict):
    id: Annotated[str, FieldDoc(description=_ID, example="addr_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]


class _AddressTail(TypedDict):
    default_shipping: Annotated[
        bool, FieldDoc(description="Whether this is the default shipping address.", example=True)
    ]
    default_billing: Annotated[bool, FieldDoc(description="Whether this is the default billing address.", example=True)]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]


class CustomerAddressDocument(_AddressHead, AddressDocument, _AddressTail):
    """An address of a customer."""


class CustomerDocument(TypedDict):
    """A customer."""

    id: Annotated[str, FieldDoc(description=_ID, example="cust_01jd3v4q8rf9k6w2m5n7t0xhz4", read_only=True)]
    email: Annotated[
        str,
        FieldDoc(description="The e-mail address. Unique in the store, ignoring case.", example="customer@example.com"),
    ]
    first_name: Annotated[str | None, FieldDoc(description="The first name.", example="Jane")]
    last_name: Annotated[str | None, FieldDoc(description="The last name.", example="Doe")]
    phone: Annotated[str | None, FieldDoc(description="The telephone number as entered.", example="+44 20 7946 0958")]
    phone_e164: Annotated[
        str | None,
        FieldDoc(
            description="The telephone number in E.164 format. Null if it is not valid.",
            example="+442079460958",
            read_only=True,
        ),
    ]
    tags: Annotated[list[str], FieldDoc(description="The tags. At most 50.", example=["vip", "newsletter"])]
    metadata: Annotated[dict[str, Any], FieldDoc(description="Custom JSON data.", example={"season": "summer"})]
    acquisition_channel: Annotated[
        str, FieldDoc(description="The channel through which the customer was acquired.", example="api")
    ]
    status: Annotated[CustomerStatus, FieldDoc(description="The status of the customer.", example="active")]
    addresses: Annotated[
        list[CustomerAddressDocument], FieldDoc(description="The addresses, oldest first. At most 100.", read_only=True)
    ]
    archived_at: Annotated[
        str | None,
        FieldDoc(
            description="When the customer was archived. Null if not archived.", read_only=True, format="date-time"
        ),
    ]
    erased_at: Annotated[
        str | None,
        FieldDoc(description="When the customer was erased. Null if not erased.", read_only=True, format="date-time"),
    ]
    version: Annotated[int, FieldDoc(description="The version, starting at 1. Increases with every change.", example=1)]
    created_at: Annotated[str, _CREATED]
    updated_at: Annotated[str, _UPDATED]


def serialize_customer_address(row: Row) -> CustomerAddressDocument:
    """Build the REST document of an address from its row."""
    return {
        "id": row.id,
        **serialize_address(row),
        "default_shipping": row.default_shipping,
        "default_billing": row.default_billing,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
    }


def serialize_customer(row: Row, addresses: Sequence[Row]) -> CustomerDocument:
    """Build the REST document of a customer from the rows of its reads."""
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
