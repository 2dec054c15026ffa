"""Limits are told where they hold: every number that a rule declares stands with the member that keeps it (A14).

Walks every command, filter and parameter of both surfaces, by the rules' own attributes: a rule that is new, or a limit
that is, is looked for without being named here.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from domain.kernel.fields import (
    Amount,
    FieldLocation,
    FieldSpec,
    ListOf,
    Metadata,
    MinorAmount,
    NestedObject,
    ReadContext,
    Rule,
    Text,
    specs,
)
from domain.kernel.money import EXPONENTS, MAX_MAJOR_UNITS, MAX_MINOR_UNITS
from domain.kernel.use_cases.registry import USE_CASES
from domain.kernel.validation import InvalidValueError
from resolvers.sources import ListSource
from rest_compat.actions import ItemAction, PageAction, StreamAction, WriteAction
from rest_compat.command_binding import CommandBinding
from rest_compat.endpoint import Endpoint
from rest_compat.get_handler import single_parameters
from rest_compat.openapi.document import document
from rest_compat.paging import list_parameters
from rest_compat.routing import ENDPOINTS
from rest_compat.wire_format import WIRE_FORMAT
from schema.inputs import input_of
from schema.strawberry_internals import field_of
from tests.contract.operations import CORE

OPENAPI = document()
SCHEMAS = OPENAPI["components"]["schemas"]
LIMITS = re.compile(r"(?:^|_)(?:min|max|decimals)$")
INT_MAX = 2**31 - 1
"""GraphQL's own."""


def limits_of(rule: Rule) -> set[int]:
    """Every number that a rule declares as a limit, of its items too; 0 is the least of anything counted."""
    names = {field.name for field in dataclasses.fields(rule)} | {
        name for kind in type(rule).__mro__ for name in vars(kind) if not name.startswith("__")
    }
    found = {getattr(rule, name) for name in names if LIMITS.search(name)}
    if isinstance(rule, Amount):
        found |= {
            MAX_MINOR_UNITS // 10**exponent
            for exponent in EXPONENTS.values()
            if MAX_MINOR_UNITS // 10**exponent < MAX_MAJOR_UNITS
        }
    if isinstance(rule, ListOf):
        found |= set() if isinstance(rule.item, NestedObject) else limits_of(rule.item)
    return found - {0}


def limits_by_rest(rule: Rule) -> set[int]:
    """The same where REST writes an amount in minor units, which are larger numbers."""
    if isinstance(rule, MinorAmount):
        return {rule.min, MAX_MINOR_UNITS, MAX_MAJOR_UNITS} - {0}
    return limits_of(rule)


def numbers_in(text: str) -> set[int]:
    return {int(each.replace(",", "")) for each in re.findall(r"(?<![\d,])-?\d{1,3}(?:,\d{3})+|-?\d+", text)}


TEXTS = ("examples", "example", "default", "pattern")


def keywords_in(schema: Any) -> set[int]:
    """Every number that a schema has as a keyword, of what stands within it too."""
    if isinstance(schema, dict):
        inner = {
            name: each for name, each in schema.items() if name not in ("examples", "example", "default", "pattern")
        }
        return set().union(*map(keywords_in, inner.values()))
    if isinstance(schema, list):
        return set().union(*map(keywords_in, schema))
    return {schema} if isinstance(schema, int) and not isinstance(schema, bool) else set()


def told(schema: dict[str, Any], description: str) -> set[int]:
    return keywords_in(schema) | numbers_in(description)


def commands_of(endpoint: Endpoint) -> Iterator[tuple[str, tuple[FieldSpec, ...]]]:
    """The parameters of an endpoint."""
    match endpoint.action:
        case PageAction() as paged:
            yield "query", tuple(list_parameters(paged))
        case StreamAction() as stream:
            yield "query", specs(stream.parameters)
        case ItemAction() as single:
            yield "query", tuple(single_parameters(single))
        case WriteAction() as write:
            yield "query", CommandBinding.of(endpoint, write).parameters


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_a14_every_limit_of_a_parameter_is_told(endpoint: Endpoint) -> None:
    operation = OPENAPI["paths"][endpoint.path][endpoint.method.lower()]
    shown = {each["name"]: each for each in operation["parameters"] if each.get("in") == "query"}
    for _, fields in commands_of(endpoint):
        for spec in fields:
            parameter = shown[spec.name]
            untold = limits_by_rest(spec.rule) - told(parameter["schema"], parameter["description"])
            assert not untold, (spec.name, untold)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    return SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


@dataclasses.dataclass(frozen=True)
class Member:
    """A member of a body, with its schema."""

    name: str
    spec: FieldSpec
    schema: dict[str, Any]


def members_of(command: type[Any], schema: dict[str, Any], within: str) -> Iterator[Member]:
    """The members of a command that an object's schema describes, and of the objects in it."""
    schema = resolved(schema)
    if "oneOf" in schema:
        parts = [resolved(one)["properties"] for one in schema["oneOf"]]
        schema = {"properties": {name: each for part in parts for name, each in part.items()}}
    for spec in specs(command):
        name = WIRE_FORMAT.name(spec.name)
        if name not in schema["properties"] or spec.rule.place != FieldLocation.BODY:
            continue  # the path or a header gives it; then it is only read back
        member = Member(f"{within}.{name}", spec, schema["properties"][name])
        yield member
        yield from members_within(spec.rule, spec.base, member.schema, member.name)


