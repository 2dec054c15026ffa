"""The errors of graphql-core about variables that do not fit their types, in terms of GraphQL instead of Python."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graphql import GraphQLEnumType, GraphQLError, GraphQLInputObjectType, GraphQLSchema

from domain.kernel.fields.suggestions import nearest

_FOUND = re.compile(r"(?<=: )(\{.*\}|\[.*\]|<.*>|None|True|False|Infinity|nan)(\.?)$", re.DOTALL)
"""A value as Python prints it, at the end of a message; texts and whole numbers it prints as GraphQL does."""
_ENUM = re.compile(r"Value '(.{1,64}?)' does not exist in '(\w+)' enum\.$", re.DOTALL)
_FIELD = re.compile(r"type '(\w+)' not to include unknown field '(.{1,64}?)'", re.DOTALL)
_SHOWN = {"{": "an object", "[": "a list", "<": "a number with a fraction"}


def reword_error(schema: GraphQLSchema, errors: list[GraphQLError]) -> list[GraphQLError]:
    """The errors, with messages in terms of GraphQL and the nearest name for an unknown one."""
    for error in errors:
        error.message = remove_python_terms(_suggesting(schema, error.message))
    return errors


def remove_python_terms(message: str) -> str:
    """A message of graphql-core's without the names that only Python has for values."""
    return _FOUND.sub(_shown, message.replace("not to be None", "not to be null"))


def _shown(found: re.Match[str]) -> str:
    value = found[1]
    return _SHOWN.get(value[0], "null" if value == "None" else value.lower()) + found[2]


def _suggesting(schema: GraphQLSchema, message: str) -> str:
    enum = _ENUM.search(message)
    if enum is not None and isinstance(type_ := schema.get_type(enum[2]), GraphQLEnumType):
        return f"{message}{_meant(enum[1], type_.values)}"
    field = _FIELD.search(message)
    if field is not None and isinstance(type_ := schema.get_type(field[1]), GraphQLInputObjectType):
        return f"{message[: field.end()]}.{_meant(field[2], type_.fields)}"
    return message


def _meant(word: str, words: Iterable[str]) -> str:
    near = nearest(word, words)
    return "" if near is None else f" Did you mean '{near}'?"
