"""Internals of graphql-core and Strawberry that this package relies on.

Their versions are pinned; check this file when they change.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import NoneType
from typing import Any, NamedTuple, Protocol, cast

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLID,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    OperationDefinitionNode,
    VariableNode,
    execute,
    get_nullable_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import (
    FieldDetails,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_argument_values, get_variable_values
from graphql.pyutils import Path
from strawberry.types.arguments import StrawberryArgument, convert_arguments

from gateway.execution.input_coercion import Coerce, coercer_of
from schema import schema as strawberry_schema
from schema.scalars import identity
from schema.strawberry_internals import field_of

HIDDEN = True
"""No suggestions for names in variables: those of graphql-core fail at letters that grow in lower case (İ), which only
variables can contain, and cost more than the rest of the error.
"""

FieldNodes = list[FieldDetails]
"""The nodes of a document that ask for one response key."""
Steps = tuple[tuple[str, str], ...]
"""A path in a response: each response key with the type it was selected on, without the indexes of lists."""


class OperationFields:
    """The fields of one operation, as they are merged for the variables that include and skip them."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        definition: OperationDefinitionNode,
        variables: VariableValues,
    ) -> None:
        self.schema = schema
        self.document = document
        self.definition = definition
        self.variables = variables
        self._fragments = {
            node.name.value: FragmentDetails(node)
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }

    def roots(self, type_: GraphQLObjectType) -> GroupedFieldSet:
        """The root fields by response key."""
        return collect_fields(
            self.schema, self._fragments, self.variables, type_, self.definition, HIDDEN
        ).grouped_field_set

    def below(self, type_: GraphQLObjectType, nodes: FieldNodes) -> GroupedFieldSet:
        """The fields that ``nodes`` select on an object of this type, by response key."""
        return collect_subfields(
            self.schema, self._fragments, self.variables, self.definition, type_, nodes, HIDDEN
        ).grouped_field_set


class VariableDeclaration(NamedTuple):
    """A variable, as an operation declares it."""

    signature: GraphQLVariableSignature
    plain: frozenset[type]
    """The types of the values that mean themselves, NoneType among them where null may be sent; no int but INTS."""
    optional: bool
    """Whether nothing need be sent, and nothing then stands for it."""
    coerce: Coerce | None
    """Converts values that are plainly valid; raises for others."""


def declared(schema: GraphQLSchema, definition: OperationDefinitionNode) -> tuple[VariableDeclaration, ...]:
    """The variables of a valid operation."""
    found = []
    for node in definition.variable_definitions or ():
        signature = get_variable_signature(schema, node)
        assert not isinstance(signature, GraphQLError)  # noqa: S101 - the operation is valid
        nullable = not is_non_null_type(signature.type)
        plain = _PLAIN.get(cast(GraphQLScalarType, get_nullable_type(signature.type)))
        types = frozenset[type]() if plain is None else frozenset({plain, NoneType} if nullable else {plain})
        coerce = coercer_of(signature.type)
        found.append(VariableDeclaration(signature, types, nullable and signature.default is None, coerce))
    return tuple(found)


_PLAIN: Mapping[GraphQLScalarType, type] = {
    GraphQLID: str,
    GraphQLString: str,
    GraphQLBoolean: bool,
    GraphQLInt: int,
}
INTS = range(GRAPHQL_MIN_INT, GRAPHQL_MAX_INT + 1)


def coerce_variables(
    schema: GraphQLSchema,
    definition: OperationDefinitionNode,
    variables: Sequence[VariableDeclaration],
    sent: Mapping[str, Any],
) -> VariableValues | list[GraphQLError]:
    """The variables as the operation declares them, or the errors in them.

    ``variables``: as ``declared``. graphql-core looks up their types for each request; values that need no conversion
    do not need that.
    """
    sources: dict[str, VariableValueSource] = {}
    values: dict[str, Any] = {}
    for signature, plain, optional, coerce in variables:
        name = signature.name
        if name in sent:
            value = sent[name]
            if type(value) in plain and (type(value) is not int or value in INTS):
                values[name] = value
            elif coerce is None:
                break
            else:
                try:
                    values[name] = coerce(value)
                except Exception:  # graphql-core finds out what is wrong with it, if anything is
                    break
            sources[name] = VariableValueSource(signature, value)
        elif optional:
            sources[name] = VariableValueSource(signature)
        else:
            break
    else:
        return VariableValues(sources, values)
    return get_variable_values(
        schema, definition.variable_definitions or (), dict(sent), max_errors=50, hide_suggestions=HIDDEN
    )


