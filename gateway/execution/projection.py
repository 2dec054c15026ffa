"""Projection: of the rows that a plan reads, only the columns that it shows or follows.

Reads select everything their rows have, so that all who ask share one statement. An operation that comes again is worth
statements of its own: descriptions and metadata that nobody asked for are not worth sending.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from domain.kernel.reads.read import Read
from gateway.execution.plan import Field, Plan, Selection, Way
from schema.sources import Changed, Computed, Figure, Found, Listed, ListedWithin, Lookup, Permitted, Related


class UnknownError(Exception):
    """Nobody says which columns a field looks at."""


def lean(plan: Plan) -> None:
    """Let a new plan read no wide columns (snapshots, metadata, texts) but those that it shows.

    All operations share these statements: a read has one for each choice of its wide columns.
    """
    plan.instead = {
        read: found
        for read, columns in _needs(plan, of_any_type=True).items()
        if columns is not None and (found := read.lean(columns)) is not read
    }
    for field in plan.slots:
        if isinstance(field.source, Listed):
            plan.leaner |= _lean_list(field, field.source)


def _lean_list(field: Field, source: Listed) -> bool:
    """Whether it reads less than before."""
    try:
        columns = _columns_of_nodes(field, of_any_type=True)
    except UnknownError:
        return False
    listing = source.listing.lean(columns)
    if listing is source.listing:
        return False
    if isinstance(source, ListedWithin):
        field.source = replace(source, nested=source.nested.lean(columns))
    else:
        field.source = replace(source, listing=listing)
    return True


def project(plan: Plan) -> None:
    """Let the plan read less from now on."""
    needs = _needs(plan)
    for field in plan.slots:
        if type(field.source) is Listed and isinstance(field.source, Listed):
            _narrow(field, field.source)
    projected = {read: read.projected(columns) for read, columns in needs.items() if columns is not None}
    plan.instead = {**plan.instead, **projected}


def _needs(plan: Plan, *, of_any_type: bool = False) -> dict[Read, set[str] | None]:
    """The columns that are looked at of each read's rows; None where nobody knows.

    ``of_any_type``: of interfaces too, but for what their rows are told apart by.
    """
    needs: dict[Read, set[str] | None] = {}
    for field in plan.slots:
        for read in _reads(field):
            _add(needs, read, field, of_any_type=of_any_type)
    return needs


def _reads(field: Field) -> Iterable[Read]:
    """What finds the rows of a field."""
    match field.source:
        case Related(read=read, instead=None) | Figure(read=read) | Changed(read=read, instead=None):
            yield read
        case Related(read=read, instead=(other, _)) | Changed(read=read, instead=(other, _)):
            yield from (read, other)
        case Lookup(reads=reads) | Found(reads=reads):
            yield from reads
        case _:
            return


def _add(needs: dict[Read, set[str] | None], read: Read, field: Field, *, of_any_type: bool) -> None:
    """A read that is used twice is read once, with what both need."""
    known = needs.setdefault(read, set())
    try:
        if known is not None:
            source = field.source
            known |= {source.column} if isinstance(source, Figure) else _columns(field, of_any_type=of_any_type)
    except UnknownError:
        needs[read] = None


def _narrow(field: Field, source: Listed) -> None:
    try:
        field.source = replace(source, listing=source.listing.projected(_columns_of_nodes(field)))
    except UnknownError:
        return


def _columns_of_nodes(field: Field, *, of_any_type: bool = False) -> set[str]:
    """What is looked at of the rows of a connection. Raises UnknownError."""
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
    """What is looked at of the rows of a field. Raises UnknownError."""
    if field.abstract and not of_any_type:
        raise UnknownError
    selections: Iterable[Selection] = field.selections.values()
    return {name for selection in selections for each in selection.fields for name in _of(each)}


def _of(field: Field) -> Iterable[str]:
    match field.way, field.source:
        case Way.TYPENAME, _:
            return ()
        case (Way.ATTRIBUTE, _) | (Way.BY_COLUMN, _):
            return (field.name,)
        case (
            (Way.FUNCTION, Computed(columns=columns))
            | (Way.BY_ROW, Permitted(columns=columns))
            | (Way.BY_ROW, Found(columns=columns))
        ):
            return columns
        case Way.BY_ROW, Related(key=key, instead=instead):
            return (key,) if instead is None else (key, instead[1])
        case Way.BY_ROW, ListedWithin(key=key, narrowed=narrowed):
            return (key, *narrowed.values())
        case _:
            raise UnknownError
