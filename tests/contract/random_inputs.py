"""Values for every input there is or will be, made from the schema and from the rules of commands: mostly of the right
type and at the edges of it, now and then of another."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
)
from hypothesis import strategies as st

from domain.kernel.fields import FieldSpec, ListOf, NestedObject, Rule
from rest_compat.command_binding import body_fields
from rest_compat.wire_format import WIRE_FORMAT

Values = st.SearchStrategy[Any]

EDGES = (0, 1, -1, 15, 16, 100, 101, 200, 201, 2**31 - 1, 2**31, -(2**31), 2**53, 2**63 - 1, 2**63, 2**64, 10**40)
FRACTIONS = (0.0, -0.0, 0.001, 1.5, 5e-324, 1.7976931348623157e308, 1e15, 199.99)
ODD_TEXTS = (
    *("", " ", "\t\r\n", "\x00", "a\x00b", "\x1f", "\x7f", "\u0085", "\u2028", "\ufeff", "\ufffe", "\ufdd0"),
    *(
        "\ud800",
        "\udfff\ud800",
        "e\u0301",
        "\u202eabc",
        "\U0010ffff",
        "👩‍👩‍👧‍👧",
        "ﷺ" * 18,
        "İ",
        "ß",
        "\u1e9e",
        "%00",
        "%",
        "_",
    ),
    *(
        "'",
        '"',
        "\\",
        "'; DROP TABLE product; --",
        "{{7*7}}",
        "${x}",
        "../..",
        "/",
        "NaN",
        "null",
        "true",
        "-0",
        "1e400",
    ),
)
LONG = tuple("x" * length for length in (50, 51, 64, 65, 255, 256, 2_000, 2_001, 20_001))
TEXTS: Values = st.sampled_from(ODD_TEXTS + LONG) | st.text(st.characters(), max_size=40)
"""Lone surrogates are among them: JSON can say them, UTF-8 cannot."""
NUMBERS: Values = st.sampled_from(EDGES) | st.integers() | st.sampled_from(FRACTIONS)
JSON: Values = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS | st.floats(),  # NaN and Infinity, as Python writes them
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
MOMENTS = st.sampled_from(
    (
        *("2100-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.999-14:00", "2100-02-30T00:00:00Z"),
        *("2100-01-01", "2100-01-01T24:00:00Z", "2100-12-31T23:59:60Z", "now", "20260115T103000Z", "2026-W03-4"),
    )
)
AMOUNTS = st.sampled_from(
    ("5.00", "0", "-1", "0.001", "1e15", "9" * 40, "1e-30", "1e999", "+1", "٣", " 5", 5, 1.5, 10**15)
)
URLS = st.sampled_from(
    (
        *("https://images.example.com/1.jpg", "http://[::1]/", "https://a:99999/", "ftp://a", "https://", "//a", "a"),
        *(
            "https://user:pass@a/",
            "https://ü.example/",
            "javascript:alert(1)",
            "https://a/\x00",
            "https://a/" + "x" * 1_990,
        ),
    )
)
SCALARS: Mapping[str, Values] = {
    "String": TEXTS,
    "ID": TEXTS,
    "Int": st.integers(-(2**31), 2**31 - 1) | st.sampled_from([edge for edge in EDGES if -(2**31) <= edge < 2**31]),
    "Boolean": st.booleans(),
    "Decimal": AMOUNTS | NUMBERS,
    "BigInt": st.integers(-(2**63), 2**63 - 1),
    "JSON": st.dictionaries(TEXTS, JSON, max_size=4) | JSON,
    "URL": URLS | TEXTS,
    "Currency": st.sampled_from(("GBP", "gbp", "EUR", "XXX", "ГБП")),
    "DateTime": MOMENTS,
    "Base64": st.binary(max_size=40).map(lambda content: b64encode(content).decode()) | TEXTS,
    "Cursor": st.sampled_from(("e1.0", "e1.1", "e1.-1", "e1.99999999999999999999", "e0.1", "e1.٣", "c1~", "")) | TEXTS,
}
RULES: Mapping[str, Values] = {
    "Text": TEXTS,
    "Integer": NUMBERS,
    "Boolean": st.booleans(),
    "Amount": AMOUNTS | NUMBERS,
    "MinorAmount": NUMBERS,
    "DateTime": MOMENTS,
    "DateBound": MOMENTS,
    "Percent": AMOUNTS | NUMBERS,
    "Number": AMOUNTS | NUMBERS,
    "Email": TEXTS | st.sampled_from(("a@b.example", "A@B.example", "a@b", "ü@ü.example", "a@[127.0.0.1]")),
    "Phone": TEXTS | st.sampled_from(("+1-555-0123", "+44 20 7946 0958", "+", "٣٣٣")),
    "Country": TEXTS | st.sampled_from(("GB", "gb", "XX", "GBR")),
    "Url": URLS,
    "Attributes": st.dictionaries(TEXTS, TEXTS | JSON, max_size=4),
    "Metadata": SCALARS["JSON"],
}


def mostly(right: Values) -> Values:
    """``right``, but for one time in twenty-five: then anything."""
    return st.integers(0, 24).flatmap(lambda number: right if number else JSON)


def of_type(type_: Any, known: Sequence[str] = ()) -> Values:
    """Values of an input type of GraphQL. ``known``: ids of things that are there."""
    if isinstance(type_, GraphQLNonNull):
        return _not_null(type_.of_type, known)
    return st.none() | _not_null(type_, known)


def _not_null(type_: Any, known: Sequence[str]) -> Values:
    if isinstance(type_, GraphQLList):
        inner = of_type(type_.of_type, known)
        return mostly(st.lists(inner, max_size=4) | inner)
    if isinstance(type_, GraphQLEnumType):
        return mostly(st.sampled_from(sorted(type_.values)))
    if isinstance(type_, GraphQLInputObjectType):
        fields = {name: of_type(field.type, known) for name, field in type_.fields.items()}
        needed = {name for name, field in type_.fields.items() if isinstance(field.type, GraphQLNonNull)}
        return mostly(_object(fields, needed))
    assert isinstance(type_, GraphQLScalarType)
    given = SCALARS[type_.name]
    return mostly(st.sampled_from(known) | given if known and type_.name == "ID" else given)


def of_command(command: type[Any]) -> Values:
    """Bodies of REST for a command."""
    fields = {WIRE_FORMAT.name(spec.name): st.none() | _of_field(spec) for spec in body_fields(command)}
    return mostly(_object(fields, {WIRE_FORMAT.name(spec.name) for spec in body_fields(command) if spec.required}))


def _of_field(spec: FieldSpec) -> Values:
    return _of_rule(spec.rule, spec.base)


def _of_rule(rule: Rule, base: Any) -> Values:
    if isinstance(rule, ListOf):
        return mostly(st.lists(_of_rule(rule.item, base.__args__[0]), max_size=4))
    if isinstance(rule, NestedObject):
        return of_command(base) | TEXTS
    if type(rule).__name__ == "Choice":
        return mostly(st.sampled_from([member.value for member in base]))
    return mostly(RULES[type(rule).__name__])


def _object(fields: Mapping[str, Values], needed: set[str]) -> Values:
    required = {name: values for name, values in fields.items() if name in needed}
    optional = {name: values for name, values in fields.items() if name not in needed}
    right = st.fixed_dictionaries(required, optional=optional)
    more = st.integers(0, 24).flatmap(
        lambda number: st.just({}) if number else st.dictionaries(TEXTS, JSON, max_size=1)
    )
    return st.builds(lambda given, unknown: {**unknown, **given}, right, more)
