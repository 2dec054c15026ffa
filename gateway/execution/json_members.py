"""The members of objects that the database writes, from the fields of a plan that show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from graphql import GraphQLEnumType, is_leaf_type

from domain.kernel.listing import JsonPage, PageMember, PageObjects, PagePart, PageRows
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
    JsonRow,
    NotPushableError,
    Value,
)
from domain.kernel.reads.json_values import (
    JsonEither,
    JsonFigure,
    JsonInt,
    JsonNumberText,
    JsonSingleton,
    JsonStoredObject,
    JsonTexts,
    JsonTyped,
    StoredInstant,
    StoredKeyword,
    StoredText,
    StoredType,
    StoredValue,
)
from domain.kernel.reads.read import Read
from gateway.execution.codegen import UnexpectedValueError, compile_plan
from gateway.execution.graphql_internals import names_of
from gateway.execution.plan import Field, FieldKind, QueryPlan, Selection
from gateway.execution.plan_loader import LoadedTables
from resolvers.sources import NestedListSource, PermittedSource, RelatedColumnSource, RelatedSource, TotalCountSource
from schema.row_functions import TypeByColumn

_KINDS: Mapping[str, ColumnKind] = {
    "ID": ColumnKind.TEXT,
    "String": ColumnKind.TEXT,
    "URL": ColumnKind.TEXT,
    "Currency": ColumnKind.TEXT,
    "BigInt": ColumnKind.LONG,
    "Boolean": ColumnKind.BOOLEAN,
    "DateTime": ColumnKind.INSTANT,
    "JSON": ColumnKind.JSON,
}
"""Of the scalars that the database writes as we do."""
_TEXTS = frozenset({"ID", "String"})
"""The scalars whose lists are arrays of texts."""
_STORED_TEXTS = _TEXTS | {"URL"}
"""The scalars that stored objects hold as texts."""


class MemberWriter:
    """Writes the members of one statement. ``pages``: the fields of the pages in it, by their numbers."""

    def __init__(self) -> None:
        self.pages: list[Field] = []

    def members_of(self, field: Field) -> JsonRow:
        """What is shown of the rows of a field. Raises NotPushableError."""
        if field.abstract:
            return self._typed(field)
        (selection,) = field.selections.values()
        return self.members(selection)

    def members(self, selection: Selection) -> JsonFields:
        """The members that a selection shows. Raises NotPushableError."""
        return tuple((each.key, self._value(each)) for each in selection.fields)

    def _typed(self, field: Field) -> JsonTyped:
        """Objects whose type is decided by a column. Raises NotPushableError where it is decided otherwise."""
        by_column = getattr(field.type, "resolve_type", None)
        if not isinstance(by_column, TypeByColumn):
            raise NotPushableError(field.key)
        type_name = JsonEnum(by_column.column, by_column.names, required=True)
        found: list[tuple[JsonFields, list[str]]] = []
        for word, name in by_column.names.items():
            if name not in field.selections:  # a keyword without a type fails, as any other
                continue
            shown = self.members(field.selections[name])
            members = tuple((key, type_name if isinstance(each, JsonConstant) else each) for key, each in shown)
            words = next((words for known, words in found if known == members), None)
            if words is None:
                found.append((members, words := []))
            words.append(word)
        return JsonTyped(by_column.column, tuple((tuple(words), members) for members, words in found))

    def _value(self, field: Field) -> Value:
        match field.way:
            case FieldKind.TYPENAME:
                return JsonConstant(field.name)
            case FieldKind.ATTRIBUTE if is_leaf_type(field.type):
                return _leaf(field, field.name)
            case FieldKind.FUNCTION:
                return self._function(field, field.function)
            case FieldKind.BY_COLUMN if isinstance(field.source, RelatedSource):
                return self._related(field, field.source)
            case FieldKind.BY_ROW if isinstance(field.source, RelatedSource) and field.source.instead is not None:
                return self._either(field, field.source, *field.source.instead)
            case FieldKind.BY_ROW if isinstance(field.source, NestedListSource):
                return self._page(field, field.source)
            case FieldKind.BY_COLUMN if isinstance(field.source, RelatedColumnSource):
                return _figure(field, field.source)
            case FieldKind.BY_ROW if isinstance(field.source, PermittedSource):
                return self._function(field, field.source.function)
            case _:
                raise NotPushableError(field.key)

    def _function(self, field: Field, function: Any) -> Value:
        """What a function says of the row; by ``as_rows`` and ``as_row``, the rows that are stored in it."""
        required, depth = not field.shape.nullable, field.shape.depth
        value: Value
        if hasattr(function, "as_rows") and depth == 1 and required:
            value = function.as_rows(self.members_of(field))
        elif hasattr(function, "as_row") and depth == 0:
            value = function.as_row(self.members_of(field), required=required)
        else:
            value = _computed(field, function)
        return value

    def _related(self, field: Field, source: RelatedSource) -> Value:
        members, required = self.members_of(field), not field.shape.nullable
        if not source.read.many:
            if source.otherwise is None:
                return JsonOne(source.read, source.key, members, required)
            if not required:
                raise NotPushableError(field.key)
            return JsonOne(source.read, source.key, members, required, constant_text(field, source.otherwise))
        item = field.shape.item
        if item is None or item.item is not None or not required or source.otherwise is not None:
            raise NotPushableError(field.key)
        return JsonMany(source.read, source.key, members)

    def _either(self, field: Field, source: RelatedSource, other: Read, column: str) -> Value:
        """The rows of one of two reads."""
        absent = self._related(field, replace(source, instead=None))
        present = self._related(field, replace(source, read=other, key=column, instead=None))
        if isinstance(present, JsonMany) and isinstance(absent, JsonMany):
            return JsonEither(present, absent)
        raise NotPushableError(field.key)

    def _page(self, field: Field, source: NestedListSource) -> Value:
        """A page of a list of the row's own."""
        if source.narrowed or source.listing.drops_rows or field.shape.nullable:
            raise NotPushableError(field.key)
        number = len(self.pages)
        self.pages.append(field)
        (selection,) = field.selections.values()
        parts = tuple((each.key, self._page_part(each)) for each in selection.fields)
        return JsonPage(source.nested, source.key, number, parts)

    def _page_part(self, field: Field) -> PagePart:
        if field.way is FieldKind.TYPENAME:
            return JsonConstant(field.name)
        if isinstance(field.source, TotalCountSource):
            return PageMember.TOTAL_COUNT
        if field.way is FieldKind.ATTRIBUTE and field.name in {"nodes", "node"}:
            return PageRows(self.members_of(field))
        if field.way is FieldKind.ATTRIBUTE:
            return PageMember(field.name)
        (selection,) = field.selections.values()
        members = tuple((each.key, self._page_part(each)) for each in selection.fields)
        return PageObjects(members, each=field.shape.item is not None)


