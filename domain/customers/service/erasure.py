"""Erasing a person (GDPR, article 17): they go from the store, from past events and from stored answers.

The row stays, as nobody, so that what was sold stays in the books; other areas are asked to forget their copies.
"""

from __future__ import annotations

from domain.customers import personal_data
from domain.customers.commands import EraseCustomer
from domain.customers.events import CustomerErased
from domain.customers.model import Customer, CustomerStatus
from domain.customers.service.changes import lock_customer
from domain.customers.service.indexes import reindex_customer
from domain.kernel.event_log.redaction import redact_events
from domain.kernel.principal import Principal
from domain.kernel.use_cases.idempotency import erase_responses
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@use_case("customers:write")
async def erase_customer(work: UnitOfWork, principal: Principal, command: EraseCustomer) -> Customer:
    """Make the customer nobody, for good; their e-mail address is free again. Again, it changes nothing.

    Raises NotFound, Conflict (stale version).
    """
    change = await lock_customer(work, command.id, command.expected_version)
    customer = change.customer
    if customer.status == CustomerStatus.ERASED:
        return customer
    _forget(customer)
    customer.status, customer.erased_at = CustomerStatus.ERASED, work.now
    await work.flush()
    await reindex_customer(work, customer)
    await work.emit(CustomerErased(customer.id))
    await redact_events(work, [customer.id], personal_data.OBJECTS.blanks)
    await erase_responses(work, customer.id)
    change.announce(work)
    await work.flush()
    return customer


def _forget(customer: Customer) -> None:
    """``.invalid`` can belong to nobody (RFC 2606), and no caller may give it; with the id in it, it is unique."""
    customer.set_email(f"{customer.id}@erased.invalid")
    customer.rename(None, None)
    customer.set_phone(None)
    customer.tags = []
    customer.metadata_ = {}
    customer.addresses = []
    customer.default_shipping_id = customer.default_billing_id = None
