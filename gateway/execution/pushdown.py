"""Pushdown: objects that follow from rows by declared reads are written as JSON by the database, in the statement that
reads the rows.

The result is a plan like any other, in which some objects are already JSON. Where an object shows something that the
database cannot write as we do, it is loaded and written here, and what is below it is pushed down instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace

from domain.kernel.listing import JsonListing, JsonLookup
from domain.kernel.listing.json_pages import default_shapes
from domain.kernel.listing.paging import DEFAULT_LIMIT
from domain.kernel.reads.json_objects import DOCUMENT, JsonRow, NotPushableError, document_name
from domain.kernel.reads.read import Read
from gateway.execution.json_members import MemberWriter, constant_text
from gateway.execution.plan import Field, FieldKind, QueryPlan, Selection
from gateway.execution.pushed_sources import PushedField, PushedListSource, PushedLookupSource
from resolvers.sources import ListSource, LookupSource, NestedListSource, NodeSource, RelatedSource, TotalCountSource


def push_down(plan: QueryPlan) -> QueryPlan | None:
    """The same plan with objects written by the database; None where there is nothing for it to write."""
    if plan.writes or plan.fallback_reason is not None:
        return None
    pusher = _Pusher()
    selection = pusher.selection(plan.selection)
    if not pusher.has_pushed:
        return None
    slots = tuple(_numbered(selection))
    return replace(plan, selection=selection, slots=slots, by_steps={slot.steps: slot for slot in slots})


def build_statements(slot: Field) -> None:
    """Build the statements of a pushed-down field for its first page, without filters, as most requests ask for it."""
    match slot.source:
        case PushedLookupSource(written=lookups, pages=pages):
            for lookup in lookups:
                lookup.compiled(default_shapes([page.nested for page in pages]))
        case LookupSource(instead=instead) if instead:
            for read in instead.values():
                _ = read.compiled
        case ListSource(listing=JsonListing() as listing) as source:
            pages = source.pages if isinstance(source, PushedListSource) else ()
            listing.build((slot.constant or {}).get("first") or DEFAULT_LIMIT, [page.nested for page in pages])


def _numbered(selection: Selection) -> list[Field]:
    """The loaded fields, numbered, each before those below it."""
    slots: list[Field] = []

    def collect(fields: tuple[Field, ...]) -> None:
        for field in fields:
            if field.slot is not None:
                field.slot = len(slots)
                slots.append(field)
            for below in field.selections.values():
                collect(below.fields)

    collect(selection.fields)
    return slots


class _Pusher:
    """Makes the fields of the new plan. Those of the old one stay as they are."""

    def __init__(self) -> None:
        self.has_pushed = False
        self._reads: list[tuple[Read, JsonRow, tuple[str, ...], Read]] = []

    def selection(self, selection: Selection) -> Selection:
        """The same with all that can be pushed down."""
        return _selecting(selection, map(self._field, selection.fields))

    def _field(self, field: Field) -> Field:
        try:
            made = self._pushed(field)
        except NotPushableError:
            made = None
        if made is not None:
            self.has_pushed = True
            return made
        return replace(field, selections={name: self.selection(each) for name, each in field.selections.items()})

    def _pushed(self, field: Field) -> Field | None:
        """The field with its rows written by the database; None where it has none. Raises NotPushableError."""
        match field.source:
            case LookupSource() as source:
                return self._lookup(field, source)
            case NodeSource() as source:
                return self._nodes(field, source)
            case NestedListSource():
                return None
            case ListSource() as source:
                return _page(field, source)
            case RelatedSource() as source:
                return replace(field, source=self._related(field, source), selections={}, written=DOCUMENT)
        return None

    def _lookup(self, field: Field, source: LookupSource) -> Field:
        writer = MemberWriter()
        members = writer.members_of(field)
        made = replace(field, selections={}, written=DOCUMENT)
        if not writer.pages:
            found = {read: self._written(read, members, source.seen_by) for read in source.reads}
            return replace(made, source=replace(source, instead=found))
        if source.sees is not None:
            raise NotPushableError(field.key)
        lookups = tuple(JsonLookup(read, members) for read in source.reads)
        made.source = PushedLookupSource(source.function, source.reads, written=lookups, pages=_sources(writer.pages))
        return PushedField.of(made, writer.pages)

    def _nodes(self, field: Field, source: NodeSource) -> Field:
        """Each type by itself: objects of the others are loaded and written here."""
        instead: dict[Read, Read] = {}
        selections: dict[str, Selection] = {}
        for name, selection in field.selections.items():
            try:
                instead[source.reads[name]] = self._written(source.reads[name], _without_pages(selection))
                selections[name] = Selection(name, (), written=DOCUMENT)
            except (KeyError, NotPushableError):
                selections[name] = self.selection(selection)
        if not instead:
            raise NotPushableError(field.key)
        return replace(field, source=replace(source, instead=instead), selections=selections)

    def _related(self, field: Field, source: RelatedSource) -> RelatedSource:
        members = _without_pages(field)
        made = replace(source, read=self._written(source.read, members))
        if source.instead is not None:
            other, column = source.instead
            made = replace(made, instead=(self._written(other, members), column))
        if source.otherwise is not None:
            made = replace(made, otherwise=SimpleNamespace(**{DOCUMENT: constant_text(field, source.otherwise)}))
        return made

    def _written(self, read: Read, members: JsonRow, beside: tuple[str, ...] = ()) -> Read:
        """The read of rows written as objects, with columns ``beside``: one for all fields that show the same, so that
        they are read at once.
        """
        for known, *shown, made in self._reads:
            if known is read and shown == [members, beside]:
                return made
        made = read.as_json(members, beside)
        self._reads.append((read, members, beside, made))
        return made


def _without_pages(shown: Field | Selection) -> JsonRow:
    """What is shown, where it has no pages: their arguments are known to lists and look-ups of the root alone. Raises
    NotPushableError.
    """
    writer = MemberWriter()
    members = writer.members_of(shown) if isinstance(shown, Field) else writer.members(shown)
    if writer.pages:
        raise NotPushableError(writer.pages[0].key)
    return members


def _page(root: Field, source: ListSource) -> Field:
    """The page with its rows written: those of ``nodes``, and of ``edges``."""
    (selection,) = root.selections.values()
    documents = _Documents()
    shown = _selecting(selection, map(documents.field, selection.fields))
    if not documents.found:
        raise NotPushableError("no rows are shown")
    placed = any(field.way is FieldKind.FUNCTION for field in shown.fields)  # edges and pageInfo contain cursors
    counted = any(isinstance(field.source, TotalCountSource) for field in selection.fields)
    listing = JsonListing.of(source.listing, documents.found, placed=placed, counted=counted)
    made = replace(root, source=replace(source, listing=listing), selections={selection.type_name: shown})
    pages = documents.writer.pages
    if not pages:
        return made
    made.source = PushedListSource(listing, source.filter, source.check_filters, pages=_sources(pages))
    return PushedField.of(made, pages)


class _Documents:
    """Makes the fields of a connection and of its edges; ``found`` are the objects that they show of each row."""

    def __init__(self) -> None:
        self.found: list[JsonRow] = []
        self.writer = MemberWriter()

    def field(self, field: Field) -> Field:
        """The field with its rows written."""
        if field.way is FieldKind.ATTRIBUTE and field.name in {"nodes", "node"}:
            members = self.writer.members_of(field)
            if members not in self.found:
                self.found.append(members)
            return replace(field, selections={}, written=document_name(self.found.index(members)))
        if isinstance(field.source, TotalCountSource):
            return replace(field, way=FieldKind.ATTRIBUTE, name="total", source=None, slot=None)
        if field.node.name.value != "edges":
            return replace(field)
        (selection,) = field.selections.values()
        shown = _selecting(selection, map(self.field, selection.fields))
        return replace(field, slot=None, selections={selection.type_name: shown})


def _sources(pages: Iterable[Field]) -> tuple[NestedListSource, ...]:
    return tuple(page.source for page in pages if isinstance(page.source, NestedListSource))


def _selecting(selection: Selection, fields: Iterable[Field]) -> Selection:
    made = tuple(fields)
    return replace(selection, fields=made, loading=tuple(field for field in made if field.loads))
