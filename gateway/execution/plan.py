"""Query plans: a validated operation as a tree of loads and output fields.

A plan holds for all variables except those of skip and include; merged fields are one field of it. An operation that
plans cannot express is left to graphql-core, with a FallbackReason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNamedType,
    is_abstract_type,
)
from graphql.execution.values import VariableValues

from gateway.execution.graphql_internals import (
    Steps,
    arguments,
)
from gateway.execution.introspection import IntrospectionPart
from resolvers.sources import (
    Source,
)


class FallbackReason(StrEnum):
    """Why graphql-core executes an operation, or the rest of one."""

    INTROSPECTION = "introspection"
    SURPRISE = "surprise"
    """A load failed, or a row had an invalid value: graphql-core renders the loaded values, because it determines every
    error, its path, and how far its null propagates.
    """


@dataclass(frozen=True, slots=True)
class TypeShape:
    """The wrappers of a named type: lists and nullability."""

    nullable: bool
    item: TypeShape | None = None
    """Of a list."""

    @property
    def depth(self) -> int:
        """Lists within lists."""
        return 0 if self.item is None else 1 + self.item.depth


class FieldKind(StrEnum):
    """How a field's value is found."""

    TYPENAME = "the type's name"
    ATTRIBUTE = "an attribute of the row"
    FUNCTION = "a function of the row"
    BY_COLUMN = "loaded, by a column of the row"
    BY_ROW = "loaded, by the row itself"
    CALLED = "called, for the row"
    EVENT = "the row itself"
    UNKNOWN = "known to graphql-core alone"


@dataclass(slots=True, eq=False)
class Field:
    """One response key of a selection."""

    key: str
    steps: Steps
    definition: GraphQLField | None
    """None for ``__typename``."""
    node: FieldNode
    shape: TypeShape
    type: GraphQLNamedType
    way: FieldKind
    name: str = ""
    """The attribute, or the column."""
    source: Source | None = None
    function: Callable[[Any], Any] | None = None
    slot: int | None = None
    """The index of its table among the loaded ones; None if nothing is loaded."""
    selections: Mapping[str, Selection] = field(default_factory=dict)
    """The selections of an object, by type."""
    constant: dict[str, Any] | None = None
    """The arguments, where no variable is among them."""
    taken: tuple[tuple[str, str], ...] = ()
    """The arguments, where all of them are variables as they are: Python names and the variables'."""
    written: str = ""
    """The column in which the database has written its objects; empty where they are written here."""

    @property
    def abstract(self) -> bool:
        """Whether each object determines its own type."""
        return is_abstract_type(self.type)

    @property
    def loads(self) -> bool:
        """Whether it or anything below it is loaded."""
        return self.slot is not None or any(selection.loading for selection in self.selections.values())

    def arguments(self, variables: VariableValues) -> dict[str, Any]:
        """By their Python names. Raises GraphQLError."""
        if self.constant is not None:
            return self.constant
        if self.taken:
            given = {name: variables.coerced.get(variable) for name, variable in self.taken}
            if all(value is not None for value in given.values()):
                return given
        assert self.definition is not None  # noqa: S101 - __typename takes none, and is constant
        return arguments(self.definition, self.node, variables)


@dataclass(slots=True, eq=False)
class Selection:
    """The selection of objects of one type."""

    type_name: str
    fields: tuple[Field, ...]
    loading: tuple[Field, ...] = ()
    """Those that lead to a load."""
    written: str = ""
    """The column in which the database has written these objects, where it has not written those of other types."""


@dataclass(eq=False)
class QueryPlan:
    """One operation."""

    writes: bool
    selection: Selection
    slots: tuple[Field, ...]
    """The loaded fields, each before those below it."""
    by_steps: Mapping[Steps, Field]
    size: int
    """Fields in it."""
    fallback_reason: FallbackReason | None
    """Why graphql-core executes it; None when its plan does."""

    read_overrides: Mapping[Any, Any] = field(default_factory=dict)
    """Batches that replace others, reading only the columns of this plan."""
    introspection: IntrospectionPart | None = None
    """The introspection fields."""
    leaner: bool = False
    """Whether lists are read with less than the schema's own sources would."""

    @cached_property
    def single_load(self) -> Field | None:
        """The root field that is all it loads; None where there is more, or order matters."""
        if self.writes or len(self.slots) != 1 or len(self.slots[0].steps) != 1:
            return None
        return self.slots[0]
