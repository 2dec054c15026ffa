"""The estimated cost of an operation, before it runs: an object 1, a leaf 0, a list its items.

A list within a connection has as many items as the requested page, any other as many as its declaration estimates.
Calculations that call others have points of their own besides.
Estimates of the pages in tests/execution/test_cost.py are within a factor of 2 of the actual cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError, is_leaf_type
from graphql.execution.values import VariableValues

from domain.kernel.errors import MalformedRequest
from domain.kernel.listing.paging import connection_window
from gateway.execution.plan import Field, FieldKind, QueryPlan, Selection
from resolvers.sources import (
    CalculationSource,
    ComputedSource,
    ListSource,
    PermittedSource,
    RelatedSource,
    ResolverSource,
)

POINTS = 10_000
"""Of one operation."""
PLAIN_LIST = 10
"""Items of a list of which nothing is declared."""
LONG_LIST = 100
"""Items of a list that is bounded by its owner: a product's variants."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The estimated cost of an operation, and a function that counts its actual cost."""

    requested: int
    plan: QueryPlan

    def actual(self, data: Mapping[str, Any] | None) -> int:
        """The number of objects in a response."""
        return _objects([self.plan.selection], data)


def cost_of(plan: QueryPlan, variables: VariableValues) -> int:
    """The points of an operation."""
    asked = 0 if plan.introspection is None else plan.introspection.points
    return asked + sum(_field(field, variables, None) for field in plan.selection.fields)


def worst_cost_of(plan: QueryPlan, variables: VariableValues) -> int:
    """The points for the largest object that there may be: lists of its own count as LONG_LIST, lists within lists as
    ever, for not all of them are long at once."""
    return sum(_worst(field, variables, LONG_LIST) for field in plan.selection.fields)


def _worst(field: Field, variables: VariableValues, items: int) -> int:
    if is_leaf_type(field.type):
        return 0
    within = PLAIN_LIST if field.shape.depth else items
    if isinstance(field.source, ListSource):
        within = _page(field, variables)
    selections = field.selections.values()
    below = max((sum(_worst(each, variables, within) for each in one.fields) for one in selections), default=0)
    times: int = items**field.shape.depth
    return times * (1 + below)


def is_fixed(plan: QueryPlan) -> bool:
    """Whether the cost is the same for all variables."""
    return _is_fixed(plan.selection)


def _is_fixed(selection: Selection) -> bool:
    return all(
        (field.constant is not None or not isinstance(field.source, ListSource | ResolverSource))
        and all(map(_is_fixed, field.selections.values()))
        for field in selection.fields
    )


def _field(field: Field, variables: VariableValues, page: int | None) -> int:
    """The points of a field of one object. ``page``: of a connection's own fields, how many items it has."""
    if is_leaf_type(field.type) or field.way is FieldKind.UNKNOWN:
        return 0
    number = _number(field, variables, page)
    inner = _page(field, variables) if isinstance(field.source, ListSource) else None
    below = max((_selection(selection, variables, inner) for selection in field.selections.values()), default=0)
    return number * (1 + below) + _points(field)


def _points(field: Field) -> int:
    """What a field costs besides its objects."""
    return field.source.points if isinstance(field.source, CalculationSource) else 0


def _number(field: Field, variables: VariableValues, page: int | None) -> int:
    """How many objects a field has: one, a page, as many as are named, or as many as its list has as a rule."""
    depth = field.shape.depth
    if not depth:
        return 1
    if page is not None:
        times: int = page**depth
        return times
    match field.source:
        case RelatedSource(read=read):
            return read.likely
        case ComputedSource(likely=int(likely)) | PermittedSource(likely=int(likely)):
            return likely
        case ResolverSource() if (named := _named(field, variables)) is not None:
            return named
    number: int = PLAIN_LIST**depth
    return number


def _named(field: Field, variables: VariableValues) -> int | None:
    """The number of objects that the arguments name."""
    try:
        ids = field.arguments(variables).get("ids")
    except GraphQLError:
        return 0
    return len(ids) if isinstance(ids, list) else None


def _selection(selection: Selection, variables: VariableValues, page: int | None) -> int:
    return sum(_field(field, variables, page) for field in selection.fields)


def _page(field: Field, variables: VariableValues) -> int:
    """How many items the page of a connection has at most; none where it is refused for what is wrong with it."""
    try:
        arguments = field.arguments(variables)
        return connection_window(*map(arguments.get, ("first", "after", "last", "before"))).limit
    except (GraphQLError, MalformedRequest):
        return 0


def _objects(selections: Iterable[Selection], row: Mapping[str, Any] | None) -> int:
    """The objects within a row of a response; fields of one key count alike, whatever type they were selected on."""
    if row is None:
        return 0
    fields = {field.key: field for selection in selections for field in selection.fields if field.selections}
    return sum(_values(field, row[key]) for key, field in fields.items() if key in row)


def _values(field: Field, value: Any) -> int:
    if isinstance(value, list):
        return sum(_values(field, item) for item in value)
    return 0 if value is None else 1 + _objects(field.selections.values(), value) + _points(field)
