"""The events of customers, and the signals for other areas in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass

from domain.kernel.events import Event
from domain.kernel.use_cases.unit_of_work import Signal


class CustomerCreated(Event, type="customer.created"):
    """A customer was created."""


class CustomerUpdated(Event, type="customer.updated"):
    """A customer was changed, archived or erased."""


@dataclass(frozen=True, slots=True)
class CustomerRenamed(Signal):
    """A customer's names changed: areas that index objects by these names must update their indexes."""

    customer_id: str


@dataclass(frozen=True, slots=True)
class CustomerErased(Signal):
    """A customer is being erased: areas with copies of the personal data must redact them now, and keep amounts."""

    customer_id: str
