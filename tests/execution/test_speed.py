"""What every request, or every new document, pays: measured by ``make bench-micro``, and run once here so that it goes
on running."""

from __future__ import annotations

from typing import Any

import orjson
from graphql import parse
from graphql.execution.values import VariableValues
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.requests import Q2
from gateway.execution.codegen import compile_plan
from gateway.execution.compiled_engine import _assembled
from gateway.execution.plan_cache import PlanCache
from gateway.execution.plan_loader import PlanLoader
from gateway.execution.planner import build_plan
from gateway.execution.pushdown import push_down
from gateway.graphql.documents import DocumentCache
from gateway.graphql.validation import validate_document
from tests.execution.conftest import Court

NOTHING = VariableValues({}, {})


def test_parsing_and_validating_a_document(court: Court, benchmark: BenchmarkFixture) -> None:
    def read() -> Any:
        return validate_document(court.judge.schema, parse(Q2), len(Q2))

    assert benchmark(read) == []


def test_preparing_a_document_that_is_new(court: Court, benchmark: BenchmarkFixture) -> None:
    operation = benchmark(lambda: DocumentCache(court.judge.schema).operation(Q2, None))
    assert operation.name == "Q2"


def test_planning(court: Court, benchmark: BenchmarkFixture) -> None:
    operation = court.documents.operation(Q2, None)
    made = benchmark(lambda: build_plan(court.judge.schema, operation, NOTHING))
    assert len(made.slots) == 5


def test_compiling_a_plan(court: Court, benchmark: BenchmarkFixture) -> None:
    made = build_plan(court.judge.schema, court.documents.operation(Q2, None), NOTHING)
    assert list(benchmark(lambda: compile_plan(made))) == ["orders"]


def test_pushing_a_plan_down(court: Court, benchmark: BenchmarkFixture) -> None:
    made = build_plan(court.judge.schema, court.documents.operation(Q2, None), NOTHING)
    assert benchmark(lambda: push_down(made)) is not None


def test_looking_up_what_is_known(court: Court, benchmark: BenchmarkFixture) -> None:
    plans = PlanCache(court.judge.schema)
    known = plans.of(court.documents.operation(Q2, None), NOTHING)
    assert benchmark(lambda: plans.of(court.documents.operation(Q2, None), NOTHING)) is known


async def test_assembling_rows_that_were_loaded(court: Court, benchmark: BenchmarkFixture) -> None:
    ready = PlanCache(court.judge.schema).of(court.documents.operation(Q2, None), NOTHING)
    context = court.context()
    loading = PlanLoader(ready.plan, context, NOTHING)
    async with context.pinned_connection():
        await loading.load(ready.plan.selection.loading, None)
    await context.close()
    data = benchmark(lambda: _assembled(ready, loading.loaded, None))
    assert orjson.loads(orjson.dumps(data))["orders"]["nodes"]
