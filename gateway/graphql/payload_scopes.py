"""What of a mutation's answer needs which scope: path by path, since it depends on where a thing comes from.

What a mutation made is shown, with all that it owns, to whoever could make it. Of what was there before, who may not
read it is shown its id and version, and what they have written: the members that their input gives.
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
"""What is shown of whatever was changed."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a selection stands."""

    root: FieldNode | None = None
    """The field of Mutation that it is below; None at the root itself."""
    source: ChangedRowSource | None = None
    """What the thing is that it selects of: something made, or something changed; None for anything else."""
    is_payload: bool = False


@dataclass(slots=True)
class PayloadScopes:
    """What the operation needs, as far as its text tells."""

    scopes: dict[Scopes, None] = field(default_factory=dict)
    """Of each group, one."""
    waived: dict[Scopes, None] = field(default_factory=dict)
    """What fields of things just made would need elsewhere."""
    unread: list[UnreadableMember] = field(default_factory=list)


def needs_of(
    schema: GraphQLSchema, definition: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> PayloadScopes:
    """What a mutation needs. Every selection is looked at once for each place that it stands in, however often its
    fragment is used there."""
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
        below = place  # what came of each of many inputs is a payload itself
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
