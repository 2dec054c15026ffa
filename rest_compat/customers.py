"""REST endpoints of customers: customers, addresses, erasure and data export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NotRequired, cast

from domain import customers, data_export, orders
from domain.customers.commands import CustomerFilter
from domain.customers.serializers import (
    CustomerAddressDocument,
    CustomerDocument,
    serialize_customer,
    serialize_customer_address,
)
from domain.data_export import DisclosureDocument
from domain.kernel.errors import NotFound
from domain.kernel.fields.contact import MAX_EMAIL_LENGTH
from domain.kernel.ids import is_id
from domain.kernel.principal import Principal
from domain.kernel.serialization import FieldDoc
from domain.kernel.sql.executor import Executor, Row
from domain.kernel.use_cases.registry import use_case_of
from domain.orders.commands import OrderFilter
from domain.orders.serializers import OrderDocument, OrderSummaryDocument, serialize_summary
from rest_compat.endpoint import ROOT, Endpoint, ItemAction, PageAction, PathId, Representation, WriteAction
from rest_compat.orders import describe_orders

Ids = Mapping[str, str]
reads = customers.reads


class CustomerProfileDocument(CustomerDocument):
    """A customer with its addresses and order totals."""

    order_summary: NotRequired[
        Annotated[
            OrderSummaryDocument,
            FieldDoc(
                description="Totals of the customer's orders, without cancelled orders. Requires `orders:read`.",
                read_only=True,
                versioned=False,
            ),
        ]
    ]


async def describe_customers(db: Executor, principal: Principal, rows: Sequence[Row]) -> list[CustomerProfileDocument]:
    """Build the documents of customers: one statement for all addresses and one for all order summaries."""
    ids = [row.id for row in rows]
    addresses = await reads.addresses_by_customer.for_keys(db, ids)
    summaries: Sequence[Row | None] = [None] * len(ids)
    shown = principal.has_scope(orders.reads.SCOPE)
    if shown:
        summaries = await orders.reads.summary_by_customer.for_keys(db, ids)
    return [
        _profile(serialize_customer(row, own), summary or orders.reads.NO_ORDERS if shown else None)
        for row, own, summary in zip(rows, addresses, summaries, strict=True)
    ]


def _profile(document: CustomerDocument, summary: Row | None) -> CustomerProfileDocument:
    more = {} if summary is None else {"order_summary": serialize_summary(summary)}
    return cast(CustomerProfileDocument, {**document, **more})


async def within_customer(db: Executor, principal: Principal, ids: Ids) -> dict[str, str]:
    """The order filter that the path sets."""
    return {"customer_id": (await _find(db, ids["id"])).id}


async def fetch_customer(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the customer with this id, else with this e-mail address."""
    row = await _find(db, ids["id"])
    (document,) = await describe_customers(db, principal, [row])
    return Representation(document, row.version, f"{ROOT}/customers/{row.id}")


