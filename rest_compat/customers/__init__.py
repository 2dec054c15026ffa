"""REST endpoints of customers: customers, addresses, erasure and data export."""

from __future__ import annotations

from domain import customers, data_export, orders
from domain.customers.commands import CustomerFilter
from domain.customers.serializers import (
    CustomerAddressDocument,
)
from domain.data_export import DisclosureDocument
from domain.kernel.fields.contact import MAX_EMAIL_LENGTH
from domain.kernel.use_cases.registry import use_case_of
from domain.orders.commands import OrderFilter
from domain.orders.serializers import OrderDocument
from rest_compat.customers.resources import (
    CustomerProfileDocument,
    describe_customers,
    fetch_address,
    fetch_addresses,
    fetch_customer,
    fetch_export,
    represent_address,
    represent_customer,
    within_customer,
)
from rest_compat.endpoint import Endpoint, ItemAction, PageAction, PathId, WriteAction
from rest_compat.orders import describe_orders

reads = customers.reads


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
