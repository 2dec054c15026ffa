"""Cost: counted before anything runs, refused beyond the limit, and told to who asks."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.execution import Code
from tests.conftest import Ask, MakeProduct
from tests.execution.conftest import Court

VARIANTS = "variants { id sku price { minorUnits } }"


async def requested(court: Court, text: str, variables: dict[str, Any] | None = None) -> int | None:
    """What both engines say that an operation costs; None when they refuse it."""
    operation = court.documents.operation(text, None)
    judged, planned = await court.answers(operation, variables or {})
    assert (judged.cost is None) == (planned.cost is None)
    if judged.cost is None or planned.cost is None:
        return None
    assert judged.cost.requested == planned.cost.requested
    return planned.cost.requested


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("{ __typename }", 0),
        ("{ shop { id name } }", 1),
        ("{ a: shop { id } shop { id } }", 2),
        ("{ shop { id } shop { name } ... on Query { shop { mode } } }", 1),
        ("{ products(first: 7) { nodes { id } } }", 1 + 7),
        ("{ products { nodes { id } } }", 1 + 50),
        ("{ products(last: 3) { edges { cursor node { id } } pageInfo { hasNextPage } totalCount } }", 1 + 3 * 2 + 1),
        (f"{{ products(first: 50) {{ nodes {{ id {VARIANTS} }} }} }}", 1 + 50 * (1 + 10 * 2)),
        ("{ customers(first: 10) { nodes { orders(first: 5) { nodes { id } } } } }", 1 + 10 * (1 + 1 + 5)),
        ('{ nodes(ids: ["prod_1"]) { ... on Product { price { amount } variants { id } } ... on Order { id } } }', 120),
    ],
)
async def test_an_object_is_a_point_and_a_list_as_many_as_it_may_hold(court: Court, text: str, points: int) -> None:
    assert await requested(court, text) == points


async def test_pages_and_switches_are_counted_by_their_variables(court: Court) -> None:
    text = (
        "query ($n: Int, $with: Boolean!) { products(first: $n) { nodes { id price @include(if: $with) { amount } } } }"
    )
    assert await requested(court, text, {"n": 20, "with": False}) == 21
    assert await requested(court, text, {"n": 20, "with": True}) == 41
    assert await requested(court, text, {"with": False}) == 51


async def test_what_costs_too_much_is_refused_before_anything_runs(court: Court) -> None:
    text = "{ orders(first: 200) { nodes { items { variant { id levels { onHand } } } } } }"
    operation = court.documents.operation(text, None)
    court.read.clear()
    for answer in await court.answers(operation, {}):
        (failure,) = answer.failures
        assert failure.code is Code.LIMIT_EXCEEDED
        assert failure.extensions == {"limit": "cost", "maximum": 10_000, "asked": 1 + 200 * (1 + 10 * (2 + 10))}
        assert not answer.executed
    assert court.read == []


async def test_the_cost_is_told_to_who_asks_for_it(ask: Ask, make_product: MakeProduct) -> None:
    await make_product(name="Mug")
    text = "{ products(first: 5) { nodes { name price { amount } tags } } shop { id } }"
    plain = (await ask(text)).json()
    assert "extensions" not in plain
    told = (await ask(text, headers={"X-Query-Cost": "1"})).json()
    assert told == {**plain, "extensions": {"cost": {"requested": 1 + 5 * 2 + 1, "actual": 1 + 2 + 1}}}
