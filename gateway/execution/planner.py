"""The planner: makes the plan of a validated operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    VariableNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    visit,
)
from graphql.execution.values import VariableValues

from gateway.execution.engine import Operation
from gateway.execution.graphql_internals import (
    FieldNodes,
    OperationFields,
    Steps,
    python_name,
    variable_arguments,
)
from gateway.execution.introspection import extract_introspection
from gateway.execution.plan import FallbackReason, Field, FieldKind, QueryPlan, Selection, TypeShape
from resolvers.sources import (
    BatchedSource,
    ComputedSource,
    ListSource,
    MutationSource,
    RelatedColumnSource,
    RelatedSource,
    ResolverSource,
    ResultValueSource,
    Source,
    SubscriptionSource,
)
from schema.strawberry_internals import field_of

MAX_FIELDS = 5_000
"""Fields of a plan. Fragments that are spread many times can expand a short document; compiling it would take longer
than executing it once.
"""


class TooLargeError(Exception):
    """A plan would have more than MAX_FIELDS."""


def build_plan(schema: GraphQLSchema, operation: Operation, variables: VariableValues) -> QueryPlan:
    """The plan of an operation. Raises TooLargeError."""
    root = schema.get_root_type(operation.definition.operation)
    assert root is not None  # noqa: S101 - the operation is valid
    planner = _Planner(schema, OperationFields(schema, operation.document, operation.definition, variables), variables)
    fields = planner.document.roots(root)
    selection = planner.selection(root, fields, ())
    slots = tuple(planner.slots)
    by_steps = {slot.steps: slot for slot in slots}
    made = QueryPlan(operation.writes, selection, slots, by_steps, planner.count, planner.fallback_reason)
    if planner.fallback_reason is FallbackReason.INTROSPECTION:
        made.introspection = extract_introspection(planner.document, fields)
    return made


class _Planner:
    def __init__(self, schema: GraphQLSchema, document: OperationFields, variables: VariableValues) -> None:
        self.document = document
        self.slots: list[Field] = []
        self._schema = schema
        self._variables = variables
        self.count = 0
        self.fallback_reason: FallbackReason | None = None

    def selection(self, type_: GraphQLObjectType, fields: Mapping[str, FieldNodes], above: Steps) -> Selection:
        made = tuple(self._field(type_, key, nodes, above) for key, nodes in fields.items())
        return Selection(type_.name, made, tuple(field for field in made if field.loads))

    def _field(self, parent: GraphQLObjectType, key: str, nodes: FieldNodes, above: Steps) -> Field:
        self.count += 1
        if self.count > MAX_FIELDS:
            raise TooLargeError
        node, steps = nodes[0].node, (*above, (key, parent.name))
        name = node.name.value
        definition = self._schema.get_field(parent, name)
        assert definition is not None  # noqa: S101 - the operation is valid
        shape, type_ = _shape(definition.type), get_named_type(definition.type)
        if name == "__typename":
            return Field(key, steps, None, node, shape, type_, FieldKind.TYPENAME, parent.name)
        if name.startswith("__"):
            self.fallback_reason = FallbackReason.INTROSPECTION
            return Field(key, steps, definition, node, shape, type_, FieldKind.UNKNOWN)
        made = Field(key, steps, definition, node, shape, type_, FieldKind.ATTRIBUTE)
        self._find(made, definition)
        if made.way in (FieldKind.BY_COLUMN, FieldKind.BY_ROW, FieldKind.CALLED):
            self._take_slot(made)
        if not is_leaf_type(type_):
            self._below(made, nodes)
        return made

    def _find(self, made: Field, definition: GraphQLField) -> None:
        """How its value comes about."""
        attribute = python_name(definition)
        if attribute is not None:
            made.name = attribute
            return
        made.source = field_of(definition).source
        _use_source(made, made.source)
        if not definition.args:
            made.constant = {}
        elif not _has_variables(made.node):
            with suppress(GraphQLError):  # then graphql-core reports it each time, with its path
                made.constant = made.arguments(self._variables)
        else:
            made.taken = variable_arguments(definition, made.node)

    def _take_slot(self, made: Field) -> None:
        made.slot = len(self.slots)
        self.slots.append(made)

    def _below(self, made: Field, nodes: FieldNodes) -> None:
        place = len(self.slots)
        made.selections = {
            type_.name: self.selection(type_, self.document.below(type_, nodes), made.steps)
            for type_ in self._types(made.type)
        }
        if made.way is FieldKind.FUNCTION and made.loads:
            # Values loaded below are found by the row they were loaded for, so the row must be created only once.
            made.slot = place
            self.slots.insert(place, made)
            for number, slot in enumerate(self.slots):
                slot.slot = number

    def _types(self, type_: GraphQLNamedType) -> Iterator[GraphQLObjectType]:
        if isinstance(type_, GraphQLObjectType):
            yield type_
        elif is_abstract_type(type_):
            yield from self._schema.get_possible_types(type_)


def _use_source(made: Field, source: Source) -> None:
    match source:
        case ComputedSource():
            made.way, made.function = FieldKind.FUNCTION, source.function
        case ResultValueSource():
            made.way, made.function = FieldKind.FUNCTION, source.of
        case SubscriptionSource():
            made.way = FieldKind.EVENT
        case RelatedSource(instead=None):
            made.way, made.name = FieldKind.BY_COLUMN, source.key
        case RelatedColumnSource():
            made.way, made.name = FieldKind.BY_COLUMN, source.key
        case BatchedSource():
            made.way = FieldKind.BY_ROW
        case ResolverSource() | ListSource() | MutationSource():
            made.way = FieldKind.CALLED
        case _:
            raise TypeError(f"{source}: plans do not know this kind of source")


def _shape(type_: GraphQLOutputType) -> TypeShape:
    inner = get_nullable_type(type_)
    item = _shape(inner.of_type) if is_list_type(inner) else None
    return TypeShape(not is_non_null_type(type_), item)


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.found.add(node.name.value)


def _has_variables(node: FieldNode) -> bool:
    visitor = _Variables()
    for argument in node.arguments or ():
        visit(argument, visitor)
    return bool(visitor.found)
