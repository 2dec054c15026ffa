"""Changes of a customer: lock, compare with the state before, record the event if something changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import selectinload

from domain.customers.events import CustomerUpdated
from domain.customers.model import Customer, CustomerAddress, CustomerStatus
from domain.customers.snapshot import customer_snapshot
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.fields import Unset
from domain.kernel.use_cases.changes import changed_members, count_change
from domain.kernel.use_cases.unit_of_work import UnitOfWork

_NOT_COMPARED = frozenset({"version", "created_at", "updated_at", "default_shipping_id", "default_billing_id"})
"""Members that change automatically, or that the addresses contain as well."""
_NOT_POSTAL = frozenset({"default_shipping", "default_billing"})
"""Members of an address that are not part of the postal address."""


class CustomerChange:
    """A locked customer with the snapshot from before the change."""

    def __init__(self, customer: Customer) -> None:
        self.customer = customer
        self._before = _compared(customer)

    def announce(self, work: UnitOfWork) -> None:
        """Increase the version and record the event, unless nothing changed."""
        customer = self.customer
        before, after = self._before, _compared(customer)
        changed = changed_members(before, after)
        if not changed:
            return
        known = {address["id"]: _postal(address) for address in before["addresses"]}
        for address, compared in zip(customer.addresses, after["addresses"], strict=True):
            if known.get(address.id) != _postal(compared):
                address.updated_at = work.now
        count_change(work, customer)
        work.record(CustomerUpdated(customer.id, customer.sequence, customer_snapshot(customer), changed))


async def lock_customer(work: UnitOfWork, customer_id: str, version: int | Unset) -> CustomerChange:
    """Lock a customer with its addresses. Raises NotFound, Conflict (stale version)."""
    work.note_person(customer_id)
    customer = await work.lock(
        Customer,
        customer_id,
        noun="customer",
        version=version,
        options=(selectinload(Customer.addresses),),
    )
    return CustomerChange(customer)


async def lock_unerased_customer(work: UnitOfWork, customer_id: str, version: int | Unset) -> CustomerChange:
    """Lock a customer as ``lock_customer`` does. Also raises Conflict if the customer was erased."""
    change = await lock_customer(work, customer_id, version)
    if change.customer.status == CustomerStatus.ERASED:
        raise Conflict("This customer was erased and cannot be changed.", ErrorCode.ILLEGAL_TRANSITION, ("id",))
    return change


def find_address(customer: Customer, address_id: str) -> CustomerAddress | None:
    """Return the customer's address with this id, or None."""
    return next((address for address in customer.addresses if address.id == address_id), None)


def _compared(customer: Customer) -> dict[str, Any]:
    """Build the snapshot without the members that are not compared, also of the addresses."""
    snapshot = {name: value for name, value in customer_snapshot(customer).items() if name not in _NOT_COMPARED}
    for address in snapshot["addresses"]:
        for name in ("created_at", "updated_at"):
            del address[name]
    return snapshot


def _postal(address: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in address.items() if name not in _NOT_POSTAL}
