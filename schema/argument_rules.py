"""The rules of the arguments of resolvers: every text has a limit, described in the schema and checked before the
resolver runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from domain.kernel.errors import MalformedRequest, Problem
from domain.kernel.fields import DateTime, ListOf, LookupText, ReadContext, Rule, Text
from domain.kernel.listing.paging import MAX_LIMIT
from domain.kernel.validation import InvalidValueError
from resolvers.types import Cursor, Id
from resolvers.wire_format import WIRE_FORMAT

ID_MAX = 64
"""Characters of an id or a SKU."""
EVENT_CURSOR_MAX = 32
"""Characters of an event cursor."""


@dataclass(frozen=True, slots=True)
class ArgumentSpec:
    """An argument of a resolver. ``rule`` is None if the type alone defines its values."""

    name: str
    type: Any
    base: Any
    """The type without None."""
    rule: Rule | None
    description: str


def argument_specs(parameters: Sequence[inspect.Parameter]) -> list[ArgumentSpec]:
    """The specifications of these parameters.

    Raises TypeError for a parameter without a description, and for a text without limits.
    """
    return [_spec(parameter) for parameter in parameters]


def _spec(parameter: inspect.Parameter) -> ArgumentSpec:
    if get_origin(parameter.annotation) is not Annotated:
        raise TypeError(f"{parameter.name}: annotate it with its type and its description, or its rule")
    type_, note = get_args(parameter.annotation)
    options = get_args(type_) if NoneType in get_args(type_) else (type_,)
    (base,) = (option for option in options if option is not NoneType)
    rule = note if isinstance(note, Rule) else _default_rule(base, note)
    if rule is None and str in (base, *get_args(base)):
        raise TypeError(f"{parameter.name}: annotate a text with its rule")
    return ArgumentSpec(parameter.name, type_, base, rule, note.description if isinstance(note, Rule) else note)


def _default_rule(base: Any, description: str) -> Rule | None:
    """The rule of a type that has a default rule."""
    if base is Id:
        return LookupText(max=ID_MAX, description=description)
    if base is Cursor:
        return Text(max=EVENT_CURSOR_MAX, description=description)
    if base is datetime:
        return DateTime(description=description)
    if get_origin(base) is list and get_args(base)[0] is Id:
        return ListOf(
            item=LookupText(max=ID_MAX, description="The id of an object."), max=MAX_LIMIT, description=description
        )
    return None


def reading_arguments(function: Callable[..., Any], specs: Sequence[ArgumentSpec]) -> Callable[..., Any]:
    """Wrap ``function`` so that its arguments are checked. Raises MalformedRequest, naming every invalid argument."""
    ruled = [(spec.name, spec.rule, spec.base) for spec in specs if spec.rule is not None]
    if not ruled:
        return function

    @wraps(function)
    def checked(*context: Any, **arguments: Any) -> Any:
        return function(*context, **_read(ruled, arguments))

    return checked


def _read(ruled: Sequence[tuple[str, Rule, Any]], arguments: Mapping[str, Any]) -> dict[str, Any]:
    reading, values = ReadContext(WIRE_FORMAT, ""), dict(arguments)
    for name, rule, base in ruled:
        if arguments.get(name) is None:
            continue
        try:
            values[name] = rule.read(arguments[name], base, (name,), reading)
        except InvalidValueError as refused:
            reading.problems.append(Problem((name,), refused.code, refused.message))
    if reading.problems:
        raise MalformedRequest.naming(reading.problems)
    return values
