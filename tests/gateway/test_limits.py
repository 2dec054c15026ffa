"""Documents that ask for too much are refused: which limit, and what was asked; also inside fragments, and cheaply."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import pytest
from graphql import get_introspection_query

from gateway.execution import Code, StrawberryEngine
from gateway.graphql import limits
from gateway.graphql.documents import DocumentCache, RejectedDocumentError
from tests.conftest import Ask
from tests.gateway.hostile.corpus import FAULTS, LIMITS

DOCUMENTS = DocumentCache(StrawberryEngine().schema)
CPU_SECONDS = 3.0
"""Far above what any of these takes, far below what they would take without a limit."""


def nested(times: int) -> str:
    """A selection ``2 * times + 3`` fields deep."""
    return "{ products { nodes {" + "variants { product {" * times + "id" + "} }" * times + "} } }"


def refused(text: str) -> list[dict[str, Any]]:
    with pytest.raises(RejectedDocumentError) as caught:
        DOCUMENTS.operation(text, None)
    assert {failure.code for failure in caught.value.failures} == {Code.LIMIT_EXCEEDED}
    return [dict(failure.extensions) for failure in caught.value.failures]


def test_depth_is_counted_in_fields() -> None:
    DOCUMENTS.operation(nested(6), None)
    assert refused(nested(7)) == [{"limit": "depth", "maximum": 15, "actual": 17}]


def test_depth_is_counted_through_fragments() -> None:
    text = "{ products { nodes { ...A } } }" + "".join(
        f"fragment {here} on Product {{ variants {{ product {{ variants {{ product {{ {there} }} }} }} }} }}"
        for here, there in (("A", "...B"), ("B", "...C"), ("C", "...D"), ("D", "id"))
    )
    assert refused(text) == [{"limit": "depth", "maximum": 15, "actual": 19}]
    inline = nested(7).replace("id", "... on Product { ... { id } }")
    assert refused(inline)[0]["actual"] == 17


def test_introspection_may_be_deeper() -> None:
    DOCUMENTS.operation(get_introspection_query(), None)

    def types(times: int) -> str:
        return '{ __type(name: "Product") {' + "ofType {" * times + "name" + "}" * times + "} }"

    DOCUMENTS.operation(types(18), None)
    assert refused(types(19)) == [{"limit": "introspection depth", "maximum": 20, "actual": 21}]


def test_aliases_are_counted_wherever_a_fragment_is_spread() -> None:
    aliases = " ".join(f"a{number}: id" for number in range(17))
    text = f"{{ a: shop {{ ...A }} b: shop {{ ...A }} c: shop {{ ...A }} }} fragment A on Shop {{ {aliases} }}"
    assert refused(text) == [{"limit": "aliases", "maximum": 50, "actual": 54}]


def test_root_fields_are_counted_through_fragments() -> None:
    DOCUMENTS.operation("{ " + "shop { id } " * 20 + "}", None)
    assert refused("{ " + "shop { id } " * 21 + "}") == [{"limit": "root fields", "maximum": 20, "actual": 21}]
    spread = "{ ...A ...A ...A } fragment A on Query { " + "shop { id } " * 7 + "}"
    assert refused(spread) == [{"limit": "root fields", "maximum": 20, "actual": 21}]


def test_every_operation_of_a_document_is_measured() -> None:
    text = "query A { shop { id } } query B " + nested(7)
    with pytest.raises(RejectedDocumentError) as caught:
        DOCUMENTS.operation(text, "A")
    assert caught.value.failures[0].extensions["actual"] == 17


def test_tokens_characters_and_definitions_are_counted() -> None:
    assert refused("{ shop { " + "id " * 10_000 + "} }") == [{"limit": "tokens", "maximum": 10_000, "actual": None}]
    assert refused("#" * 400_001) == [{"limit": "characters", "maximum": 400_000, "actual": 400_001}]
    many = "{ shop { id } } " + " ".join(f"fragment F{number} on Shop {{ id }}" for number in range(100))
    assert refused(many) == [{"limit": "definitions", "maximum": 100, "actual": 101}]


def test_a_document_nested_beyond_parsing_is_too_deep() -> None:
    assert refused("{a" * 3_000 + "}" * 3_000) == [{"limit": "depth", "maximum": 15, "actual": None}]


def test_fragments_that_double_each_other_are_counted_without_being_expanded() -> None:
    text = "{ a: shop { ...F0 } }" + "".join(
        f"fragment F{number} on Shop {{ ...F{number + 1} ...F{number + 1} }}" for number in range(90)
    )
    asked = refused(text + "fragment F90 on Shop { b: id }")
    assert asked == [{"limit": "aliases", "maximum": 50, "actual": 1_000_000}]


def chained(times: int, each: str, on: str = "Shop") -> str:
    """Fragments in which ``each`` stands ten times within itself, the next fragment innermost."""
    return "".join(
        f"fragment F{number} on {on} {{ {each * 10} {f'...F{number + 1}' if number + 1 < times else 'id'} {'}' * 10} }}"
        for number in range(times)
    )


def test_fragments_that_lead_ever_deeper_are_too_deep_wherever_they_begin() -> None:
    assert refused("{ shop { ...F0 } }" + chained(98, "id {")) == [{"limit": "depth", "maximum": 15, "actual": None}]
    nesting = {"limit": "nesting", "maximum": 100}
    assert refused("{ shop { ...F0 } }" + chained(98, "... {")) == [{**nesting, "actual": None}]
    twice = "{ shop { ...F0 ...G } } fragment G on Shop { " + "... {" * 10 + "...F0 }" + "}" * 10
    assert refused(twice + chained(8, "... {")) == [{**nesting, "actual": 101}]
    unused = "{ shop { id } }" + chained(98, "... {")
    assert refused(unused) == [{**nesting, "actual": None}]
    DOCUMENTS.operation("{ shop { ...F0 } }" + chained(8, "... {"), None)


def test_fragments_in_a_circle_are_a_mistake_not_a_loop() -> None:
    with pytest.raises(RejectedDocumentError) as caught:
        DOCUMENTS.operation("{ shop { ...A } } fragment A on Shop { ...B } fragment B on Shop { ...A }", None)
    assert {failure.code for failure in caught.value.failures} == {Code.VALIDATION_FAILED}


LARGE = {
    "one field again and again": "{ products { nodes { " + "id " * 4_900 + "} } }",
    "fat fragments": "{ products { nodes { "
    + " ".join(f"...F{number}" for number in range(98))
    + "} } }"
    + " ".join(f"fragment F{number} on Product {{ {'id name sku tags status ' * 12} }}" for number in range(98)),
    "a long text": '{ product(id: "' + "\\u0041" * 60_000 + '") { id } }',
}
"""What is within the limits, or almost, and whatever becomes of it."""
HOSTILE = {**LARGE, **{name: each.query for name, each in {**LIMITS, **FAULTS}.items()}}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_cost_little(name: str) -> None:
    before = time.process_time()
    with suppress(RejectedDocumentError):
        DOCUMENTS.operation(HOSTILE[name], None)
    assert time.process_time() - before < CPU_SECONDS


@pytest.mark.parametrize(
    "variables",
    [
        {"ids": ["x"] * 20_001},
        {"ids": [["x"] * 200] * 200},
        {"ids": {f"x{number}": {} for number in range(20_001)}},
    ],
    ids=["long", "nested", "wide"],
)
async def test_variables_with_too_many_values_are_refused(ask: Ask, variables: dict[str, Any]) -> None:
    answer = (await ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", variables)).json()
    assert answer["errors"][0]["extensions"]["limit"] == "values in variables"


async def test_a_refusal_names_the_limit_and_reaches_no_database(ask: Ask, statements: list[str]) -> None:
    await ask("{ shop { id } }")
    statements.clear()
    answer = await ask(nested(7), headers={"Accept": "application/graphql-response+json"})
    assert answer.status_code == 400
    body = answer.json()
    assert "data" not in body
    assert body["errors"][0]["message"] == "The operation exceeds the limit of depth: 17, at most 15 allowed."
    assert body["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert statements == []


def test_prepared_documents_are_remembered_and_the_oldest_forgotten() -> None:
    documents = DocumentCache(DOCUMENTS._schema)
    first = documents.operation("{ shop { id } }", None)
    assert documents.operation("{ shop { id } }", None) is first
    for number in range(4):
        documents.operation(f"{{ shop {{ id }} }} # {number}" + "x" * (limits.MAX_DOCUMENT_CHARACTERS - 100), None)
    assert documents.operation("{ shop { id } }", None) is not first
