"""Null for what is not set: in GraphQL the same as leaving an input out, unless the command says that it clears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from graphql import OperationDefinitionNode, parse
from graphql.execution.values import VariableValues

from domain.kernel.errors import ValidationFailed
from domain.kernel.fields import ListOf, NestedObject, read_command, specs
from gateway.execution.graphql_internals import arguments, coerce_variables, declared
from resolvers.sources import CalculationSource, ListSource, MutationSource, SubscriptionSource
from resolvers.wire_format import WIRE_FORMAT
from schema.strawberry_internals import field_of
from tests.cases.input_places import Field, Place, fields_with_arguments
from tests.cases.listed_things import ids
from tests.conftest import Ask, Client, Graph, MakeProduct
from tests.contract.operations import CORE
from tests.gateway.conftest import gateway, key, web  # noqa: F401 - fixtures
from tests.gateway.test_sse import reading

__all__ = ["ids"]

UPDATE = """mutation ($id: ID!, $v: Int, $n: String) {
    updateProduct(input: {id: $id, expectedVersion: $v, name: $n}) { product { name version } userErrors { code } }
}"""
ADJUST = """mutation ($id: ID!) {
    adjustInventory(input: {
        productId: $id, quantity: 5, reason: "found", location: null, variantId: null, sku: null, note: null
    }) { movement { quantity } userErrors { code } }
}"""
ORDER = """mutation ($id: ID!, $m: JSON) {
    createOrder(input: {
        items: [{productId: $id, quantity: 1, price: null}], metadata: $m, discount: {amount: null, percent: 10}
    }) { order { metadata } userErrors { code } }
}"""
FIELDS = list(fields_with_arguments())
LEFT_OUT = object()


def without(value: Any) -> Any:
    """The value with LEFT_OUT left out of its objects."""
    if isinstance(value, dict):
        return {name: without(item) for name, item in value.items() if item is not LEFT_OUT}
    return [without(item) for item in value] if isinstance(value, list) else value


def inputs(place: Place) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments with null in the place, and with the place left out."""
    name = place.path[0]
    return {name: place.build(None)}, without({name: place.build(LEFT_OUT)})


def commands_of(field: Field) -> Mapping[str, type[Any]]:
    """The command that each argument of a field is read as."""
    source = field_of(field.field).source
    if isinstance(source, MutationSource):
        return {} if source.use_case.bulk else {"input": source.use_case.command}
    if isinstance(source, CalculationSource):
        return {"input": source.command}
    if isinstance(source, ListSource | SubscriptionSource) and source.filter is not None:
        return {"filter": source.filter}
    return {}


def taken(field: Field, given: Mapping[str, Any]) -> dict[str, Any]:
    """The field's arguments as they reach its source: coerced by the engine, by their Python names."""
    query, variables = field.operation(given, {field.owner: "", **dict.fromkeys(PREFIXES, "")})
    (definition,) = parse(query).definitions
    assert isinstance(definition, OperationDefinitionNode)
    values = coerce_variables(CORE, definition, declared(CORE, definition), variables)
    assert isinstance(values, VariableValues), values
    node: Any = definition.selection_set.selections[0]
    while node.name is None or node.name.value != field.name:
        node = node.selection_set.selections[0]
        if node.kind == "inline_fragment":
            node = node.selection_set.selections[0]
    return arguments(field.field, node, values)


PREFIXES = (
    "prod",
    "var",
    "img",
    "cat",
    "wh",
    "cust",
    "ord",
    "dord",
    "whk",
    "key",
    "doc",
    "alert",
    "po",
    "mov",
    "addr",
    "inv",
)


def outcome(command: type[Any], sent: Mapping[str, Any]) -> Any:
    """The command, or what is wrong with it."""
    try:
        return read_command(command, sent, WIRE_FORMAT, "GBP")
    except ValidationFailed as refused:
        return refused.problems


