"""Addresses are added, updated, removed and set as default under the version of their customer."""

from __future__ import annotations

from typing import Any

import pytest

from domain import customers
from domain.customers.commands import MAX_ADDRESSES, CustomerAddressInput
from domain.kernel.errors import Conflict, NotFound, ValidationFailed
from tests.conftest import Do, MakeCustomer
from tests.customers.conftest import Look

HOME = {"line1": "1 Home Road", "city": "Leeds", "country": "GB"}


@pytest.fixture
async def jane(make_customer: MakeCustomer) -> customers.Customer:
    """A customer with two addresses; the first is both defaults."""
    return await make_customer(
        addresses=(
            CustomerAddressInput(**HOME, default_shipping=True, default_billing=True),
            CustomerAddressInput(line1="2 Work Road", city="York", country="GB"),
        )
    )


async def test_adding_an_address_changes_the_customer(do: Do, look: Look, jane: customers.Customer) -> None:
    added = await do(customers.add_address, customer_id=jane.id, **HOME, default_billing=True)
    stored = await look(jane.id)
    (row,) = stored["customer"]
    assert (row["version"], row["default_shipping_id"], row["default_billing_id"]) == (
        2,
        jane.addresses[0].id,
        added.id,
    )
    assert [each["id"] for each in stored["customer_address"]] == [*(each.id for each in jane.addresses), added.id]
    event = stored["event"][-1]
    assert (event["type"], event["changed_fields"]) == ("customer.updated", ["addresses"])


async def test_only_the_changed_address_gets_a_new_time(do: Do, look: Look, jane: customers.Customer) -> None:
    home, work = jane.addresses
    await do(customers.update_address, customer_id=jane.id, id=work.id, city="Leeds", zip="LS1", default_shipping=True)
    stored = await look(jane.id)
    first, second = stored["customer_address"]
    assert (second["city"], second["zip"], second["line1"]) == ("Leeds", "LS1", "2 Work Road")
    assert first["updated_at"] == first["created_at"] < second["updated_at"]
    assert stored["customer"][0]["default_shipping_id"] == work.id
    await do(customers.update_address, customer_id=jane.id, id=work.id, default_shipping=False)
    await do(customers.update_address, customer_id=jane.id, id=work.id, default_billing=False)
    (row,) = (await look(jane.id))["customer"]
    assert (row["default_shipping_id"], row["default_billing_id"], row["version"]) == (None, home.id, 3)


async def test_removing_a_default_address_leaves_no_default(do: Do, look: Look, jane: customers.Customer) -> None:
    home, work = jane.addresses
    await do(customers.remove_address, customer_id=jane.id, id=home.id)
    stored = await look(jane.id)
    (row,) = stored["customer"]
    assert (row["default_shipping_id"], row["default_billing_id"]) == (None, None)
    assert [each["id"] for each in stored["customer_address"]] == [work.id]


@pytest.mark.parametrize(
    ("type", "defaults"),
    [
        ({"type": customers.AddressType.SHIPPING}, ("work", "home")),
        ({"type": customers.AddressType.BILLING}, ("home", "work")),
        ({}, ("work", "work")),
    ],
)
async def test_a_default_is_set_for_one_purpose_or_both(
    do: Do, look: Look, jane: customers.Customer, type: dict[str, Any], defaults: tuple[str, str]
) -> None:
    ids = dict(zip(("home", "work"), (address.id for address in jane.addresses), strict=True))
    for _ in range(2):
        await do(customers.set_default_address, customer_id=jane.id, id=ids["work"], **type)
    stored = await look(jane.id)
    (row,) = stored["customer"]
    assert (row["default_shipping_id"], row["default_billing_id"]) == tuple(ids[name] for name in defaults)
    assert [each["changed_fields"] for each in stored["event"]] == [[], ["addresses"]]


@pytest.mark.parametrize(
    ("execute", "given", "failure"),
    [
        (customers.update_address, {"id": "addr_1", "city": "York"}, NotFound),
        (customers.remove_address, {"id": "addr_1"}, NotFound),
        (customers.set_default_address, {"id": "addr_1"}, NotFound),
        (customers.add_address, {**HOME, "phone": "1"}, ValidationFailed),
        (customers.add_address, {**HOME, "expected_version": 2}, Conflict),
    ],
)
async def test_a_refused_change_changes_nothing(
    do: Do, look: Look, jane: customers.Customer, execute: Any, given: dict[str, Any], failure: type[Exception]
) -> None:
    before = await look(jane.id)
    with pytest.raises(failure):
        await do(execute, customer_id=jane.id, **given)
    assert await look(jane.id) == before


async def test_another_customers_address_is_not_found(
    do: Do, look: Look, make_customer: MakeCustomer, jane: customers.Customer
) -> None:
    other = await make_customer()
    for execute in (customers.update_address, customers.remove_address, customers.set_default_address):
        with pytest.raises(NotFound, match="Address"):
            await do(execute, customer_id=other.id, id=jane.addresses[0].id)
    assert len((await look(jane.id))["customer_address"]) == 2


async def test_the_number_of_addresses_is_limited(do: Do, make_customer: MakeCustomer) -> None:
    full = await make_customer(addresses=(CustomerAddressInput(**HOME),) * MAX_ADDRESSES)
    with pytest.raises(ValidationFailed, match="100"):
        await do(customers.add_address, customer_id=full.id, **HOME)
