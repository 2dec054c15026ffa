"""Documents are validated as graphql-core validates them."""

from __future__ import annotations

import pytest
from graphql import (
    GraphQLError,
    ParallelVisitor,
    TypeInfo,
    TypeInfoVisitor,
    ValidationContext,
    parse,
    specified_rules,
    visit,
)

from gateway.graphql.validation import validate_document
from schema import schema
from schema.strawberry_internals import core_schema
from tests.contract.operations import root_fields

INVALID = (
    "{ nothing }",
    "{ shop { nothing deeper { than } } shop(of: 1) { name } }",
    "{ shop }",
    "{ shop { name { first } } }",
    "query a { shop { name } } query a { shop { id } }",
    "query a { shop { name } } { shop { id } }",
    "{ shop { ...a } } fragment a on Shop { ...b } fragment b on Shop { ...a }",
    "{ shop { ...gone ...a } } fragment a on Product { name } fragment unused on Shop { name }",
    "{ shop { ... on Nothing { name } ... on Product { id } } }",
    "query ($a: Int, $a: String, $b: Nothing, $c: Shop) { shop { name @include(if: $a) @skip(if: $d) } }",
    "query ($n: String!) { products(first: $n, first: 1, last: null) { nodes { id } } }",
    "{ shop { name name: id } products(first: 1) { nodes { id } } products(first: 2) { nodes { id } } }",
    "{ shop { name @nothing @include @include(if: true, if: false) @deprecated } }",
    "query @include(if: true) { shop { name } }",
    "{ products(filter: {status: [NONE], status: 1}) { nodes { id } } }",
    "mutation { createProduct { userErrors { code } } nothing }",
    "subscription { events { id } shop { name } }",
    "type A { b: C } extend type Shop { d: E } schema { query: A } { shop { name } }",
    "{ node(id: 1.5) { ... on Order { items { id } ... on Shop { id } } } }",
)
DOCUMENTS = (*INVALID, *(root.operation({})[0] for root in list(root_fields())[:40]))


def by_library(text: str) -> list[GraphQLError]:
    """The errors by the rules of the specification, run as graphql-core runs them."""
    errors: list[GraphQLError] = []
    document, types = parse(text), TypeInfo(core_schema(schema))
    context = ValidationContext(types._schema, document, types, errors.append)
    visit(document, TypeInfoVisitor(types, ParallelVisitor([rule(context) for rule in specified_rules])))
    return errors


@pytest.mark.parametrize("text", DOCUMENTS)
def test_the_errors_are_those_of_the_library(text: str) -> None:
    """Taken out: ``leave`` of the rules that skip a node."""
    found = validate_document(core_schema(schema), parse(text), len(text))
    assert [each.message for each in found] == [each.message for each in by_library(text)]
    assert bool(found) == (text in INVALID)