def clears(command: type[Any], path: tuple[str, ...]) -> bool:
    """Whether null clears what stands at a path of the command."""
    name, *below = path
    spec = next(spec for spec in specs(command) if WIRE_FORMAT.name(spec.name) == name)
    if not below:
        return spec.nullable
    rule, base = spec.rule, spec.base
    if isinstance(rule, ListOf):
        rule, base = rule.item, base.__args__[0]
    return isinstance(rule, NestedObject) and clears(base, tuple(below))


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.label)
def test_a6_null_is_read_as_what_is_left_out(field: Field) -> None:
    """Every nullable input at any depth, and what becomes of it in the command.

    Taken out to see it fail: ``_is_absent`` in ``domain/kernel/fields/commands.py`` (NULL_NOT_ALLOWED).
    """
    for place in field.places():
        if not place.nullable:
            continue
        null, absent = (taken(field, given) for given in inputs(place))
        source = field_of(field.field).source
        if isinstance(source, MutationSource) and source.use_case.bulk:
            whole = source.use_case.command
            first, second = (outcome(whole, {WIRE_FORMAT.name(name): item for name, item in given.items()})
                for given in (null, absent))  # fmt: skip
            assert (first == second) is not clears(whole, place.path), place.name
            continue
        command = commands_of(field).get(place.path[0])
        if command is None or len(place.path) == 1:
            assert null.get(place.path[0]) is None
            assert absent.get(place.path[0]) is None
            continue
        first, second = (outcome(command, given[place.path[0]]) for given in (null, absent))
        if clears(command, place.path[1:]):
            assert first != second or isinstance(first, tuple), place.name
        elif isinstance(field_of(field.field).source, MutationSource | CalculationSource):
            assert first == second, place.name


@pytest.mark.parametrize("field", [each for each in FIELDS if each.kind == "query"], ids=lambda field: field.label)
async def test_a6_a_query_answers_null_as_what_is_left_out(rest: Client, ids: Mapping[str, str], field: Field) -> None:
    """Run with ``GATEWAY_TEST_ENGINE=strawberry`` too. Taken out to see it fail: in ``Listed._filters``, null."""
    for place in field.places():
        if not place.nullable:
            continue
        answers = []
        for given in inputs(place):
            query, variables = field.operation(given, ids)
            answer = (await rest("POST", "/graphql", json={"query": query, "variables": variables})).json()
            for error in answer.get("errors", ()):
                del error["extensions"]["requestId"]
                error.pop("locations", None)
            answers.append(answer)
        assert answers[0] == answers[1], place.name


def has_nullable(field: Field) -> bool:
    """Whether there is anything in it that can be null."""
    return any(place.nullable for place in field.places())


@pytest.mark.parametrize(
    "field",
    [each for each in FIELDS if each.kind == "subscription" and has_nullable(each)],
    ids=lambda field: field.label,
)
async def test_a6_a_subscription_begins_with_null_as_with_what_is_left_out(
    web: httpx.AsyncClient,  # noqa: F811 - the fixture's value
    field: Field,
) -> None:
    """Every nullable argument and input, to the stream's first block.

    Fails when neither ``SubscriptionSource.resolve`` nor ``null_is_absent`` leaves null out; one alone suffices.
    """
    places = [place for place in field.places() if place.nullable]
    assert places
    for place in places:
        for given in inputs(place):
            query, variables = field.operation(given, {})
            if variables.get("filter"):
                variables["filter"]["where"] = []  # what is made up names no member
            async with reading(web, query, variables=variables) as stream:
                begun = await stream.block()
            assert begun is not None
            assert "event" not in begun.fields, (place.name, begun.fields)


async def test_a6_null_changes_nothing_where_it_cannot_clear(graph: Graph, ask: Ask, make_product: MakeProduct) -> None:
    """The three of the report. Taken out to see it fail: as above."""
    product = await make_product()
    answer = await graph(UPDATE, id=product.id, v=None, n="x")
    assert answer["updateProduct"] == {"product": {"name": "x", "version": 2}, "userErrors": []}
    answer = await graph(ADJUST, id=product.id)
    assert answer["adjustInventory"] == {"movement": {"quantity": 5}, "userErrors": []}
    answer = await graph(ORDER, id=product.id, m=None)
    assert answer["createOrder"] == {"order": {"metadata": {}}, "userErrors": []}


async def test_a6_rest_keeps_its_rule(rest: Client, make_product: MakeProduct) -> None:
    """Taken out to see it fail: ``null_is_absent`` in ``rest_compat/wire_format.py`` set to true."""
    product = await make_product()
    refused = await rest("PUT", f"/v2/products/{product.id}", json={"name": None})
    assert (refused.status_code, refused.json()["error"]["details"][0]["code"]) == (422, "NULL_NOT_ALLOWED")
