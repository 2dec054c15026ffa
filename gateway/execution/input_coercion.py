"""Input values of valid requests, converted by functions made once a type.

graphql-core asks each value for its type anew, and first measures how deep it is. What is not plainly valid is left to
it, which reports the errors; so are types that may contain themselves, whose depth it limits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeGuard

from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
    get_named_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from graphql.utilities.coerce_input_value import coerce_default_value

Coerce = Callable[[Any], Any]
_AS_THEY_ARE: Mapping[object, type] = {GraphQLString: str, GraphQLID: str, GraphQLBoolean: bool}


class UnusualValueError(Exception):
    """A value that graphql-core must look at."""


@cache
def coercer_of(type_: GraphQLInputType) -> Coerce | None:
    """The function that converts values of a type; it raises any exception for one that is not plainly valid.

    None for types that may contain themselves, and where exactly one field is to be given.
    """
    return None if _is_open(type_, ()) else _coercer(type_)


def _is_open(type_: GraphQLInputType, within: tuple[object, ...]) -> bool:
    named = get_named_type(type_)
    if not _is_object(named):
        return False
    if named.is_one_of or named in within:
        return True
    return any(_is_open(field.type, (*within, named)) for field in named.fields.values())


def _is_object(type_: object) -> TypeGuard[GraphQLInputObjectType]:
    return is_input_object_type(type_)


def _coercer(type_: GraphQLInputType) -> Coerce:
    if is_non_null_type(type_):
        return _required(_coercer(type_.of_type))
    if is_list_type(type_):
        return _list(_coercer(type_.of_type))
    if is_input_object_type(type_):
        return _object(type_)
    assert is_leaf_type(type_)  # noqa: S101 - there are no other input types
    return _leaf(type_)


def _required(inner: Coerce) -> Coerce:
    def coerce(value: Any) -> Any:
        if value is None:
            raise UnusualValueError
        return inner(value)

    return coerce


def _list(item: Coerce) -> Coerce:
    def coerce(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not list:
            raise UnusualValueError
        return [item(each) for each in value]

    return coerce


def _leaf(type_: GraphQLLeafType) -> Coerce:
    convert, plain = type_.coerce_input_value, _AS_THEY_ARE.get(type_)

    def coerce(value: Any) -> Any:
        if value is None or type(value) is plain:
            return value
        converted = convert(value)
        if converted is Undefined:
            raise UnusualValueError
        return converted

    return coerce


def _object(type_: GraphQLInputObjectType) -> Coerce:
    fields = {name: (field.out_name or name, _coercer(field.type)) for name, field in type_.fields.items()}
    absent = {name: field for name, field in type_.fields.items() if _matters_if_omitted(field)}
    build = type_.out_type

    def coerce(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not dict or not value.keys() <= fields.keys():
            raise UnusualValueError
        found = {fields[name][0]: fields[name][1](value[name]) for name in fields if name in value}
        for name in absent.keys() - value.keys():
            found[fields[name][0]] = _default(absent[name])
        return build(found)

    return coerce


def _matters_if_omitted(field: GraphQLInputField) -> bool:
    """Whether the field is required or has a default."""
    return is_required_input_field(field) or coerce_default_value(field) is not Undefined


def _default(field: GraphQLInputField) -> Any:
    if is_required_input_field(field):
        raise UnusualValueError
    return coerce_default_value(field)
