"""How much one document may ask for. Measured on the syntax alone, before validation costs anything.

Fragments are measured once each and added where they are spread, never expanded: ten that spread each other twice
would be a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from gateway.execution import Failure
from gateway.execution.failures import limit_exceeded

_TOKEN = re.compile(
    r'"""(?:\\"""|(?!""").)*+(?:""")?'  # a block string
    r'|"(?:\\.|[^"\\\n\r])*+"?'  # unterminated: matched whole, or each of its quotes would search for an end
    r"|#[^\n\r]*+"
    r"|[_A-Za-z][_0-9A-Za-z]*+"
    r"|-?[0-9][0-9.eE+-]*+"
    r"|\.\.\."
    r"|[!$&()\[\]{}:=@|]",
    re.DOTALL,
)
"""Lexical tokens and comments (https://spec.graphql.org/October2021/#sec-Appendix-Grammar-Summary.Lexical-Tokens). Of a
document that breaks its rules it finds about as many as parsing would."""


def more_tokens_than(most: int, text: str) -> bool:
    """Whether a document has more than ``most`` tokens; comments are none."""
    tokens = (match for match in _TOKEN.finditer(text) if text[match.start()] != "#")
    return next(islice(tokens, most, None), None) is not None


MAX_DOCUMENT_CHARACTERS = 400_000
"""Characters of a document: reading a string of a megabyte takes longer than executing most operations."""
MAX_TOKENS = 10_000
MAX_DEPTH = 15
MAX_INTROSPECTION_DEPTH = 20
MAX_NESTING = 100
"""Selections within selections, those of fragments included: fifteen fields leave room for several fragments each.
Whatever walks a document calls itself at each of them, and Python ends that at a thousand calls."""
MAX_ALIASES = 50
MAX_ROOT_FIELDS = 20
MAX_DEFINITIONS = 100
"""Operations and fragments in a document: validating costs the square of the fragments."""
MAX_VALUES = 20_000
"""Values in the variables, lists and objects included: each is checked against its type, a microsecond at a time."""
INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})

Fragments = Mapping[str, FragmentDefinitionNode]


@dataclass(frozen=True, slots=True)
class SelectionSize:
    """The size of a selection, including all its fragments."""

    depth: int = 0
    """Fields within fields."""
    introspection_depth: int = 0
    """The same, below ``__schema`` and ``__type``."""
    aliases: int = 0
    fields: int = 0
    """Fields of the selection itself, not those within."""
    nesting: int = 0

    def beside(self, other: SelectionSize) -> SelectionSize:
        """Of both, in one selection."""
        return SelectionSize(
            max(self.depth, other.depth),
            max(self.introspection_depth, other.introspection_depth),
            self.aliases + other.aliases,
            self.fields + other.fields,
            max(self.nesting, other.nesting),
        )


def check_document(document: DocumentNode) -> list[Failure]:
    """A failure for each limit that the document breaks."""
    if len(document.definitions) > MAX_DEFINITIONS:
        return [limit_exceeded("definitions", MAX_DEFINITIONS, len(document.definitions))]
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    try:
        sizes = _Measure(fragments).all_of(document)
    except _BottomlessError as bottomless:
        return [bottomless.failure]
    asked = (
        ("depth", MAX_DEPTH, max((size.depth for size in sizes), default=0)),
        ("introspection depth", MAX_INTROSPECTION_DEPTH, max((size.introspection_depth for size in sizes), default=0)),
        ("aliases", MAX_ALIASES, max((size.aliases for size in sizes), default=0)),
        ("root fields", MAX_ROOT_FIELDS, max((size.fields for size in sizes), default=0)),
        ("nesting", MAX_NESTING, max((size.nesting for size in sizes), default=0)),
    )
    return [limit_exceeded(limit, most, found) for limit, most, found in asked if found > most]


def check_variables(variables: Mapping[str, Any]) -> list[Failure]:
    """A failure when there are too many values in the variables."""
    found = 0
    waiting: list[Any] = [variables]
    while waiting and found <= MAX_VALUES:
        inner = waiting.pop()
        found += len(inner)
        members = inner.values() if isinstance(inner, dict) else inner
        waiting += [member for member in members if isinstance(member, dict | list)]
    return [limit_exceeded("values in variables", MAX_VALUES, None)] if found > MAX_VALUES else []


class _BottomlessError(Exception):
    """A selection goes on beyond all limits; how far is not looked into."""

    def __init__(self, fields: int) -> None:
        """``fields``: the number of selections on the path that are fields."""
        super().__init__()
        limit, most = ("depth", MAX_DEPTH) if fields > MAX_DEPTH else ("nesting", MAX_NESTING)
        self.failure = limit_exceeded(limit, most, None)


class _Measure:
    """Sizes of selections, remembering those of fragments. Raises _BottomlessError."""

    def __init__(self, fragments: Fragments) -> None:
        self._fragments = fragments
        self._known: dict[str, SelectionSize] = {}
        self._level = 0
        self._fields_above = 0

    def all_of(self, document: DocumentNode) -> list[SelectionSize]:
        """The sizes of all operations. Of fragments that none of them uses only the nesting counts: validating them
        goes as deep, and only then finds that they are not used.
        """
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        sizes = [self.selection(operation.selection_set) for operation in operations]
        return sizes + [SelectionSize(nesting=self._fragment(name).nesting) for name in self._fragments]

    def selection(self, selection_set: SelectionSetNode | None) -> SelectionSize:
        """The size of what is selected."""
        if selection_set is None:
            return SelectionSize()
        if self._level == MAX_NESTING:
            raise _BottomlessError(self._fields_above)
        self._level += 1
        total = SelectionSize()
        for node in selection_set.selections:
            total = total.beside(self._node(node))
        self._level -= 1
        return replace(total, nesting=1 + total.nesting)

    def _node(self, node: SelectionNode) -> SelectionSize:
        if isinstance(node, FieldNode):
            return self._field(node)
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value)
        return self.selection(getattr(node, "selection_set", None))

    def _field(self, node: FieldNode) -> SelectionSize:
        self._fields_above += 1
        inner = self.selection(node.selection_set)
        self._fields_above -= 1
        aliases = inner.aliases + (node.alias is not None)
        if node.name.value in INTROSPECTION_FIELDS:
            return SelectionSize(1, 1 + max(inner.depth, inner.introspection_depth), aliases, 1, inner.nesting)
        below = 1 + inner.introspection_depth if inner.introspection_depth else 0
        return SelectionSize(1 + inner.depth, below, aliases, 1, inner.nesting)

    def _fragment(self, name: str) -> SelectionSize:
        if name not in self._known:
            self._known[name] = SelectionSize()  # what a fragment finds of itself; validation refuses such a circle
            fragment = self._fragments.get(name)
            self._known[name] = SelectionSize() if fragment is None else self.selection(fragment.selection_set)
        return self._known[name]
