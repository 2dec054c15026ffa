"""Trusted documents of all stores, as this process remembers them for at most two seconds unasked."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from domain import access
from domain.kernel.clock import to_milliseconds
from domain.kernel.database import Database
from domain.kernel.principal import Store
from domain.kernel.reads.read import Read

TRUSTED_MS = 2_000
"""A document that another process has removed may go on working this long."""
MAX_CACHED_CHARACTERS = 2_000_000
"""Characters of documents that one process remembers."""
ENTRY_CHARACTERS = 500
"""Characters that remembering a document costs besides its text."""

_Key = tuple[int, str]
"""The number of a store, and the hash or the id of one of its documents."""


@dataclass(slots=True)
class CachedDocument:
    """A document that its store has registered."""

    id: str
    hash: str
    text: str
    """The same object as long as it is remembered, so that caches keyed by it hash it once."""
    public: bool
    """Whether publishable keys may run it."""
    until: int
    """The time of the next lookup in the database, in milliseconds."""


class TrustedDocumentCache:
    """Trusted documents by store and hash, or store and id. Failed lookups are not cached."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[_Key, CachedDocument] = OrderedDict()
        self._hashes: dict[_Key, str] = {}
        self._characters = 0
        self._changes = 0

    async def by_hash(self, store: Store, hash: str) -> CachedDocument | None:
        """The store's document with this hash, or None. Raises Unavailable."""
        return self._fresh(store, hash) or await self._read(store, access.reads.document_by_hash, hash)

    async def by_id(self, store: Store, id: str) -> CachedDocument | None:
        """The store's document with this id, or None. Raises Unavailable."""
        hash = self._hashes.get((store.number, id))
        known = None if hash is None else self._fresh(store, hash)
        return known or await self._read(store, access.reads.document_by_id, id)

    def forget(self, changed: access.DocumentsChanged) -> None:
        """The documents of a store have changed: they are looked up again."""
        self._changes += 1
        for key in [key for key in self._known if key[0] == changed.store]:
            self._drop(key)

    def forget_all(self) -> None:
        """Documents have changed in another process: drop the cache."""
        self._changes += 1
        self._known.clear()
        self._hashes.clear()
        self._characters = 0

    def _fresh(self, store: Store, hash: str) -> CachedDocument | None:
        known = self._known.get((store.number, hash))
        if known is None or known.until <= to_milliseconds(self._database.clock()):
            return None
        self._known.move_to_end((store.number, hash))
        return known

    async def _read(self, store: Store, read: Read, key: str) -> CachedDocument | None:
        changes, now = self._changes, to_milliseconds(self._database.clock())
        async with self._database.read_connection(store) as db:
            row = await read.for_key(db, key)
        if row is None:
            return None
        found = CachedDocument(row.id, row.hash, row.text, row.public, now + TRUSTED_MS)
        # If it was read before a change that was published since, it would be trusted after the change.
        return self._remember(store, found) if changes == self._changes else found

    def _remember(self, store: Store, found: CachedDocument) -> CachedDocument:
        key = (store.number, found.hash)
        known = self._known.get(key)
        if known is not None:
            found.text = known.text
            self._drop(key)
        self._known[key] = found
        self._hashes[store.number, found.id] = found.hash
        self._characters += len(found.text) + ENTRY_CHARACTERS
        while self._characters > MAX_CACHED_CHARACTERS:
            self._drop(next(iter(self._known)))
        return found

    def _drop(self, key: _Key) -> None:
        dropped = self._known.pop(key)
        self._hashes.pop((key[0], dropped.id), None)
        self._characters -= len(dropped.text) + ENTRY_CHARACTERS
