"""The customer of an order or draft, and the fields that default to the customer's data.

Lock order, everywhere: the customer, then the orders and drafts of the customer. Erasure uses the same order: a use
case that sets a customer runs either before the erasure, which then redacts the order, or after it, and is refused.
"""

from __future__ import annotations

from collections.abc import Collection

from domain import customers
from domain.customers import Buyer
from domain.kernel.errors import Path
from domain.kernel.fields import UNSET, Unset
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from domain.orders.commands import OrderTerms
from domain.orders.model import DraftOrder, OrderBase

DEFAULTED_FIELDS = ("email", "shipping_address", "billing_address")
"""Fields copied from the customer unless an order or draft has its own value."""


async def lock_buyer(work: UnitOfWork, customer_id: str | Unset | None, path: Path = ("customer_id",)) -> Buyer | None:
    """Fetch the customer, locked against erasure; None for a guest.

    Raises ValidationFailed (no such customer, or erased), Conflict (archived).
    """
    return await customers.find_buyer(work, customer_id, path) if customer_id else None


def set_buyer(order: OrderBase, buyer: Buyer | None, own: Collection[str]) -> None:
    """Set the customer of an order or draft; None for a guest.

    The ``DEFAULTED_FIELDS`` that are not in ``own`` are copied from the customer.
    """
    order.customer_id = None if buyer is None else buyer.id
    for name in DEFAULTED_FIELDS:
        if name not in own:
            setattr(order, name, None if buyer is None else getattr(buyer, name))


def provided_fields(terms: OrderTerms) -> set[str]:
    """Return the ``DEFAULTED_FIELDS`` for which a command has a value; null is no value."""
    return {name for name in DEFAULTED_FIELDS if getattr(terms, name) not in (UNSET, None)}


def resets_fields(terms: OrderTerms) -> bool:
    """Return whether a command sets one of ``DEFAULTED_FIELDS`` to null, so that it follows the customer again."""
    return any(getattr(terms, name) is None for name in DEFAULTED_FIELDS)


def own_fields(draft: DraftOrder) -> set[str]:
    """Return the ``DEFAULTED_FIELDS`` that were set on a draft."""
    return {name for name in DEFAULTED_FIELDS if getattr(draft, f"own_{name}")}


def record_own_fields(draft: DraftOrder, terms: OrderTerms) -> None:
    """Record on a draft which of ``DEFAULTED_FIELDS`` a command sets or resets_fields."""
    for name in DEFAULTED_FIELDS:
        if getattr(terms, name) is not UNSET:
            setattr(draft, f"own_{name}", name in provided_fields(terms))
