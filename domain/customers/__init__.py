"""Customers: who they are, where they live, and how they are forgotten."""

from domain.customers import commands, document, personal, reads, snapshot
from domain.customers.events import CustomerCreated, CustomerErased, CustomerUpdated
from domain.customers.model import AddressType, Customer, CustomerAddress, CustomerStatus, email_key
from domain.customers.reads import admitted
from domain.customers.service import (
    Buyer,
    add_address,
    archive_customer,
    create_customer,
    create_customers,
    erase_customer,
    find_buyer,
    find_buyers,
    remove_address,
    set_default_address,
    update_address,
    update_customer,
)

__all__ = [
    "AddressType",
    "Buyer",
    "Customer",
    "CustomerAddress",
    "CustomerCreated",
    "CustomerErased",
    "CustomerStatus",
    "CustomerUpdated",
    "add_address",
    "admitted",
    "archive_customer",
    "commands",
    "create_customer",
    "create_customers",
    "document",
    "email_key",
    "erase_customer",
    "find_buyer",
    "find_buyers",
    "personal",
    "reads",
    "remove_address",
    "set_default_address",
    "snapshot",
    "update_address",
    "update_customer",
]
