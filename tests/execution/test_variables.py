"""Variables whose values mean themselves are taken as they are; what graphql-core makes of them is no different."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from graphql import GraphQLError, OperationDefinitionNode, get_variable_values, parse
from graphql.execution.values import VariableValues

from gateway.execution.graphql_internals import HIDDEN, INTS, coerce_variables, declared
from schema import schema
from schema.strawberry_internals import core_schema

TYPES = (
    *("ID", "ID!", "String", "String!", "Boolean", "Boolean!", "Int", "Int!", "Currency", "JSON", "OrderStatus"),
    *("[ID!]", "[ID!]!", "ProductFilter", 'ID = "x"', "Int! = 1", "Boolean = null"),
)
VALUES = (
    *("", "prod_1", "\ud800", "1", 0, 1, -1, True, False, None, 1.0, 1.5, [], ["a"], [None], {}, {"search": 1}),
    *(INTS[0], INTS[-1], INTS[0] - 1, INTS[-1] + 1, 10**30),
)
ABSENT = object()


def in_full(found: VariableValues | list[GraphQLError]) -> Any:
    """For comparison."""
    if isinstance(found, list):
        return [(error.message, error.locations) for error in found]
    return {name: (str(each.signature.type), each.value) for name, each in found.sources.items()}, found.coerced


@pytest.mark.parametrize("type_", TYPES)
def test_variables_are_what_graphql_core_makes_of_them(type_: str) -> None:
    known = core_schema(schema)
    (definition,) = parse(f"query ($first: {type_}, $then: ID) {{ __typename }}").definitions
    assert isinstance(definition, OperationDefinitionNode)
    variables = declared(known, definition)
    for first, then in itertools.product((ABSENT, *VALUES), (ABSENT, None, "x", 1)):
        sent = {name: value for name, value in (("first", first), ("then", then)) if value is not ABSENT}
        judged = get_variable_values(known, definition.variable_definitions or (), sent, 50, HIDDEN)
        assert in_full(coerce_variables(known, definition, variables, {**sent, "other": 1})) == in_full(judged), sent


def test_plain_variables_need_nothing_of_graphql_core(monkeypatch: pytest.MonkeyPatch) -> None:
    known = core_schema(schema)
    text = "query ($id: ID!, $name: String, $first: Int, $all: Boolean!, $none: ID) { __typename }"
    (definition,) = parse(text).definitions
    assert isinstance(definition, OperationDefinitionNode)
    variables = declared(known, definition)
    monkeypatch.setattr("gateway.execution.graphql_internals.get_variable_values", None)
    sent = {"id": "prod_1", "name": None, "first": 50, "all": True}
    assert in_full(coerce_variables(known, definition, variables, sent))[1] == sent


LINE = {"variantId": "var_1", "quantity": 2}
PRICED = {**LINE, "price": {"amount": "4.50"}}
ORDERS = (
    {"items": [LINE, PRICED], "customerId": "cust_1", "shippingMethod": None, "metadata": {"a": [1, None, {"b": 2.5}]}},
    {"items": LINE},
    {"items": []},
    {"items": [None]},
    {"items": [{**LINE, "quantity": "2"}]},
    {"items": [{**LINE, "quantity": 2.0}]},
    {"items": [{**LINE, "quantity": 2**40}]},
    {"items": [{**LINE, "colour": "red"}]},
    {"items": [{**LINE, "price": {"amount": []}}]},
    {"items": [LINE], "email": 7, "tags": "gift", "discount": {"percent": "10"}},
    {"items": [LINE], "tags": ["a", None]},
    {"items": [LINE], "shippingAddress": {"line1": "1", "city": "X", "country": "GB"}},
    {"email": "jane@example.com"},
    [],
    None,
)
"""What may be sent as the input of createOrder, valid and not."""


@pytest.mark.parametrize("type_", ["CreateOrderInput!", "CreateOrderInput", "[CreateOrderInput!]"])
@pytest.mark.parametrize("sent", ORDERS)
def test_input_objects_are_what_graphql_core_makes_of_them(type_: str, sent: Any) -> None:
    known = core_schema(schema)
    (definition,) = parse(f"query ($input: {type_}) {{ __typename }}").definitions
    assert isinstance(definition, OperationDefinitionNode)
    for given in (sent, [sent]):
        judged = get_variable_values(known, definition.variable_definitions, {"input": given}, 50, HIDDEN)
        made = coerce_variables(known, definition, declared(known, definition), {"input": given})
        assert in_full(made) == in_full(judged), given


def test_valid_input_objects_need_nothing_of_graphql_core(monkeypatch: pytest.MonkeyPatch) -> None:
    known = core_schema(schema)
    (definition,) = parse("query ($input: CreateOrderInput!) { __typename }").definitions
    assert isinstance(definition, OperationDefinitionNode)
    variables = declared(known, definition)
    monkeypatch.setattr("gateway.execution.graphql_internals.get_variable_values", None)
    made = coerce_variables(known, definition, variables, {"input": ORDERS[0]})
    assert in_full(made)[1]["input"]["items"][0]["quantity"] == LINE["quantity"]
