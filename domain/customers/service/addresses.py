"""Use cases of addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.customers.commands import (
    MAX_ADDRESSES,
    AddAddress,
    CustomerAddressInput,
    RemoveAddress,
    SetDefaultAddress,
    UpdateAddress,
)
from domain.customers.model import AddressType, Customer, CustomerAddress
from domain.customers.service.changes import lock_unerased_customer, owned
from domain.kernel.address import Address
from domain.kernel.errors import ErrorCode, NotFound, ValidationFailed
from domain.kernel.fields import UNSET
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.registry import use_case
from domain.kernel.use_cases.unit_of_work import UnitOfWork


@use_case("customers:write")
async def add_address(work: UnitOfWork, principal: Principal, command: AddAddress) -> CustomerAddress:
    """Add an address to a customer. Raises NotFound, Conflict (stale version, erased), ValidationFailed."""
    change = await lock_unerased_customer(work, command.customer_id, command.expected_version)
    customer = change.customer
    if len(customer.addresses) >= MAX_ADDRESSES:
        message = f"A customer can have at most {MAX_ADDRESSES} addresses."
        raise ValidationFailed.of(("addresses",), ErrorCode.TOO_LONG, message)
    address = _append(customer, Address.of(command), work.now)
    customer.set_default_address(
        address.id, shipping=command.default_shipping or None, billing=command.default_billing or None
    )
    change.announce(work)
    await work.flush()
    return address


@use_case("customers:write")
async def update_address(work: UnitOfWork, principal: Principal, command: UpdateAddress) -> CustomerAddress:
    """Change what the command gives of an address. Raises NotFound, Conflict, ValidationFailed."""
    change = await lock_unerased_customer(work, command.customer_id, command.expected_version)
    address = _find(change.customer, command.id)
    address.write(address.address.changed(command))
    shipping, billing = command.default_shipping, command.default_billing
    change.customer.set_default_address(
        address.id,
        shipping=None if shipping is UNSET else shipping,
        billing=None if billing is UNSET else billing,
    )
    change.announce(work)
    await work.flush()
    return address


@use_case("customers:write")
async def remove_address(work: UnitOfWork, principal: Principal, command: RemoveAddress) -> Customer:
    """Remove an address; where it was a default, there is none. Raises NotFound, Conflict (stale version, erased)."""
    change = await lock_unerased_customer(work, command.customer_id, command.expected_version)
    customer = change.customer
    address = _find(customer, command.id)
    customer.set_default_address(address.id, shipping=False, billing=False)
    customer.addresses.remove(address)
    change.announce(work)
    await work.flush()
    return customer


@use_case("customers:write")
async def set_default_address(work: UnitOfWork, principal: Principal, command: SetDefaultAddress) -> CustomerAddress:
    """Make an address a default, in place of the one before. Raises NotFound, Conflict (stale version, erased)."""
    change = await lock_unerased_customer(work, command.customer_id, command.expected_version)
    address = _find(change.customer, command.id)
    change.customer.set_default_address(
        address.id,
        shipping=None if command.type is AddressType.BILLING else True,
        billing=None if command.type is AddressType.SHIPPING else True,
    )
    change.announce(work)
    await work.flush()
    return address


def new_addresses(customer: Customer, given: Sequence[CustomerAddressInput]) -> None:
    """Give a new customer their addresses. Raises ValidationFailed when two are the default for the same."""
    for kind in ("default_shipping", "default_billing"):
        chosen = [index for index, entry in enumerate(given) if getattr(entry, kind)]
        if len(chosen) > 1:
            path = ("addresses", chosen[1], kind)
            raise ValidationFailed.of(
                path,
                ErrorCode.DUPLICATE,
                "Only one address can be the default. An earlier address in the list already is.",
            )
    for index, entry in enumerate(given):
        address = _append(customer, Address.of(entry, ("addresses", index)), customer.created_at)
        customer.set_default_address(
            address.id, shipping=entry.default_shipping or None, billing=entry.default_billing or None
        )


def _append(customer: Customer, written: Address, now: datetime) -> CustomerAddress:
    address = CustomerAddress(
        store_id=customer.store_id, id=new_id("addr"), customer_id=customer.id, created_at=now, updated_at=now
    )
    address.write(written)
    customer.addresses.append(address)
    return address


def _find(customer: Customer, address_id: str) -> CustomerAddress:
    address = owned(customer, address_id)
    if address is None:
        raise NotFound("address")
    return address
