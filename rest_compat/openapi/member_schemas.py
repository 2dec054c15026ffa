"""JSON Schemas (2020-12) of the members of documents."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, get_args, get_origin

from domain.kernel.documents import (
    AmountMember,
    BooleanMember,
    ComputedMember,
    DecimalMember,
    Document,
    EnumMember,
    FoundListMember,
    FoundMember,
    InstantMember,
    IntegerMember,
    JsonMember,
    Member,
    TextListMember,
)
from domain.kernel.fields import Json
from domain.kernel.serialization import DecimalJson

NULL: Json = {"type": "null"}
_TYPES: dict[Any, Json] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    DecimalJson: {"type": "number", "minimum": 0},
    Any: {},
}
Refer = Callable[[type[Document]], Json]
"""Makes a reference to the schema of a document."""


def member_schema(member: Member, refer: Refer) -> Json:
    """The schema of a member, with null if it is nullable."""
    schema = _value(member, refer)
    return described_schema(or_null(schema) if member.nullable else schema, member.description, member.example)


def type_schema(kind: Any) -> Json:
    """The schema of a type of Python."""
    if kind in _TYPES:
        return _TYPES[kind]
    if get_origin(kind) is list:
        return {"type": "array", "items": type_schema(get_args(kind)[0])}
    if get_origin(kind) is dict:
        return {"type": "object", "additionalProperties": type_schema(get_args(kind)[1])}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [member.value for member in kind]}
    raise TypeError(f"no schema for {kind!r}")


def _value(member: Member, refer: Refer) -> Json:
    if member.documents:
        item = refer(member.documents[0])
        return {"type": "array", "items": item} if member.is_list else item
    match member:
        case EnumMember() | ComputedMember():
            return type_schema(member.type)
        case TextListMember():
            return {"type": "array", "items": type_schema(member.type)}
        case IntegerMember():
            return type_schema(int)
        case BooleanMember():
            return type_schema(bool)
        case AmountMember() | DecimalMember():
            return type_schema(DecimalJson)
        case InstantMember():
            return {"type": "string", "format": "date-time"}
        case JsonMember():
            return {"type": "object", "additionalProperties": type_schema(member.values)}
        case FoundListMember():
            return {"type": "array", "items": _value(member.of, refer)}
        case FoundMember():
            return _value(member.of, refer)
        case _:
            return type_schema(str)


def or_null(schema: Json) -> Json:
    """The schema of what may also be null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, NULL]}


def described_schema(schema: Json, description: str, example: Any) -> Json:
    """The schema with a description and an example."""
    return {**schema, "description": description, **({} if example is None else {"examples": [example]})}
