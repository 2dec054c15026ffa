"""Projection: of the rows that a plan reads, only the columns that it shows or follows.

Reads select everything their rows have, so that all who ask share one statement. An operation that comes again is worth
statements of its own: descriptions and metadata that nobody asked for are not worth sending.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from domain.kernel.reads import Read
from gateway.execution.plan import Field, Plan, Selection, Way
from schema.sources import Changed, Computed, Figure, Found, Listed, ListedWithin, Lookup, Permitted, Related


class UnknownError(Exception):
    """Nobody says which columns a field looks at."""


def project(plan: Plan) -> None:
    """Let the plan read less from now on."""
    needs: dict[Read, set[str] | None] = {}
    for field in plan.slots:
        for read in _reads(field):
            _add(needs, read, field)
        if type(field.source) is Listed and isinstance(field.source, Listed):
            _narrow(field, field.source)
    plan.instead = {read: read.projected(columns) for read, columns in needs.items() if columns is not None}


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


def _add(needs: dict[Read, set[str] | None], read: Read, field: Field) -> None:
    """A read that is used twice is read once, with what both need."""
    known = needs.setdefault(read, set())
    try:
        if known is not None:
            known |= {field.source.column} if isinstance(field.source, Figure) else _columns(field)
    except UnknownError:
        needs[read] = None


def _narrow(field: Field, source: Listed) -> None:
    (page,) = field.selections.values()
    columns: set[str] = set()
    try:
        for each in page.fields:
            if each.name == "nodes":
                columns |= _columns(each)
            elif each.node.name.value == "edges":
                (edge,) = each.selections.values()
                columns |= {name for node in edge.fields if node.name == "node" for name in _columns(node)}
    except UnknownError:
        return
    field.source = replace(source, listing=source.listing.projected(columns))


def _columns(field: Field) -> set[str]:
    """What is looked at of the rows of a field. Raises UnknownError."""
    if field.abstract:
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
