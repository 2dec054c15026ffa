"""Erasure of a person (GDPR, article 17): from the store, from past events and from stored responses.

The row stays, anonymized, so that sales stay on record. A signal makes other areas redact their copies.
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
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.stored_responses import erase_responses
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@use_case("customers:write")
async def erase_customer(work: UnitOfWork, principal: Principal, command: EraseCustomer) -> Customer:
    """Erase the personal data of a customer permanently and free the e-mail address. Repeating it changes nothing.

    Raises NotFound, Conflict (stale version).
    """
    change = await lock_customer(work, command.id, command.expected_version)
    customer = change.customer
    if customer.status == CustomerStatus.ERASED:
        return customer
    _anonymize(customer)
    customer.status, customer.erased_at = CustomerStatus.ERASED, work.now
    await work.flush()
    await reindex_customer(work, customer)
    await work.emit(CustomerErased(customer.id))
    await redact_events(work, [customer.id], personal_data.OBJECTS.blanks)
    await erase_responses(work, customer.id)
    change.announce(work)
    await work.flush()
    return customer


def _anonymize(customer: Customer) -> None:
    """Anonymize the row.

    The domain ``.invalid`` never exists (RFC 2606) and is refused in input; the id makes the address unique.
    """
    customer.set_email(f"{customer.id}@erased.invalid")
    customer.rename(None, None)
    customer.set_phone(None)
    customer.tags = []
    customer.metadata_ = {}
    customer.addresses = []
    customer.default_shipping_id = customer.default_billing_id = None
