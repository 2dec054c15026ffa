"""Services for documents that requests name instead of sending them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from graphql import GraphQLSchema

from domain import access
from domain.kernel.database import Database
from gateway.graphql import DocumentLookup, PersistedQueries, TrustedDocumentCache
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.adapters.redis_documents import RedisDocuments
from gateway.graphql.documents import DocumentCache, RejectedDocumentError
from gateway.graphql.repeated_documents import RepeatedDocuments


class GraphQLDocumentValidator:
    """A DocumentValidator of one schema. The cost is not checked: it depends on the variables."""

    def __init__(self, schema: GraphQLSchema, accepted: Callable[[str], None] = lambda _: None) -> None:
        """``accepted``: receives each valid document."""
        self._documents = DocumentCache(schema)
        self._accepted = accepted

    def check(self, text: str, *, public: bool) -> None:
        """See the port."""
        try:
            self._documents.check(text, public=public)
        except RejectedDocumentError as refused:
            raise refused.as_validation_error("text") from None
        self._accepted(text)


class DocumentServices:
    """The lookups of documents for the transports, and the dependencies of their use cases, over one database."""

    def __init__(self, settings: Settings, database: Database, schema: GraphQLSchema) -> None:
        self.trusted = TrustedDocumentCache(database)
        self._shared = _shared(settings)
        self.repeated = RepeatedDocuments(database, self._shared)
        self.lookup = DocumentLookup(
            self.trusted, PersistedQueries(self._shared), locked=settings.documents == "trusted"
        )
        database.on_commit(access.DocumentsChanged, self.trusted.forget)
        database.provide(access.AccessDependencies(GraphQLDocumentValidator(schema, self.repeated.registered)))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._shared is not None:
            await self._shared.close()


def _shared(settings: Settings) -> RedisDocuments | None:
    """Persisted documents of all processes; each has its own, where Redis is not set."""
    if settings.redis_url is None:
        return None
    from gateway.adapters.redis_documents import RedisDocuments  # noqa: PLC0415 - it loads OpenTelemetry

    return RedisDocuments(settings.redis_url.get_secret_value())
