"""REST objects: how the object of a path is found, and the document that is returned of it.

An object is declared once; the endpoints that read it, list what is below it, compare a write with it and return it
after a write all refer to that declaration.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import orjson

from domain.kernel.documents import Document
from domain.kernel.documents.document_reads import DocumentRead, FoundDocument, json_list, with_members
from domain.kernel.errors import NotFound
from domain.kernel.ids import is_id
from domain.kernel.principal import Principal
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Executor, Row
from rest_compat.etags import NO_VERSION

ROOT = "/v2"
Ids = Mapping[str, Any]
"""The ids in the path and the parameters, by name."""


@dataclass(frozen=True, slots=True)
class Representation:
    """An object, ready for the response."""

    body: bytes
    version: int = NO_VERSION
    """The version of its aggregate, for the ETag."""
    location: str | None = None
    """Its URL, if it was just created."""
    secret: bool = False
    """Whether the document must not be cached (it contains a secret)."""


Response = Any
"""What is returned: the class of a document, ``list[…]`` of one for ``{"data": […]}``, or None for no body."""


class ObjectSource(Protocol):
    """What a GET returns, and what a write is compared with."""

    @property
    def response(self) -> Response:
        """What is returned."""

    @property
    def scope(self) -> str | None:
        """The scope that is required of the caller."""

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        """The object of the path. Raises NotFound."""


class WriteResult(Protocol):
    """What a write returns."""

    @property
    def response(self) -> Response:
        """What is returned."""

    async def represent(self, db: Executor, principal: Principal, result: Any) -> Representation:
        """The result of a use case, read on the same connection after the flush."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathId:
    """An id in the path."""

    noun: str
    prefix: str
    field: str = "id"
    """The field of the command that it fills."""
    otherwise: str | None = None
    """Another key that finds the object: ``SKU``, ``slug``."""
    longest: int = 64
    """Characters of the longest of these."""


@dataclass(frozen=True, slots=True)
class OtherKey:
    """Another key than the id that finds an object."""

    name: str
    read: Read
    key: Callable[[str], str] = str
    """The key that the read knows, of what the path has."""
    longest: int = 64
    """Characters of the longest of these."""


@dataclass(frozen=True, eq=False, kw_only=True)
class RestObject:
    """The objects of one path."""

    path: str
    """Below ``/v2``; its last variable is the object's own. Without one, the object is found by the store's id."""
    noun: str
    prefix: str
    read: Read
    document: type[Document]
    otherwise: OtherKey | None = None
    parent: RestObject | None = None
    """The object that its path leads through. It owns the version where the object has none."""
    parent_key: str = ""
    """The column with the parent's id."""
    sees: Callable[[Principal, Row], bool] | None = None
    """Whether the caller may see a row, where the row decides."""
    seen_by: tuple[str, ...] = ()
    """The columns that decide it."""
    _by_read: dict[Read, DocumentRead] = field(default_factory=dict, init=False)
    _bare: dict[Read, Read] = field(default_factory=dict, init=False)

    @property
    def scope(self) -> str | None:
        """The scope that is required of the caller."""
        return (self if self.parent is None else self.parent).read.scope

    @property
    def response(self) -> type[Document]:
        """What is returned."""
        return self.document

    @cached_property
    def variable(self) -> str | None:
        """The variable of its id in the path."""
        names = re.findall(r"{(\w+)}", self.path)
        return str(names[-1]) if names else None

    def id_in_path(self, field: str = "id", *, otherwise: bool = False) -> PathId:
        """Its id in a path; ``otherwise``: or its other key."""
        if not otherwise or self.otherwise is None:
            return PathId(noun=self.noun, prefix=self.prefix, field=field)
        other = self.otherwise
        return PathId(noun=self.noun, prefix=self.prefix, field=field, otherwise=other.name, longest=other.longest)

    def ids_in_path(self) -> dict[str, PathId]:
        """The ids of its path, as a GET takes them."""
        above = {} if self.parent is None else self.parent.ids_in_path()
        return above if self.variable is None else {**above, self.variable: self.id_in_path(otherwise=True)}

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        """The object of the path. Raises NotFound, also where another parent owns it."""
        above = None if self.parent is None else await self.parent.row(db, principal, ids)
        found = await self._found(db, principal, ids)
        if above is not None and getattr(found.row, self.parent_key) != above.id:
            raise NotFound(self.noun)
        version = getattr(found.row, "version", getattr(above, "version", NO_VERSION))
        return Representation(found.body, version, self._location(found.row, above))

    async def represent(self, db: Executor, principal: Principal, result: Any) -> Representation:
        """The object that a use case returned: an entity, or what has its id."""
        return await self.fetch(db, principal, self._ids_of(result))

    async def row(self, db: Executor, principal: Principal, ids: Ids) -> Row:
        """The id and version of the object of the path. Raises NotFound."""
        for read, key in self._ways(principal, ids):
            row = await self._bare_read(read).for_key(db, key)
            if row is not None:
                return row
        raise NotFound(self.noun)

    def filters(self, name: str) -> Callable[[Executor, Principal, Ids], Awaitable[dict[str, Any]]]:
        """The filter by this object of a list below it, from the ids of the path."""

        async def within(db: Executor, principal: Principal, ids: Ids) -> dict[str, Any]:
            return {name: (await self.row(db, principal, ids)).id}

        return within

    async def _found(self, db: Executor, principal: Principal, ids: Ids) -> FoundDocument:
        for read, key in self._ways(principal, ids):
            found = await self._document_read(read).for_key(db, principal, key)
            if found is not None and (self.sees is None or self.sees(principal, found.row)):
                return found
        raise NotFound(self.noun)

    def _ways(self, principal: Principal, ids: Ids) -> Sequence[tuple[Read, str]]:
        """The reads that may find the object, each with its key."""
        if self.variable is None:
            return [(self.read, principal.store.id)]
        key = ids[self.variable]
        by_id = [(self.read, key)] if self.otherwise is None or is_id(self.prefix, key) else []
        return by_id if self.otherwise is None else [*by_id, (self.otherwise.read, self.otherwise.key(key))]

    def _document_read(self, read: Read) -> DocumentRead:
        if read not in self._by_read:
            self._by_read[read] = DocumentRead(self.document, read, self._columns(read))
        return self._by_read[read]

    def _bare_read(self, read: Read) -> Read:
        if read not in self._bare:
            self._bare[read] = read.projected(self._columns(read))
        return self._bare[read]

    def _columns(self, read: Read) -> list[str]:
        wanted = ("id", "version", self.parent_key, *self.seen_by)
        return [name for name in wanted if name in read.statement.selected_columns]

    def _location(self, row: Row, above: Row | None) -> str | None:
        if self.variable is None:
            return None
        ids = {self.variable: row.id}
        if self.parent is not None and above is not None and self.parent.variable is not None:
            ids[self.parent.variable] = above.id
        return ROOT + self.path.format(**ids)

    def _ids_of(self, result: Any) -> dict[str, str]:
        if self.variable is None:
            return {}
        ids = {self.variable: result.id}
        if self.parent is not None and self.parent.variable is not None:
            ids[self.parent.variable] = getattr(result, self.parent_key)
        return ids