def _leaf(field: Field, column: str) -> Value:
    required, item = not field.shape.nullable, field.shape.item
    if item is not None:
        if field.type.name not in _TEXTS or item.nullable or item.item is not None:
            raise NotPushableError(field.key)
        return JsonTexts(column, required)
    if isinstance(field.type, GraphQLEnumType):
        return JsonEnum(column, _words_of(field.type), required)
    match field.type.name:
        case "Int":
            return JsonInt(column, required)
        case "Decimal":
            return JsonNumberText(column, required)
        case name if name in _KINDS:
            return JsonColumn(column, _KINDS[name], required)
    raise NotPushableError(field.key)


def _computed(field: Field, function: Any) -> Value:
    """The value of a function of the row that says how the database finds the same: by ``as_json`` the value, by
    ``plain`` the columns of its members, by ``stored`` the members of its column, by ``item`` those of its one item.
    """
    required = not field.shape.nullable
    value: Value
    if hasattr(function, "as_json") and is_leaf_type(field.type):
        value = function.as_json(required=required)
        return value
    if hasattr(function, "as_texts") and field.type.name in _TEXTS and field.shape.depth == 1:
        value = function.as_texts(required=required)
        return value
    if hasattr(function, "item") and field.shape.depth == 1 and required:
        return JsonSingleton(_part(field, function.item, required=False))
    if field.shape.item is None and hasattr(function, "plain"):
        return _part(field, function, required=required)
    if field.shape.item is None and hasattr(function, "stored"):
        return _stored(field, function)
    raise NotPushableError(field.key)


def _part(field: Field, function: Any, *, required: bool) -> JsonObject:
    columns: Mapping[str, str] = function.plain
    (selection,) = field.selections.values()
    members = tuple((each.key, _member(each, columns, function)) for each in selection.fields)
    return JsonObject(next(iter(columns.values())), members, required)


def _member(field: Field, columns: Mapping[str, str], function: object) -> Value:
    amounts: Mapping[str, tuple[str, str]] = getattr(function, "amounts", {})
    if field.way is FieldKind.ATTRIBUTE and field.name in amounts:
        return JsonMoney(*amounts[field.name])
    if field.way is FieldKind.ATTRIBUTE and field.name not in columns:
        raise NotPushableError(field.key)
    if field.way is FieldKind.TYPENAME:
        return JsonConstant(field.name)
    if not is_leaf_type(field.type):
        raise NotPushableError(field.key)
    return _leaf(field, columns[field.name])


def _stored(field: Field, function: Any) -> Value:
    (selection,) = field.selections.values()
    members = tuple((each.key, _stored_member(each)) for each in selection.fields)
    return JsonStoredObject(function.column, function.stored, members, not field.shape.nullable)


def _stored_member(field: Field) -> StoredValue:
    if field.way is FieldKind.TYPENAME:
        return StoredType(field.name)
    required = not field.shape.nullable
    if field.way is not FieldKind.ATTRIBUTE or field.shape.item is not None:
        raise NotPushableError(field.key)
    if isinstance(field.type, GraphQLEnumType):
        return StoredKeyword(field.name, tuple(_words_of(field.type).items()), required)
    if field.type.name == "DateTime":
        return StoredInstant(field.name, required)
    if field.type.name not in _STORED_TEXTS:
        raise NotPushableError(field.key)
    return StoredText(field.name, required)


def _words_of(enum: GraphQLEnumType) -> dict[str, str]:
    """The names of an enum by its keywords."""
    return {word: name for word, name in names_of(enum).items() if type(word) is str}


def _figure(field: Field, source: RelatedColumnSource) -> Value:
    if field.type.name != "Int" or field.shape.nullable or field.shape.item is not None or source.read.many:
        raise NotPushableError(field.key)
    return JsonFigure(source.read, source.key, source.column, source.missing)


def constant_text(field: Field, row: Any) -> str:
    """What is written for a row that is always the same, as JSON. Raises NotPushableError."""
    root = replace(field, way=FieldKind.EVENT, slot=None)
    plan = QueryPlan(False, Selection("", (root,)), (), {}, 1, None)
    if any(selection.loading for selection in field.selections.values()):
        raise NotPushableError(field.key)
    try:
        return orjson.dumps(compile_plan(plan)[root.key](row, LoadedTables(plan))).decode()
    except (UnexpectedValueError, AttributeError):
        raise NotPushableError(field.key) from None
