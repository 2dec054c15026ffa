"""REST endpoints of customers: customers, addresses, erasure and data export."""

from __future__ import annotations

from domain import customers, data_export, orders
from domain.customers.commands import CustomerFilter
from domain.kernel.use_cases.registry import use_case_of
from domain.orders.commands import OrderFilter
from domain.orders.documents import OrderDocument
from rest_compat.actions import ExportAction, ItemAction, PageAction, WriteAction
from rest_compat.customers.objects import ADDRESS, ADDRESSES, CUSTOMER, CustomerProfileDocument
from rest_compat.endpoint import Endpoint, tagged

reads = customers.reads


_CUSTOMER = CUSTOMER.id_in_path()
_CUSTOMER_OR_EMAIL = CUSTOMER.id_in_path(otherwise=True)
_PARENT = CUSTOMER.id_in_path("customer_id")
_ADDRESS = ADDRESS.id_in_path()

ENDPOINTS = tagged(
    "Customers",
    Endpoint(
        method="GET",
        path="/customers",
        name="listCustomers",
        summary="List customers",
        description="A page of customers, newest first by default. Search results are sorted by relevance.",
        action=PageAction(
            listing=reads.customers,
            document=CustomerProfileDocument,
            filters=CustomerFilter,
            search="Search in names and e-mail addresses, by words or prefixes, or for a telephone number. Ignores "
            "case and accents.",
            check_filters=customers.check_filters,
        ),
    ),
    Endpoint(
        method="POST",
        path="/customers",
        name="createCustomer",
        summary="Create a customer",
        description="Only the e-mail address is required. It is unique in the store, ignoring case.",
        action=WriteAction(use_case=use_case_of(customers.create_customer), returns=CUSTOMER),
    ),
    Endpoint(
        method="GET",
        path="/customers/{id}",
        name="getCustomer",
        summary="Get a customer by id or e-mail address",
        action=ItemAction(
            source=CUSTOMER,
        ),
        ids={"id": _CUSTOMER_OR_EMAIL},
    ),
    Endpoint(
        method="GET",
        path="/customers/{id}/orders",
        name="listCustomerOrders",
        summary="List a customer's orders",
        description="A page of the customer's orders, newest first by default.",
        action=PageAction(
            listing=orders.reads.orders,
            document=OrderDocument,
            filters=OrderFilter,
            check_filters=orders.reads.check_filters,
            within=CUSTOMER.filters("customer_id"),
            set_by_path=("customer_id",),
        ),
        ids={"id": _CUSTOMER_OR_EMAIL},
    ),
    Endpoint(
        method="PUT",
        path="/customers/{id}",
        name="updateCustomer",
        summary="Update a customer",
        description="Omitted fields stay unchanged. Null clears a field. `tags` replaces the list; `metadata` is "
        "merged. Addresses have endpoints of their own and are refused here.",
        action=WriteAction(
            use_case=use_case_of(customers.update_customer),
            returns=CUSTOMER,
            current=CUSTOMER,
            managed_elsewhere=frozenset({"addresses"}),
        ),
        ids={"id": _CUSTOMER},
    ),
    Endpoint(
        method="DELETE",
        path="/customers/{id}",
        name="archiveCustomer",
        summary="Archive a customer",
        description="The customer stays readable with the status `archived` and keeps the e-mail address. Repeating "
        "the request also returns 204.",
        action=WriteAction(use_case=use_case_of(customers.archive_customer), current=CUSTOMER),
        ids={"id": _CUSTOMER},
    ),
    Endpoint(
        method="POST",
        path="/customers/{id}/erase",
        name="eraseCustomer",
        summary="Erase a customer",
        description="Permanently erases personal data, including copies in past events and stored responses. Orders "
        "are kept without it. The e-mail address can be used again.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(customers.erase_customer),
            writes=frozenset({"status"}),
            returns=CUSTOMER,
            current=CUSTOMER,
        ),
        ids={"id": _CUSTOMER},
    ),
    Endpoint(
        method="GET",
        path="/customers/{id}/export",
        name="exportCustomer",
        summary="Export a customer's data",
        description="Every response is recorded in the audit log, as `customer.exported`.",
        action=ExportAction(
            export=data_export.export_customer_data,
            document=data_export.DisclosureDocument,
            noun="customer",
            version=lambda document: int(document["customer"]["version"]),
        ),
        ids={"id": _CUSTOMER},
    ),
    Endpoint(
        method="GET",
        path="/customers/{id}/addresses",
        name="listAddresses",
        summary="List a customer's addresses",
        action=ItemAction(source=ADDRESSES),
        ids={"id": _CUSTOMER_OR_EMAIL},
    ),
    Endpoint(
        method="POST",
        path="/customers/{id}/addresses",
        name="addAddress",
        summary="Add an address to a customer",
        action=WriteAction(use_case=use_case_of(customers.add_address), returns=ADDRESS, current=CUSTOMER),
        ids={"id": _PARENT},
    ),
    Endpoint(
        method="GET",
        path="/customers/{id}/addresses/{address_id}",
        name="getAddress",
        summary="Get an address",
        action=ItemAction(source=ADDRESS),
        ids={"id": _CUSTOMER_OR_EMAIL, "address_id": _ADDRESS},
    ),
    Endpoint(
        method="PUT",
        path="/customers/{id}/addresses/{address_id}",
        name="updateAddress",
        summary="Update an address",
        description="Omitted fields stay unchanged. Null clears an optional field.",
        action=WriteAction(use_case=use_case_of(customers.update_address), returns=ADDRESS, current=ADDRESS),
        ids={"id": _PARENT, "address_id": _ADDRESS},
    ),
    Endpoint(
        method="DELETE",
        path="/customers/{id}/addresses/{address_id}",
        name="removeAddress",
        summary="Remove an address",
        description="If it was a default address, no default remains.",
        action=WriteAction(use_case=use_case_of(customers.remove_address), current=ADDRESS),
        ids={"id": _PARENT, "address_id": _ADDRESS},
    ),
    Endpoint(
        method="POST",
        path="/customers/{id}/addresses/{address_id}/set-default",
        name="setDefaultAddress",
        summary="Set a default address",
        description="For shipping, billing, or both if `type` is omitted. Replaces the previous default.",
        action=WriteAction(
            use_case=use_case_of(customers.set_default_address),
            writes=frozenset(),
            returns=ADDRESS,
            current=ADDRESS,
        ),
        ids={"id": _PARENT, "address_id": _ADDRESS},
        creates_resource=False,
    ),
)
