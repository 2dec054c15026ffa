"""Introspection: its fields are taken out of an operation, costed, and answered from a cache.

The schema never changes while a process runs, so a response depends on the selection and its variables only.
graphql-core builds it once, in a thread: the whole schema takes 75 ms and more, which must not block the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

import orjson
from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    execute_sync,
    get_introspection_query,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    parse,
    print_ast,
)
from graphql.execution.values import VariableValues

from gateway.execution.graphql_internals import HIDDEN, FieldNodes, OperationFields, argument_values

INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})
CACHE_BYTES = 16 * 2**20
"""Bytes of the cached responses."""
STANDARD_POINTS = 5_000
"""Maximum cost of the standard introspection query, for a schema of any size: half of the limit of an operation."""
COUNTED = 20_000
"""Objects that are counted per operation; an operation with more is refused whatever they weigh."""


@dataclass(frozen=True, slots=True, eq=False)
class IntrospectionPart:
    """The introspection fields of a plan, separate from the rest."""

    document: DocumentNode
    """The same operation with its introspection alone."""
    text: str
    """The document in canonical form: equal documents share one response."""
    rest: DocumentNode | None
    """The operation without these fields; None if there are no others."""
    keys: tuple[str, ...]
    """All response keys of the operation, in their order."""
    own: frozenset[str]
    """Those of introspection."""
    points: int
    """The cost of the fields."""


def extract_introspection(merging: OperationFields, roots: Mapping[str, FieldNodes]) -> IntrospectionPart | None:
    """The introspection of an operation; None where it has none. ``roots``: its root fields by response key."""
    own = {key: nodes for key, nodes in roots.items() if nodes[0].node.name.value in INTROSPECTION_FIELDS}
    if not own:
        return None
    others = [nodes for key, nodes in roots.items() if key not in own]
    asked = _narrowed(merging, list(own.values()))
    counter = _Counter(merging)
    objects = sum(counter.root(nodes) for nodes in own.values())
    rest = _narrowed(merging, others) if others else None
    points = max(1, round(objects * _weight(merging.schema)))
    return IntrospectionPart(asked, print_ast(asked), rest, tuple(roots), frozenset(own), points)


def _narrowed(merging: OperationFields, kept: Sequence[FieldNodes]) -> DocumentNode:
    """The document with one operation, which selects these fields and no others."""
    selected = SelectionSetNode(selections=tuple(each.node for nodes in kept for each in nodes))
    operation = replace(merging.definition, selection_set=selected)
    fragments = [node for node in merging.document.definitions if isinstance(node, FragmentDefinitionNode)]
    return DocumentNode(definitions=(operation, *fragments))


@cache
def _weight(schema: GraphQLSchema) -> float:
    """Points of an object of the schema: 1, until the standard query would cost more than STANDARD_POINTS."""
    document = parse(get_introspection_query(input_value_deprecation=True))
    (definition, *_) = document.definitions
    assert isinstance(definition, OperationDefinitionNode)  # noqa: S101 - the query's own
    merging = OperationFields(schema, document, definition, VariableValues({}, {}))
    assert schema.query_type is not None  # noqa: S101 - ours has one
    roots = merging.roots(schema.query_type)
    counter = _Counter(merging, most=10**9)
    return min(1.0, STANDARD_POINTS / sum(map(counter.root, roots.values())))


_RequestedField = tuple[GraphQLField, dict[str, Any], FieldNodes]
"""A field of a selection: its definition, its arguments, its nodes."""


class _Counter:
    """Counts the objects of a response by walking the schema as its resolvers would."""

    def __init__(self, merging: OperationFields, *, most: int = COUNTED) -> None:
        self._merging = merging
        self._variables = merging.variables
        self._left = most
        self._info: Any = SimpleNamespace(schema=merging.schema)
        self._schema = merging.schema
        self._known: dict[tuple[int, str], list[_RequestedField]] = {}

    def root(self, nodes: FieldNodes) -> int:
        """The objects of one root field; counting ends soon after there are too many."""
        assert self._schema.query_type is not None  # noqa: S101 - ours has one
        definition = self._schema.get_field(self._schema.query_type, nodes[0].node.name.value)
        assert definition is not None  # noqa: S101 - the operation is valid
        given = argument_values(definition, nodes[0].node, self._variables)
        assert definition.resolve is not None  # noqa: S101 - graphql-core's own
        value = definition.resolve(None, self._info, **given)
        type_ = get_named_type(definition.type)
        assert isinstance(type_, GraphQLObjectType)  # noqa: S101 - __Schema or __Type
        before = self._left
        self._count(value, type_, nodes)
        return before - self._left

    def _count(self, value: Any, type_: GraphQLObjectType, nodes: FieldNodes) -> None:
        if value is None or self._left < 0:
            return
        self._left -= 1
        for definition, given, merged in self._fields(type_, nodes):
            below = get_named_type(definition.type)
            assert isinstance(below, GraphQLObjectType)  # noqa: S101 - leaves are left out
            assert definition.resolve is not None  # noqa: S101 - graphql-core's own
            found = definition.resolve(value, self._info, **given)
            for item in (found or ()) if is_list_type(get_nullable_type(definition.type)) else (found,):
                self._count(item, below, merged)

    def _fields(self, type_: GraphQLObjectType, nodes: FieldNodes) -> list[_RequestedField]:
        """The objects of a selection."""
        key = (id(nodes), type_.name)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = []
            for merged in self._merging.below(type_, nodes).values():
                node: FieldNode = merged[0].node
                definition = self._schema.get_field(type_, node.name.value)
                if definition is None or is_leaf_type(get_named_type(definition.type)):
                    continue
                given = argument_values(definition, node, self._variables)
                known.append((definition, given, merged))
        return known


class _Entry(NamedTuple):
    members: Mapping[str, bytes]
    size: int
    """The bytes of the members and of the key."""


class IntrospectionCache:
    """Cached responses by document; the least recently used are dropped."""

    def __init__(self, schema: GraphQLSchema, most: int = CACHE_BYTES) -> None:
        self._schema = schema
        self._known: LRUCache[tuple[str, bytes], _Entry] = LRUCache(most, getsizeof=lambda entry: entry.size)
        self._turn = asyncio.Lock()

    async def answer(self, asked: IntrospectionPart, variables: VariableValues) -> Mapping[str, bytes]:
        """The JSON of each of its response keys."""
        key = (asked.text, orjson.dumps(variables.coerced, option=orjson.OPT_SORT_KEYS, default=str))
        known = self._known.get(key)
        if known is None:
            async with self._turn:  # one thread at a time: several would take the processor from the event loop
                known = self._known.get(key)
                if known is None:
                    members = await asyncio.to_thread(self._execute, asked, dict(variables.coerced))
                    known = self._remember(key, members)
        return known.members

    def _execute(self, asked: IntrospectionPart, variables: dict[str, Any]) -> Mapping[str, bytes]:
        result = execute_sync(self._schema, asked.document, variable_values=variables, hide_suggestions=HIDDEN)
        if result.errors or result.data is None:
            raise RuntimeError(f"introspection failed: {result.errors}")
        return {key: orjson.dumps(value) for key, value in result.data.items()}

    def _remember(self, key: tuple[str, bytes], members: Mapping[str, bytes]) -> _Entry:
        size = len(key[0]) + len(key[1]) + sum(map(len, members.values()))
        entry = self._known[key] = _Entry(members, min(size, int(self._known.maxsize)))
        return entry
