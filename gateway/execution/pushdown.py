"""Pushdown: in a query with one root field, plain objects that follow from its rows by declared reads are written as
JSON by the database, in the statement that reads the rows.

The result is a plan like any other, in which some objects are already JSON. Interfaces, nested connections and
functions of a row (except money of two columns) stay as they are, with all that leads to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from graphql import GraphQLEnumType, is_leaf_type

from domain.kernel.listing import JsonListing
from domain.kernel.reads.json_objects import (
    ColumnKind,
    JsonColumn,
    JsonConstant,
    JsonEnum,
    JsonFields,
    JsonMany,
    JsonMoney,
    JsonObject,
    JsonOne,
    NotPushableError,
    Value,
)
from gateway.execution.graphql_internals import names_of
from gateway.execution.plan import Field, FieldKind, QueryPlan, Selection
from resolvers.sources import ListSource, LookupSource, RelatedSource

_KINDS: Mapping[str, ColumnKind] = {
    "ID": ColumnKind.TEXT,
    "String": ColumnKind.TEXT,
    "URL": ColumnKind.TEXT,
    "Currency": ColumnKind.TEXT,
    "Int": ColumnKind.INTEGER,
    "BigInt": ColumnKind.LONG,
    "Boolean": ColumnKind.BOOLEAN,
    "DateTime": ColumnKind.INSTANT,
    "JSON": ColumnKind.JSON,
}
"""Of the scalars that the database writes as we do."""


def push_down(plan: QueryPlan) -> QueryPlan | None:
    """The same plan with objects written by the database; None where there is nothing for it to write."""
    if plan.writes or plan.fallback_reason is not None or len(plan.selection.fields) != 1:
        return None
    (root,) = plan.selection.fields
    try:
        match root.source:
            case LookupSource() if not root.abstract:
                made = _row(root, root.source)
            case ListSource():
                made = _page(root, root.source)
            case _:
                return None
        slots = _numbered(made)
    except NotPushableError:
        return None
    selection = Selection(plan.selection.type_name, (made,), (made,))
    return replace(plan, selection=selection, slots=slots, by_steps={slot.steps: slot for slot in slots})


def _row(root: Field, source: LookupSource) -> Field:
    members = _members(root)
    instead = {read: read.as_json(members) for read in source.reads}
    return replace(root, source=replace(source, instead=instead), selections={}, written=True)


def _page(root: Field, source: ListSource) -> Field:
    """The page with its rows written: those of ``nodes``, or of ``edges``."""
    (selection,) = root.selections.values()
    found: list[JsonFields] = []
    fields = tuple(_listed(field, found) for field in selection.fields)
    if len(found) != 1:
        raise NotPushableError("rows that are shown more than once are not pushed down")
    placed = any(field.way is FieldKind.FUNCTION for field in fields)  # edges and pageInfo contain cursors
    listing = JsonListing.of(source.listing, found[0], placed=placed)
    shown = replace(selection, fields=fields, loading=tuple(field for field in fields if field.loads))
    return replace(root, source=replace(source, listing=listing), selections={selection.type_name: shown})


def _listed(field: Field, found: list[JsonFields]) -> Field:
    """A field of a connection or of its edges; where it shows the rows, what they show is left in ``found``."""
    if field.way is FieldKind.ATTRIBUTE and field.name in {"nodes", "node"} and not field.abstract:
        found.append(_members(field))
        return replace(field, selections={}, written=True)
    if field.node.name.value != "edges":
        return replace(field)
    (selection,) = field.selections.values()
    fields = tuple(_listed(each, found) for each in selection.fields)
    shown = replace(selection, fields=fields, loading=tuple(each for each in fields if each.loads))
    return replace(field, slot=None, selections={selection.type_name: shown})


def _numbered(root: Field) -> tuple[Field, ...]:
    """The loaded fields of the new plan, numbered again."""
    slots = [root, *(field for selection in root.selections.values() for field in selection.loading)]
    if any(field.slot is None for field in slots):
        raise NotPushableError(root.key)
    for number, slot in enumerate(slots):
        slot.slot = number
    return tuple(slots)


def _members(field: Field) -> JsonFields:
    """The members shown of the rows of a field."""
    (selection,) = field.selections.values()
    return tuple((each.key, _value(each)) for each in selection.fields)


def _value(field: Field) -> Value:
    match field.way:
        case FieldKind.TYPENAME:
            return JsonConstant(field.name)
        case FieldKind.ATTRIBUTE if is_leaf_type(field.type) and field.shape.item is None:
            return _leaf(field, field.name)
        case FieldKind.FUNCTION:
            return _part(field)
        case FieldKind.BY_COLUMN if isinstance(field.source, RelatedSource) and not field.abstract:
            return _related(field, field.source)
        case _:
            raise NotPushableError(field.key)


def _leaf(field: Field, column: str) -> Value:
    required = not field.shape.nullable
    if isinstance(field.type, GraphQLEnumType):
        return JsonEnum(
            column, {word: name for word, name in names_of(field.type).items() if type(word) is str}, required
        )
    if field.type.name not in _KINDS:
        raise NotPushableError(field.key)
    return JsonColumn(column, _KINDS[field.type.name], required)


def _part(field: Field) -> Value:
    columns: Mapping[str, str] | None = getattr(field.function, "plain", None)
    if columns is None or field.shape.item is not None:
        raise NotPushableError(field.key)
    (selection,) = field.selections.values()
    members = tuple((each.key, _member(each, columns, field.function)) for each in selection.fields)
    return JsonObject(next(iter(columns.values())), members, not field.shape.nullable)


def _member(field: Field, columns: Mapping[str, str], function: object) -> Value:
    amounts: Mapping[str, tuple[str, str]] = getattr(function, "amounts", {})
    if field.way is FieldKind.ATTRIBUTE and field.name in amounts:
        return JsonMoney(*amounts[field.name])
    if field.way is FieldKind.ATTRIBUTE and field.name not in columns:
        raise NotPushableError(field.key)
    return _value(replace(field, name=columns.get(field.name, field.name)))


def _related(field: Field, source: RelatedSource) -> Value:
    if source.otherwise is not None:
        raise NotPushableError(field.key)
    members = _members(field)
    if not source.read.many:
        return JsonOne(source.read, source.key, members, not field.shape.nullable)
    item = field.shape.item
    if item is None or item.item is not None or field.shape.nullable:
        raise NotPushableError(field.key)
    return JsonMany(source.read, source.key, members)
