"""Filters and sorts of lists of customers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain import customers
from domain.customers.commands import CreateCustomer, CustomerFilter
from domain.customers.search import MAX_COUNTED_MATCHES
from domain.kernel.database import Database
from domain.kernel.errors import MalformedRequest, ValidationFailed
from domain.kernel.fields import UNSET, read_command
from domain.kernel.listing import Query
from domain.kernel.listing.paging import Window
from rest_compat.wire_format import WIRE_FORMAT
from tests.conftest import Do, MakeCustomer, Shop
from tests.customers.conftest import Found

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
async def people(database: Database, shop: Shop, do: Do) -> None:
    """Five customers, created on five days."""
    commands = [
        CreateCustomer(email="jane.doe@shop.example", first_name="Jane", last_name="Doe", tags=("VIP", "news")),
        CreateCustomer(email="Janet@other.example", first_name="Janet", last_name="van der Berg", tags=("vip",)),
        CreateCustomer(email="doe@jane.example", first_name="Élodie", last_name="O'Doe"),
        CreateCustomer(email="nobody@shop.example", tags=("news",)),
        CreateCustomer(email="zoe@SHOPS.example", first_name="zoë", last_name="doe"),
    ]
    days = [START + number * DAY for number in range(5)]
    async with database.transaction(shop.live) as work:
        created = await customers.create_customers(work, shop.live, commands, days)
    await do(customers.archive_customer, id=created[3].id)


@pytest.mark.parametrize(
    ("text", "emails"),
    [
        ("jane", ["doe@jane.example", "jane.doe@shop.example", "Janet@other.example"]),
        ("JANE.D", ["jane.doe@shop.example"]),
        ("shop.example", ["jane.doe@shop.example", "nobody@shop.example"]),
        ("Shop", ["jane.doe@shop.example", "nobody@shop.example", "zoe@SHOPS.example"]),
        ("doe@jane.example", ["doe@jane.example"]),
        ("example", []),
        ("ane", []),
        ("%", []),
        ("_", []),
    ],
)
async def test_the_email_filter_matches_prefixes_of_address_and_domain(
    people: None, found: Found, text: str, emails: list[str]
) -> None:
    assert await found(email=text) == emails


@pytest.mark.parametrize(
    ("text", "emails"),
    [
        ("jan", ["jane.doe@shop.example", "Janet@other.example"]),
        ("doe", ["doe@jane.example", "jane.doe@shop.example", "zoe@SHOPS.example"]),
        ("Doe, JANE", ["jane.doe@shop.example"]),
        ("berg van", ["Janet@other.example"]),
        ("élo", ["doe@jane.example"]),
        ("oe", []),
        ("janes berg", []),
        ("jane berg", ["Janet@other.example"]),
        ("---", []),
        ("d do doe", ["doe@jane.example", "jane.doe@shop.example", "zoe@SHOPS.example"]),
    ],
)
async def test_the_name_filter_matches_prefixes_of_words(
    people: None, found: Found, text: str, emails: list[str]
) -> None:
    assert await found(name=text) == emails


async def test_all_tags_and_all_conditions_must_match(people: None, found: Found) -> None:
    assert await found(tags=("vip",)) == ["jane.doe@shop.example", "Janet@other.example"]
    assert await found(tags=("News", "VIP")) == ["jane.doe@shop.example"]
    assert await found(tags=("news",), status=(customers.CustomerStatus.ARCHIVED,)) == ["nobody@shop.example"]
    assert await found(email="shop", name="doe", tags=("vip",)) == ["jane.doe@shop.example"]
    assert await found(status=tuple(customers.CustomerStatus), email="nobody") == ["nobody@shop.example"]


async def test_time_ranges_include_both_ends(people: None, found: Found) -> None:
    assert await found(None, created_from=START + DAY, created_to=START + 2 * DAY) == [
        "doe@jane.example",
        "Janet@other.example",
    ]
    assert len(await found(created_to=START - DAY / 86_400_000)) == 0


async def test_names_sort_by_last_name_ignoring_case(people: None, found: Found) -> None:
    assert await found("name") == [
        "nobody@shop.example",
        "jane.doe@shop.example",
        "zoe@SHOPS.example",
        "doe@jane.example",
        "Janet@other.example",
    ]


@pytest.mark.parametrize("filters", [{"email": "many.example"}, {"name": "jo"}, {"name": "sm jo"}])
async def test_many_matches_are_paged_as_exactly_as_few(
    database: Database, shop: Shop, make_customer: MakeCustomer, filters: dict[str, Any]
) -> None:
    """One match more than the limit for a filter by ids: another SQL plan, the same result."""
    commands = [
        CreateCustomer(email=f"{number}@many.example", first_name="Joan", last_name="Smith")
        for number in range(MAX_COUNTED_MATCHES + 1)
    ]
    async with database.transaction(shop.live) as work:
        created = await customers.create_customers(work, shop.live, commands)
    await make_customer(email="other@few.example", first_name="Zoe", last_name="Smith")
    seen: list[str] = []
    cursor: str | None = None
    listing = customers.reads.customers
    async with database.read_connection(shop.live.store) as reader:
        while True:
            page = await listing.page(reader, Query(Window(200, cursor), filters), counted=True)
            assert page.total == MAX_COUNTED_MATCHES + 1
            seen += [row.id for row in page.rows]
            if not page.has_next:
                break
            cursor = page.cursor(page.rows[-1])
    assert seen == sorted((customer.id for customer in created), reverse=True)


async def test_erased_customers_are_not_found_by_their_former_data(
    people: None, do: Do, database: Database, shop: Shop, found: Found
) -> None:
    async with database.read_connection(shop.live.store) as reader:
        jane = await customers.reads.customer_by_email.for_key(reader, "jane.doe@shop.example")
    await do(customers.erase_customer, id=jane.id)
    for filters in ({"email": "jane.doe"}, {"email": "shop.example"}, {"name": "jane"}, {"tags": ("vip", "news")}):
        assert "jane.doe@shop.example" not in await found(**filters)
        assert not any("erased" in email for email in await found(**filters))
    assert await found(status=(customers.CustomerStatus.ERASED,)) == [f"{jane.id}@erased.invalid"]


def read(**sent: str) -> CustomerFilter:
    return read_command(CustomerFilter, sent, WIRE_FORMAT, "GBP")


@pytest.mark.parametrize(
    ("given", "first", "last"),
    [
        ("2026-01-15", "2026-01-15T00:00:00", "2026-01-15T23:59:59.999"),
        ("2026-01-15T10:30:00Z", "2026-01-15T10:30:00", "2026-01-15T10:30:00.999"),
        ("2026-01-15T10:30:00.250Z", "2026-01-15T10:30:00.250", "2026-01-15T10:30:00.250"),
        ("2026-01-15T12:30:00+02:00", "2026-01-15T10:30:00", "2026-01-15T10:30:00.999"),
    ],
)
def test_a_date_covers_the_whole_day_and_a_second_the_whole_second(given: str, first: str, last: str) -> None:
    request = read(created_from=given, created_to=given)
    assert request.created_from == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert request.created_to == datetime.fromisoformat(last).replace(tzinfo=UTC)
    assert read().created_to is UNSET


@pytest.mark.parametrize(
    "given", ["2026-02-30", "yesterday", "2026-01-15T10:30:00", "20260115", "9999-12-31T23:59:59-10:00"]
)
def test_an_invalid_date_is_refused(given: str) -> None:
    with pytest.raises(ValidationFailed):
        read(created_to=given)


def test_a_reversed_range_is_refused(shop: Shop) -> None:
    backwards = {"created_from": START + DAY, "created_to": START}
    with pytest.raises(MalformedRequest, match="created_from"):
        customers.check_filters(shop.live, backwards)
    same = {"created_from": START, "created_to": START}
    assert customers.check_filters(shop.live, same) == same