@dataclass(frozen=True, eq=False)
class OwnedList:
    """The list of what one object owns, whole."""

    owner: RestObject
    items: DocumentRead
    """Finds them by the id of the owner."""

    @property
    def scope(self) -> str | None:
        """The scope that is required of the caller."""
        return self.owner.scope

    @property
    def response(self) -> Response:
        """What is returned."""
        return list[self.items.document]  # type: ignore[name-defined]  # an alias made at run time

    async def fetch(self, db: Executor, principal: Principal, ids: Ids) -> Representation:
        """The list of the object of the path. Raises NotFound."""
        owner = await self.owner.row(db, principal, ids)
        found = await self.items.list_for_key(db, principal, owner.id)
        return listed(found, getattr(owner, "version", NO_VERSION))


def listed(found: Sequence[FoundDocument], version: int = NO_VERSION) -> Representation:
    """A whole list."""
    return Representation(b'{"data":' + json_list([each.body for each in found]) + b"}", version)


@dataclass(frozen=True, eq=False)
class WithSecret:
    """An object whose secret was created by the request, with it."""

    object: RestObject

    @property
    def response(self) -> type[Document]:
        """What is returned."""
        return self.object.document

    async def represent(self, db: Executor, principal: Principal, issued: Any) -> Representation:
        """The object and its secret. ``issued``: its id and the secret."""
        found = await self.object.represent(db, principal, issued)
        body = with_members(found.body, secret=issued.secret)
        return Representation(body, found.version, found.location, secret=True)


@dataclass(frozen=True, eq=False)
class ResultDocument:
    """The result of a use case itself."""

    response: type[Document]
    location: str | None = None
    """Of what was made, with attributes of the result in braces."""

    async def represent(self, db: Executor, principal: Principal, result: Any) -> Representation:
        """The document of the result."""
        body = orjson.dumps(self.response.of_row(result, principal))
        location = None if self.location is None else ROOT + self.location.format_map(_Attributes(result))
        return Representation(body, location=location)


class _Attributes(dict[str, Any]):
    """The attributes of an object, by name."""

    def __init__(self, of: Any) -> None:
        super().__init__()
        self._of = of

    def __missing__(self, name: str) -> Any:
        return getattr(self._of, name)
