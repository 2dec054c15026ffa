"""The use cases of customer addresses."""

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
from domain.customers.service.changes import find_address, lock_unerased_customer
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
    """Update the given members of an address. Raises NotFound, Conflict (stale version, erased), ValidationFailed."""
    change = await lock_unerased_customer(work, command.customer_id, command.expected_version)
    address = _find(change.customer, command.id)
    address.set_address(address.address.changed(command))
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
    """Remove an address and clear it as default. Raises NotFound, Conflict (stale version, erased)."""
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
    """Set a default address in place of the previous one. Raises NotFound, Conflict (stale version, erased)."""
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


def new_addresses(customer: Customer, inputs: Sequence[CustomerAddressInput]) -> None:
    """Add the addresses of a new customer. Raises ValidationFailed if two are the default for the same purpose."""
    for flag in ("default_shipping", "default_billing"):
        chosen = [index for index, entry in enumerate(inputs) if getattr(entry, flag)]
        if len(chosen) > 1:
            path = ("addresses", chosen[1], flag)
            raise ValidationFailed.of(
                path,
                ErrorCode.DUPLICATE,
                "Only one address can be the default. An earlier address in the list already is.",
            )
    for index, entry in enumerate(inputs):
        address = _append(customer, Address.of(entry, ("addresses", index)), customer.created_at)
        customer.set_default_address(
            address.id, shipping=entry.default_shipping or None, billing=entry.default_billing or None
        )


def _append(customer: Customer, postal_address: Address, now: datetime) -> CustomerAddress:
    address = CustomerAddress(
        store_id=customer.store_id, id=new_id("addr"), customer_id=customer.id, created_at=now, updated_at=now
    )
    address.set_address(postal_address)
    customer.addresses.append(address)
    return address


def _find(customer: Customer, address_id: str) -> CustomerAddress:
    address = find_address(customer, address_id)
    if address is None:
        raise NotFound("address")
    return address
