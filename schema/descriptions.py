"""Descriptions in the names of the schema.

Many texts are those of commands, which REST shares: a name in backquotes is a Python name or a stored value, as in
messages of errors. Once the schema is built, every name is known: members become camelCase, values of enums upper case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)

from domain.kernel.errors import with_names
from schema.strawberry_internals import python_name_of

Names = Mapping[str, str]
"""Names of the schema by those of the domain."""


def translate_descriptions(schema: GraphQLSchema) -> None:
    """Write the names of ``schema`` into its descriptions."""
    types = [type_ for name, type_ in schema.type_map.items() if not name.startswith("__")]
    members: dict[str, str] = {}
    for type_ in types:
        for field in _fields(type_).values():
            members |= _member_names(_arguments(field))
        members |= _member_names(_fields(type_))
    for type_ in types:
        if isinstance(type_, GraphQLEnumType):
            _translate([type_, *type_.values.values()], members | _value_names(type_))
        else:
            _translate_fields(type_, members, is_root=type_ is schema.mutation_type)


def _translate_fields(type_: GraphQLNamedType, members: Names, *, is_root: bool) -> None:
    """``is_root``: the fields of the type are operations, which have no names in common."""
    fields = _fields(type_)
    near = {} if is_root else _names_near(fields)
    _translate([type_], {**members, **near})
    for field in fields.values():
        arguments = _arguments(field)
        if not any("`" in (each.description or "") for each in (field, *arguments.values())):
            continue  # four fifths of them name nothing
        names = {**members, **near, **(_names_of_operation(field) if is_root else {}), **_names_near(arguments)}
        _translate([field], names | _value_names(get_named_type(field.type)))
        for argument in arguments.values():
            _translate([argument], names | _value_names(get_named_type(argument.type)))


def _names_of_operation(field: GraphQLField | GraphQLInputField) -> dict[str, str]:
    """The names in what a mutation returns and reads: the objects of the payload, then the input."""
    names: dict[str, str] = {}
    for returned in _fields(get_named_type(field.type)).values():
        names |= _names_near(_fields(get_named_type(returned.type)))
    for argument in _arguments(field).values():
        names |= _names_near(_fields(get_named_type(argument.type)))
    return names


def _names_near(members: Mapping[str, Any]) -> dict[str, str]:
    """The names of these members, and the values of their enums that are no such name."""
    values = {key: name for each in members.values() for key, name in _value_names(get_named_type(each.type)).items()}
    return values | _member_names(members)


def _member_names(members: Mapping[str, Any]) -> dict[str, str]:
    return {python_name_of(each, name): name for name, each in members.items()}


def _value_names(type_: GraphQLNamedType) -> dict[str, str]:
    if not isinstance(type_, GraphQLEnumType):
        return {}
    return {str(value.value): name for name, value in type_.values.items()}


def _fields(type_: GraphQLNamedType) -> Mapping[str, GraphQLField | GraphQLInputField]:
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        return dict[str, GraphQLField | GraphQLInputField](type_.fields)
    return dict(type_.fields) if isinstance(type_, GraphQLInputObjectType) else {}


def _arguments(field: GraphQLField | GraphQLInputField) -> Mapping[str, GraphQLArgument]:
    return field.args if isinstance(field, GraphQLField) else {}


def _translate(described: Iterable[Any], names: Names) -> None:
    for each in described:
        if each.description is not None:
            each.description = with_names(each.description, lambda name: f"`{names.get(name, name)}`")
