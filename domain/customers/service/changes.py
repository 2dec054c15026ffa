"""A customer about to change: locked, remembered as they were, and announced if they are different in the end."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import selectinload

from domain.customers.events import CustomerUpdated
from domain.customers.model import Customer, CustomerAddress, CustomerStatus
from domain.customers.snapshot import customer_snapshot
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.fields import UNSET, Unset
from domain.kernel.use_cases.unit_of_work import UnitOfWork

_NOT_COMPARED = frozenset({"version", "created_at", "updated_at", "default_shipping_id", "default_billing_id"})
"""Members that change by themselves, or that the addresses say too."""
_OWN = frozenset({"default_shipping", "default_billing", "created_at", "updated_at"})
"""Members of an address that say nothing of what stands on it."""


class CustomerChange:
    """What ``lock_customer`` hands out: the customer, and how they were."""

    def __init__(self, customer: Customer) -> None:
        self.customer = customer
        self._before = customer_snapshot(customer)

    def announce(self, work: UnitOfWork) -> None:
        """Bump the version and record the event; a change that changed nothing does neither."""
        customer, before = self.customer, self._before
        now = customer_snapshot(customer)
        changed = tuple(name for name in now if _compared(name, now[name]) != _compared(name, before[name]))
        if not changed:
            return
        known = {address["id"]: _written(address) for address in before["addresses"]}
        for address, written in zip(customer.addresses, now["addresses"], strict=True):
            if known.get(address.id) != _written(written):
                address.updated_at = work.now
        customer.version += 1
        customer.sequence += 1
        customer.updated_at = work.now
        work.record(CustomerUpdated(customer.id, customer.sequence, customer_snapshot(customer), changed))


async def lock_customer(work: UnitOfWork, customer_id: str, version: int | Unset) -> CustomerChange:
    """The customer, locked with their addresses. Raises NotFound, Conflict (stale version)."""
    work.note_person(customer_id)
    customer = await work.lock(
        Customer,
        customer_id,
        noun="customer",
        version=None if version is UNSET else version,
        options=(selectinload(Customer.addresses),),
    )
    return CustomerChange(customer)


async def lock_unerased_customer(work: UnitOfWork, customer_id: str, version: int | Unset) -> CustomerChange:
    """As ``lock_customer``, of a customer who still is somebody. Raises Conflict for an erased one, too."""
    change = await lock_customer(work, customer_id, version)
    if change.customer.status == CustomerStatus.ERASED:
        raise Conflict("This customer was erased and cannot be changed.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    return change


def owned(customer: Customer, address_id: str) -> CustomerAddress | None:
    """The customer's address with this id."""
    return next((address for address in customer.addresses if address.id == address_id), None)


def _compared(name: str, value: Any) -> Any:
    if name in _NOT_COMPARED:
        return None
    if name == "addresses":
        return [
            {key: item for key, item in address.items() if key not in ("created_at", "updated_at")} for address in value
        ]
    return value


def _written(address: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in address.items() if name not in _OWN}
