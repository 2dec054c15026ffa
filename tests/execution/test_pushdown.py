"""Pushdown: what the database writes is what we would have written, in one statement; what it cannot, we write."""

from __future__ import annotations

import itertools

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


@pytest.mark.parametrize("arguments", ["(first: 2)", "(first: 0)", '(search: "mug")', "(filter: { status: [DRAFT] })"])
async def test_the_number_of_all_rows_comes_with_a_page(court: Court, arguments: str) -> None:
    text = f"{{ products{arguments} {{ totalCount pageInfo {{ hasNextPage }} nodes {{ id variants {{ sku }} }} }} }}"
    assert len([each for each in await statements(court, text) if "json_build_object" in each]) == 1


async def test_nodes_are_one_statement_for_each_type(court: Court) -> None:
    products, orders = [[each for each in court.ids if each.startswith(prefix)] for prefix in ("prod_", "ord_")]
    ids = [products[0], orders[0], products[1], "prod_nonsense", court.principal.store.id, products[0]]
    text = """query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename ... on Product { tags variants { sku inventory } }
      ... on Order { number total { amount } } ... on Shop { name } } }"""
    assert len(await statements(court, text, ids=ids)) == 2
    text = "query ($id: ID!) { node(id: $id) { id ... on Product { tags variants { sku inventory } } } }"
    assert len(await statements(court, text, id=ids[0])) == 1


async def test_the_number_of_all_rows_is_not_the_total_that_they_are_sorted_by(court: Court) -> None:
    page = "totalCount edges { cursor } pageInfo { startCursor } nodes { id }"
    assert len(await statements(court, f"{{ orders(first: 2, sort: {{ field: TOTAL }}) {{ {page} }} }}")) == 1


NESTED = "edges { cursor node { number } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount"


@pytest.mark.parametrize("sort", ["CREATED_AT", "NUMBER", "TOTAL", "UPDATED_AT"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("window", ["first: 2", "last: 2", "first: 0", "first: 200"])
async def test_pages_of_rows_are_written_with_them(court: Court, sort: str, direction: str, window: str) -> None:
    order = f"sort: {{ field: {sort}, direction: {direction} }}"
    page = f"orders({window}, {order}) {{ {NESTED} searchTruncated nodes {{ id }} }}"
    assert len(await statements(court, f"{{ customers(first: 9) {{ nodes {{ email {page} }} }} }}")) == 1


@pytest.mark.parametrize(("arguments", "end"), [("first: 1, after", "endCursor"), ("last: 1, before", "startCursor")])
async def test_pages_of_rows_continue_from_their_cursors(court: Court, arguments: str, end: str) -> None:
    id, cursor = await _customer_with_orders(court, end)
    text = f"query ($id: ID!, $c: String) {{ customer(id: $id) {{ email orders({arguments}: $c) {{ {NESTED} }} }} }}"
    assert len(await statements(court, text, id=id, c=cursor)) == 1
    assert len(await statements(court, text, id=id, c=None)) == 1


async def _customer_with_orders(court: Court, end: str) -> tuple[str, str]:
    """A customer with several orders, and the cursor of one end of the first page of two."""
    text = f"{{ customers {{ nodes {{ id orders(first: 2) {{ nodes {{ id }} pageInfo {{ {end} }} }} }} }} }}"
    judged, _ = await court.answers(operation(court, text), {})
    nodes = orjson.loads(judged.body)["data"]["customers"]["nodes"]
    return next((each["id"], each["orders"]["pageInfo"][end]) for each in nodes if len(each["orders"]["nodes"]) == 2)


async def test_filters_of_pages_may_be_variables(court: Court) -> None:
    text = """query ($filter: OrderFilter, $first: Int) { customers { nodes { orders(first: $first, filter: $filter) {
      totalCount nodes { status } } } } }"""
    for filter in ({"status": ["PENDING", "DELIVERED"]}, {"totalFrom": {"amount": "10"}}, None):
        found = await statements(court, text, filter=filter, first=3)
        assert [each for each in found if "json_build_object" in each] == found[-1:]


async def test_what_is_wrong_with_a_page_is_told_by_the_judge_and_pushdown_stays(court: Court) -> None:
    text = "query ($c: String) { customers(first: 2) { nodes { orders(after: $c) { nodes { id } } } } }"
    asked = operation(court, text)
    await court.answers(asked, {"c": None})
    judged, planned = await court.answers(asked, {"c": "nonsense"})
    assert told(planned) == told(judged)
    assert judged.failures
    assert court.writes(asked)


@pytest.mark.parametrize("window", ["first: 2", "last: 2", "first: 0", "first: 200"])
async def test_the_places_of_a_page_are_told_with_its_rows(court: Court, window: str) -> None:
    assert len(await statements(court, f"{{ orders({window}) {{ {PAGE} }} }}")) == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("{ products { nodes { id } edges { node { sku } } } }", 1),
        ("{ products { nodes { id } again: nodes { sku } edges { cursor node { id } } } }", 1),
        ("{ products { nodes { id tags images { alt } categories { name } variants { sku inventory } } } }", 1),
        ("{ products { nodes { inventory { totalAvailable levels { available } alerts { state } } } } }", 1),
        ("{ products { nodes { variants { levels { onHand warehouse { name } } weight { value unit } } } } }", 1),
        ("{ orders { nodes { number tags shippingAddress { line1 state __typename } billingAddress { zip } } } }", 1),
        ("{ customers { nodes { email tags orderSummary { orderCount totalSpent { amount currency } } } } }", 1),
        ("{ customers { nodes { orderSummary { averageOrderValue { amount } lastOrderAt __typename } } } }", 1),
        ("{ events { nodes { id __typename type cursor changedFields sequence } } }", 1),
        ("{ events { nodes { id ... on ProductCreated { __typename product { name variants { sku } } } } } }", 1),
        ("{ events { edges { cursor node { ... on OrderCreated { order { items { sku } } } } } } }", 1),
        ("{ apiKeys { nodes { scopes } } webhooks { nodes { events } } warehouses { nodes { name } } }", 3),
        ('{ product(sku: "MUG-001") { id } products { nodes { id } } }', 2),
        ("{ customers { nodes { email orders(first: 2) { nodes { id items { product { name } } } } } } }", 1),
        ("{ events { nodes { id ... on OrderCreated { s: snapshot { __typename } order { items { sku } } } } } }", 1),
        ("{ customers { totalCount nodes { a: orders(last: 1) { totalCount nodes { id } } } } }", 1),
        ("{ customers { nodes { orders { totalCount __typename } a: orders { pageInfo { hasPreviousPage } } } } }", 1),
        ("{ apiKeys { nodes { webhooks { nodes { url deliveries { totalCount __typename } } __typename } } } }", 1),
    ],
)
async def test_each_root_is_one_statement(court: Court, text: str, count: int) -> None:
    assert len(await statements(court, text)) == count


