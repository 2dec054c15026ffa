"""graphql-core is the judge: whatever is asked, plans answer the same, errors and their paths included."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.execution import Operation
from gateway.graphql.documents import CannotRunError
from tests.examples import examples
from tests.execution.conftest import SEED, Court, told
from tests.execution.generated import Made


@pytest.fixture(autouse=True)
def _say_seed() -> None:
    print(f"GATEWAY_TEST_SEED={SEED}")


def prepared(court: Court, kind: str, count: int) -> Iterator[tuple[Operation, Made]]:
    """So many random operations that can run."""
    seed = SEED
    while count:
        seed += 1
        made = getattr(court.maker(seed), kind)()
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


async def test_random_subscriptions_have_equal_responses(court: Court) -> None:
    for operation, made in prepared(court, "subscription", examples(20)):
        judged, planned = await court.events(operation, made.variables, 5)
        assert planned == judged, (made.text, made.variables)
