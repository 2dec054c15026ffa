"""Automatic persisted queries: a document sent once is asked for by its SHA-256 from then on.

https://www.apollographql.com/docs/apollo-server/performance/apq: a client sends ``extensions.persistedQuery``
(``version`` 1, ``sha256Hash``) alone; when the document is not known it sends the same with the document.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Protocol

from domain.kernel.errors import MalformedRequest

REMEMBERED = 2_000_000
"""Characters of documents that one process remembers by their hash."""
_HEXADECIMAL = frozenset("0123456789abcdef")


class DocumentStore(Protocol):
    """Where documents are kept for all processes. What it loses, clients send again."""

    async def find(self, hash: str) -> str | None:
        """The document with this hash, or None."""

    async def keep(self, hash: str, document: str) -> None:
        """Keep a document."""


class Persisted:
    """Documents by hash: this process's own memory, before a store that all share, where there is one."""

    def __init__(self, shared: DocumentStore | None = None) -> None:
        self._shared = shared
        self._known: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    async def find(self, hash: str) -> str | None:
        """The document with this hash, or None."""
        known = self._known.get(hash)
        if known is not None:
            self._known.move_to_end(hash)
            return known
        if self._shared is None:
            return None
        found = await self._shared.find(hash)
        if found is None or hash_of(found) != hash:
            return None
        self._remember(hash, found)
        return found

    async def keep(self, hash: str, document: str) -> None:
        """Keep a document that has turned out to be valid."""
        if hash in self._known:
            return
        self._remember(hash, document)
        if self._shared is not None:
            await self._shared.keep(hash, document)

    def _remember(self, hash: str, document: str) -> None:
        self._known[hash] = document
        self._characters += len(document)
        while self._characters > REMEMBERED:
            _, forgotten = self._known.popitem(last=False)
            self._characters -= len(forgotten)


def hash_of(document: str) -> str:
    """SHA-256 of the document's UTF-8, in lower-case hexadecimal."""
    return sha256(document.encode(errors="surrogatepass")).hexdigest()


def asked_hash(extensions: Mapping[str, Any]) -> str | None:
    """The hash that a request names its document by, or None. Raises MalformedRequest."""
    named = extensions.get("persistedQuery")
    if named is None:
        return None
    if not isinstance(named, dict) or named.get("version") != 1:
        raise MalformedRequest.of("extensions.persistedQuery", "Only version 1 is supported.")
    hash = named.get("sha256Hash")
    if not isinstance(hash, str) or len(hash) != 64 or not _HEXADECIMAL.issuperset(hash.lower()):
        raise MalformedRequest.of("extensions.persistedQuery.sha256Hash", "Must be 64 hexadecimal digits.")
    return hash.lower()
