"""graphql-core is the judge: whatever is asked, plans answer the same, errors and their paths included."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from gateway.execution import Answer, Operation
from gateway.graphql.documents import CannotRunError
from tests.examples import examples
from tests.execution.conftest import SEED, Court, told
from tests.execution.generated import Made


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
        except CannotRunError:
            continue
        count -= 1
        yield operation, made


async def test_random_queries_have_equal_answers(court: Court) -> None:
    for operation, made in prepared(court, "query", examples(200)):
        court.reasons.clear()
        judged, planned = await court.answers(operation, made.variables)
        assert told(planned) == told(judged), (made.text, made.variables)
        if not judged.failures:
            assert court.reasons == [], (made.text, made.variables)


async def test_random_queries_of_damaged_rows_have_equal_answers(damaged: Court) -> None:
    for operation, made in prepared(damaged, "query", examples(100)):
        judged, planned = await damaged.answers(operation, made.variables)
        assert told(planned) == told(judged), (made.text, made.variables)


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
_ID, _TIME = re.compile(r"\b([a-z]+)_[0-9a-z]{26}\b"), re.compile(r"\b20[0-9T:.-]{21}Z")


def comparable(answer: Answer, court: Court) -> Any:
    """An answer to a change, without the ids and the times that belong to it alone."""
    known = set(court.ids)
    body = _ID.sub(lambda found: found[0] if found[0] in known else found[1], answer.body.decode())
    return told(replace(answer, body=_TIME.sub("a time", body).encode()))


async def test_random_mutations_have_equal_answers(court: Court) -> None:
    for operation, made in prepared(court, "mutation", examples(40), DRAWN):
        judged, planned = await court.changes(operation, made.variables)
        assert comparable(planned, court) == comparable(judged, court), (made.text, made.variables)


@pytest.mark.parametrize("name", VALID)
async def test_what_a_change_comes_to_is_told_equally(court: Court, name: str) -> None:
    for number in range(examples(5)):
        made = court.maker(SEED + number, DRAWN).payload(name, VALID[name])
        operation = court.documents.operation(made.text, None)
        judged, planned = await court.changes(operation, made.variables)
        assert comparable(planned, court) == comparable(judged, court), (made.text, made.variables)


async def test_random_subscriptions_have_equal_responses(court: Court) -> None:
    for operation, made in prepared(court, "subscription", examples(20)):
        judged, planned = await court.events(operation, made.variables, 5)
        assert planned == judged, (made.text, made.variables)
