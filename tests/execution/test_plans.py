"""What plans promise beside equal answers: how little is read, that nothing runs twice, what is left to the judge."""

from __future__ import annotations

from types import SimpleNamespace

import orjson
import pytest
from graphql.execution.values import VariableValues

from gateway.execution import Code, plan_cache
from gateway.execution.plan import FallbackReason, FieldKind
from gateway.execution.plan_cache import PlanCache
from gateway.execution.plan_loader import PlanLoader
from resolvers.sources import RelatedSource
from tests.examples import examples
from tests.execution.comparison import told
from tests.execution.conftest import Court

ORDERS = """{ orders(first: 3) { nodes {
  id customer { id orders(first: 2) { nodes { id } totalCount } }
  items { id product { name variants { sku product { name } } } variant { sku } }
} } }"""


async def test_a_level_is_one_read_of_each_kind(court: Court) -> None:
    operation = court.documents.operation(ORDERS, None)
    judged, planned = await court.answers(operation, {})
    assert told(judged) == told(planned)
    court.read.clear()
    await court.answer(court.plans, operation, {})
    # orders; customers, items; their orders and how many, products, variants; variants. Their products are known.
    assert len(court.read) == 8
    assert len(set(court.read)) == 8


async def test_relations_of_snapshots_are_loaded_by_column_as_those_of_any_row(court: Court) -> None:
    text = """{ events(first: 200) { nodes {
      ... on OrderCreated { snapshot { customer { id } items { sku product { id name } variant { id sku } } } }
      ... on InventoryLow { snapshot { product { id } variant { id } levels { variant { sku } warehouse { name } } } }
    } } }"""
    operation = court.documents.operation(text, None)
    judged, planned = await court.answers(operation, {})
    assert told(judged) == told(planned)
    plan = court.plans.plans.of(operation, VariableValues({}, {})).plan
    related = [slot for slot in plan.slots if isinstance(slot.source, RelatedSource)]
    assert {slot.way for slot in related} == {FieldKind.BY_COLUMN}
    assert len(related) == 7
    court.read.clear()
    await court.answer(court.plans, operation, {})
    # The events; their customers, and both levels of products, variants and warehouses at once.
    assert len(court.read) == len(set(court.read))


async def test_what_was_loaded_is_not_loaded_again_when_a_row_is_not_as_promised(damaged: Court) -> None:
    text = "{ products(first: 50) { nodes { id name status variants { sku product { name } } } } }"
    operation = damaged.documents.operation(text, None)
    damaged.reasons.clear()
    damaged.read.clear()
    answer = await damaged.answer(damaged.plans, operation, {})
    assert damaged.reasons == [FallbackReason.SURPRISE]
    assert len(damaged.read) == 3
    assert answer.failures


async def test_a_document_that_is_null_is_null(damaged: Court) -> None:
    operation = damaged.documents.operation('{ product(sku: "SPEAKER-001") { sku metadata } }', None)
    judged, planned = await damaged.answers(operation, {})
    assert told(judged) == told(planned)
    assert [failure.path for failure in planned.failures] == [("product", "metadata")]


async def test_a_row_of_no_type_is_a_surprise_and_not_a_failure_of_the_stream(court: Court) -> None:
    operation = court.documents.operation(
        "subscription { events { ... on OrderCreated { order { id items { id } } } } }", None
    )
    ready = court.plans.plans.of(operation, VariableValues({}, {}))
    loading = PlanLoader(ready.plan, court.context(), VariableValues({}, {}))
    await loading.load(ready.plan.selection.fields, SimpleNamespace(type="order.forgotten"))
    assert loading.loaded.failed


async def test_no_use_case_runs_twice(court: Court) -> None:
    text = """mutation ($id: ID!) {
      first: addOrderNote(input: {orderId: $id, text: "One."}) { note { text } userErrors { code } }
      second: addOrderNote(input: {orderId: $id, text: "\\u0000"}) { note { text } userErrors { code } }
      third: addOrderNote(input: {orderId: $id, text: "Three."}) { note { text } order { id notes { text } } }
    }"""
    operation = court.documents.operation(text, None)
    order = next(each for each in court.ids if each.startswith("ord_"))
    judged, planned = await court.changes(operation, {"id": order})
    assert told(judged) == told(planned)
    texts = [note["text"] for note in orjson.loads(planned.body)["data"]["third"]["order"]["notes"]]
    assert texts[-2:] == ["One.", "Three."]
    assert texts.count("One.") == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ __schema { queryType { name } } }", FallbackReason.INTROSPECTION),
        ('{ shop { id } __type(name: "Order") { name } }', FallbackReason.INTROSPECTION),
        ("{ product { id } }", FallbackReason.SURPRISE),
        ("{ products(first: -1) { nodes { id } } }", FallbackReason.SURPRISE),
    ],
)
async def test_what_is_left_to_the_judge_has_a_reason(court: Court, text: str, reason: FallbackReason) -> None:
    court.reasons.clear()
    operation = court.documents.operation(text, None)
    judged, planned = await court.answers(operation, {})
    assert told(judged) == told(planned)
    assert court.reasons == [reason]


async def test_a_plan_that_would_be_too_large_is_refused(court: Court) -> None:
    kinds = ("OrderCreated", "OrderUpdated", "OrderCancelled", "OrderFulfilled")
    levels = [
        f"fragment C{n} on EventConnection {{ nodes {{ ...V{n} }} edges {{ node {{ ...V{n} }} }} }}\n"
        f"fragment V{n} on Event {{ {' '.join(f'... on {kind} {{ order {{ ...O{n} }} }}' for kind in kinds)} }}\n"
        f"fragment O{n} on Order {{ id number status version createdAt email total {{ amount }} {below} }}"
        for n, below in enumerate(("", "events(first: 1) { ...C0 }", "events(first: 1) { ...C1 }"))
    ]
    operation = court.documents.operation("\n".join(["{ events(first: 1) { ...C2 } }", *levels]), None)
    for answer in await court.answers(operation, {}):
        (failure,) = answer.failures
        assert (failure.code, failure.extensions["maximum"]) == (Code.LIMIT_EXCEEDED, 5_000)
        assert not answer.executed


def test_the_reasons_are_these() -> None:
    assert [reason.value for reason in FallbackReason] == ["introspection", "surprise"]


async def test_switches_choose_the_plan(court: Court) -> None:
    text = "query ($with: Boolean = true, $n: Int) { products(first: $n) { nodes { sku name @include(if: $with) } } }"
    operation = court.documents.operation(text, None)
    assert operation.switches == ("with",)
    for variables in ({}, {"with": False}, {"with": True, "n": 1}, {"with": True, "n": 2}):
        judged, planned = await court.answers(operation, variables)
        assert told(judged) == told(planned)


def test_any_number_of_documents_stays_within_the_bound(court: Court) -> None:
    plans = PlanCache(court.judge.schema)
    nothing = VariableValues({}, {})
    sizes = []
    for number in range(examples(4_000, soak=100_000)):
        operation = court.documents.operation(f"{{ a{number}: shop {{ id name }} viewer {{ scopes }} }}", None)
        plans.of(operation, nothing)
        sizes.append(len(plans))
    assert max(sizes) <= plan_cache.PLAN_CACHE_UNITS
    assert sizes[-1] > plan_cache.PLAN_CACHE_UNITS * 0.99
