"""Members of documents that hold other documents, or values of related rows."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

import orjson

from domain.kernel.documents.json_formats import JsonFirst, JsonValueList
from domain.kernel.documents.members import Member, PlainMember, Relation, View
from domain.kernel.principal import Principal
from domain.kernel.reads.json_objects import ColumnKind, JsonColumn, JsonMany, JsonObject, JsonOne, Value
from domain.kernel.reads.json_values import JsonSingleton
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Row

if TYPE_CHECKING:
    from domain.kernel.documents.document import Document, WriteContext


@dataclass(frozen=True)
class StoredMember(PlainMember):
    """An object that is stored as JSON with the members of ``document``."""

    document: type[Document]

    def json_value(self, view: View) -> Value:
        return JsonColumn(self.column, ColumnKind.JSON, required=False)

    def value(self, row: Row, context: WriteContext) -> Any:
        stored = getattr(row, self.column)
        return None if stored is None else {name: stored[name] for name in self.document.members}

    @property
    def documents(self) -> tuple[type[Document], ...]:
        return (self.document,)


@dataclass(frozen=True)
class ObjectMember(Member):
    """An object of columns of the same row; null where ``column`` is. With ``listed``, a list of it, or empty."""

    document: type[Document]
    _: KW_ONLY
    listed: bool = False

    @property
    def is_list(self) -> bool:
        return self.listed

    def value(self, row: Row, context: WriteContext) -> Any:
        if getattr(row, self.column) is None:
            return [] if self.listed else None
        written = self.document.write(row, context)
        return [written] if self.listed else written

    def json_value(self, view: View) -> Value:
        written = JsonObject(self.column, self.document.json_fields(view), required=False)
        return JsonSingleton(written) if self.listed else written

    def relations(self, view: View) -> Iterator[Relation]:
        yield from self.document.relations(view)

    @property
    def documents(self) -> tuple[type[Document], ...]:
        return (self.document,)


@dataclass(frozen=True)
class RelatedMember(Member, ABC):
    """What a read finds for ``key``, a column of the row."""

    read: Read
    _: KW_ONLY
    key: str = "id"

    def relations(self, view: View) -> Iterator[Relation]:
        within = self.documents
        yield Relation(self.read, self.key, within[0] if within else None)


@dataclass(frozen=True)
class OneMember(RelatedMember):
    """The document of the row that the read finds; null, or that of ``otherwise``, where there is none."""

    document: type[Document]
    _: KW_ONLY
    otherwise: Row | None = None

    def value(self, row: Row, context: WriteContext) -> Any:
        found = context.related(row, self.read, self.key)
        found = self.otherwise if found is None else found
        return None if found is None else self.document.write(found, context)

    def json_value(self, view: View) -> Value:
        fields, otherwise = self.document.json_fields(view), None
        if self.otherwise is not None:
            otherwise = orjson.dumps(self.document.of_constant(self.otherwise, view)).decode()
        return JsonOne(self.read, self.key, fields, required=False, otherwise=otherwise)

    @property
    def documents(self) -> tuple[type[Document], ...]:
        return (self.document,)


@dataclass(frozen=True)
class ManyMember(RelatedMember):
    """The documents of the rows that the read finds, in its order."""

    document: type[Document]

    @property
    def is_list(self) -> bool:
        return True

    def value(self, row: Row, context: WriteContext) -> Any:
        write = self.document.write
        return [write(each, context) for each in context.related(row, self.read, self.key)]

    def json_value(self, view: View) -> Value:
        return JsonMany(self.read, self.key, self.document.json_fields(view))

    @property
    def documents(self) -> tuple[type[Document], ...]:
        return (self.document,)


@dataclass(frozen=True)
class FoundMember(RelatedMember):
    """One value of the row that the read finds: that of ``of``; ``otherwise`` where there is no row."""

    of: Member
    _: KW_ONLY
    otherwise: Any = None

    def value(self, row: Row, context: WriteContext) -> Any:
        found = context.related(row, self.read, self.key)
        return self.otherwise if found is None else self.of.value(found, context)

    def json_value(self, view: View) -> Value:
        return JsonFirst(self.read, self.key, self.of.json_value(view), self.otherwise)


@dataclass(frozen=True)
class FoundListMember(RelatedMember):
    """One value of each row that the read finds: that of ``of``."""

    of: Member

    @property
    def is_list(self) -> bool:
        return True

    def value(self, row: Row, context: WriteContext) -> Any:
        found = context.related(row, self.read, self.key)
        return [self.of.value(each, context) for each in found]

    def json_value(self, view: View) -> Value:
        return JsonValueList(self.read, self.key, self.of.json_value(view))


@dataclass(frozen=True)
class ComputedMember(Member):
    """What a function says of the row and the caller. PostgreSQL can write it if the function says how: ``as_json``."""

    compute: Callable[[Row, Principal], Any]
    type: Any
    """Its type: of Python, a document, or ``list`` of one."""

    def value(self, row: Row, context: WriteContext) -> Any:
        return self.compute(row, context.principal)

    def json_value(self, view: View) -> Value:
        as_json: Callable[..., Value] | None = getattr(self.compute, "as_json", None)
        return super().json_value(view) if as_json is None else as_json(required=not self.nullable)


@dataclass(frozen=True)
class DerivedListMember(Member):
    """The documents of objects that a function derives from the row, for the caller. PostgreSQL can write it if the
    function says how: ``as_rows``.
    """

    document: type[Document]
    derive: Callable[[Row, Principal], Sequence[Any]]

    @property
    def is_list(self) -> bool:
        return True

    def value(self, row: Row, context: WriteContext) -> Any:
        return [self.document.write(each, context) for each in self.derive(row, context.principal)]

    def json_value(self, view: View) -> Value:
        as_rows: Callable[..., Value] | None = getattr(self.derive, "as_rows", None)
        return super().json_value(view) if as_rows is None else as_rows(self.document.json_fields(view))

    @property
    def documents(self) -> tuple[type[Document], ...]:
        return (self.document,)


@dataclass(frozen=True)
class DerivedMember(Member):
    """The document of an object that a function derives from the row, for the caller; null where it is None. PostgreSQL
    cannot write it."""

    document: type[Document]
    derive: Callable[[Row, Principal], Any]

    def value(self, row: Row, context: WriteContext) -> Any:
        found = self.derive(row, context.principal)
        return None if found is None else self.document.write(found, context)

    @property
    def documents(self) -> tuple[type[Document], ...]:
        return (self.document,)


@dataclass(frozen=True)
class WrittenMember(PlainMember):
    """A document, or a list of them, that the row has ready."""

    document: type[Document]
    _: KW_ONLY
    listed: bool = False

    @property
    def is_list(self) -> bool:
        return self.listed

    @property
    def documents(self) -> tuple[type[Document], ...]:
        return (self.document,)
