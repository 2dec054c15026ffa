"""Examples of documents and bodies, built from the examples of their members."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

from domain.kernel.fields import (
    UNSET,
    Amount,
    FieldLocation,
    FieldSpec,
    Json,
    ListOf,
    NestedObject,
    Number,
    Rule,
    specs,
)
from domain.kernel.serialization import FieldDoc
from rest_compat.command_binding import body_fields
from rest_compat.wire_format import WIRE_FORMAT


def document_example(kind: type[Any], *, fresh: bool) -> Json:
    """The example of a document; ``fresh``: with the members that only the response to its creation has."""
    example: Json = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        optional = get_origin(hint) is NotRequired
        if optional and not fresh:
            continue
        inner, shown = get_args(get_args(hint)[0] if optional else hint)
        example[name] = _of_type(inner, shown, fresh=fresh)
    return example


def body_example(command: type[Any], *, inner: bool = False) -> Json:
    """The example of a body, with every field that has one; without the version, since a copied one would be stale.

    ``inner``: within another body, where no path gives any of its fields.
    """
    example: Json = {}
    for spec in specs(command) if inner else body_fields(command):
        if spec.rule.place is not FieldLocation.VERSION:
            found = rule_example(spec.rule, spec.base)
            if found is not UNSET:
                example[WIRE_FORMAT.name(spec.name)] = found
    return example


def parameter_example(spec: FieldSpec) -> Any:
    """A query parameter, or UNSET."""
    found = rule_example(spec.rule, spec.base)
    return ",".join(found) if isinstance(found, list) else found


def rule_example(rule: Rule, base: Any) -> Any:
    """The example of a rule, or UNSET if it has none."""
    if isinstance(rule, NestedObject):
        example = body_example(base, inner=True)
        return dict(list(example.items())[:1]) if rule.one_of else example
    if isinstance(rule, ListOf):
        item = rule_example(rule.item, get_args(base)[0])
        return UNSET if item is UNSET else [item]
    if rule.example is None:
        return UNSET
    return float(Decimal(rule.example)) if isinstance(rule, Amount | Number) else rule.example


def _of_type(kind: Any, shown: FieldDoc, *, fresh: bool) -> Any:
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) is list and is_typeddict(get_args(kind)[0]):
        return [document_example(get_args(kind)[0], fresh=fresh)]
    if is_typeddict(kind):
        return document_example(kind, fresh=fresh)
    return shown.example
