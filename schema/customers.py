"""Customers and their addresses."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import strawberry

import resolvers.customers
from domain import customers, orders
from domain.customers import CustomerStatus
from domain.customers.commands import CustomerFilter
from domain.orders.commands import OrderFilter
from schema.address import PostalAddress
from schema.enums import OrderSort, sort_input
from schema.fields import (
    attribute,
    changed_row,
    created_row,
    listing,
    lookup,
    mutation,
    nested,
    owned_rows,
    related,
    root,
    touched_row,
)
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
        "created_at": "When it was made.",
        "updated_at": "When it last changed.",
        "name": "The family name, then the given name, whatever the case and accents.",
        "email": "The e-mail address, whatever the case.",
        "last_order": "When they last ordered, cancelled orders left out; who never did comes first.",
    },
)


@strawberry.type(description="Somebody who buys.")
class Customer(Node, Versioned, prefix="cust"):
    """A row of the reads of customers."""

    email: str = attribute("Where they are reached: unique in the store, whatever the case.")
    first_name: str | None = attribute("The given name.")
    last_name: str | None = attribute("The family name.")
    phone: str | None = attribute("As it was given.")
    phone_e164: str | None = attribute("The telephone number for machines, where it is valid.")
    tags: list[str] = attribute("Their tags.")
    metadata: Json = attribute("Your own JSON.")
    acquisition_channel: str = attribute("How they came to the store.")
    status: CustomerStatus = attribute("Whether they are dealt with.")
    archived_at: datetime | None = attribute("When they were archived.")
    erased_at: datetime | None = attribute("When they were erased.")
    addresses: list[CustomerAddress] = owned_rows(
        reads.addresses_by_customer, key="id", description="Their addresses, the oldest first; 100 at most."
    )
    default_shipping_address: CustomerAddress | None = owned_rows(
        reads.address_by_id, key="default_shipping_id", description="Where parcels go unless said otherwise."
    )
    default_billing_address: CustomerAddress | None = owned_rows(
        reads.address_by_id, key="default_billing_id", description="Where bills go unless said otherwise."
    )
    order_summary: OrderSummary = related(
        orders.reads.summary_by_customer,
        key="id",
        otherwise=orders.reads.NO_ORDERS,
        description="What they have ordered so far; cancelled orders left out.",
    )
    orders: OrderConnection = nested(
        orders.reads.orders_by_customer,
        key="id",
        filter=OrderFilter,
        sort=OrderSort,
        admit=orders.reads.check_filters,
        description="Their orders, the newest first unless sorted.",
    )


@strawberry.type(description="Where a customer receives things or bills.")
class CustomerAddress(Node, PostalAddress, prefix="addr"):
    """A row of the reads of addresses."""

    customer: Customer = related(reads.customer_by_id, key="customer_id", description="Whose address it is.")
    default_shipping: bool = attribute("Whether parcels go there unless said otherwise.")
    default_billing: bool = attribute("Whether bills go there unless said otherwise.")
    created_at: datetime = attribute("When it was made.")
    updated_at: datetime = attribute("When it last changed.")


@strawberry.type(description="A page of customers.")
class CustomerConnection(Connection[Customer]):
    """A page, and what its search has left out."""

    search_truncated: bool = attribute(search_truncated("customers"))


@strawberry.type
class CustomersQuery:
    """Root reads of customers."""

    customer: Customer | None = lookup(
        resolvers.customers.customer,
        reads.customer_by_id,
        reads.customer_by_email,
        description="One customer, by exactly one of id and email.",
    )
    customers: CustomerConnection = listing(
        reads.customers,
        description="The store's customers.",
        filter=CustomerFilter,
        search="Words, or their beginnings, of the names or the e-mail address, or a telephone number; whatever the "
        "case and accents, the best match first. At most 255 characters.",
        sort=CustomerSort,
        admit=customers.check_filters,
    )
    export_customer: Json | None = root(
        resolvers.customers.export_customer,
        description="All that the store holds of a customer, as REST writes it; null when there is no such customer.",
        scopes=reads.customer_by_id.scopes,
    )


@strawberry.type(description="What createCustomer came to.")
class CreateCustomerPayload(Payload):
    """An Outcome with a customer."""

    customer: Customer | None = created_row(reads.customer_by_id, key="id", description="The new customer.")


@strawberry.type(description="What updateCustomer came to.")
class UpdateCustomerPayload(Payload):
    """An Outcome with a customer."""

    customer: Customer | None = changed_row(reads.customer_by_id, key="id", description="The customer as they are now.")


@strawberry.type(description="What archiveCustomer came to.")
class ArchiveCustomerPayload(Payload):
    """An Outcome with a customer."""

    customer: Customer | None = changed_row(
        reads.customer_by_id,
        key="id",
        written=("status", "archivedAt"),
        description="The customer as they are now.",
    )


@strawberry.type(description="What eraseCustomer came to.")
class EraseCustomerPayload(Payload):
    """An Outcome with a customer."""

    customer: Customer | None = changed_row(
        reads.customer_by_id,
        key="id",
        written=("status", "erasedAt"),
        description="What is left of the customer.",
    )


@strawberry.type(description="What addAddress came to.")
class AddAddressPayload(Payload):
    """An Outcome with an address."""

    address: CustomerAddress | None = created_row(reads.address_by_id, key="id", description="The new address.")
    customer: Customer | None = touched_row(
        reads.customer_by_id, key="customer_id", description="Its customer as they are now."
    )


@strawberry.type(description="What updateAddress came to.")
class UpdateAddressPayload(Payload):
    """An Outcome with an address."""

    address: CustomerAddress | None = changed_row(
        reads.address_by_id, key="id", description="The address as it is now."
    )
    customer: Customer | None = touched_row(
        reads.customer_by_id, key="customer_id", description="Its customer as they are now."
    )


@strawberry.type(description="What removeAddress came to.")
class RemoveAddressPayload(Payload):
    """An Outcome with a customer."""

    customer: Customer | None = changed_row(
        reads.customer_by_id, key="id", description="The customer without the address."
    )


@strawberry.type(description="What setDefaultAddress came to.")
class SetDefaultAddressPayload(Payload):
    """An Outcome with an address."""

    address: CustomerAddress | None = changed_row(
        reads.address_by_id, key="id", description="The address as it is now."
    )
    customer: Customer | None = touched_row(
        reads.customer_by_id, key="customer_id", description="Its customer as they are now."
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
