"""Projection: reads only the columns of the rows that a plan shows or follows.

Reads select all columns, so that all operations share one statement. A repeated operation deserves statements of its
own, which do not send descriptions and metadata that it does not select.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from domain.kernel.listing import JsonListing
from domain.kernel.listing.nested import NestedListing
from domain.kernel.reads.read import Read
from gateway.execution.plan import Field, FieldKind, QueryPlan, Selection
from resolvers.sources import (
    ChangedRowSource,
    ComputedSource,
    DerivedKeySource,
    ListSource,
    LookupSource,
    NestedListSource,
    NodeSource,
    PermittedSource,
    RelatedColumnSource,
    RelatedSource,
)
from schema.row_functions import TypeByColumn


class UnknownColumnsError(Exception):
    """The columns that a field reads are unknown."""


def lean(plan: QueryPlan) -> None:
    """Let a new plan read no wide columns (snapshots, metadata, texts) but those that it shows.

    All operations share these statements: a read has one for each choice of its wide columns.
    """
    plan.read_overrides = {
        read: found
        for read, columns in _needs(plan, of_any_type=True).items()
        if columns is not None and (found := read.lean(columns)) is not read
    }
    for field in plan.slots:
        if isinstance(field.source, ListSource):
            plan.leaner |= _lean_list(field, field.source)


def _lean_list(field: Field, source: ListSource) -> bool:
    """Whether it reads less than before."""
    try:
        columns = _columns_of_nodes(field, of_any_type=True)
    except UnknownColumnsError:
        return False
    listing = source.listing.lean(columns)
    if listing is source.listing:
        return False
    if isinstance(source, NestedListSource):
        field.source = replace(source, nested=source.nested.lean(columns))
    else:
        field.source = replace(source, listing=listing)
    return True


def project_columns(plan: QueryPlan) -> None:
    """Let the plan read less from now on: of all rows that are written here, the columns that it shows or follows."""
    projected = {read: read.projected(columns) for read, columns in _needs(plan).items() if columns is not None}
    plan.read_overrides = {**plan.read_overrides, **projected}
    nested = {
        each: each if columns is None else each.projected(columns) for each, columns in _needs_of_nested(plan).items()
    }
    for field in plan.slots:
        match field.source:
            case NestedListSource() as source:
                field.source = replace(source, nested=nested[source.nested])
            case ListSource(listing=listing) as source if not isinstance(listing, JsonListing):
                _narrow(field, source)
            case NodeSource() as source:
                field.source = replace(source, instead={**_columns_of_types(field, source), **source.instead})


def _needs_of_nested(plan: QueryPlan) -> dict[NestedListing, set[str] | None]:
    """The columns that are used of the rows of each nested list; None if unknown."""
    needs: dict[NestedListing, set[str] | None] = {}
    for field in plan.slots:
        if isinstance(field.source, NestedListSource):
            known = needs.setdefault(field.source.nested, set())
            try:
                if known is not None:
                    known |= _columns_of_nodes(field)
            except UnknownColumnsError:
                needs[field.source.nested] = None
    return needs


def _columns_of_types(field: Field, source: NodeSource) -> dict[Read, Read]:
    """The reads of the types of objects that are found by id, with only the columns that are used of each."""
    found: dict[Read, Read] = {}
    for name, selection in field.selections.items():
        if name in source.reads and not selection.written:
            with suppress(UnknownColumnsError):
                columns = {column for each in selection.fields for column in _of(each)}
                found[source.reads[name]] = source.reads[name].projected(columns)
    return found


def _needs(plan: QueryPlan, *, of_any_type: bool = False) -> dict[Read, set[str] | None]:
    """The columns that are used of the rows of each read; None if unknown.

    ``of_any_type``: of interfaces, too, except the columns that distinguish their types.
    """
    needs: dict[Read, set[str] | None] = {}
    for field in plan.slots:
        for read in _reads(field):
            _add(needs, read, field, of_any_type=of_any_type)
    return needs


def _reads(field: Field) -> Iterable[Read]:
    """The reads that find the rows of a field."""
    if field.written:  # with its own columns
        return
    match field.source:
        case (
            RelatedSource(read=read, instead=None)
            | RelatedColumnSource(read=read)
            | ChangedRowSource(read=read, instead=None)
        ):
            yield read
        case RelatedSource(read=read, instead=(other, _)) | ChangedRowSource(read=read, instead=(other, _)):
            yield from (read, other)
        case LookupSource(reads=reads) | DerivedKeySource(reads=reads):
            yield from reads
        case _:
            return


def _add(needs: dict[Read, set[str] | None], read: Read, field: Field, *, of_any_type: bool) -> None:
    """A read that is used twice is read once, with what both need."""
    known = needs.setdefault(read, set())
    try:
        if known is not None:
            source = field.source
            known |= (
                {source.column} if isinstance(source, RelatedColumnSource) else _columns(field, of_any_type=of_any_type)
            )
            known.update(source.seen_by if isinstance(source, LookupSource) else ())
    except UnknownColumnsError:
        needs[read] = None


def _narrow(field: Field, source: ListSource) -> None:
    try:
        field.source = replace(source, listing=source.listing.projected(_columns_of_nodes(field)))
    except UnknownColumnsError:
        return


def _columns_of_nodes(field: Field, *, of_any_type: bool = False) -> set[str]:
    """The columns used of the rows of a connection. Raises UnknownError."""
    (page,) = field.selections.values()
    columns: set[str] = set()
    for each in page.fields:
        if each.name == "nodes":
            columns |= _columns(each, of_any_type=of_any_type)
        elif each.node.name.value == "edges":
            (edge,) = each.selections.values()
            for node in edge.fields:
                columns |= _columns(node, of_any_type=of_any_type) if node.name == "node" else set()
    return columns


def _columns(field: Field, *, of_any_type: bool) -> set[str]:
    """The columns used of the rows of a field. Raises UnknownError."""
    selections: Iterable[Selection] = field.selections.values()
    columns = {name for selection in selections for each in selection.fields for name in _of(each)}
    if field.abstract and not of_any_type:
        decides = getattr(field.type, "resolve_type", None)
        if not isinstance(decides, TypeByColumn):
            raise UnknownColumnsError
        columns.add(decides.column)
    return columns


def _of(field: Field) -> Iterable[str]:
    match field.way, field.source:
        case FieldKind.TYPENAME, _:
            return ()
        case (FieldKind.ATTRIBUTE, _) | (FieldKind.BY_COLUMN, _):
            return (field.name,)
        case (
            (FieldKind.FUNCTION, ComputedSource(columns=columns))
            | (FieldKind.BY_ROW, PermittedSource(columns=columns))
            | (FieldKind.BY_ROW, DerivedKeySource(columns=columns))
        ):
            return columns
        case FieldKind.BY_ROW, RelatedSource(key=key, instead=instead):
            return (key,) if instead is None else (key, instead[1])
        case FieldKind.BY_ROW, NestedListSource(key=key, narrowed=narrowed):
            return (key, *narrowed.values())
        case _:
            raise UnknownColumnsError
