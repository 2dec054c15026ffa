"""Customers: who they are, where they live, and how they are forgotten."""

from domain.customers import commands, document, reads, search, snapshot
from domain.customers.events import CustomerCreated, CustomerErased, CustomerRenamed, CustomerUpdated
from domain.customers.model import (
    AddressType,
    Customer,
    CustomerAddress,
    CustomerStatus,
    CustomerWord,
    email_domain_key,
    email_key,
)
from domain.customers.reads import admitted
from domain.customers.service import (
    add_address,
    advance_last_orders,
    archive_customer,
    create_customer,
    create_customers,
    erase_customer,
    find_buyer,
    lock_last_order,
    remove_address,
    set_default_address,
    set_last_order,
    update_address,
    update_customer,
)

__all__ = [
    "AddressType",
    "Customer",
    "CustomerAddress",
    "CustomerCreated",
    "CustomerErased",
    "CustomerRenamed",
    "CustomerStatus",
    "CustomerUpdated",
    "CustomerWord",
    "add_address",
    "admitted",
    "advance_last_orders",
    "archive_customer",
    "commands",
    "create_customer",
    "create_customers",
    "document",
    "email_domain_key",
    "email_key",
    "erase_customer",
    "find_buyer",
    "lock_last_order",
    "reads",
    "remove_address",
    "search",
    "set_default_address",
    "set_last_order",
    "snapshot",
    "update_address",
    "update_customer",
]
