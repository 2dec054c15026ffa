"""The document that reads one page of a connection.

That of a root connection is the query itself, with page sizes and cursors of our own; that of a connection within nodes
reads further pages of one node: ``node(id: $export_id) { ... on Order { events(…) { … } } }``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from graphql import (
    DocumentNode,
    FieldNode,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    visit,
)

from gateway.bulk.connection_plan import ID_KEY, ConnectionPlan


def page_document(connection: ConnectionPlan, definitions: Sequence[VariableDefinitionNode]) -> DocumentNode:
    """The document that reads one page of a connection, with those variables that it uses."""
    own = [f"${each.first}: Int, ${each.after}: String" for each in connection.within()]
    if not connection.is_root:
        own.append(f"${ID_KEY}: ID!")
    document = parse(f"query ({', '.join(own)}) {{ node(id: ${ID_KEY}) {{ id }} }}", no_location=True)
    operation = cast(OperationDefinitionNode, document.definitions[0])
    selections: tuple[SelectionNode, ...] = tuple(field for _, field in connection.fields)
    if not connection.is_root:
        parts = (_on(type, field) for type, field in connection.fields)
        node = cast(FieldNode, operation.selection_set.selections[0])
        selections = (replace(node, selection_set=SelectionSetNode(selections=tuple(parts))),)
    used = _variables(selections)
    given = tuple(each for each in definitions if each.variable.name.value in used)
    whole = replace(
        operation,
        variable_definitions=(*given, *(operation.variable_definitions or ())),
        selection_set=SelectionSetNode(selections=selections),
    )
    return DocumentNode(definitions=(whole,))


def _on(type: str, field: SelectionNode) -> InlineFragmentNode:
    (part,) = cast(SelectionSetNode, written_field(f"x {{ ... on {type} {{ id }} }}").selection_set).selections
    return replace(cast(InlineFragmentNode, part), selection_set=SelectionSetNode(selections=(field,)))


class _Variables(Visitor):
    """Collects names of variables."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.names.add(node.name.value)


def _variables(nodes: Sequence[Node]) -> set[str]:
    found = _Variables()
    for node in nodes:
        visit(node, found)
    return found.names


def written_field(text: str) -> FieldNode:
    """A field as it is written."""
    (definition,) = parse(f"{{ {text} }}", no_location=True).definitions
    (field,) = cast(OperationDefinitionNode, definition).selection_set.selections
    return cast(FieldNode, field)
