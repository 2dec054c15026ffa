"""The scopes that the response of a mutation requires: path by path, since they depend on the origin of an object.

A created object is shown, with all that it owns, to a caller who could create it. Of an object that existed, a caller
without the read scope is shown its id and version, and the written members: those of the input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from gateway.execution.engine import UnreadableMember
from resolvers.sources import ChangedRowSource
from schema.strawberry_internals import field_of

Scopes = tuple[str, ...]
_ALWAYS = frozenset({"id", "version"})
"""The members of every changed object that are shown."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a selection stands."""

    root: FieldNode | None = None
    """The field of Mutation that it is below; None at the root itself."""
    source: ChangedRowSource | None = None
    """The origin of the object: created, or changed; None for anything else."""
    is_payload: bool = False


@dataclass(slots=True)
class PayloadScopes:
    """The requirements of the operation, as far as its text determines them."""

    scopes: dict[Scopes, None] = field(default_factory=dict)
    """Of each group, one."""
    waived: dict[Scopes, None] = field(default_factory=dict)
    """The scopes of fields of created objects, which are not required here."""
    unread: list[UnreadableMember] = field(default_factory=list)


def needs_of(
    schema: GraphQLSchema, definition: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> PayloadScopes:
    """The requirements of a mutation. Every selection is visited once per origin, however often it is spread."""
    needs = PayloadScopes()
    seen: set[tuple[int, str, int, int]] = set()
    assert schema.mutation_type is not None  # noqa: S101 - the operation was validated
    waiting: list[tuple[GraphQLNamedType, SelectionSetNode, _Place]] = [
        (schema.mutation_type, definition.selection_set, _Place())
    ]
    while waiting:
        type_, selections, place = waiting.pop()
        key = (id(selections), type_.name, id(place.root), id(place.source) if place.source else place.is_payload)
        if key in seen:
            continue
        seen.add(key)
        for node in selections.selections:
            if isinstance(node, FieldNode):
                waiting.extend(_field(needs, type_, node, place))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inner = type_ if condition is None else schema.type_map[condition.name.value]
                waiting.append((inner, node.selection_set, place))
            elif isinstance(node, FragmentSpreadNode):
                fragment = fragments[node.name.value]
                waiting.append((schema.type_map[fragment.type_condition.name.value], fragment.selection_set, place))
    return needs


def _field(
    needs: PayloadScopes, type_: GraphQLNamedType, node: FieldNode, place: _Place
) -> Iterator[tuple[GraphQLNamedType, SelectionSetNode, _Place]]:
    """Note what a field needs; what it selects itself is still to be looked at."""
    known = type_.fields if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) else {}
    definition = known.get(node.name.value)
    if definition is None:  # __typename
        return
    declared = field_of(definition)
    inner = get_named_type(definition.type)
    below = _below(needs, node, declared, place)
    if place.is_payload and isinstance(inner, GraphQLObjectType) and "userErrors" in inner.fields:
        below = place  # the outcome of each of many inputs is a payload itself
    if node.selection_set is not None:
        yield inner, node.selection_set, below


def _below(needs: PayloadScopes, node: FieldNode, declared: Any, place: _Place) -> _Place:
    scopes: Scopes = getattr(declared, "scopes", ())
    if place.root is None:
        needs.scopes[scopes] = None
        return _Place(node, is_payload=True)
    if place.is_payload:
        source = getattr(declared, "source", None)
        return _Place(place.root, source if isinstance(source, ChangedRowSource) else None)
    if place.source is not None and place.source.created:
        if not scopes:
            return place
        if declared.is_owned and scopes == place.source.read.scopes:
            needs.waived[scopes] = None
            return place
    elif place.source is not None and not scopes and node.name.value not in _ALWAYS:
        shown = node.name.value in place.source.written
        if not shown and place.source.read.scopes:
            derivations = place.source.derivations(node.name.value)
            needs.unread.append(UnreadableMember(place.root, node.name.value, place.source.read.scopes, derivations))
    if scopes:
        needs.scopes[scopes] = None
    return _Place(place.root)
