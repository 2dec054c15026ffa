"""Operations that no gateway should run, each with what it is told: a code, and of a limit which, and how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from gateway.execution import Code

TYPED = """query ($n: Int, $ids: [ID!]!, $sort: ProductSort) {
  products(first: $n, sort: $sort) { totalCount } nodes(ids: $ids) { id } }"""
FITTING: dict[str, Any] = {"n": 1, "ids": []}
TWO = "query A { shop { id } } query B { shop { id } }"


@dataclass(frozen=True, slots=True)
class Hostile:
    """One operation, and how it is refused."""

    query: str
    code: Code = Code.LIMIT_EXCEEDED
    limit: str | None = None
    asked: int | None = None
    members: Mapping[str, Any] = field(default_factory=dict)


def around(opening: str, times: int, inner: str) -> str:
    """``inner`` within ``times`` selections of ``opening`` (``a { b {``)."""
    return f"{opening} " * times + inner + "}" * (opening.count("{") * times)


def deep(fields: int, inner: str = "id") -> str:
    """A selection of ``fields`` (odd) fields within each other."""
    return "products { nodes { " + around("variants { product {", (fields - 3) // 2, inner) + " } }"


def many(text: str, count: int) -> str:
    """``text`` as often, # standing for how often already."""
    return " ".join(text.replace("#", str(number)) for number in range(count))


def fragments(count: int, body: str, on: str = "Shop") -> str:
    """``count`` fragments, in whose ``body`` # stands for their own number, and @ for the next."""
    made = (body.replace("#", str(number)).replace("@", str(number + 1)) for number in range(count))
    return "".join(f"fragment F{number} on {on} {{ {text} }}" for number, text in enumerate(made))


def over(limit: str, asked: int | None, query: str, **members: Any) -> Hostile:
    return Hostile(query, Code.LIMIT_EXCEEDED, limit, asked, members)


def wrong(query: str, code: Code = Code.VALIDATION_FAILED, **members: Any) -> Hostile:
    return Hostile(query, code, members=members)


def unfit(**variables: Any) -> Hostile:
    """Variables that do not fit."""
    return Hostile(TYPED, Code.BAD_USER_INPUT, members={"variables": {**FITTING, **variables}})


LIMITS = {
    "depth": over("depth", 17, "{ " + deep(17) + " }"),
    "depth in the answer of a mutation": over(
        "depth",
        17,
        'mutation { archiveProduct(input: {id: "x"}) { product { ' + around("variants { product {", 7, "id") + " } } }",
    ),
    "depth in a subscription": over(
        "depth",
        18,
        "subscription { events { ... on ProductUpdated { product { "
        + around("variants { product {", 7, "variants { id }")
        + " } } } }",
    ),
    "depth in a fragment": over("depth", 17, "{ ...A } fragment A on Query { " + deep(17) + " }"),
    "depth in inline fragments": over("depth", 17, "{ ... { " + deep(17, "... on Product { ... { id } }") + " } }"),
    "depth over many fragments": over(
        "depth",
        18,
        "{ products { nodes { ...F0 } } } fragment F7 on Product { variants { id } }"
        + fragments(7, "variants { product { ...F@ } }", "Product"),
    ),
    "depth over ninety fragments": over(
        "depth", None, "{ products { nodes { ...F0 } } }" + fragments(98, "variants { product { ...F@ } }", "Product")
    ),
    "depth beyond parsing": over("depth", None, around("{a", 3_300, "")),
    "lists in arguments beyond parsing": over("depth", None, f"{{ product(id: {'[' * 4_900}{']' * 4_900}) {{ id }} }}"),
    "objects in arguments beyond parsing": over(
        "depth", None, "{ product(id: " + around("{a:", 2_400, "1") + ") { id } }"
    ),
    "types beyond parsing": over("depth", None, f"query ($a: {'[' * 4_900}Int{']' * 4_900}) {{ shop {{ id }} }}"),
    "introspection": over("introspection depth", 21, '{ __type(name: "A") {' + around("ofType {", 19, "name") + "} }"),
    "introspection in fragments": over(
        "introspection depth",
        22,
        '{ __type(name: "A") { ...F0 } } fragment F19 on __Type { ofType { name } }'
        + fragments(19, "ofType { ...F@ }", "__Type"),
    ),
    "fragments within fragments": over(
        "nesting", None, "{ shop { ...F0 } } fragment F90 on Shop { id }" + fragments(90, "... { ... { ...F@ } }")
    ),
    "inline fragments within each other": over("nesting", None, "{ shop {" + around("... {", 110, "id") + "} }"),
    "tokens": over("tokens", None, "{ shop { " + "id " * 9_996 + "} }"),
    "characters": over("characters", 400_001, "{ shop { id } }" + "#" * 399_986),
    "aliases": over("aliases", 51, "{ shop { " + many("a#: id", 51) + " } }"),
    "aliases in a fragment": over(
        "aliases", 51, "{ shop { ...A ...A ...A } } fragment A on Shop { " + many("a#: id", 17) + " }"
    ),
    "aliases that double ninety times": over(
        "aliases", 1_000_000, "{ shop { ...F0 } } fragment F90 on Shop { a: id }" + fragments(90, "...F@ ...F@")
    ),
    "root fields": over("root fields", 21, "{" + " shop { id }" * 21 + "}"),
    "root fields in fragments": over(
        "root fields", 21, "{ ...A ... { ...A ...A } } fragment A on Query {" + " shop { id }" * 7 + "}"
    ),
    "root fields that change something": over(
        "root fields", 21, "mutation {" + ' revokeApiKey(input: {id: "x"}) { userErrors { code } }' * 21 + "}"
    ),
    "definitions": over("definitions", 101, "{ shop { id } }" + "fragment A on Shop { id }" * 100),
    "fields of one name": over(
        "comparisons of fields with one name",
        None,
        "{ products { nodes { " + "variants { product { variants { id } } } " * 400 + "} } }",
    ),
    "fields of one name within each other": over(
        "comparisons of fields with one name",
        None,
        "{ products { nodes { " + around("variants { product {", 2, "id " * 200) * 11 + " } } }",
    ),
    "values in a list": over("values in variables", None, TYPED, variables={"ids": ["x"] * 20_001}),
    "values in lists of lists": over("values in variables", None, TYPED, variables={"ids": [["x"] * 200] * 200}),
    "values that nobody asks for": over(
        "values in variables", None, "{ shop { id } }", variables={"a": {f"x{n}": {} for n in range(20_001)}}
    ),
}
"""What asks for too much."""

FAULTS = {
    "two operations": wrong(TWO, Code.OPERATION_UNKNOWN),
    "two operations, and the name of neither": wrong(TWO, Code.OPERATION_UNKNOWN, operationName="C"),
    "one operation of another name": wrong("query A { shop { id } }", Code.OPERATION_UNKNOWN, operationName="B"),
    "no operation": wrong("fragment A on Shop { id }"),
    "nothing but blanks": wrong(" ", Code.PARSE_FAILED),
    "half a document": wrong("{ shop {", Code.PARSE_FAILED),
    "a character that is none": wrong("{ shop { id } } \ufffe", Code.PARSE_FAILED),
    "NUL": wrong("{ shop { id } } \x00", Code.PARSE_FAILED),
    "a text that never ends": wrong('{ product(id: "' + "x" * 50_000, Code.PARSE_FAILED),
    "an escape of half a character": wrong(r'{ product(id: "\uD800") { id } }', Code.PARSE_FAILED),
    "an escape beyond Unicode": wrong(r'{ product(id: "\u{110000}") { id } }', Code.PARSE_FAILED),
    "fragments in a circle": wrong(
        "{ shop { ...A } } fragment A on Shop { ...B } fragment B on Shop { ...C } fragment C on Shop { ...A }"
    ),
    "a fragment within itself": wrong("{ shop { ...A } } fragment A on Shop { id ...A }"),
    "a circle through fields": wrong(
        "{ products { nodes { ...A } } } fragment A on Product { variants { product { ...A } } }"
    ),
    "a circle that nobody enters": wrong("{ shop { id } } fragment A on Shop { ...B } fragment B on Shop { ...A }"),
    "a fragment twice": wrong("{ shop { ...A } } fragment A on Shop { id } fragment A on Shop { id }"),
    "a directive a thousand times": wrong("{ shop { id " + "@include(if: true) " * 1_000 + "} }"),
    "an unknown directive a thousand times": wrong("{ shop { id " + "@nothing " * 1_000 + "} }"),
    "directives where none may stand": wrong("query " + "@skip(if: false) " * 1_000 + "{ shop { id } }"),
    "defer": wrong("{ shop { ... @defer { id } } }"),
    "unknown fields": wrong("{ products { nodes { " + many("nam#", 4_900) + " } } }"),
    "unknown input fields": wrong(
        "mutation { createProduct(input: {" + many("name#: 1", 2_400) + "}) { __typename } }"
    ),
    "an argument again and again": wrong("{ products(" + "first: 1 " * 3_000 + ") { totalCount } }"),
    "variables that nobody uses": wrong("query (" + many("$a#: Int", 2_400) + ") { shop { id } }"),
    "a long list of wrong values": wrong("{ products(filter: {status: [" + "ACTIV " * 9_000 + "]}) { totalCount } }"),
    "a number of 300,000 digits": wrong("{ products(first: " + "1" * 300_000 + ") { totalCount } }"),
    "a number too large": wrong("{ products(first: 2147483648) { totalCount } }"),
    "a subscription of two fields": wrong("subscription { a: events { id } b: events { id } }"),
    "a schema": wrong("type Query { a: Int }"),
    "a variable twice": wrong("query ($a: Int, $a: Int) { products(first: $a) { totalCount } }"),
    "null where there must be something": unfit(ids=None),
    "something missing": wrong(TYPED, Code.BAD_USER_INPUT, variables={"n": 1}),
    "text where a number must be": unfit(n="1"),
    "a fraction where a whole number must be": unfit(n=1.5),
    "a number beyond 32 bits": unfit(n=2**31),
    "a number beyond 64 bits": unfit(n=2**64 - 1),
    "a truth where a number must be": unfit(n=True),
    "an object where text must be": unfit(ids=[{"a": 1}]),
    "a list within a list": unfit(ids=[[["x"]]]),
    "text where an object must be": unfit(sort="NAME"),
    "an unknown member": unfit(sort={"field": "NAME", "colour": 1}),
    "an unknown word": unfit(sort={"field": "name"}),
    "a missing member": unfit(sort={"direction": "ASC"}),
    "lists 200 deep": unfit(sort={"field": reduce(lambda inner, _: [inner], range(200), ["NAME"])}),
}
"""What cannot run, whoever asks."""

CORPUS = {**LIMITS, **FAULTS}
"""All of them."""
