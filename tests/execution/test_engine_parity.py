"""graphql-core is the judge: whatever is asked, plans answer the same, errors and their paths included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest

from gateway.execution import Code, Failure, GraphQLResponse, Operation
from gateway.execution.engine import StreamedResponse, rejection
from gateway.graphql.documents import RejectedDocumentError
from tests.examples import examples
from tests.execution.comparison import agree
from tests.execution.conftest import SEED, Court
from tests.execution.random_operations import Made


@pytest.fixture(autouse=True)
def _say_seed() -> None:
    print(f"GATEWAY_TEST_SEED={SEED}")


def prepared(
    court: Court, kind: str, count: int, without: frozenset[str] = frozenset()
) -> Iterator[tuple[Operation, Made]]:
    """So many random operations that can run."""
    seed = SEED
    while count:
        seed += 1
        made = getattr(court.maker(seed, without), kind)()
        try:
            operation = court.documents.operation(made.text, None)
        except RejectedDocumentError:
            continue
        count -= 1
        yield operation, made


async def test_random_queries_have_equal_answers(court: Court) -> None:
    pushed = 0
    for operation, made in prepared(court, "query", examples(200)):
        court.reasons.clear()
        judged, planned = await court.answers(operation, made.variables)
        assert agree(operation, planned, judged), (planned, judged, made.text, made.variables)
        if not judged.failures:
            assert court.reasons == [], (made.text, made.variables)
        pushed += court.pushed(operation) is not None
    assert pushed > examples(200) // 2


async def test_random_queries_of_damaged_rows_have_equal_answers(damaged: Court) -> None:
    for operation, made in prepared(damaged, "query", examples(100)):
        judged, planned = await damaged.answers(operation, made.variables)
        assert agree(operation, planned, judged), (planned, judged, made.text, made.variables)


VALID: Mapping[str, Mapping[str, Any]] = {
    "createProduct": {"name": "Lamp", "sku": "LAMP", "price": {"amount": "12.50"}, "categories": ["lights"]},
    "addVariant": {"productId": "SPEAKER-001", "sku": "SPEAKER-RED", "attributes": {"color": "Red"}},
    "adjustInventory": {"productId": "SPEAKER-001", "quantity": -3, "reason": "damaged"},
    "setInventoryAlert": {"productId": "MUG-001", "threshold": 5},
    "createCustomer": {"email": "new@example.com", "firstName": "New", "tags": ["vip"]},
    "createOrder": {"items": [{"sku": "SPEAKER-001", "quantity": 1}], "email": "guest@example.com"},
    "createDraftOrder": {"items": [{"sku": "SPEAKER-001", "quantity": 1}]},
    "createApiKey": {"name": "Till", "scopes": ["products:read"]},
    "updateSettings": {"taxRates": [{"country": "GB", "percent": "20"}]},
}
DRAWN = frozenset({"number", "secret", "hint", "cursor", "startCursor", "endCursor"})
"""Fields whose values are never the same twice."""
_ID, _TIME = re.compile(r"\b((?:[a-z]+_)+)([0-9a-z]{26})([0-9a-z]{26})?\b"), re.compile(r"\b20[0-9T:.-]{21}Z")
"""Ids may be made of others': of stock (``inv_prod_…``), of stock in a warehouse (``level_`` and two of them)."""


def comparable(answer: GraphQLResponse, court: Court) -> GraphQLResponse:
    """An answer to a change, without the ids and the times that belong to it alone."""
    known = {id.rpartition("_")[2] for id in court.ids} | {None}
    body = _ID.sub(lambda found: found[0] if known.issuperset(found.groups()[1:]) else found[1], answer.body.decode())
    return replace(answer, body=_TIME.sub("a time", body).encode())


async def test_random_mutations_have_equal_answers(court: Court) -> None:
    for operation, made in prepared(court, "mutation", examples(40), DRAWN):
        judged, planned = await court.changes(operation, made.variables)
        answers = comparable(planned, court), comparable(judged, court)
        assert agree(operation, *answers), (answers, made.text, made.variables)


@pytest.mark.parametrize("name", VALID)
async def test_what_a_change_comes_to_is_told_equally(court: Court, name: str) -> None:
    for number in range(examples(5)):
        made = court.maker(SEED + number, DRAWN).payload(name, VALID[name])
        operation = court.documents.operation(made.text, None)
        judged, planned = await court.changes(operation, made.variables)
        answers = comparable(planned, court), comparable(judged, court)
        assert agree(operation, *answers), (answers, made.text, made.variables)


def without_blanks(responses: Sequence[StreamedResponse]) -> list[StreamedResponse]:
    """Compiled plans hand on JSON columns as PostgreSQL writes them, with blanks; members keep their order."""
    return [each._replace(body=orjson.dumps(orjson.loads(each.body or b"null"))) for each in responses]


async def test_random_subscriptions_have_equal_responses(court: Court) -> None:
    for operation, made in prepared(court, "subscription", examples(20)):
        judged, planned, pushed = await court.events(operation, made.variables, 5)
        assert without_blanks(planned) == without_blanks(judged), (made.text, made.variables)
        assert without_blanks(pushed) == without_blanks(judged), (made.text, made.variables)


async def test_random_subscriptions_of_damaged_rows_have_equal_responses(damaged: Court) -> None:
    for operation, made in prepared(damaged, "subscription", examples(10)):
        judged, planned, pushed = await damaged.events(operation, made.variables, 5)
        assert without_blanks(planned) == without_blanks(judged), (made.text, made.variables)
        assert without_blanks(pushed) == without_blanks(judged), (made.text, made.variables)


async def test_a_damaged_row_below_an_event_has_its_own_error(damaged: Court) -> None:
    """Fails when graphql-core goes on with the rows of the pushed plan, which hold a document and no columns."""
    text = "subscription { events { ... on ProductCreated { product { sku name metadata status } } } }"
    operation = damaged.documents.operation(text, None)
    judged, planned, pushed = await damaged.events(operation, {}, 6)
    assert any(b'"product","status"]' in each.body for each in judged)
    assert without_blanks(planned) == without_blanks(judged)
    assert without_blanks(pushed) == without_blanks(judged)


async def test_decimals_of_snapshots_need_no_fallback(court: Court) -> None:
    """Fails when the weight of a variant stays the text that the snapshot has."""
    text = """subscription { events(types: [PRODUCT_CREATED]) { ... on ProductCreated { snapshot { sku
        variants { sku weight { value unit } } } } } }"""
    operation = court.documents.operation(text, None)
    court.reasons.clear()
    judged, planned, _ = await court.events(operation, {}, 4)
    assert any(b'"value":"' in each.body for each in judged)
    assert without_blanks(planned) == without_blanks(judged)
    assert court.reasons == []


@pytest.mark.parametrize(("nulled", "excused"), [("customer", True), ("category", False)])
def test_a_malformed_request_is_excused_only_where_null_hides_it(court: Court, nulled: str, excused: bool) -> None:
    text = '{ customer(id: "") { orders(after: "x") { totalCount } } category(id: "") { id } }'
    operation = court.documents.operation(text, None)
    malformed = Failure(Code.BAD_USER_INPUT, "cursor", locations=((1, text.index("orders") + 1),))
    hidden = {"errors": [{"message": "Not found.", "path": [nulled, "below"]}], "data": {nulled: None}}
    answered = GraphQLResponse(orjson.dumps(hidden), executed=True, has_data=True)
    assert agree(operation, rejection([malformed], "req_judged"), answered) is excused
