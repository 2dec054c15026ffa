"""Creating, updating and archiving customers: rows, events, and refusals that change nothing."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from domain import customers
from domain.customers.commands import CreateCustomer, CustomerAddressInput
from domain.kernel.database import Database
from domain.kernel.errors import Conflict, ErrorCode, NotFound, ValidationFailed
from domain.kernel.principal import Principal
from tests.conftest import Do, MakeCustomer, Shop
from tests.customers.conftest import Look

HOME = CustomerAddressInput(line1="1 Home Road", city="Leeds", country="GB", default_shipping=True)
WORK = CustomerAddressInput(line1="2 Work Road", city="Leeds", country="GB", default_billing=True, company="Doe Ltd")


async def test_a_new_customer_has_addresses_words_tags_and_one_event(make_customer: MakeCustomer, look: Look) -> None:
    jane = await make_customer(
        email="Jane@Example.com",
        first_name="Mary-Jane",
        last_name="O'Neil",
        phone="+44 20 7946 0958",
        tags=("VIP", "vip", "news"),
        addresses=(HOME, WORK),
    )
    stored = await look(jane.id)
    (row,) = stored["customer"]
    assert (row["email"], row["email_key"], row["email_domain_key"]) == (
        "Jane@Example.com",
        "jane@example.com",
        "example.com",
    )
    assert (row["name_key"], row["phone_e164"], row["tags"]) == ("o'neil mary-jane", "+442079460958", ["VIP", "news"])
    assert (row["status"], row["acquisition_channel"], row["version"]) == ("active", "api", 1)
    home, work = stored["customer_address"]
    assert (row["default_shipping_id"], row["default_billing_id"]) == (home["id"], work["id"])
    assert [each["word"] for each in stored["customer_word"]] == ["jane", "mary", "neil", "o"]
    assert [each["tag_key"] for each in stored["customer_tag"]] == ["news", "vip"]
    (event,) = stored["event"]
    assert (event["type"], event["sequence"], event["changed_fields"]) == ("customer.created", 1, [])
    assert [each["default_billing"] for each in event["snapshot"]["addresses"]] == [False, True]


@pytest.mark.parametrize("email", ["jane@example.com", "JANE@EXAMPLE.COM"])
async def test_an_email_address_is_unique_ignoring_case_and_including_archived_customers(
    make_customer: MakeCustomer, do: Do, look: Look, email: str
) -> None:
    jane = await make_customer(email="Jane@example.com")
    await do(customers.archive_customer, id=jane.id)
    before = await look(jane.id)
    with pytest.raises(Conflict) as refusal:
        await make_customer(email=email)
    assert [(each.path, each.code) for each in refusal.value.problems] == [(("email",), ErrorCode.TAKEN)]
    assert await look(jane.id) == before


async def test_an_email_address_can_be_used_in_every_store(make_customer: MakeCustomer, shop: Shop) -> None:
    first = await make_customer(email="jane@example.com")
    second = await make_customer(shop.test, email="jane@example.com")
    assert first.id != second.id


async def test_two_defaults_for_one_purpose_are_refused(make_customer: MakeCustomer) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        await make_customer(addresses=(HOME, HOME))
    assert refusal.value.problems[0].path == ("addresses", 1, "default_shipping")


async def test_many_customers_are_written_with_one_statement_per_table(
    database: Database, shop: Shop, statements: list[str], look: Look
) -> None:
    commands = [
        CreateCustomer(email=f"{number}@example.com", first_name="Jane", tags=("a",), addresses=(HOME, WORK))
        for number in range(120)
    ]
    then = datetime(2011, 12, 1, 8, 26, tzinfo=UTC)
    statements.clear()
    async with database.transaction(shop.live) as work:
        created = await customers.create_customers(work, shop.live, commands, [then] * len(commands))
    written = [statement.split()[2] for statement in statements if statement.startswith("INSERT")]
    derived = ["customer_last_order", "customer_search_word", "customer_tag", "customer_word"]
    assert sorted(set(written)) == sorted(["customer", "customer_address", *derived, "event"])
    assert len(written) == 7, written
    stored = await look(created[7].id)
    assert {stored[table][0]["created_at"] for table in ("customer", "customer_address", "customer_tag")} == {then}
    assert stored["customer"][0]["email"] == "7@example.com"


async def test_no_customer_is_written_if_one_email_address_is_in_use(
    database: Database, shop: Shop, make_customer: MakeCustomer, found: Any
) -> None:
    await make_customer(email="3@example.com")
    for emails in (["1@example.com", "3@EXAMPLE.com"], ["1@example.com", "1@Example.com"]):
        with pytest.raises(Conflict):
            async with database.transaction(shop.live) as work:
                await customers.create_customers(work, shop.live, [CreateCustomer(email=email) for email in emails])
    assert await found() == ["3@example.com"]


async def test_an_update_changes_the_given_fields_and_records_them(
    make_customer: MakeCustomer, do: Do, look: Look
) -> None:
    jane = await make_customer(
        email="jane@example.com",
        first_name="Jane",
        last_name="Doe",
        phone="+1-555-0123",
        tags=("a", "b"),
        addresses=(HOME,),
    )
    await do(
        customers.update_customer, id=jane.id, email="Ada@Example.org", last_name=None, phone=None, tags=("b", "c")
    )
    stored = await look(jane.id)
    (row,) = stored["customer"]
    assert (row["email_key"], row["email_domain_key"], row["name_key"]) == ("ada@example.org", "example.org", "jane")
    assert (row["first_name"], row["last_name"], row["phone"], row["version"]) == ("Jane", None, None, 2)
    assert [each["tag_key"] for each in stored["customer_tag"]] == ["b", "c"]
    assert [each["word"] for each in stored["customer_word"]] == ["jane"]
    event = stored["event"][-1]
    assert (event["type"], event["sequence"]) == ("customer.updated", 2)
    assert event["changed_fields"] == ["email", "last_name", "phone", "tags"]
    assert event["snapshot"]["addresses"][0]["updated_at"] == event["snapshot"]["created_at"]


async def test_an_update_that_changes_nothing_records_no_event(make_customer: MakeCustomer, do: Do, look: Look) -> None:
    jane = await make_customer(email="jane@example.com", first_name="Jane", tags=("a",))
    before = await look(jane.id)
    await do(customers.update_customer, id=jane.id, email="jane@example.com", first_name="Jane", tags=("a", "A"))
    assert await look(jane.id) == before


async def test_the_case_of_an_email_address_can_change(make_customer: MakeCustomer, do: Do, look: Look) -> None:
    jane = await make_customer(email="jane@example.com")
    await do(customers.update_customer, id=jane.id, email="JANE@example.com")
    stored = await look(jane.id)
    assert stored["customer"][0]["email"] == "JANE@example.com"
    assert stored["event"][-1]["changed_fields"] == ["email"]


@pytest.mark.parametrize(
    ("given", "failure"),
    [
        ({"email": "TAKEN@example.com"}, Conflict),
        ({"expected_version": 2, "first_name": "X"}, Conflict),
        ({"status": customers.CustomerStatus.ERASED}, ValidationFailed),
    ],
)
async def test_a_refused_update_changes_nothing(
    make_customer: MakeCustomer, do: Do, look: Look, given: dict[str, Any], failure: type[Exception]
) -> None:
    await make_customer(email="taken@example.com")
    jane = await make_customer(email="jane@example.com")
    before = await look(jane.id)
    with pytest.raises(failure):
        await do(customers.update_customer, id=jane.id, **{"first_name": "Changed", **given})
    assert await look(jane.id) == before


async def test_archiving_records_one_event_and_can_be_undone(make_customer: MakeCustomer, do: Do, look: Look) -> None:
    jane = await make_customer()
    for _ in range(2):
        await do(customers.archive_customer, id=jane.id)
    stored = await look(jane.id)
    assert stored["customer"][0]["archived_at"] is not None
    assert [(each["type"], each["changed_fields"]) for each in stored["event"][1:]] == [
        ("customer.updated", ["status", "archived_at"])
    ]
    await do(customers.update_customer, id=jane.id, status=customers.CustomerStatus.ACTIVE)
    (row,) = (await look(jane.id))["customer"]
    assert (row["status"], row["archived_at"], row["version"]) == ("active", None, 3)


async def test_unknown_customers_are_not_found(do: Do, make_customer: MakeCustomer, other_shop: Shop) -> None:
    stranger = await make_customer(other_shop.live)
    for id in ("cust_1", stranger.id):
        for execute in (customers.update_customer, customers.archive_customer, customers.erase_customer):
            with pytest.raises(NotFound):
                await do(execute, id=id)


@pytest.mark.both_servers
async def test_concurrent_customers_with_one_email_address_leave_exactly_one(
    database: Database, shop: Shop, make_customer: MakeCustomer, do: Do, found: Any
) -> None:
    others = [await make_customer(email=f"{number}@example.com") for number in range(4)]
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    wishes = [*(_create(database, shop.live, email) for email in ("one@x.example", "ONE@x.example") * 4)]
    wishes += [do(customers.update_customer, id=other.id, email="One@x.example") for other in others]
    random.Random(seed).shuffle(wishes)
    responses = await asyncio.gather(*wishes, return_exceptions=True)
    failures = [response for response in responses if isinstance(response, BaseException)]
    assert len(failures) == len(responses) - 1
    assert all(isinstance(failure, Conflict) for failure in failures), failures
    assert len(await found(email="one@x.example")) == 1


async def test_swapping_email_addresses_does_not_deadlock(make_customer: MakeCustomer, do: Do) -> None:
    for turn in range(10):
        left = await make_customer(email=f"left{turn}@example.com")
        right = await make_customer(email=f"right{turn}@example.com")
        responses = await asyncio.gather(
            do(customers.update_customer, id=left.id, email=right.email),
            do(customers.update_customer, id=right.id, email=left.email),
            return_exceptions=True,
        )
        assert any(isinstance(response, Conflict) for response in responses), responses
        assert all(isinstance(response, Conflict | customers.Customer) for response in responses), responses


async def _create(database: Database, caller: Principal, email: str) -> customers.Customer:
    async with database.transaction(caller) as work:
        return await customers.create_customer(work, caller, CreateCustomer(email=email))
