"""What customers announce, and the news they have for other areas in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass

from domain.kernel.events import Event
from domain.kernel.use_cases.unit_of_work import Signal


class CustomerCreated(Event, type="customer.created"):
    """A customer was added."""


class CustomerUpdated(Event, type="customer.updated"):
    """A customer changed, was archived or erased; ``changed_fields`` says where."""


@dataclass(frozen=True, slots=True)
class CustomerRenamed(Signal):
    """A customer's names are others now: whoever finds things by them must follow."""

    customer_id: str


@dataclass(frozen=True, slots=True)
class CustomerErased(Signal):
    """A customer is being erased: whoever keeps copies of their data must forget them now, and keep the books."""

    customer_id: str