async def fetch_addresses(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the addresses of a customer, oldest first."""
    customer = await _find(db, ids["id"])
    rows = await reads.addresses_by_customer.for_key(db, customer.id)
    return Representation({"data": [serialize_customer_address(row) for row in rows]}, customer.version)


async def fetch_address(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch one address of a customer."""
    customer = await _find(db, ids["id"])
    row = await reads.address_by_id.for_key(db, ids["address_id"])
    if row is None or row.customer_id != customer.id:
        raise NotFound("address")
    location = f"{ROOT}/customers/{customer.id}/addresses/{row.id}"
    return Representation(serialize_customer_address(row), customer.version, location)


async def fetch_export(db: Executor, principal: Principal, ids: Ids) -> Representation:
    """Fetch the export of all data stored about a customer."""
    document = await data_export.export_customer_data(db, principal, ids["id"])
    if document is None:
        raise NotFound("customer")
    return Representation(document, document["customer"]["version"])


async def represent_customer(db: Executor, principal: Principal, customer: Any) -> Representation:
    """Represent a customer after a write."""
    return await fetch_customer(db, principal, {"id": customer.id})


async def represent_address(db: Executor, principal: Principal, address: Any) -> Representation:
    """Represent an address after a write."""
    return await fetch_address(db, principal, {"id": address.customer_id, "address_id": address.id})


async def _find(db: Executor, key: str) -> Row:
    row = await reads.customer_by_id.for_key(db, key) if is_id("cust", key) else None
    row = row or await reads.customer_by_email.for_key(db, customers.email_key(key))
    if row is None:
        raise NotFound("customer")
    return row


_CUSTOMER = PathId(noun="customer", prefix="cust")
_CUSTOMER_OR_EMAIL = PathId(noun="customer", prefix="cust", otherwise="e-mail address", longest=MAX_EMAIL_LENGTH)
_PARENT = PathId(noun="customer", prefix="cust", field="customer_id")
_ADDRESS = PathId(noun="address", prefix="addr")
_FIND = (reads.customer_by_id, reads.customer_by_email)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        method="GET",
        path="/customers",
        name="listCustomers",
        summary="List customers",
        description="A page of customers, newest first by default. Search results are sorted by relevance.",
        tag="Customers",
        action=PageAction(
            listing=reads.customers,
            describe=describe_customers,
            filters=CustomerFilter,
            search="Search in names and e-mail addresses, by words or prefixes, or for a telephone number. Ignores "
            "case and accents.",
            admit=customers.check_filters,
        ),
        response=CustomerProfileDocument,
    ),
    Endpoint(
        method="POST",
        path="/customers",
        name="createCustomer",
        summary="Create a customer",
        description="Only the e-mail address is required. It is unique in the store, ignoring case.",
        tag="Customers",
        action=WriteAction(use_case=use_case_of(customers.create_customer), represent=represent_customer),
        response=CustomerProfileDocument,
    ),
    Endpoint(
        method="GET",
        path="/customers/{id}",
        name="getCustomer",
        summary="Get a customer by id or e-mail address",
        tag="Customers",
        action=ItemAction(
            reads=(*_FIND, reads.addresses_by_customer),
            besides=(orders.reads.summary_by_customer,),
            fetch=fetch_customer,
        ),
        response=CustomerProfileDocument,
        ids={"id": _CUSTOMER_OR_EMAIL},
    ),
    Endpoint(
        method="GET",
        path="/customers/{id}/orders",
        name="listCustomerOrders",
        summary="List a customer's orders",
        description="A page of the customer's orders, newest first by default.",
        tag="Customers",
        action=PageAction(
            listing=orders.reads.orders,
            describe=describe_orders,
            filters=OrderFilter,
            admit=orders.reads.check_filters,
            within=within_customer,
            set_by_path=("customer_id",),
        ),
        response=OrderDocument,
        ids={"id": _CUSTOMER_OR_EMAIL},
    ),
    Endpoint(
        method="PUT",
        path="/customers/{id}",
        name="updateCustomer",
        summary="Update a customer",
        description="Omitted fields stay unchanged. Null clears a field. `tags` replaces the list; `metadata` is "
        "merged. Addresses have endpoints of their own and are refused here.",
        tag="Customers",
        action=WriteAction(
            use_case=use_case_of(customers.update_customer),
            represent=represent_customer,
            current=fetch_customer,
            managed_elsewhere=frozenset({"addresses"}),
        ),
        response=CustomerProfileDocument,
        ids={"id": _CUSTOMER},
    ),
    Endpoint(
        method="DELETE",
        path="/customers/{id}",
        name="archiveCustomer",
        summary="Archive a customer",
        description="The customer stays readable with the status `archived` and keeps the e-mail address. Repeating "
        "the request also returns 204.",
        tag="Customers",
        action=WriteAction(use_case=use_case_of(customers.archive_customer), current=fetch_customer),
        ids={"id": _CUSTOMER},
    ),
    Endpoint(
        method="POST",
        path="/customers/{id}/erase",
        name="eraseCustomer",
        summary="Erase a customer",
        description="Permanently erases personal data, including copies in past events and stored responses. Orders "
        "are kept without it. The e-mail address can be used again.",
        tag="Customers",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(customers.erase_customer),
            writes=frozenset({"status"}),
            represent=represent_customer,
            current=fetch_customer,
        ),
        response=CustomerProfileDocument,
        ids={"id": _CUSTOMER},
    ),
    Endpoint(
        method="GET",
        path="/customers/{id}/export",
        name="exportCustomer",
        summary="Export a customer's data",
        tag="Customers",
        action=ItemAction(reads=data_export.READS, besides=data_export.OPTIONAL_READS, fetch=fetch_export),
        response=DisclosureDocument,
        ids={"id": _CUSTOMER},
    ),
    Endpoint(
        method="GET",
        path="/customers/{id}/addresses",
        name="listAddresses",
        summary="List a customer's addresses",
        tag="Customers",
        action=ItemAction(reads=(*_FIND, reads.addresses_by_customer), fetch=fetch_addresses),
        response=list[CustomerAddressDocument],
        ids={"id": _CUSTOMER_OR_EMAIL},
    ),
    Endpoint(
        method="POST",
        path="/customers/{id}/addresses",
        name="addAddress",
        summary="Add an address to a customer",
        tag="Customers",
        action=WriteAction(
            use_case=use_case_of(customers.add_address), represent=represent_address, current=fetch_customer
        ),
        response=CustomerAddressDocument,
        ids={"id": _PARENT},
    ),
    Endpoint(
        method="GET",
        path="/customers/{id}/addresses/{address_id}",
        name="getAddress",
        summary="Get an address",
        tag="Customers",
        action=ItemAction(reads=(*_FIND, reads.address_by_id), fetch=fetch_address),
        response=CustomerAddressDocument,
        ids={"id": _CUSTOMER_OR_EMAIL, "address_id": _ADDRESS},
    ),
    Endpoint(
        method="PUT",
        path="/customers/{id}/addresses/{address_id}",
        name="updateAddress",
        summary="Update an address",
        description="Omitted fields stay unchanged. Null clears an optional field.",
        tag="Customers",
        action=WriteAction(
            use_case=use_case_of(customers.update_address), represent=represent_address, current=fetch_address
        ),
        response=CustomerAddressDocument,
        ids={"id": _PARENT, "address_id": _ADDRESS},
    ),
    Endpoint(
        method="DELETE",
        path="/customers/{id}/addresses/{address_id}",
        name="removeAddress",
        summary="Remove an address",
        description="If it was a default address, no default remains.",
        tag="Customers",
        action=WriteAction(use_case=use_case_of(customers.remove_address), current=fetch_address),
        ids={"id": _PARENT, "address_id": _ADDRESS},
    ),
    Endpoint(
        method="POST",
        path="/customers/{id}/addresses/{address_id}/set-default",
        name="setDefaultAddress",
        summary="Set a default address",
        description="For shipping, billing, or both if `type` is omitted. Replaces the previous default.",
        tag="Customers",
        action=WriteAction(
            use_case=use_case_of(customers.set_default_address),
            writes=frozenset(),
            represent=represent_address,
            current=fetch_address,
        ),
        response=CustomerAddressDocument,
        ids={"id": _PARENT, "address_id": _ADDRESS},
        creates_resource=False,
    ),
)
