"""A mutation that calls the outside world stands alone in its operation: it runs in two transactions of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)

from domain.kernel.use_cases.registry import UseCase
from resolvers.sources import MutationSource
from schema.strawberry_internals import field_of


def operation_calls_out(
    schema: GraphQLSchema, definition: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> bool:
    """Whether any root field of an operation is a use case that calls out."""
    return any(_calls_out(schema, node) for node in _root_fields(schema, definition, fragments))


def operation_is_buffered(
    schema: GraphQLSchema, definition: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> bool:
    """Whether an operation is a mutation of one root field, a buffered use case."""
    found = list(_root_fields(schema, definition, fragments))
    use_case = _use_case(schema, found[0]) if len(found) == 1 else None
    return use_case is not None and use_case.buffered


def has_single_root_field(
    schema: GraphQLSchema, definition: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> bool:
    """Whether an operation is a mutation of one root field, whatever its variables include."""
    return len(list(_root_fields(schema, definition, fragments))) == 1


class SoleOutboundFieldRule(ValidationRule):
    """A root field that calls out is the one root field of its operation, ``__typename`` included.

    Fields that are skipped by a directive count as well: whether an operation is valid does not depend on variables.
    """

    context: ValidationContext

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        """Look at the root fields of a mutation."""
        schema = self.context.schema
        if node.operation is not OperationType.MUTATION:
            return
        definitions = self.context.document.definitions
        fragments = {each.name.value: each for each in definitions if isinstance(each, FragmentDefinitionNode)}
        found = list(_root_fields(schema, node, fragments))
        outbound = next((each for each in found if _calls_out(schema, each)), None)
        if outbound is not None and len({_key(each) for each in found}) > 1:
            message = f"{outbound.name.value} must be the one field of its operation. Send the others by themselves."
            self.report_error(GraphQLError(message, outbound))


def _root_fields(
    schema: GraphQLSchema, definition: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[FieldNode]:
    """The root fields of a mutation, those of fragments included; each fragment is looked at once."""
    if definition.operation is not OperationType.MUTATION:
        return
    waiting: list[SelectionSetNode] = [definition.selection_set]
    seen: set[str] = set()
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                if node.name.value in fragments:  # another rule says that it is missing
                    waiting.append(fragments[node.name.value].selection_set)


def _calls_out(schema: GraphQLSchema, node: FieldNode) -> bool:
    use_case = _use_case(schema, node)
    return use_case is not None and use_case.outbound is not None


def _use_case(schema: GraphQLSchema, node: FieldNode) -> UseCase | None:
    """The use case of a root field of a mutation; None of ``__typename``."""
    definition = None if schema.mutation_type is None else schema.mutation_type.fields.get(node.name.value)
    source = None if definition is None else getattr(field_of(definition), "source", None)
    return source.use_case if isinstance(source, MutationSource) else None


def _key(node: FieldNode) -> str:
    return (node.alias or node.name).value
