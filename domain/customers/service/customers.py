"""The use cases of customers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.customers.commands import ArchiveCustomer, CreateCustomer, UpdateCustomer
from domain.customers.events import CustomerCreated, CustomerRenamed
from domain.customers.model import Customer, CustomerStatus
from domain.customers.service.addresses import new_addresses
from domain.customers.service.changes import lock_customer, lock_unerased_customer
from domain.customers.service.emails import change_email, insert_customers
from domain.customers.service.indexes import index_customers, reindex_customer, words_of_name
from domain.customers.snapshot import customer_snapshot
from domain.kernel.errors import ErrorCode, ValidationFailed
from domain.kernel.fields import UNSET, merge_metadata
from domain.kernel.fields.tags import unique_tags
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@use_case("customers:write")
async def create_customer(work: UnitOfWork, principal: Principal, command: CreateCustomer) -> Customer:
    """Create a customer with addresses and tags.

    Raises ValidationFailed (two defaults for one purpose, an invalid telephone number), Conflict (the e-mail address is
    in use).
    """
    (customer,) = await create_customers(work, principal, [command])
    return customer


async def create_customers(
    work: UnitOfWork, principal: Principal, commands: Sequence[CreateCustomer], created_at: Sequence[datetime] = ()
) -> list[Customer]:
    """Create many customers with one statement per table. Used by the demo and by imports.

    ``created_at``: the creation times, if they are in the past. Raises as ``create_customer``; then none is created.
    """
    instants = created_at or [work.now] * len(commands)
    customers = [_new_customer(work, command, instant) for command, instant in zip(commands, instants, strict=True)]
    await work.flush()
    await insert_customers(work, customers)
    for customer in customers:
        work.note_person(customer.id)
        work.session.add_all(customer.addresses)
    await work.flush()
    await index_customers(work, customers)
    for customer in customers:
        work.record(CustomerCreated(customer.id, customer.sequence, customer_snapshot(customer)))
    await work.flush()
    return customers


@use_case("customers:write")
async def update_customer(work: UnitOfWork, principal: Principal, command: UpdateCustomer) -> Customer:
    """Update the given fields. An update that changes nothing increases no version and records no event.

    Raises NotFound, Conflict (stale version, e-mail address in use, customer erased), ValidationFailed.
    """
    if command.status is CustomerStatus.ERASED:
        message = "Erasing is a separate operation. Only `active` and `archived` can be set."
        raise ValidationFailed.of(("status",), ErrorCode.INVALID, message)
    change = await lock_unerased_customer(work, command.id, command.expected_version)
    customer = change.customer
    names = words_of_name(customer)
    _apply_fields(work, customer, command)
    if command.email is not UNSET:
        await change_email(work, customer, command.email)
    await work.flush()
    await reindex_customer(work, customer)
    if words_of_name(customer) != names:
        await work.emit(CustomerRenamed(customer.id))
    change.announce(work)
    await work.flush()
    return customer


@use_case("customers:write")
async def archive_customer(work: UnitOfWork, principal: Principal, command: ArchiveCustomer) -> Customer:
    """Archive a customer. Does nothing if archived or erased already. Raises NotFound, Conflict (stale version)."""
    change = await lock_customer(work, command.id, command.expected_version)
    change.customer.archive(work.now)
    change.announce(work)
    await work.flush()
    return change.customer


def _new_customer(work: UnitOfWork, command: CreateCustomer, created_at: datetime) -> Customer:
    customer = Customer(
        store_id=work.store.number,
        id=new_id("cust"),
        tags=unique_tags(command.tags),
        metadata_=merge_metadata({}, command.metadata),
        acquisition_channel=command.acquisition_channel,
        status=CustomerStatus.ACTIVE,
        default_shipping_id=None,
        default_billing_id=None,
        archived_at=None,
        erased_at=None,
        version=1,
        sequence=1,
        created_at=created_at,
        updated_at=created_at,
        addresses=[],
    )
    customer.set_email(command.email)
    customer.rename(command.first_name or None, command.last_name or None)
    customer.set_phone(command.phone or None)
    new_addresses(customer, command.addresses)
    return customer


def _apply_fields(work: UnitOfWork, customer: Customer, command: UpdateCustomer) -> None:
    first, last = command.first_name, command.last_name
    customer.rename(
        customer.first_name if first is UNSET else first,
        customer.last_name if last is UNSET else last,
    )
    if command.phone is not UNSET:
        customer.set_phone(command.phone)
    if command.tags is not UNSET:
        customer.tags = unique_tags(command.tags)
    if command.metadata is not UNSET:
        customer.metadata_ = merge_metadata(customer.metadata_, command.metadata)
    if command.acquisition_channel is not UNSET:
        customer.acquisition_channel = command.acquisition_channel
    if command.status is CustomerStatus.ARCHIVED:
        customer.archive(work.now)
    elif command.status is CustomerStatus.ACTIVE:
        customer.restore()
