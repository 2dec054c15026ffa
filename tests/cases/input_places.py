"""Every place of both surfaces where a caller puts a value: found in the schema and in the routes, never listed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
)

from domain.kernel.documents import Document
from domain.kernel.fields import FieldSpec, ListOf, NestedObject, Rule, specs
from rest_compat import ENDPOINTS
from rest_compat.actions import CalculationAction, CallerAction, ItemAction, PageAction, StreamAction, WriteAction
from rest_compat.command_binding import CommandBinding, body_fields
from rest_compat.endpoint import Endpoint
from rest_compat.get_handler import single_parameters
from rest_compat.openapi.examples import body_example
from rest_compat.paging import list_parameters
from rest_compat.wire_format import WIRE_FORMAT
from schema.relay import Node
from tests.contract.operations import CORE, made_up, selection

USER_ERRORS = "{ userErrors { code message field } }"
Build = Callable[[Any], Any]
"""A value put in its place: the whole argument, or the whole body, with all that is required beside it."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place for a value."""

    path: tuple[str, ...]
    build: Build
    scalar: str = ""
    """The GraphQL type that stands there; empty in REST."""
    nullable: bool = False
    rule: Rule | None = None
    """The rule that holds there; None in GraphQL."""
    base: Any = None

    @property
    def name(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the schema that takes arguments, and how it is reached."""

    kind: str
    """query, mutation or subscription."""
    name: str
    field: GraphQLField
    owner: str = ""
    """The type it is a field of, when it is none of the roots."""

    @property
    def label(self) -> str:
        return f"{self.owner or self.kind}.{self.name}"

    def operation(self, arguments: Mapping[str, Any], ids: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        """The document and its variables; what else is required is made up, or the id of something that is there."""
        types = {name: argument.type for name, argument in self.field.args.items()}
        needed = {name: type_ for name, type_ in types.items() if isinstance(type_, GraphQLNonNull)}
        variables = {name: made_up(type_) for name, type_ in needed.items()} | dict(arguments)
        declared = ", ".join(f"${name}: {types[name]}" for name in variables)
        passed = ", ".join(f"{name}: ${name}" for name in variables)
        call = f"{self.name}({passed})" if passed else self.name
        head = f"{self.kind} ({declared})" if declared else self.kind
        shown = USER_ERRORS if self.kind == "mutation" else selection(self.field.type)
        chosen = f"{call} {shown}"
        if self.owner:
            chosen = f'node(id: "{ids[prefix_of(self.owner)]}") {{ ... on {self.owner} {{ {chosen} }} }}'
        return f"{head} {{ {chosen} }}", variables

    def places(self) -> Iterator[Place]:
        """The places within its arguments."""
        for name, argument in self.field.args.items():
            yield from graphql_places(argument.type, (name,))


def prefix_of(type_name: str) -> str:
    """The prefix of the ids of a node type."""
    return next(prefix for prefix, name in Node.PREFIXES.items() if name == type_name)


def fields_with_arguments() -> Iterator[Field]:
    """Every field of the schema that takes arguments: root fields, and those of nodes."""
    roots = (("query", CORE.query_type), ("mutation", CORE.mutation_type), ("subscription", CORE.subscription_type))
    for kind, root in roots:
        assert root is not None
        for name, field in root.fields.items():
            if field.args:
                yield Field(kind, name, field)
    for type_ in CORE.type_map.values():
        if isinstance(type_, GraphQLObjectType) and type_.name in Node.PREFIXES.values():
            for name, field in type_.fields.items():
                if field.args:
                    yield Field("query", name, field, type_.name)


def graphql_places(type_: Any, path: tuple[str, ...], build: Build = lambda value: value) -> Iterator[Place]:
    """A type's own place, and those within it."""
    nullable = not isinstance(type_, GraphQLNonNull)
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(inner, GraphQLList):
        yield Place(path, build, "list", nullable)
        yield from graphql_places(inner.of_type, path, lambda value: build([value]))
    elif isinstance(inner, GraphQLInputObjectType):
        yield Place(path, build, "object", nullable)
        base = made_up(inner)
        for name, field in inner.fields.items():
            yield from graphql_places(
                field.type,
                (*path, name),
                lambda value, name=name: build({**base, name: value}),  # type: ignore[misc]
            )
    else:
        assert isinstance(inner, GraphQLScalarType | GraphQLEnumType)
        yield Place(path, build, inner.name, nullable)


def body_places(endpoint: Endpoint) -> Iterator[Place]:
    """The places of a body, those of members that may only be sent back unchanged among them."""
    command = endpoint.body
    if command is None:
        return
    assert isinstance(endpoint.action, WriteAction | CalculationAction)
    example = body_example(command)
    yield from _command_places(command, (), lambda value: {**example, **value})
    mirror = CommandBinding.of(endpoint, endpoint.action).mirror
    if mirror is not None:
        for name in sorted(mirror.read_only):
            yield Place((name,), lambda value, name=name: {**example, name: value})  # type: ignore[misc]


def _command_places(command: type[Any], path: tuple[str, ...], build: Build) -> Iterator[Place]:
    for spec in body_fields(command):
        named = _named(WIRE_FORMAT.name(spec.name), build)
        yield from _rule_places(spec.rule, spec.base, (*path, WIRE_FORMAT.name(spec.name)), named, spec.nullable)


def _named(name: str, build: Build) -> Build:
    return lambda value: build({name: value})


def _rule_places(rule: Rule, base: Any, path: tuple[str, ...], build: Build, nullable: bool = False) -> Iterator[Place]:
    yield Place(path, build, nullable=nullable, rule=rule, base=base)
    if isinstance(rule, ListOf):
        yield from _rule_places(rule.item, get_args(base)[0], path, lambda value: build([value]))
    elif isinstance(rule, NestedObject):
        example = body_example(base)
        yield from _command_places(base, path, lambda value: build({**example, **value}))


def query_parameters(endpoint: Endpoint) -> Sequence[FieldSpec]:
    """What may stand in the query of an endpoint."""
    match endpoint.action:
        case PageAction():
            return list_parameters(endpoint.action)
        case ItemAction() | CallerAction():
            return single_parameters(endpoint.action)
        case StreamAction():
            return specs(endpoint.action.parameters)
        case CalculationAction() if endpoint.body is None:
            return specs(endpoint.action.calculation.command)
        case _:
            return ()


@cache
def snake_names() -> frozenset[str]:
    """Every name of REST and Python that GraphQL writes otherwise."""
    return frozenset(name for name in _rest_names() if "_" in name)


@cache
def camel_names() -> frozenset[str]:
    """Every name of the schema that REST writes otherwise: arguments, and fields of inputs."""
    found = {name for field in fields_with_arguments() for name in field.field.args}
    for type_ in CORE.type_map.values():
        if isinstance(type_, GraphQLInputObjectType):
            found |= {*type_.fields, type_.name}
    return frozenset(name for name in found if name.lower() != name)


def _rest_names() -> Iterator[str]:
    for endpoint in ENDPOINTS:
        yield from (spec.name for spec in query_parameters(endpoint))
        if isinstance(endpoint.action, WriteAction):
            yield from _command_names(endpoint.action.use_case.command)
        elif isinstance(endpoint.action, CalculationAction):
            yield from _command_names(endpoint.action.calculation.command)
        yield from _document_names(endpoint.response)


def _command_names(command: type[Any]) -> Iterator[str]:
    for spec in specs(command):
        yield spec.name
        rule, base = spec.rule, spec.base
        while isinstance(rule, ListOf):
            rule, base = rule.item, get_args(base)[0]
        if isinstance(rule, NestedObject):
            yield from _command_names(base)


def _document_names(kind: Any) -> Iterator[str]:
    if get_origin(kind) is list:
        yield from _document_names(get_args(kind)[0])
    elif isinstance(kind, type) and issubclass(kind, Document):
        yield from kind.members
