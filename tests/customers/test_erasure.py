"""Erasure removes all personal data that the store has, and keeps the rest."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from domain import customers
from domain.customers.commands import CreateCustomer, CustomerAddressInput
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.errors import Conflict, ErrorCode
from domain.kernel.event_log import EventLog
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from tests.conftest import Client, Do, MakeCustomer, Shop
from tests.customers.conftest import Look

HOME = CustomerAddressInput(line1="221B Baker Street", city="London", country="GB", default_shipping=True)
SECRETS = ("jane", "doe", "baker", "london", "20 7946 095", "gluten", "lefthanded")
"""Texts that must not be found anywhere after the erasure."""


@pytest.fixture
async def jane(make_customer: MakeCustomer, do: Do) -> customers.Customer:
    """A customer with all personal data set and two events in the log."""
    created = await make_customer(
        email="jane@doe.example",
        first_name="Jane",
        last_name="Doe",
        phone="+44 20 7946 0958",
        tags=("lefthanded",),
        metadata={"diet": "gluten free"},
        acquisition_channel="fair",
        addresses=(HOME,),
    )
    await do(customers.update_customer, id=created.id, phone="+44 20 7946 0959")
    return created


def assert_forgotten(value: Any) -> None:
    written = orjson.dumps(value, default=str).decode().lower()
    assert not [secret for secret in SECRETS if secret in written], written


async def test_personal_data_is_removed_and_the_row_stays(do: Do, look: Look, jane: customers.Customer) -> None:
    await do(customers.erase_customer, id=jane.id)
    stored = await look(jane.id)
    assert_forgotten(stored)
    (row,) = stored["customer"]
    assert (row["email"], row["status"], row["version"]) == (f"{jane.id}@erased.invalid", "erased", 3)
    assert (row["acquisition_channel"], row["created_at"]) == ("fair", jane.created_at)
    assert row["erased_at"] is not None
    assert [stored[table] for table in ("customer_address", "customer_tag", "customer_word")] == [[], [], []]


async def test_past_events_stay_without_personal_data(do: Do, look: Look, jane: customers.Customer) -> None:
    before = (await look(jane.id))["event"]
    await do(customers.erase_customer, id=jane.id)
    events = (await look(jane.id))["event"]
    assert_forgotten(events)
    assert [event["type"] for event in events] == ["customer.created", "customer.updated", "customer.updated"]
    assert {"email", "first_name", "phone", "status", "addresses", "erased_at"} < set(events[2]["changed_fields"])
    for then, now in zip(before, events, strict=False):
        assert {**then, "snapshot": ...} == {**now, "snapshot": ...}
        retained = ("id", "version", "created_at", "acquisition_channel", "status")
        assert [then["snapshot"][name] for name in retained] == [now["snapshot"][name] for name in retained]
        assert now["snapshot"].keys() == then["snapshot"].keys()


async def test_other_customers_and_stores_stay_unchanged(
    do: Do, look: Look, make_customer: MakeCustomer, jane: customers.Customer, shop: Shop, events: Any
) -> None:
    other = await make_customer(email="other@doe.example", first_name="Jane", addresses=(HOME,))
    await make_customer(shop.test, email="jane@doe.example", first_name="Jane")
    before = (await look(other.id), await events(shop.test))
    await do(customers.erase_customer, id=jane.id)
    assert (await look(other.id), await events(shop.test)) == before


async def test_the_email_address_can_be_used_by_a_new_customer(
    do: Do, look: Look, make_customer: MakeCustomer, jane: customers.Customer
) -> None:
    await do(customers.erase_customer, id=jane.id)
    again = await make_customer(email="jane@doe.example")
    assert again.id != jane.id
    assert (await look(again.id))["customer"][0]["version"] == 1


async def test_erasing_again_changes_nothing_and_archived_ones_can_be_erased(
    do: Do, look: Look, jane: customers.Customer
) -> None:
    await do(customers.archive_customer, id=jane.id)
    await do(customers.erase_customer, id=jane.id)
    before = await look(jane.id)
    await do(customers.erase_customer, id=jane.id)
    await do(customers.archive_customer, id=jane.id)
    assert await look(jane.id) == before


async def test_an_erased_customer_cannot_be_changed(do: Do, look: Look, jane: customers.Customer) -> None:
    await do(customers.erase_customer, id=jane.id)
    before = await look(jane.id)
    for execute, given in (
        (customers.update_customer, {"id": jane.id, "status": customers.CustomerStatus.ACTIVE}),
        (customers.update_customer, {"id": jane.id, "first_name": "Jane"}),
        (customers.add_address, {"customer_id": jane.id, "line1": "1", "city": "Leeds", "country": "GB"}),
        (customers.remove_address, {"customer_id": jane.id, "id": jane.addresses[0].id}),
    ):
        with pytest.raises(Conflict) as refusal:
            await do(execute, **given)
        assert refusal.value.code is ErrorCode.ILLEGAL_TRANSITION
    assert await look(jane.id) == before


async def test_other_areas_are_signalled_in_the_same_transaction(
    database_url: str, shop: Shop, jane: customers.Customer, look: Look
) -> None:
    heard: list[str] = []

    async def forget(work: UnitOfWork, recorded: customers.CustomerErased) -> None:
        row = await customers.reads.customer_by_id.for_key(work.reader, recorded.customer_id)
        heard.append(row.email)
        raise RuntimeError("cannot forget")

    database = Database(DatabaseOptions(database_url, reactions={customers.CustomerErased: (forget,)}))
    await database.open()
    before = await look(jane.id)
    try:
        with pytest.raises(RuntimeError):
            async with database.transaction(shop.live) as work:
                await customers.erase_customer(work, shop.live, customers.commands.EraseCustomer(id=jane.id))
    finally:
        await database.close()
    assert heard == [f"{jane.id}@erased.invalid"]
    assert await look(jane.id) == before


GRAPHQL = "mutation ($input: CreateCustomerInput!) { createCustomer(input: $input) { customer { email firstName } } }"


@pytest.mark.parametrize("surface", ["rest", "graphql"])
async def test_stored_responses_are_erased_and_requests_still_run_once(
    rest: Client, surface: str, database: Database, shop: Shop
) -> None:
    """Also if the response does not contain the customer."""
    if surface == "rest":
        path, body = "/v2/customers", {"email": "jane@doe.example", "first_name": "Jane"}
    else:
        path = "/graphql"
        body = {"query": GRAPHQL, "variables": {"input": {"email": "jane@doe.example", "firstName": "Jane"}}}
    headers = {"Idempotency-Key": "once"}
    first = await rest("POST", path, json=body, headers=headers)
    assert "jane@doe.example" in first.text
    assert (await rest("POST", path, json=body, headers=headers)).headers["Idempotent-Replayed"] == "true"
    (created,) = (await rest("GET", "/v2/customers")).json()["data"]
    erased = await rest("POST", f"/v2/customers/{created['id']}/erase", headers={"Idempotency-Key": "erase"})
    assert erased.status_code == 201
    again = await rest("POST", path, json=body, headers=headers)
    assert_forgotten(again.text)
    assert "Idempotent-Replayed" not in again.headers
    assert ("ILLEGAL_TRANSITION" in again.text) or again.status_code == 409
    assert len((await rest("GET", "/v2/customers")).json()["data"]) == 1
    repeated = await rest("POST", f"/v2/customers/{created['id']}/erase", headers={"Idempotency-Key": "erase"})
    assert (repeated.text, repeated.headers["Idempotent-Replayed"]) == (erased.text, "true")
    async with database.system_connection() as connection:
        responses = await connection.fetch(
            "SELECT key, answer = '' AS erased FROM idempotency_record WHERE store_id = $1 ORDER BY key",
            shop.live.store.number,
        )
    assert [tuple(row) for row in responses] == [("erase", False), ("once", True)]


async def test_subscribers_from_before_read_the_redacted_events(
    database: Database, log: EventLog, shop: Shop, make_customer: MakeCustomer, do: Do
) -> None:
    """The log caches new events in memory, and drops the cache at an erasure."""
    start = await log.head()
    created = await make_customer(email="jane@doe.example", first_name="Jane")
    assert await read_events(log, shop, start, 1) == [("customer.created", "jane@doe.example")]
    await do(customers.erase_customer, id=created.id)
    erased_email = f"{created.id}@erased.invalid"
    await read_events(log, shop, await log.head() - 1, 1)
    async with asyncio.timeout(10):
        while (found := await read_events(log, shop, start, 2)) and found[0][1] != erased_email:
            await asyncio.sleep(0.05)
    assert found == [("customer.created", erased_email), ("customer.updated", erased_email)]


async def read_events(log: EventLog, shop: Shop, position: int, count: int) -> list[tuple[str, str]]:
    """Return type and e-mail address of the store's next events after a position."""
    found: list[tuple[str, str]] = []
    async with asyncio.timeout(10):
        async for rows in log.follow(shop.live.store, position):
            found += [(row.type, row.snapshot["email"]) for row in rows]
            if len(found) >= count:
                break
    return found


@pytest.mark.both_servers
async def test_erasure_covers_events_that_are_written_and_sequenced_meanwhile(
    database: Database, log: EventLog, shop: Shop, do: Do, look: Look
) -> None:
    commands = [CreateCustomer(email=f"jane{number}@doe.example", first_name="Jane") for number in range(8)]
    async with database.transaction(shop.live) as work:
        created = await customers.create_customers(work, shop.live, commands)

    async def live(customer: customers.Customer) -> None:
        for number in range(6):
            await do(customers.update_customer, id=customer.id, first_name=f"Jane {number}", last_name="Doe")
        await do(customers.erase_customer, id=customer.id)

    await asyncio.gather(*map(live, created))
    for customer in created:
        assert_forgotten(await look(customer.id))