BELOW_EVENTS = """{ events(filter: { types: [ORDER_CREATED] }) { nodes { id
  ... on OrderCreated { order { items { sku } } } ... on InventoryLow { inventory { totalAvailable } } } } }"""


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('{ product(sku: "MUG-001") { id } shop { id } }', 1),
        (BELOW_EVENTS, 2),
        (f"{{ products {{ nodes {{ {' '.join(f'a{n}: id' for n in range(50))} sku images {{ url }} }} }} }}", 2),
    ],
)
async def test_what_is_below_an_object_that_is_written_here_is_pushed_down(court: Court, text: str, count: int) -> None:
    asked = operation(court, text)
    await court.answers(asked, {})
    assert court.pushed(asked) is not None
    court.read.clear()
    await court.answer(court.pushing, asked, {})
    assert len(court.read) == count


@pytest.mark.parametrize(
    "text",
    [
        "{ products { totalCount } }",
        f"{{ products {{ nodes {{ {' '.join(f'a{n}: id' for n in range(50))} sku }} }} }}",
        "{ __typename }",
    ],
)
async def test_what_the_database_would_not_write_as_we_do_is_written_here(court: Court, text: str) -> None:
    asked = operation(court, text)
    await court.answers(asked, {})
    assert court.pushed(asked) is None


async def test_random_plain_queries_have_equal_answers(court: Court) -> None:
    written = 0
    for number in range(examples(100)):
        made = court.maker(SEED + number).plain()
        asked = operation(court, made.text)
        await court.answers(asked, made.variables)
        written += court.writes(asked)
    assert written > examples(100) // 2


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
    assert damaged.pushed(asked) is None


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
    engine = CompiledEngine(pushdown_after=2)
    asked = operation(court, "{ categories { nodes { slug } } }")
    sent = []
    for _ in range(5):
        court.read.clear()
        await court.answer(engine, asked, {})
        sent.append("json_build_object" in court.read[0])
        await engine.preparer.finish()
    assert sent == [False, False, False, True, True]


async def test_an_operation_that_is_prepared_is_written_by_the_database_at_once(court: Court) -> None:
    engine = CompiledEngine()
    asked = operation(court, "query ($n: Int) { customers(first: $n) { nodes { orders(first: 2) { nodes { id } } } } }")
    await engine.prepare(asked)
    court.read.clear()
    await court.answer(engine, asked, {"n": 3})
    assert ["json_build_object" in each for each in court.read] == [True]


@pytest.mark.parametrize("text", ["mutation { deleteDraftOrder(input: { id: 1 }) { deletedId } }", "{ __typename }"])
async def test_what_cannot_be_pushed_down_need_not_be_prepared(court: Court, text: str) -> None:
    engine = CompiledEngine()
    await engine.prepare(operation(court, text))
    await court.judge.prepare(operation(court, text))
    assert (await court.answer(engine, operation(court, "{ __typename }"), {})).failures == ()


async def test_a_document_that_is_repeated_is_told_once(court: Court) -> None:
    told_of: list[str] = []
    engine = CompiledEngine(pushdown_after=1, on_repeated=told_of.append)
    text = "{ warehouses { nodes { name } } }"
    for _ in range(4):
        await court.answer(engine, operation(court, text), {})
    await engine.preparer.finish()
    assert told_of == [text]


async def test_plans_with_many_fields_are_not_pushed_down(court: Court) -> None:
    lists = " ".join(f"a{n}: variants {{ ...V }}" for n in range(20))
    money = "amount currency minorUnits"
    text = f"""{{ products(first: 1) {{ nodes {{ {lists} }} }} }} fragment V on ProductVariant {{ id sku barcode
      createdAt updatedAt overridesPrice attributes price {{ {money} }} cost {{ {money} }}
      compareAtPrice {{ {money} }} }}"""
    asked = operation(court, text)
    await court.answers(asked, {})
    assert court.pushed(asked) is None


async def test_statements_of_any_number_of_pages_stay_within_the_bound(court: Court) -> None:
    members = (("id", JsonColumn("id", ColumnKind.TEXT, required=True)),)
    listing = JsonListing.of(catalog.reads.products, [members], placed=False)
    async with court.database.read_connection(court.principal.store) as reader:
        kinds = itertools.product(listing.sorts, (False, True), (0, 1, 2), (3, 20, 100))
        for sort, descending, offset, limit in kinds:
            page = await listing.page(reader, Query(Window(limit, offset=offset), sort=sort, descending=descending))
            assert len(page.rows) <= limit
    assert len(listing._statements) == MAX_CACHED_SHAPES
