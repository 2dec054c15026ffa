"""Inputs, generated from the commands of the domain: names, types, limits and defaults are written there, once."""

from __future__ import annotations

import inspect
from dataclasses import MISSING
from datetime import datetime
from decimal import Decimal
from typing import Any, get_args

import strawberry

from domain.kernel.event_log import CURSOR_PATTERN
from domain.kernel.fields import (
    UNSET,
    Amount,
    Attributes,
    Base64,
    Boolean,
    Choice,
    Country,
    DateBound,
    DateTime,
    Email,
    FieldSpec,
    Integer,
    ListOf,
    Metadata,
    MinorAmount,
    NestedObject,
    Number,
    Percent,
    Phone,
    Rule,
    Text,
    Url,
    describe_limits,
    specs,
)
from domain.kernel.use_cases.registry import USE_CASES
from resolvers.types import Cursor, Id
from resolvers.wire_format import WIRE_FORMAT
from schema.scalars import Base64 as Base64Scalar
from schema.scalars import Currency, Json
from schema.scalars import Url as UrlScalar
from schema.strawberry_internals import DeclaredField, keep_input_as_mapping


@keep_input_as_mapping
@strawberry.input(description="An amount of money.")
class MoneyInput:
    """The input of ``Amount`` fields."""

    amount: Decimal = strawberry.field(
        description="The amount in major units, such as `199.99`. " + describe_limits(Amount(description=""))
    )
    currency: Currency | None = strawberry.field(
        description="The currency. Default: the currency of the store.", default=strawberry.UNSET
    )


_INPUTS: dict[type[Any], type[Any]] = {}


def input_of(command: type[Any]) -> type[Any]:
    """The GraphQL input of a command: ``CreateProductInput`` for ``CreateProduct``. Filters keep their name."""
    if command not in _INPUTS:
        fields = {spec.name: _field(spec) for spec in specs(command)}
        annotations = {spec.name: _annotation(spec) for spec in specs(command)}
        description = _description(command)
        # Without a docstring, the dataclass would be given its signature, which takes as long as its methods.
        declared = {"__annotations__": annotations, "__module__": __name__, "__doc__": description or "", **fields}
        input_type = type(_name(command), (), declared)
        _INPUTS[command] = keep_input_as_mapping(strawberry.input(input_type, description=description))
    return _INPUTS[command]


def _name(command: type[Any]) -> str:
    name = command.__name__
    return name if name.endswith(("Input", "Filter")) else f"{name}Input"


def _description(command: type[Any]) -> str | None:
    """``Input of `createProduct`.`` for the command of a use case; the docstring of any other command."""
    if not any(entry.command is command for entry in USE_CASES.values()):
        return inspect.getdoc(command)
    name = command.__name__
    return f"Input of `{name[0].lower()}{name[1:]}`."


def _field(spec: FieldSpec) -> Any:
    default = spec.default
    name = WIRE_FORMAT.name(spec.name) if spec.name.endswith("_") else None
    if spec.required or default is UNSET:
        default = MISSING if spec.required else strawberry.UNSET
    elif isinstance(default, tuple):
        return DeclaredField(graphql_name=name, description=describe_rule(spec.rule), default_factory=list)
    return DeclaredField(graphql_name=name, description=describe_rule(spec.rule), default=default)


def _annotation(spec: FieldSpec) -> Any:
    """Nullable if the field may be null, or may be omitted and has no default."""
    type_ = _type(spec.rule, spec.base, spec.name)
    return type_ | None if spec.nullable or (not spec.required and spec.default is UNSET) else type_


def _type(rule: Rule, base: Any, name: str) -> Any:
    match rule:
        case ListOf():
            return list[_type(rule.item, get_args(base)[0], "")]  # type: ignore[misc]  # built, not written
        case NestedObject():
            return input_of(base)
        case Choice():
            return base
        case Text(pattern=pattern) if pattern == CURSOR_PATTERN:
            return Cursor
        case Text() if name == "id" or name.endswith("_id"):
            return Id
        case _:
            return _TYPES[type(rule)]


_TYPES: dict[type[Rule], Any] = {
    Text: str,
    Url: UrlScalar,
    Email: str,
    Phone: str,
    Country: str,
    Integer: int,
    Boolean: bool,
    Amount: MoneyInput,
    MinorAmount: MoneyInput,
    Percent: Decimal,
    Number: Decimal,
    DateTime: datetime,
    DateBound: datetime,
    Attributes: Json,
    Metadata: Json,
    Base64: Base64Scalar,
}


def describe_rule(rule: Rule) -> str:
    """The description of a rule, followed by its limits."""
    return " ".join(part for part in (rule.description, describe_limits(rule)) if part)
