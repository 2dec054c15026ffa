"""GraphQL operations made from the schema itself, for tests that must cover every field there is or will be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from schema import schema
from schema.relay import Node
from schema.row_field import RowField
from schema.strawberry_internals import core_schema, field_of

CORE: GraphQLSchema = core_schema(schema)

SCALARS: Mapping[str, Any] = {
    "ID": "prod_00000000000000000000000000",
    "Int": 1,
    "Float": 1.5,
    "Boolean": True,
    "Decimal": "1.00",
    "BigInt": 1,
    "JSON": {},
    "Base64": "TWluZQ==",
    "URL": "https://images.example.com/1.jpg",
    "Currency": "GBP",
    "DateTime": "2100-01-01T00:00:00.000Z",
}
OF_TEST_STORES = frozenset({"payments:write", "shipping:write"})
"""The scopes of what only test stores have whole: the sandbox, and shipments moved by hand."""


@dataclass(frozen=True, slots=True)
class RootField:
    """A field of Query or Mutation, and an operation that selects it with nothing but what it requires."""

    kind: str
    name: str
    field: GraphQLField

    @property
    def source(self) -> Any:
        return field_of(self.field).source

    @property
    def scopes(self) -> tuple[str, ...]:
        field = field_of(self.field)
        assert isinstance(field, RowField)
        return field.scopes

    @property
    def pays(self) -> bool:
        """Whether it pays, ships or tells the sandbox: live stores have no processor here, and no sandbox at all."""
        use_case = getattr(self.source, "use_case", None)
        return use_case is not None and use_case.scope in OF_TEST_STORES

    def operation(self, values: Mapping[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        """The document and its variables; ``values`` by argument stand in for the made-up ones."""
        given = {name: value for name, value in (values or {}).items() if name in self.field.args}
        arguments = {name: argument.type for name, argument in self.field.args.items()}
        needed = {name: type_ for name, type_ in arguments.items() if isinstance(type_, GraphQLNonNull)}
        variables = {name: made_up(type_) for name, type_ in needed.items()} | given
        declared = ", ".join(f"${name}: {arguments[name]}" for name in variables)
        passed = ", ".join(f"{name}: ${name}" for name in variables)
        call = f"{self.name}({passed})" if passed else self.name
        head = f"{self.kind} ({declared})" if declared else self.kind
        return f"{head} {{ {call} {selection(self.field.type)} }}", variables


def mutation_of(root: RootField, given: Mapping[str, Any], selected: str) -> dict[str, Any]:
    """A request for a mutation: ``given`` is its input; of a bulk they are its arguments."""
    values = dict(given) if root.source.use_case.bulk else {"input": dict(given)}
    declared = ", ".join(f"${name}: {root.field.args[name].type}" for name in values)
    passed = ", ".join(f"{name}: ${name}" for name in values)
    return {"query": f"mutation ({declared}) {{ {root.name}({passed}) {{ {selected} }} }}", "variables": values}


def root_fields() -> Iterator[RootField]:
    """Every field of Query and Mutation."""
    for kind, type_ in (("query", CORE.query_type), ("mutation", CORE.mutation_type)):
        assert type_ is not None
        for name, field in type_.fields.items():
            yield RootField(kind, name, field)


def scoped_fields() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Below the roots: a query that selects a field with scopes of its own, its name and its scopes."""
    for type_ in CORE.type_map.values():
        if not isinstance(type_, GraphQLObjectType) or type_.name not in Node.PREFIXES.values():
            continue
        for name, field in type_.fields.items():
            declared = field_of(field)
            if isinstance(declared, RowField) and declared.scopes:
                chosen = f"... on {type_.name} {{ {name} {selection(field.type)} }}"
                yield f'{{ node(id: "{SCALARS["ID"]}") {{ {chosen} }} }}', f"{type_.name}.{name}", declared.scopes


def selection(type_: Any) -> str:
    """The smallest selection of a type, and of no field that needs a scope of its own where that can be helped."""
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    assert isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
    if isinstance(named, GraphQLInterfaceType):
        return "{ __typename }"
    free = {name: field for name, field in named.fields.items() if not getattr(field_of(field), "scopes", ())}
    for name, field in free.items():
        if is_leaf_type(get_named_type(field.type)):
            return f"{{ {name} }}"
    if not free:
        return "{ __typename }"
    name, field = next(iter(free.items()))
    return f"{{ {name} {selection(field.type)} }}"


def made_up(type_: Any) -> Any:
    """A value that the type takes, with only what it requires."""
    if isinstance(type_, GraphQLNonNull):
        return made_up(type_.of_type)
    if isinstance(type_, GraphQLList):
        return [made_up(type_.of_type)]
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        required = {name: field for name, field in type_.fields.items() if isinstance(field.type, GraphQLNonNull)}
        return {name: made_up(field.type) for name, field in required.items() if field.default_value is not None}
    assert isinstance(type_, GraphQLScalarType)
    return SCALARS.get(type_.name, "some-text")