def members_within(rule: Rule, base: Any, schema: dict[str, Any], within: str) -> Iterator[Member]:
    if isinstance(rule, ListOf):
        yield from members_within(rule.item, get_args(base)[0], schema["items"], within)
    elif isinstance(rule, NestedObject):
        for each in schema.get("anyOf", [schema]):
            if "$ref" in each:
                yield from members_of(base, each, within)


def body_members(endpoint: Endpoint) -> list[Member]:
    operation = OPENAPI["paths"][endpoint.path][endpoint.method.lower()]
    assert endpoint.body is not None
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    return list(members_of(endpoint.body, schema, endpoint.name))


BODIES = [endpoint for endpoint in ENDPOINTS if endpoint.body is not None]


@pytest.mark.parametrize("endpoint", BODIES, ids=lambda endpoint: endpoint.name)
def test_a14_every_limit_of_a_body_is_told(endpoint: Endpoint) -> None:
    members = body_members(endpoint)
    assert len(members) >= len([spec for spec in specs(endpoint.body) if spec.rule.place == FieldLocation.BODY])  # type: ignore[arg-type]
    for member in members:
        untold = limits_by_rest(member.spec.rule) - told(member.schema, member.schema["description"])
        assert not untold, (member.name, untold)


@pytest.mark.parametrize("endpoint", BODIES, ids=lambda endpoint: endpoint.name)
@pytest.mark.parametrize("text", ["\u200b", "\ufeff\u200f", "\u3164", "\u2028", "\x07", "\x7f\x85", "\u00ad"])
def test_d11_a_body_says_that_invisible_characters_are_no_text(endpoint: Endpoint, text: str) -> None:
    """What is refused as empty is refused by the pattern, or told. Taken out: the class of ``_NOT_BLANK``, or
    ``needs_visible``."""
    for member in body_members(endpoint):
        rule, schema = member.spec.rule, member.schema
        if isinstance(rule, ListOf):
            rule, schema = rule.item, schema["items"]
        if not isinstance(rule, Text) or rule.words or is_taken(rule, text):
            continue
        by_pattern = re.search(schema["pattern"], text * rule.min) is None if rule.min else True
        assert by_pattern or "visible character" in member.schema["description"], member.name
        assert by_pattern or max(text) > "\xff" or rule.pattern is not None, member.name


def is_taken(rule: Text, text: str) -> bool:
    try:
        rule.read(text * max(rule.min, 1), str, (), ReadContext(WIRE_FORMAT, "GBP"))
    except InvalidValueError:
        return False
    return True


def patterns_in(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from (each for name, each in schema.items() if name == "pattern" and isinstance(each, str))
        schema = list(schema.values())
    if isinstance(schema, list):
        for each in schema:
            yield from patterns_in(each)


def test_d11_patterns_hold_nothing_that_generators_stumble_over() -> None:
    """Only printable ASCII, and no escape of four digits: Go and PHP know none."""
    patterns = set(patterns_in(OPENAPI))
    assert len(patterns) > 10
    assert [each for each in patterns if not (each.isascii() and each.isprintable()) or "\\u" in each] == []


def commands() -> dict[str, type[Any]]:
    """Every command and filter there is, those within others too, by the name of its input."""
    found: dict[str, type[Any]] = {}
    listed = [
        field_of(field).source.filter
        for type_ in CORE.type_map.values()
        for field in getattr(type_, "fields", {}).values()
        if isinstance(getattr(field_of(field), "source", None), ListSource)
    ]
    waiting = [entry.command for entry in USE_CASES.values()] + [each for each in listed if each is not None]
    while waiting:
        command = waiting.pop()
        name = input_of(command).__strawberry_definition__.name
        if name in found:
            continue
        found[name] = command
        for spec in specs(command):
            rule, base = spec.rule, spec.base
            while isinstance(rule, ListOf):
                rule, base = rule.item, get_args(base)[0]
            if isinstance(rule, NestedObject):
                waiting.append(base)
    return found


COMMANDS = commands()


@pytest.mark.parametrize("name", COMMANDS)
def test_a14_every_limit_of_an_input_is_told(name: str) -> None:
    """An input's members; of a bulk, which has no input, the arguments."""
    command = COMMANDS[name]
    if name in CORE.type_map:
        members = CORE.type_map[name].fields
    else:
        root = next(each for each in USE_CASES.values() if each.command is command)
        assert root.bulk
        assert CORE.mutation_type is not None
        members = next(
            field.args for field in CORE.mutation_type.fields.values() if field_of(field).source.use_case is root
        )
    described = {name.casefold(): member.description for name, member in members.items()}
    for spec in specs(command):
        description = described[spec.name.replace("_", "").casefold()]
        untold = limits_of(spec.rule) - numbers_in(description) - {INT_MAX}
        assert not untold, (name, spec.name, untold)


def test_a14_an_amount_of_money_tells_its_limits() -> None:
    members = CORE.type_map["MoneyInput"].fields
    assert limits_of(Amount(description="")) <= numbers_in(members["amount"].description)


def test_the_walk_finds_limits_of_every_kind_of_rule() -> None:
    assert limits_of(Metadata(description="")) == {50, 64, 16_384}
    assert limits_of(Amount(description="")) == {10**13, 10**12, 10**11}
    assert keywords_in(json.loads('{"items": {"maxLength": 5, "examples": [7]}, "maxItems": 3}')) == {5, 3}
    assert numbers_in("0 to 10,000; with at most 4 decimals, of 3, 5.") == {0, 10_000, 4, 3, 5}
