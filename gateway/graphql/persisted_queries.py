"""Automatic persisted queries: a document that was sent once is named by its SHA-256 from then on.

https://www.apollographql.com/docs/apollo-server/performance/apq: a client sends ``extensions.persistedQuery``
(``version`` 1, ``sha256Hash``) alone; if the document is unknown, it sends the same with the document.

The names that a request may use for a document are parsed here, too: this one, and ``documentId``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from cachetools import LRUCache

from domain.access import hash_of_document
from domain.kernel.errors import MalformedRequest
from domain.kernel.ids import is_id
from domain.kernel.request_slot import leave_slot

MAX_CACHED_QUERY_CHARACTERS = 2_000_000
"""Characters of documents that one process remembers by their hash."""
HASH_PREFIX = "sha256:"
_HEXADECIMAL = frozenset("0123456789abcdef")


class DocumentStore(Protocol):
    """The store of documents for all processes. Lost documents are sent again by clients."""

    async def find(self, hash: str) -> str | None:
        """The document with this hash, or None."""

    async def keep(self, hash: str, document: str) -> None:
        """Keep a document."""


class PersistedQueries:
    """Documents by hash: this process's own memory, before a store that all share, where there is one."""

    def __init__(self, shared: DocumentStore | None = None) -> None:
        self._shared = shared
        self._known: LRUCache[str, str] = LRUCache(MAX_CACHED_QUERY_CHARACTERS, getsizeof=len)

    def recall(self, hash: str) -> str | None:
        """The document with this hash that this process remembers, or None."""
        try:  # `get` of this cache takes half as long again
            return self._known[hash]
        except KeyError:
            return None

    async def find(self, hash: str) -> str | None:
        """The document with this hash, or None."""
        known = self.recall(hash)
        if known is not None or self._shared is None:
            return known
        with leave_slot():
            found = await self._shared.find(hash)
        if found is None or hash_of_document(found) != hash:
            return None
        self._known[hash] = found
        return found

    async def keep(self, hash: str, document: str) -> None:
        """Keep a document that has turned out to be valid."""
        if hash in self._known:
            return
        self._known[hash] = document
        if self._shared is not None:
            with leave_slot():
                await self._shared.keep(hash, document)


def persisted_query_hash(extensions: Mapping[str, Any]) -> str | None:
    """The hash that a request names its document by, or None. Raises MalformedRequest."""
    named = extensions.get("persistedQuery")
    if named is None:
        return None
    if not isinstance(named, dict) or named.get("version") != 1:
        raise MalformedRequest.of("extensions.persistedQuery", "Only version 1 is supported.")
    hash = named.get("sha256Hash")
    if not isinstance(hash, str) or not is_hash(hash.lower()):
        raise MalformedRequest.of("extensions.persistedQuery.sha256Hash", "Must be 64 hexadecimal digits.")
    return hash.lower()


def document_reference(members: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The hash and the id in ``documentId``: one of them, or none without it. Raises MalformedRequest.

    https://github.com/graphql/graphql-over-http/blob/main/spec/Appendix%20A%20--%20Persisted%20Documents.md: a SHA-256
    behind its prefix, or our own identifier, which has no colon.
    """
    named = members.get("documentId")
    if named is None:
        return None, None
    if isinstance(named, str) and is_id("doc", named):
        return None, named
    hash = named.removeprefix(HASH_PREFIX) if isinstance(named, str) else ""
    if hash == named or not is_hash(hash):
        message = f"Must be {HASH_PREFIX} and 64 hexadecimal digits in lower case, or the id of a trusted document."
        raise MalformedRequest.of("documentId", message)
    return hash, None


def is_hash(text: str) -> bool:
    """Whether ``text`` has the form of a SHA-256 in lower-case hexadecimal."""
    return len(text) == 64 and _HEXADECIMAL.issuperset(text)
