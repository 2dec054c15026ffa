"""Declared documents: what REST and webhooks write of an object, as one class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from domain.kernel.documents.members import Member, Relation, View
from domain.kernel.principal import Principal
from domain.kernel.reads.json_objects import JsonFields
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Executor, Row

_SUFFIX = "Document"


class RelatedRows(Protocol):
    """Finds the rows that relations lead to."""

    def related(self, row: Row, read: Read, key: str) -> Any:
        """What ``read`` found for the column ``key`` of a row: a row or None, or a list of rows."""


class WriteContext:
    """What a document is written for, and with: the caller, what they see, and the related rows."""

    __slots__ = ("_principal", "related", "view")

    def __init__(self, principal: Principal | None, view: View, rows: RelatedRows) -> None:
        """``principal``: None where the document is the same for all who see the same of it."""
        self._principal = principal
        self.view = view
        self.related = rows.related

    @property
    def principal(self) -> Principal:
        """The caller. Raises TypeError where there is none."""
        if self._principal is None:
            raise TypeError("the document is not written for a caller")
        return self._principal


class Document:
    """An object as REST and webhooks write it: its members, in order, with the id first.

    A subclass has the members of its bases and its own; its docstring is the description of its schema.
    """

    members: ClassVar[Mapping[str, Member]] = {}
    guards: ClassVar[View] = frozenset()
    """The scopes that members need, here and in the documents within."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = {name: value.called(name) for name, value in vars(cls).items() if isinstance(value, Member)}
        for name in own:
            delattr(cls, name)  # so that a member called as a method of this class does not hide it
        found = {name: each for base in reversed(cls.__bases__) for name, each in _members_of(base).items()} | own
        cls.members = {**({"id": found["id"]} if "id" in found else {}), **found}
        cls.guards = frozenset(guard for member in cls.members.values() for guard in member.guards)

    @classmethod
    def title(cls) -> str:
        """Its name in schemas."""
        return cls.__name__.removesuffix(_SUFFIX)

    @classmethod
    def view(cls, principal: Principal) -> View:
        """What the caller sees of it."""
        return frozenset(guard for guard in cls.guards if any(map(principal.has_scope, guard)))

    @classmethod
    def relations(cls, view: View) -> Iterator[Relation]:
        """The rows that it needs besides its own."""
        for member in cls.members.values():
            if member.is_in(view):
                yield from member.relations(view)

    @classmethod
    def write(cls, row: Row, context: WriteContext) -> dict[str, Any]:
        """The document of a row, as orjson encodes it."""
        return {name: member.value(row, context) for name, member in cls.members.items() if member.is_in(context.view)}

    @classmethod
    def json_fields(cls, view: View) -> JsonFields:
        """The document as PostgreSQL writes it. Raises NotPushableError where it cannot."""
        return tuple((name, member.json_value(view)) for name, member in cls.members.items() if member.is_in(view))

    @classmethod
    def of_row(cls, row: Row, principal: Principal) -> dict[str, Any]:
        """The document of a row that owns its related rows, as that of a snapshot does, or that needs none."""
        return cls.write(row, WriteContext(principal, cls.view(principal), _OWNED))

    @classmethod
    def of_constant(cls, row: Row, view: View) -> dict[str, Any]:
        """The document of a row that stands where none was found, for whoever sees this. It needs no related rows."""
        return cls.write(row, WriteContext(None, view, _OWNED))

    @classmethod
    async def of_rows(cls, db: Executor, principal: Principal, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """The documents of rows, with one statement for each relation, however many rows there are."""
        view, loaded = cls.view(principal), _LoadedRows()
        await loaded.load(db, cls, view, rows)
        context = WriteContext(principal, view, loaded)
        return [cls.write(row, context) for row in rows]


def _members_of(base: type[Any]) -> Mapping[str, Member]:
    return base.members if issubclass(base, Document) else {}


class _OwnedRows:
    """The rows that a snapshot owns."""

    def related(self, row: Row, read: Read, key: str) -> Any:
        return row.owned[read]


_OWNED = _OwnedRows()


class _LoadedRows:
    """Rows that were read for the relations of a list of rows."""

    def __init__(self) -> None:
        self._found: dict[Read, dict[str, Any]] = {}

    def related(self, row: Row, read: Read, key: str) -> Any:
        value = getattr(row, key)
        if value is None:
            return [] if read.many else None
        return self._found[read][value]

    async def load(self, db: Executor, document: type[Document], view: View, rows: Sequence[Row]) -> None:
        """Read what the document needs of these rows, level by level."""
        for relation in document.relations(view):
            keys = dict.fromkeys(getattr(row, relation.key) for row in rows)
            known = self._found.setdefault(relation.read, {})
            missing = [key for key in keys if key is not None and key not in known]
            if missing:
                known.update(zip(missing, await relation.read.for_keys(db, missing), strict=True))
            if relation.document is not None:
                found = [known[key] for key in keys if key is not None]
                rows_below = [row for each in found for row in (each if relation.read.many else [each])]
                await self.load(db, relation.document, view, [row for row in rows_below if row is not None])
