"""The documents of the rows of reads and lists: written by PostgreSQL in the statement that reads the rows, or, where
it cannot write one of their members, from loaded rows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import orjson

from domain.kernel.documents.document import Document
from domain.kernel.documents.members import View
from domain.kernel.listing import JsonListing, Listing, Page, Query
from domain.kernel.principal import Principal
from domain.kernel.reads.json_objects import NotPushableError
from domain.kernel.reads.read import Read
from domain.kernel.sql.executor import Executor, Row


class FoundDocument(NamedTuple):
    """A row and its document."""

    row: Row
    """With the columns that were asked for beside the document."""
    body: bytes
    """The document as JSON."""


class DocumentRead:
    """The documents of what a read finds."""

    def __init__(self, document: type[Document], read: Read, beside: Collection[str] = ()) -> None:
        """``beside``: the columns of the row that are needed as well."""
        self.document = document
        self.read = read
        self._beside = beside
        self._written: dict[View, Read | None] = {}

    def written(self, principal: Principal) -> Read | None:
        """The read in which PostgreSQL writes what this caller sees; None where it cannot."""
        view = self.document.view(principal)
        if view not in self._written:
            try:
                self._written[view] = self.read.as_json(self.document.json_fields(view), self._beside)
            except NotPushableError:
                self._written[view] = None
        return self._written[view]

    async def for_key(self, db: Executor, principal: Principal, key: str) -> FoundDocument | None:
        """The document of the row of a key; None where there is no row."""
        found = await self._rows(db, principal, [key])
        return found[0] if found else None

    async def list_for_key(self, db: Executor, principal: Principal, key: str) -> list[FoundDocument]:
        """The documents of the rows of a key, in the order of the read."""
        return await self._rows(db, principal, [key])

    async def for_keys(self, db: Executor, principal: Principal, keys: Sequence[str]) -> dict[str, FoundDocument]:
        """The documents of the rows that there are, by their keys."""
        found = await self._rows(db, principal, keys)
        return {getattr(each.row, self.read.keyed_by): each for each in found}

    async def _rows(self, db: Executor, principal: Principal, keys: Sequence[str]) -> list[FoundDocument]:
        written = self.written(principal)
        rows = await (written or self.read).all_for_keys(db, keys)
        if written is not None:
            return [FoundDocument(row, row.document.encode()) for row in rows]
        documents = await self.document.of_rows(db, principal, rows)
        return [FoundDocument(row, orjson.dumps(each)) for row, each in zip(rows, documents, strict=True)]


class DocumentListing:
    """The documents of the pages of a list."""

    def __init__(self, document: type[Document], listing: Listing) -> None:
        self._document = document
        self._listing = listing
        self._written: dict[tuple[View, bool], JsonListing | None] = {}

    def written(self, principal: Principal, *, counted: bool) -> JsonListing | None:
        """The list in which PostgreSQL writes what this caller sees; None where it cannot. ``counted``: with the number
        of all rows, instead of cursors.
        """
        key = view, _ = (self._document.view(principal), counted)
        if key not in self._written:
            try:
                fields = [self._document.json_fields(view)]
                self._written[key] = JsonListing.of(self._listing, fields, placed=not counted, counted=counted)
            except NotPushableError:
                self._written[key] = None
        return self._written[key]

    async def page(
        self, db: Executor, principal: Principal, query: Query, *, counted: bool
    ) -> tuple[Page, list[bytes]]:
        """A page and the documents of its rows, as JSON. Raises as ``Listing.page``."""
        written = self.written(principal, counted=counted)
        page = await (written or self._listing).page(db, query, counted=counted)
        if written is not None:
            return page, [row.document.encode() for row in page.rows]
        documents = await self._document.of_rows(db, principal, page.rows)
        return page, [orjson.dumps(document) for document in documents]


def json_list(documents: Sequence[bytes]) -> bytes:
    """Documents as a JSON list."""
    return b"[" + b",".join(documents) + b"]"


def with_members(document: bytes, **members: Any) -> bytes:
    """A document with more members at its end, each as orjson encodes it."""
    added = orjson.dumps(members)
    return document.rstrip()[:-1] + b"," + added[1:] if members else document
