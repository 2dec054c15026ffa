"""Examples of documents and bodies, built from the examples of their members."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

from domain.kernel.documents import Document, Member
from domain.kernel.fields import (
    UNSET,
    Amount,
    FieldLocation,
    FieldSpec,
    Json,
    ListOf,
    MinorAmount,
    NestedObject,
    Number,
    Rule,
    specs,
)
from rest_compat.command_binding import body_fields
from rest_compat.wire_format import WIRE_FORMAT


def document_example(document: type[Document], *, fresh: bool) -> Json:
    """The example of a document; ``fresh``: with the members that only the response to its creation has."""
    return {
        name: _of_member(member, fresh=fresh)
        for name, member in document.members.items()
        if fresh or not (member.only_new or member.scopes)
    }


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
        if rule.example_fields:
            return {name: example[name] for name in rule.example_fields}
        return dict(list(example.items())[:1]) if rule.one_of else example
    if isinstance(rule, ListOf):
        item = rule_example(rule.item, get_args(base)[0])
        return UNSET if item is UNSET else [item]
    if rule.example is None:
        return UNSET
    if isinstance(rule, MinorAmount):
        return rule.minor_example
    return float(Decimal(rule.example)) if isinstance(rule, Amount | Number) else rule.example


def _of_member(member: Member, *, fresh: bool) -> Any:
    if not member.documents:
        return member.example
    example = document_example(member.documents[0], fresh=fresh)
    return [example] if member.is_list else example