def arguments(definition: GraphQLField, node: FieldNode, variables: VariableValues) -> dict[str, Any]:
    """The arguments of a field by their Python names. Raises GraphQLError for one that does not fit its type."""
    values = get_argument_values(definition, node, variables, None, HIDDEN)
    converter = strawberry_schema.schema_converter
    return convert_arguments(values, field_of(definition).arguments, converter.scalar_registry, converter.config)


def argument_values(definition: GraphQLField, node: FieldNode, variables: VariableValues) -> dict[str, Any]:
    """The arguments of a field by their names in the schema. Raises GraphQLError for one that does not fit its type."""
    return get_argument_values(definition, node, variables, None, HIDDEN)


def variable_arguments(definition: GraphQLField, node: FieldNode) -> tuple[tuple[str, str], ...]:
    """The arguments whose values are those of variables, as they are, by Python name; empty where any has another.

    Variables are coerced already, and scalars are not converted any further.
    """
    found: list[tuple[str, str]] = []
    python_names = {name_of(argument): argument.python_name for argument in field_of(definition).arguments}
    for argument in node.arguments or ():
        type_ = get_nullable_type(definition.args[argument.name.value].type)
        if not isinstance(argument.value, VariableNode) or not isinstance(type_, GraphQLScalarType):
            return ()
        found.append((python_names[argument.name.value], argument.value.name.value))
    return tuple(found)


def name_of(argument: StrawberryArgument) -> str:
    """An argument's name in the schema."""
    return strawberry_schema.schema_converter.config.name_converter.from_argument(argument)


def python_name(definition: GraphQLField) -> str | None:
    """The attribute of the row that a plain field shows; None for a field with a resolver."""
    field = field_of(definition)
    return field.python_name if field is not None and field.is_basic_field else None


def is_written_as_it_is(type_: GraphQLScalarType) -> bool:
    """Whether the values of the scalar are already JSON."""
    return cast(object, type_.coerce_output_value) is identity


def names_of(type_: GraphQLEnumType) -> dict[Any, str]:
    """The name of each value of an enum, by the value in a row and by its member in Python."""
    values = {value.value: name for name, value in type_.values.items()}
    members = getattr(type_, "wrapped_cls", ())
    return values | {member: type_.coerce_output_value(member) for member in members}


def steps(path: Path) -> Steps:
    """The path of a resolver in the response."""
    found: list[tuple[str, str]] = []
    place: Path | None = path
    while place is not None:
        if place.typename is not None:
            found.append((str(place.key), place.typename))
        place = place.prev
    return tuple(reversed(found))


class Replay(Protocol):
    """Stands before every resolver."""

    def resolve(self, following: Callable[..., Any], row: Any, info: Any, **arguments: Any) -> Any:
        """A field's value, by ``following`` or without it."""


def execute_replaying(  # noqa: PLR0917 - as graphql-core takes them
    schema: GraphQLSchema,
    document: DocumentNode,
    name: str | None,
    variables: Mapping[str, Any],
    context: object,
    row: object,
    replay: Sequence[Replay] = (),
) -> ExecutionResult | Awaitable[ExecutionResult]:
    """The result of graphql-core for the operation, with each of its resolvers behind ``replay``."""
    return execute(
        schema,
        document,
        root_value=row,
        context_value=context,
        variable_values=dict(variables),
        operation_name=name,
        middleware=list(replay) or None,
        hide_suggestions=HIDDEN,
    )
