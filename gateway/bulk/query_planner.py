"""Plans a query: its connections, each with the operation that reads one page of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_interface_type,
    is_object_type,
    print_ast,
)

from domain.kernel.errors import ErrorCode, ValidationFailed
from gateway.bulk.connection_plan import ID_KEY, PREFIX, ConnectionPlan
from gateway.bulk.page_documents import page_document, written_field
from gateway.execution import Operation
from gateway.graphql.documents import DocumentCache

MAX_FIELDS = 2_000
"""Fields of a query, those of its fragments included wherever they are used."""
PAGE_ARGUMENTS = frozenset({"first", "after", "last", "before"})


class QueryPlanner:
    """Plans the queries of one schema."""

    def __init__(self, schema: GraphQLSchema, documents: DocumentCache) -> None:
        self._schema = schema
        self._documents = documents

    def plan(self, operation: Operation) -> tuple[ConnectionPlan, ...]:
        """The root connections of a query. Raises ValidationFailed (``query``), RejectedDocumentError."""
        if operation.kind != "query":
            raise refusal(f"Must be a query, not a {operation.kind}.")
        reading = _SelectionReader(self._schema, operation.document)
        root = self._schema.query_type
        assert root is not None  # noqa: S101 - of our schema
        found: dict[str, ConnectionPlan] = {}
        reading.read(operation.definition.selection_set, root, (), found)
        definitions = operation.definition.variable_definitions or ()
        if any(each.variable.name.value.startswith(PREFIX) for each in definitions):
            raise refusal(f"Names of variables must not begin with {PREFIX}.")
        for connection in [each for one in found.values() for each in one.within()]:
            text = print_ast(page_document(connection, definitions))
            connection.operation = self._documents.operation(text, None)
        return tuple(found.values())


def refusal(message: str, field: str = "query") -> ValidationFailed:
    """The refusal of a document."""
    return ValidationFailed.of((field,), ErrorCode.INVALID, message)


class _SelectionReader:
    """Reads the selections of one document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._fields = self._connections = 0

    def read(
        self,
        selections: SelectionSetNode,
        parent: GraphQLNamedType,
        path: tuple[str, ...],
        found: dict[str, ConnectionPlan],
    ) -> SelectionSetNode:
        """The selections of the nodes of a connection (or of the query) as they are executed, without named fragments;
        the connections among them go to ``found``.
        """
        return SelectionSetNode(selections=tuple(self._each(selections, parent, path, found)))

    def _each(
        self,
        selections: SelectionSetNode,
        parent: GraphQLNamedType,
        path: tuple[str, ...],
        found: dict[str, ConnectionPlan],
    ) -> Iterator[SelectionNode]:
        for node in self._without_fragments(selections):
            if isinstance(node, InlineFragmentNode):
                yield self._fragment(node, parent, path, found)
                continue
            child = self._child(node, parent)
            if _is_connection(child):
                yield self._connection(node, parent, cast(GraphQLObjectType, child), path, found)
            elif not path:
                name = node.name.value
                raise refusal(f"{name} is not a connection. The root fields of an export are connections.")
            else:
                yield self._plain(node, child)

    def _fragment(
        self,
        node: InlineFragmentNode,
        parent: GraphQLNamedType,
        path: tuple[str, ...],
        found: dict[str, ConnectionPlan],
    ) -> InlineFragmentNode:
        """A fragment; its directives apply to the connections in it."""
        known = {key: len(plan.fields) for key, plan in found.items()}
        selections = self.read(node.selection_set, self._type_of(node) or parent, path, found)
        for key, plan in found.items() if node.directives else ():
            for index in range(known.get(key, 0), len(plan.fields)):
                type, field = plan.fields[index]
                (plan.fields[index],) = ((type, each) for each in _wrapped(node, (field,)))
        return replace(node, selection_set=selections)

    def _connection(
        self,
        node: FieldNode,
        parent: GraphQLNamedType,
        connection: GraphQLObjectType,
        path: tuple[str, ...],
        found: dict[str, ConnectionPlan],
    ) -> FieldNode:
        key = node.alias.value if node.alias else node.name.value
        if key not in found:
            self._connections += 1
            found[key] = ConnectionPlan(key, (*path, key), self._connections)
        plan = found[key]
        selected = tuple(self._nodes(node.selection_set))
        if not selected:
            raise refusal(f"Select `nodes {{ … }}` of {plan.name}.")
        type = get_named_type(connection.fields["nodes"].type)
        nodes = self.read(SelectionSetNode(selections=selected), type, plan.path, plan.below)
        if plan.below:
            if "Node" not in {each.name for each in getattr(type, "interfaces", ())}:
                raise refusal(f"The connections of {plan.name} cannot be exported: {type} has no id of its own.")
            nodes = SelectionSetNode(selections=(*nodes.selections, written_field(f"{ID_KEY}: id")))
        page = written_field(f"page(first: ${plan.first}, after: ${plan.after}) {{ nodes {{ id }} {_PAGE_INFO} }}")
        others = (each for each in node.arguments or () if each.name.value not in PAGE_ARGUMENTS)
        arguments = (*others, *(page.arguments or ()))
        shown, info = cast(SelectionSetNode, page.selection_set).selections
        whole = SelectionSetNode(selections=(replace(cast(FieldNode, shown), selection_set=nodes), info))
        field = replace(node, arguments=arguments, selection_set=whole)
        plan.fields.append((parent.name, field))
        return field

    def _nodes(self, selections: SelectionSetNode | None) -> Iterator[SelectionNode]:
        """What is selected of the nodes of a connection, by ``nodes`` and ``edges { node }``. All else is about pages,
        and an export has none.
        """
        for node in self._without_fragments(selections):
            if isinstance(node, InlineFragmentNode):
                inner = tuple(self._nodes(node.selection_set))
                yield from _wrapped(node, inner)
            elif node.name.value == "edges":
                yield from _wrapped(node, tuple(self._nodes(node.selection_set)))
            elif node.name.value in ("nodes", "node") and node.selection_set is not None:
                yield from _wrapped(node, node.selection_set.selections)

    def _plain(self, node: FieldNode, type: GraphQLNamedType | None) -> FieldNode:
        """A field that is no connection, and has none below it."""
        if node.selection_set is None or type is None:
            return node
        selections: list[SelectionNode] = []
        for each in self._without_fragments(node.selection_set):
            if isinstance(each, InlineFragmentNode):
                inner = self._plain(replace(node, selection_set=each.selection_set), self._type_of(each) or type)
                selections.append(replace(each, selection_set=cast(SelectionSetNode, inner.selection_set)))
                continue
            child = self._child(each, type)
            if _is_connection(child):
                raise refusal(
                    f"{each.name.value} is a connection within {node.name.value}. A connection is a root field, or a "
                    "field of the nodes of another connection."
                )
            selections.append(self._plain(each, child))
        return replace(node, selection_set=SelectionSetNode(selections=tuple(selections)))

    def _without_fragments(self, selections: SelectionSetNode | None) -> Iterator[FieldNode | InlineFragmentNode]:
        """The selections, named fragments as inline ones."""
        for node in selections.selections if selections is not None else ():
            self._fields += 1
            if self._fields > MAX_FIELDS:
                raise refusal(f"The query has more than {MAX_FIELDS:,} fields, with those of its fragments.")
            if isinstance(node, FieldNode | InlineFragmentNode):
                yield node
            else:
                fragment = self._fragments[node.name.value]  # type: ignore[attr-defined]  # a FragmentSpreadNode
                yield InlineFragmentNode(
                    type_condition=fragment.type_condition,
                    directives=node.directives,
                    selection_set=fragment.selection_set,
                )

    def _type_of(self, node: InlineFragmentNode) -> GraphQLNamedType | None:
        return None if node.type_condition is None else self._schema.type_map[node.type_condition.name.value]

    def _child(self, node: FieldNode, parent: GraphQLNamedType) -> GraphQLNamedType | None:
        """The type of a field; None of an introspection field."""
        if not (is_object_type(parent) or is_interface_type(parent)) or node.name.value not in parent.fields:
            return None
        child: GraphQLNamedType = get_named_type(parent.fields[node.name.value].type)
        return child


_PAGE_INFO = "pageInfo { hasNextPage endCursor }"


def _is_connection(type: GraphQLNamedType | None) -> bool:
    return is_object_type(type) and type.name.endswith("Connection") and {"nodes", "pageInfo"} <= type.fields.keys()


def _wrapped(node: FieldNode | InlineFragmentNode, selections: Sequence[SelectionNode]) -> Iterator[SelectionNode]:
    """Selections under the directives of the field that had them."""
    if node.directives and selections:
        inner = SelectionSetNode(selections=tuple(selections))
        yield InlineFragmentNode(type_condition=None, directives=node.directives, selection_set=inner)
    else:
        yield from selections
