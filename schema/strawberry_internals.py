"""Internals of Strawberry that this package relies on. Its version is pinned; check this file when it changes."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any, TypeVar

import strawberry
from graphql import GraphQLArgument, GraphQLField, GraphQLInputField, GraphQLObjectType, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import UNRESOLVED, FieldType, StrawberryField

T = TypeVar("T")


class DeclaredField(StrawberryField):
    """A field of a type that only describes rows or input, and that nothing instantiates.

    Strawberry makes a dataclass of each type. Methods generated over these fields, and annotations evaluated before
    their module is known, took a sixth of the start.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        """As a field of Strawberry, which the generated methods leave out."""
        super().__init__(*args, **options)
        self.init = self.repr = self.compare = False

    def resolve_type(self, *, type_definition: StrawberryObjectDefinition | None = None) -> FieldType:
        """The type of the field; UNRESOLVED until all names of its annotation are defined."""
        annotation = self.type_annotation
        if annotation is not None and annotation.namespace is None:
            return UNRESOLVED  # type: ignore[return-value]  # a class, declared as Strawberry does
        if annotation is not None and isinstance(annotation.raw_annotation, str):
            try:
                annotation.annotation = eval(annotation.raw_annotation, annotation.namespace)  # noqa: S307 - our source
            except NameError:
                return UNRESOLVED  # type: ignore[return-value]  # as above
        return super().resolve_type(type_definition=type_definition)


def definition_of(class_: Any) -> Any:
    """The definition that Strawberry attaches to a decorated class."""
    return class_.__dict__["__strawberry_definition__"]


def keep_input_as_mapping(input_type: T) -> T:
    """The input, whose values reach their source as the scalars read them: a mapping by the names in the schema."""
    definition_of(input_type).from_input = _untouched
    return input_type


def _untouched(_: object, value: Mapping[str, Any], __: object) -> Mapping[str, Any]:
    return value


def link_types(*modules: ModuleType) -> None:
    """Make the types of these modules visible to each other before the schema is built. Relations run both ways,
    imports cannot (between two modules they stand under ``TYPE_CHECKING``).
    """
    known = {
        name: value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, type) and "__strawberry_definition__" in vars(value)
    }
    for module in modules:
        for name, type_ in known.items():
            vars(module).setdefault(name, type_)


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """The schema as graphql-core executes it, with rows standing in for the types that describe them.

    Strawberry has every implementer of an interface check that its value is an instance; ours never are.
    """
    core: GraphQLSchema = schema._schema
    for type_ in core.type_map.values():
        if isinstance(type_, GraphQLObjectType):
            type_.is_type_of = None
    return core


def field_of(field: GraphQLField) -> Any:
    """The Strawberry field behind a field of the schema; None for those of introspection."""
    return field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)


def python_name_of(member: GraphQLField | GraphQLInputField | GraphQLArgument, name: str) -> str:
    """The Python name of a field, an input field or an argument that the schema calls ``name``."""
    definition = member.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return name if definition is None else str(definition.python_name)
