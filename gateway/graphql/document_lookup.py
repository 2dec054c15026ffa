"""Which document a request means: the one it sends, or the one it names."""

from __future__ import annotations

from domain.access import hash_of_document
from domain.kernel.errors import MalformedRequest
from domain.kernel.principal import Principal, Store
from gateway.execution import Code, Failure
from gateway.graphql.documents import RejectedDocumentError, refuse_card_numbers
from gateway.graphql.persisted_queries import PersistedQueries
from gateway.graphql.requests import GraphQLRequest
from gateway.graphql.trusted_documents import CachedDocument, TrustedDocumentCache

_NOT_FOUND = Failure(Code.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")
_NOT_TRUSTED = Failure(
    Code.DOCUMENT_NOT_TRUSTED, "This document is not registered. The gateway runs trusted documents only."
)


_NOT_PUBLIC = Failure(
    Code.DOCUMENT_NOT_TRUSTED,
    "This document is not registered as public. Publishable keys run documents that were registered with `public`.",
)


class DocumentLookup:
    """Finds the text of documents. ``locked``: only of those that the caller's store trusts, however they come."""

    def __init__(self, trusted: TrustedDocumentCache, persisted: PersistedQueries, *, locked: bool = False) -> None:
        self._trusted = trusted
        self._persisted = persisted
        self._locked = locked

    async def text(self, asked: GraphQLRequest, principal: Principal) -> str:
        """The document of the request. Raises RejectedDocumentError for an unknown or untrusted one, with a publishable
        key for one that is not public; MalformedRequest if the sent document is not the named one; Unavailable.
        """
        store = principal.store
        if principal.storefront is not None:
            return await self._public(asked, store)
        if asked.document is not None and asked.hash is None and asked.id is None and not self._locked:
            return asked.document
        hash = _hash(asked)
        if asked.id is not None:
            found = await self._identified(store, asked.id, hash)
            text = None if found is None else found.text
        else:
            assert hash is not None  # noqa: S101 - a request without an id has a document or a hash
            text = await (self._trusted_text(store, hash) if self._locked else self._hashed(asked, store, hash))
        if text is None:
            raise RejectedDocumentError([_NOT_TRUSTED if self._locked else _NOT_FOUND])
        return text

    async def keep(self, asked: GraphQLRequest, principal: Principal) -> None:
        """Persist a document that proved valid, if the client requested it."""
        if asked.shall_persist and not self._locked and principal.storefront is None:
            assert asked.hash is not None  # noqa: S101 - of the two
            assert asked.document is not None  # noqa: S101 - that it takes
            await self._persisted.keep(asked.hash, asked.document)

    async def _public(self, asked: GraphQLRequest, store: Store) -> str:
        """The document, if the store has registered it as public. An unknown one is refused like one that is not."""
        hash = _hash(asked)
        if asked.id is not None:
            found = await self._identified(store, asked.id, hash)
        else:
            assert hash is not None  # noqa: S101 - a request without an id has a document or a hash
            found = await self._trusted.by_hash(store, hash)
        if found is None or not found.public:
            raise RejectedDocumentError([_NOT_PUBLIC])
        return found.text

    async def _identified(self, store: Store, id: str, hash: str | None) -> CachedDocument | None:
        found = await self._trusted.by_id(store, id)
        if found is not None and hash is not None and found.hash != hash:
            raise MalformedRequest.of("documentId", "Does not match the document of the request.")
        return found

    async def _trusted_text(self, store: Store, hash: str) -> str | None:
        found = await self._trusted.by_hash(store, hash)
        return None if found is None else found.text

    async def _hashed(self, asked: GraphQLRequest, store: Store, hash: str) -> str | None:
        if asked.document is not None:
            refuse_card_numbers(asked.document)
            return asked.document
        text = self._persisted.recall(hash) or await self._trusted_text(store, hash)
        return text or await self._persisted.find(hash)


def _hash(asked: GraphQLRequest) -> str | None:
    """The hash of what is sent or named; None when it is named by its id alone. Raises MalformedRequest."""
    if asked.document is None:
        return asked.hash
    hash = hash_of_document(asked.document)
    if asked.hash is not None and asked.hash != hash:
        name = "extensions.persistedQuery.sha256Hash" if asked.shall_persist else "documentId"
        raise MalformedRequest.of(name, "Does not match the SHA-256 of `query`.")
    return hash
