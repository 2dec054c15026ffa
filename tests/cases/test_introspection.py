"""Introspection: what it costs, who may ask, and that it never holds the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import orjson
import pytest
from graphql import (
    GraphQLSchema,
    build_client_schema,
    build_schema,
    get_introspection_query,
    introspection_from_schema,
    is_specified_directive,
    lexicographic_sort_schema,
    print_schema,
)
from graphql.execution.values import VariableValues

from domain import access
from domain.kernel.database import Database
from gateway.execution.introspection import IntrospectionCache
from gateway.execution.strawberry_engine import StrawberryEngine
from gateway.graphql.documents import DocumentCache
from gateway.introspection_rule import IntrospectionRule
from schema import schema
from schema.strawberry_internals import core_schema
from tests.conftest import Ask, MakeKey, Shop
from tests.gateway.conftest import Serving, serve  # noqa: F401 - a fixture

Serve = Callable[..., AbstractAsyncContextManager[Serving]]

FILE = Path(__file__).parents[2] / "schema/schema.graphql"
TYPES = "{ types { ...F } }"
FRAGMENT = (
    "fragment F on __Type { name kind description fields(includeDeprecated: true) { name description args { name type {"
    " name kind ofType { name } } } type { name kind ofType { name } } } inputFields { name } enumValues { name } }"
)
STANDARD = get_introspection_query(
    descriptions=True, specified_by_url=True, directive_is_repeatable=True, input_value_deprecation=True
)


async def test_c6_many_introspections_are_refused_before_they_run(ask: Ask) -> None:
    """Taken out: the points of introspection in ``cost_of``. Then 49 of them stand the process still."""
    text = "{ " + " ".join(f"a{n}: __schema {TYPES}" for n in range(19)) + " } " + FRAGMENT
    inner = "{ __schema { " + " ".join(f"a{n}: types {{ ...F }}" for n in range(49)) + " } } " + FRAGMENT
    for each in (text, inner):
        begun = time.thread_time()
        (error,) = (await ask(each)).json()["errors"]
        assert error["extensions"]["limit"] == "cost"
        assert error["extensions"]["maximum"] == 10_000
        assert time.thread_time() - begun < 2  # 9.5 s before


async def test_c6_the_standard_query_is_answered_from_bytes(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out: the cache in ``IntrospectionCache.answer``. Then it is executed again."""
    first = await ask(STANDARD)
    assert first.json()["data"]["__schema"]["queryType"]["name"] == "Query"
    monkeypatch.setattr(IntrospectionCache, "_execute", None)
    assert (await ask(STANDARD)).content == first.content
    assert (await ask("# another document\n" + STANDARD)).content == first.content


async def test_c6_the_first_time_does_not_hold_the_loop(ask: Ask) -> None:
    """Taken out: the thread in ``IntrospectionCache.answer``. Then the event loop waits for graphql-core."""
    text = STANDARD.replace("IntrospectionQuery", "Unseen")
    gaps: list[float] = []

    async def beat() -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(0.001)
            now = time.thread_time()
            gaps.append(now - before)
            before = now

    await ask("{ shop { id } }")
    heart = asyncio.create_task(beat())
    await ask(text)
    heart.cancel()
    execution = _seconds_of_graphql_core()
    assert max(gaps) < max(execution, 0.1)


def _seconds_of_graphql_core() -> float:
    begun = time.thread_time()
    introspection_from_schema(core_schema(schema))
    return time.thread_time() - begun


async def test_c6_introspection_beside_other_fields_is_as_graphql_core_answers(ask: Ask, make_key: MakeKey) -> None:
    """Taken out: the merging by ``asked.keys`` in ``_rendered``. Then what is asked beside it is missing."""
    text = (
        "query ($name: String!) { a: shop { name } __schema { queryType { name } } __type(name: $name) { name kind }"
        " b: viewer { scopes } __typename }"
    )
    answer = (await ask(text, {"name": "Money"})).json()
    assert list(answer["data"]) == ["a", "__schema", "__type", "b", "__typename"]
    assert answer["data"]["__type"] == {"name": "Money", "kind": "OBJECT"}
    assert answer["data"]["__schema"] == {"queryType": {"name": "Query"}}
    assert answer["data"]["a"]["name"]
    assert (await ask(text, {"name": "Nothing"})).json()["data"]["__type"] is None


def test_c6_the_standard_query_costs_half_of_an_operation_at_most() -> None:
    """Taken out: the weight in ``extract_introspection``. Then the standard query costs too much."""
    engine = StrawberryEngine()
    operation = DocumentCache(engine.schema).operation(STANDARD, None)
    ready = engine.plans.of(operation, VariableValues({}, {}))
    assert ready.cost is not None
    assert 1_000 < ready.cost <= 5_000


@pytest.mark.parametrize("rule", IntrospectionRule)
async def test_b9_introspection_follows_its_setting(
    serve: Serve,  # noqa: F811 - the fixture
    shop: Shop,
    make_key: MakeKey,
    database: Database,
    rule: IntrospectionRule,
) -> None:
    """Taken out: ``IntrospectionRule.require``. Then everybody may, whatever is set."""
    live, test = await make_key(shop.live), await make_key(shop.test)

    async with serve(introspection=rule) as server, httpx.AsyncClient(base_url=server.url, timeout=30) as client:

        async def may(key: str, text: str = "{ __schema { queryType { name } } }") -> bool:
            headers = {"Authorization": f"Bearer {key}"}
            answer = (await client.post("/graphql", json={"query": text}, headers=headers)).json()
            if "errors" in answer:
                assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
                assert "Introspection is disabled" in answer["errors"][0]["message"]
            return "data" in answer

        assert await may(test) is (rule is not IntrospectionRule.OFF)
        assert await may(live) is (rule is IntrospectionRule.ON)
        assert await may(live, "{ __typename shop { __typename } }")
        hidden = 'query { ... on Query { ...A } } fragment A on Query { x: __type(name: "Shop") { name } }'
        assert await may(live, hidden) is (rule is IntrospectionRule.ON)
        async with database.admin_transaction() as administration:
            assert await access.allow_introspection(administration, shop.live.store.name, allowed=True)
        fresh = await make_key(shop.live)
        assert await may(fresh) is (rule is not IntrospectionRule.OFF)


def in_order(known: GraphQLSchema) -> list[str]:
    """The schema, printed, its definitions in order."""
    return print_schema(lexicographic_sort_schema(known)).splitlines()


async def test_d10_introspection_and_the_printed_schema_are_equal(ask: Ask) -> None:
    """Taken out: ``specifiedByURL`` of a scalar, in Strawberry's printer or in the schema. Then the two differ."""
    introspected = build_client_schema(orjson.loads((await ask(STANDARD)).content)["data"])
    file = build_schema(FILE.read_text())
    assert in_order(file) == in_order(introspected)
    assert {each.name for each in file.directives if not is_specified_directive(each)} == {
        each.name for each in introspected.directives if not is_specified_directive(each)
    }
