"""Customers and their addresses."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import strawberry

import resolvers.customers
from domain import customers, data_export, orders
from domain.customers import CustomerStatus
from domain.customers.commands import CustomerFilter
from domain.orders.commands import OrderFilter
from schema.address import PostalAddress
from schema.enums import OrderSort, sort_input
from schema.fields import attribute, exported, listing, lookup, nested, owned_rows, related
from schema.mutation_fields import changed_row, created_row, mutation, touched_row
from schema.payload import Payload
from schema.relay import Connection, Node, Versioned, search_truncated
from schema.scalars import Json

if TYPE_CHECKING:
    from schema.orders import OrderConnection, OrderSummary

reads = customers.reads

CustomerSort = sort_input(
    "CustomerSort",
    reads.customers,
    {
        "created_at": "The creation time.",
        "updated_at": "The time of the last change.",
        "name": "The last name, then the first name, ignoring case and accents.",
        "email": "The e-mail address, ignoring case.",
        "last_order": "The time of the last order that was not cancelled. Customers without orders come first.",
    },
)


@strawberry.type(description="A customer.")
class Customer(Node, Versioned, prefix="cust"):
    """Describes a row of the customer reads."""

    email: str = attribute("The e-mail address. Unique in the store, ignoring case.")
    first_name: str | None = attribute("The first name.")
    last_name: str | None = attribute("The last name.")
    phone: str | None = attribute("The telephone number as entered.")
    phone_e164: str | None = attribute("The telephone number in E.164 format. Null if it is not valid.")
    tags: list[str] = attribute("The tags. At most 50.")
    metadata: Json = attribute("Custom JSON data.")
    acquisition_channel: str = attribute("The channel through which the customer was acquired.")
    status: CustomerStatus = attribute("The status of the customer.")
    archived_at: datetime | None = attribute("When the customer was archived. Null if not archived.")
    erased_at: datetime | None = attribute("When the customer was erased. Null if not erased.")
    addresses: list[CustomerAddress] = owned_rows(
        reads.addresses_by_customer, key="id", description="The addresses, oldest first. At most 100."
    )
    default_shipping_address: CustomerAddress | None = owned_rows(
        reads.address_by_id, key="default_shipping_id", description="The default shipping address."
    )
    default_billing_address: CustomerAddress | None = owned_rows(
        reads.address_by_id, key="default_billing_id", description="The default billing address."
    )
    order_summary: OrderSummary = related(
        orders.reads.summary_by_customer,
        key="id",
        otherwise=orders.reads.NO_ORDERS,
        description="Totals of the customer's orders, without cancelled orders. Requires `orders:read`.",
    )
    orders: OrderConnection = nested(
        orders.reads.orders_by_customer,
        key="id",
        filter=OrderFilter,
        sort=OrderSort,
        check_filters=orders.reads.check_filters,
        description="The orders of the customer, newest first by default.",
    )


@strawberry.type(description="An address of a customer.")
class CustomerAddress(Node, PostalAddress, prefix="addr"):
    """Describes a row of the address reads."""

    customer: Customer = related(
        reads.customer_by_id, key="customer_id", description="The customer that the address belongs to."
    )
    default_shipping: bool = attribute("Whether this is the default shipping address.")
    default_billing: bool = attribute("Whether this is the default billing address.")
    created_at: datetime = attribute("When the object was created.")
    updated_at: datetime = attribute("When the object was last changed.")


@strawberry.type(description="A page of customers.")
class CustomerConnection(Connection[Customer]):
    """A page of customers, and whether its search was truncated."""

    search_truncated: bool = attribute(search_truncated("customers"))


@strawberry.type
class CustomersQuery:
    """Root reads of customers."""

    customer: Customer | None = lookup(
        resolvers.customers.customer,
        reads.customer_by_id,
        reads.customer_by_email,
        description="Fetch a customer by `id` or `email`. Give exactly one of them.",
    )
    customers: CustomerConnection = listing(
        reads.customers,
        description="List the customers of the store.",
        filter=CustomerFilter,
        search="Search in names and e-mail addresses, by words or prefixes, or for a telephone number. Ignores case "
        "and accents. Best match first. At most 255 characters.",
        sort=CustomerSort,
        check_filters=customers.check_filters,
    )
    customer_export: Json | None = exported(
        data_export.export_customer_data,
        id="The id of the customer (`cust_…`).",
        description="Export all data stored about a customer, in the format of REST. Null if the customer does not "
        "exist. Every response is recorded in the audit log, as `customer.exported`.",
    )


@strawberry.type(description="Result of `createCustomer`.")
class CreateCustomerPayload(Payload):
    """The changed customer, or the reasons why nothing was changed."""

    customer: Customer | None = created_row(reads.customer_by_id, key="id", description="The created customer.")


@strawberry.type(description="Result of `updateCustomer`.")
class UpdateCustomerPayload(Payload):
    """The changed customer, or the reasons why nothing was changed."""

    customer: Customer | None = changed_row(
        reads.customer_by_id, key="id", description="The customer after the change."
    )


@strawberry.type(description="Result of `archiveCustomer`.")
class ArchiveCustomerPayload(Payload):
    """The changed customer, or the reasons why nothing was changed."""

    customer: Customer | None = changed_row(
        reads.customer_by_id,
        key="id",
        written=("status", "archivedAt"),
        description="The customer after the change.",
    )


@strawberry.type(description="Result of `eraseCustomer`.")
class EraseCustomerPayload(Payload):
    """The changed customer, or the reasons why nothing was changed."""

    customer: Customer | None = changed_row(
        reads.customer_by_id,
        key="id",
        written=("status", "erasedAt"),
        description="The customer after the erasure, without personal data.",
    )


@strawberry.type(description="Result of `addAddress`.")
class AddAddressPayload(Payload):
    """The changed address, or the reasons why nothing was changed."""

    address: CustomerAddress | None = created_row(reads.address_by_id, key="id", description="The created address.")
    customer: Customer | None = touched_row(
        reads.customer_by_id, key="customer_id", description="The customer after the change."
    )


@strawberry.type(description="Result of `updateAddress`.")
class UpdateAddressPayload(Payload):
    """The changed address, or the reasons why nothing was changed."""

    address: CustomerAddress | None = changed_row(
        reads.address_by_id, key="id", description="The address after the change."
    )
    customer: Customer | None = touched_row(
        reads.customer_by_id, key="customer_id", description="The customer after the change."
    )


@strawberry.type(description="Result of `removeAddress`.")
class RemoveAddressPayload(Payload):
    """The changed customer, or the reasons why nothing was changed."""

    customer: Customer | None = changed_row(
        reads.customer_by_id, key="id", description="The customer after the address was removed."
    )


@strawberry.type(description="Result of `setDefaultAddress`.")
class SetDefaultAddressPayload(Payload):
    """The changed address, or the reasons why nothing was changed."""

    address: CustomerAddress | None = changed_row(
        reads.address_by_id, key="id", description="The address after the change."
    )
    customer: Customer | None = touched_row(
        reads.customer_by_id, key="customer_id", description="The customer after the change."
    )


@strawberry.type
class CustomersMutation:
    """Use cases of customers."""

    create_customer: CreateCustomerPayload = mutation(customers.create_customer)
    update_customer: UpdateCustomerPayload = mutation(customers.update_customer)
    archive_customer: ArchiveCustomerPayload = mutation(customers.archive_customer)
    erase_customer: EraseCustomerPayload = mutation(customers.erase_customer)
    add_address: AddAddressPayload = mutation(customers.add_address)
    update_address: UpdateAddressPayload = mutation(customers.update_address)
    remove_address: RemoveAddressPayload = mutation(customers.remove_address)
    set_default_address: SetDefaultAddressPayload = mutation(customers.set_default_address)
