"""The use cases of customers."""

from domain.customers.service.addresses import add_address, remove_address, set_default_address, update_address
from domain.customers.service.buyers import Buyer, find_buyer, find_buyers
from domain.customers.service.customers import archive_customer, create_customer, create_customers, update_customer
from domain.customers.service.erasure import erase_customer
from domain.customers.service.last_orders import advance_last_orders, lock_last_order, set_last_order

__all__ = [
    "Buyer",
    "add_address",
    "advance_last_orders",
    "archive_customer",
    "create_customer",
    "create_customers",
    "erase_customer",
    "find_buyer",
    "find_buyers",
    "lock_last_order",
    "remove_address",
    "set_default_address",
    "set_last_order",
    "update_address",
    "update_customer",
]
