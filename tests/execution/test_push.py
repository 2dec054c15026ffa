"""Pushdown: what the database writes is what we would have written, in one statement; what it cannot, we write."""

from __future__ import annotations

import orjson
import pytest

from benchmarks.requests import Q1, Q2, Q3
from domain import catalog
from domain.kernel.errors import Unavailable
from domain.kernel.listing import JsonListing, Query
from domain.kernel.listing.json_listing import MAX_CACHED_SHAPES
from domain.kernel.listing.paging import Window
from domain.kernel.reads.json_objects import ColumnKind, JsonColumn
from domain.kernel.sql.executor import Executor
from gateway.execution import CompiledEngine, Operation
from tests.examples import examples
from tests.execution.comparison import told
from tests.execution.conftest import SEED, Court

PAGE = "edges { cursor node { id customer { email } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


def operation(court: Court, text: str) -> Operation:
    """The one operation of a document."""
    return court.documents.operation(text, None)


async def statements(court: Court, text: str, **variables: object) -> list[str]:
    """What is sent to answer an operation, whose rows the database writes as the judge would."""
    asked = operation(court, text)
    await court.answers(asked, variables)
    assert court.writes(asked)
    court.read.clear()
    await court.answer(court.pushing, asked, variables)
    return list(court.read)


@pytest.mark.parametrize("text", [Q1, Q2])
async def test_a_page_with_all_that_hangs_on_its_rows_is_one_statement(court: Court, text: str) -> None:
    assert len(await statements(court, text)) == 1


async def test_one_row_with_all_that_hangs_on_it_is_one_statement(court: Court) -> None:
    id = next(each for each in court.ids if each.startswith("prod_"))
    assert len(await statements(court, Q3, id=id)) == 1
    assert await statements(court, Q3, id="prod_nonsense") == []


async def test_only_the_count_of_a_list_is_a_second_statement(court: Court) -> None:
    found = await statements(court, "{ products(first: 2) { totalCount nodes { id variants { sku } } } }")
    assert ["json_build_object" in each for each in found] == [True, False]


@pytest.mark.parametrize("window", ["first: 2", "last: 2", "first: 0", "first: 200"])
async def test_the_places_of_a_page_are_told_with_its_rows(court: Court, window: str) -> None:
    assert len(await statements(court, f"{{ orders({window}) {{ {PAGE} }} }}")) == 1


@pytest.mark.parametrize(
    "text",
    [
        "{ products { nodes { id } edges { node { sku } } } }",
        "{ products { nodes { id } again: nodes { sku } } }",
        "{ products { nodes { id tags } } }",
        "{ orders { nodes { id number } } }",
        "{ orders { nodes { customer { orders { nodes { id } } } } } }",
        '{ product(sku: "MUG-001") { id } shop { id } }',
        "{ events { nodes { id } } }",
        "{ products { totalCount } }",
        f"{{ products {{ nodes {{ {' '.join(f'a{n}: id' for n in range(50))} sku }} }} }}",
        "{ __typename }",
    ],
)
async def test_what_the_database_would_not_write_as_we_do_is_written_here(court: Court, text: str) -> None:
    asked = operation(court, text)
    await court.answers(asked, {})
    assert not court.writes(asked)


async def test_random_plain_queries_have_equal_answers(court: Court) -> None:
    written = 0
    for number in range(examples(100)):
        made = court.maker(SEED + number).plain()
        asked = operation(court, made.text)
        await court.answers(asked, made.variables)
        written += court.writes(asked)
    assert written > examples(100) // 4


async def test_random_plain_queries_of_damaged_rows_have_equal_answers(damaged: Court) -> None:
    for number in range(examples(60)):
        made = damaged.maker(SEED + number).plain()
        await damaged.answers(operation(damaged, made.text), made.variables)


@pytest.mark.parametrize(
    "text",
    [
        '{ product(sku: "MUG-001") { sku name } }',
        '{ product(sku: "BOTTLE-001") { price { minorUnits } } }',
        '{ product(sku: "BOTTLE-001") { price { amount } } }',
        '{ product(sku: "TSHIRT-001") { status } }',
        '{ product(sku: "SPEAKER-001") { metadata } }',
        "{ products { nodes { id status variants { product { name } } } } }",
        "{ orders { nodes { items { product { status } } } } }",
    ],
)
async def test_what_rows_do_not_hold_is_told_by_the_judge(damaged: Court, text: str) -> None:
    asked = operation(damaged, text)
    judged, planned = await damaged.answers(asked, {})
    assert judged.failures
    assert told(planned) == told(judged)
    assert not damaged.writes(asked)


async def test_relations_that_lead_nowhere_are_null(damaged: Court) -> None:
    asked = operation(damaged, "{ orders { nodes { id customer { id } items { id variant { id } } } } }")
    _, planned = await damaged.answers(asked, {})
    nodes = orjson.loads(planned.body)["data"]["orders"]["nodes"]
    assert None in [line["variant"] for each in nodes for line in each["items"]]


async def test_a_refused_root_is_refused_once(court: Court) -> None:
    asked = operation(court, "query ($after: String) { products(after: $after) { nodes { id } } }")
    await court.answers(asked, {})
    assert court.writes(asked)
    court.read.clear()
    answer = await court.answer(court.pushing, asked, {"after": "nonsense"})
    assert [failure.code for failure in answer.failures] == ["BAD_USER_INPUT"]
    assert court.read == []
    assert court.writes(asked)


async def test_a_database_that_is_away_is_asked_once(court: Court, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = operation(court, "{ products { nodes { id sku } } }")
    await court.answers(asked, {})
    told_of = 0

    async def away(*_: object) -> None:
        nonlocal told_of
        told_of += 1
        raise Unavailable("The database is unavailable. Try again in a few seconds.")

    monkeypatch.setattr(Executor, "rows", away)
    answer = await court.answer(court.pushing, asked, {})
    assert [failure.code for failure in answer.failures] == ["UNAVAILABLE"]
    assert told_of == 1


async def test_an_operation_is_written_by_the_database_once_it_has_come_again(court: Court) -> None:
    engine = CompiledEngine(patience=2)
    asked = operation(court, "{ categories { nodes { slug } } }")
    sent = []
    for _ in range(4):
        court.read.clear()
        await court.answer(engine, asked, {})
        sent.append("json_build_object" in court.read[0])
    assert sent == [False, False, True, True]


async def test_statements_of_any_number_of_pages_stay_within_the_bound(court: Court) -> None:
    members = (("id", JsonColumn("id", ColumnKind.TEXT, required=True)),)
    listing = JsonListing.of(catalog.reads.products, members, placed=False)
    async with court.database.read_connection(court.principal.store) as reader:
        for offset in range(3 * MAX_CACHED_SHAPES):
            page = await listing.page(reader, Query(Window(3, offset=offset)))
            assert len(page.rows) <= 3
    assert len(listing._shapes) == MAX_CACHED_SHAPES
