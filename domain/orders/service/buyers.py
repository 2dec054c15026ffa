"""Who buys: the one way in which a customer gets on an order or a draft, and what follows from who they are.

Lock order, everywhere: the customer, then their orders and drafts. Erasing a customer does it so, too: whoever puts one
on a purchase comes before the erasing, which then redacts the purchase, or after it, and is refused.
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
"""What is the customer's where a purchase is not given its own."""


async def lock_buyer(work: UnitOfWork, customer_id: str | Unset | None, path: Path = ("customer_id",)) -> Buyer | None:
    """The customer who buys, kept from being erased; None for a guest.

    Raises ValidationFailed (no such customer, or erased), Conflict (archived).
    """
    return await customers.find_buyer(work, customer_id, path) if customer_id else None


def put_buyer(purchase: OrderBase, buyer: Buyer | None, own: Collection[str]) -> None:
    """Make it the purchase of a customer, or of a guest.

    Those of ``DEFAULTED_FIELDS`` that are not the purchase's ``own`` are copied from the customer.
    """
    purchase.customer_id = None if buyer is None else buyer.id
    for name in DEFAULTED_FIELDS:
        if name not in own:
            setattr(purchase, name, None if buyer is None else getattr(buyer, name))


def given_by(terms: OrderTerms) -> set[str]:
    """Which of ``DEFAULTED_FIELDS`` a command gives; null gives nothing."""
    return {name for name in DEFAULTED_FIELDS if getattr(terms, name) not in (UNSET, None)}


def resets(terms: OrderTerms) -> bool:
    """Whether a command takes one of ``DEFAULTED_FIELDS`` back, so that it is the customer's again."""
    return any(getattr(terms, name) is None for name in DEFAULTED_FIELDS)


def own_of(draft: DraftOrder) -> set[str]:
    """Which of ``DEFAULTED_FIELDS`` a draft was given."""
    return {name for name in DEFAULTED_FIELDS if getattr(draft, f"own_{name}")}


def note_own(draft: DraftOrder, terms: OrderTerms) -> None:
    """Keep which of ``DEFAULTED_FIELDS`` a command gives to a draft, or takes back from it."""
    for name in DEFAULTED_FIELDS:
        if getattr(terms, name) is not UNSET:
            setattr(draft, f"own_{name}", name in given_by(terms))
