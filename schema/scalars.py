"""Scalars: writing and reading single values. No number passes through a float."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from graphql import (
    BooleanValueNode,
    FloatValueNode,
    GraphQLError,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
)
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import ScalarDefinition

from domain.kernel.fields import clean_range_end
from domain.kernel.validation import InvalidValueError
from resolvers.types import Cursor, Id

Base64 = NewType("Base64", str)
BigInt = NewType("BigInt", int)
Currency = NewType("Currency", str)
Json = NewType("Json", object)
Url = NewType("Url", str)

_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
INSTANT_MAX = 64
"""Characters of a date-time as it is sent."""
_EXAMPLES = "2026-01-15T10:30:00Z or, for the end of a range, 2026-01-15"
_INT64 = range(-(2**63), 2**63)


def write_instant(instant: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: ``2026-01-15T10:30:00.000Z``."""
    utc = instant if instant.tzinfo is UTC else instant.astimezone(UTC)
    return f"{utc.isoformat(timespec='milliseconds')[:23]}Z"


def read_instant(value: object) -> str:
    """A date-time with offset, or a date, as it was sent. The rule of the field decides which of them it accepts and
    what it means. Raises GraphQLError.
    """
    if not isinstance(value, str) or len(value) > INSTANT_MAX:
        raise GraphQLError(f"DateTime: Write a string such as {_EXAMPLES}.")
    try:
        clean_range_end(value, last=False)
    except InvalidValueError:
        raise GraphQLError(f"DateTime: '{value}' is invalid. Write {_EXAMPLES}.") from None
    return value


def write_decimal(value: Decimal) -> str:
    """The number in plain digits, without an exponent."""
    return f"{value:f}"


def read_decimal(value: object) -> Decimal:
    """A number, as a string or as a JSON number. Raises GraphQLError."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    raise GraphQLError('Decimal: Write a number such as "199.99".')


def read_decimal_literal(node: ValueNode, _: Mapping[str, Any] | None = None) -> Decimal:
    """A number or string literal of the document, read digit by digit. Raises GraphQLError."""
    if isinstance(node, IntValueNode | FloatValueNode | StringValueNode):
        return read_decimal(node.value)
    raise GraphQLError('Decimal: Write a number such as "199.99".', node)


def read_big_int(value: object) -> int:
    """An integer of 64 bits. Raises GraphQLError."""
    if isinstance(value, int) and not isinstance(value, bool) and value in _INT64:
        return value
    raise GraphQLError("BigInt: Write an integer of at most 64 bits.")


def read_big_int_literal(node: ValueNode, _: Mapping[str, Any] | None = None) -> int:
    """As ``read_big_int``, for a literal of the document."""
    if isinstance(node, IntValueNode) and len(node.value) <= 20:
        return read_big_int(int(node.value))
    raise GraphQLError("BigInt: Write an integer of at most 64 bits.", node)


def read_text(value: object) -> str:
    """A string; its limits are checked where it is used. Raises GraphQLError."""
    if isinstance(value, str):
        return value
    raise GraphQLError("Must be a string.")


def read_currency(value: object) -> str:
    """A code of three letters, in any case. Raises GraphQLError."""
    if isinstance(value, str) and len(value) == 3 and value.isascii() and value.isalpha():
        return value.upper()
    raise GraphQLError("Currency: Write an ISO 4217 code such as GBP.")


def read_json(value: object) -> object:
    """Any JSON; its limits are checked where it is used."""
    return value


def read_json_literal(node: ValueNode, variables: Mapping[str, Any] | None = None) -> Any:
    """A JSON literal of the document, with fractions as Decimal."""
    match node:
        case ObjectValueNode():
            return {field.name.value: read_json_literal(field.value, variables) for field in node.fields}
        case ListValueNode():
            return [read_json_literal(item, variables) for item in node.values]
        case VariableNode():
            return (variables or {}).get(node.name.value)
        case IntValueNode():
            return int(node.value) if len(node.value) <= 40 else Decimal(node.value)
        case FloatValueNode():
            return Decimal(node.value)
        case NullValueNode():
            return None
        case StringValueNode() | BooleanValueNode():
            return node.value
    raise GraphQLError("JSON: An enum value is not JSON. Write a string.", node)


def identity(value: Any) -> Any:
    """The value unchanged: it is already a JSON value."""
    return value


def _scalar(name: str, description: str, url: str | None = None, **functions: Any) -> ScalarDefinition:
    scalar: ScalarDefinition = strawberry.scalar(name=name, description=description, specified_by_url=url, **functions)
    return scalar


SCALARS: Mapping[object, ScalarDefinition] = {
    Id: DEFAULT_SCALAR_REGISTRY[strawberry.ID],
    datetime: _scalar(
        "DateTime",
        "A point in time in RFC 3339 format, returned in UTC with milliseconds: `2026-01-15T10:30:00.000Z`. Inputs may "
        "use any offset. Ends of a range may also be a date such as `2026-01-15`, which means the whole day in UTC.",
        "https://scalars.graphql.org/andimarek/date-time",
        serialize=write_instant,
        parse_value=read_instant,
    ),
    Decimal: _scalar(
        "Decimal",
        'An exact decimal number, written as a string such as "199.99". Numbers are accepted as input.',
        serialize=write_decimal,
        parse_value=read_decimal,
        parse_literal=read_decimal_literal,
    ),
    BigInt: _scalar(
        "BigInt",
        "An integer of up to 64 bits, written as a JSON number. Amounts stay below 10^15.",
        serialize=identity,
        parse_value=read_big_int,
        parse_literal=read_big_int_literal,
    ),
    Json: _scalar(
        "JSON",
        "Any JSON value.",
        "https://www.rfc-editor.org/rfc/rfc8259",
        serialize=identity,
        parse_value=read_json,
        parse_literal=read_json_literal,
    ),
    Url: _scalar(
        "URL",
        "An absolute http or https URL.",
        "https://www.rfc-editor.org/rfc/rfc3986",
        serialize=identity,
        parse_value=read_text,
    ),
    Currency: _scalar(
        "Currency",
        "An ISO 4217 currency code in upper case, such as GBP.",
        "https://www.iso.org/iso-4217-currency-codes.html",
        serialize=identity,
        parse_value=read_currency,
    ),
    Base64: _scalar(
        "Base64",
        "Bytes in base64, with padding.",
        "https://www.rfc-editor.org/rfc/rfc4648#section-4",
        serialize=identity,
        parse_value=read_text,
    ),
    Cursor: _scalar("Cursor", "An opaque position in the event log.", serialize=identity, parse_value=read_text),
}
"""The scalar of each Python type that is annotated in this package."""
