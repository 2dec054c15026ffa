"""Documents that requests name instead of sending them: the parts that keep and find them, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import GraphQLSchema

from domain import access
from domain.kernel.database import Database
from gateway.graphql import Lookup, Persisted, TrustedDocuments
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.adapters.redis_documents import RedisDocuments
from gateway.graphql.documents import CannotRunError, Documents


class SchemaValidator:
    """A DocumentValidator of one schema. What an operation costs is not judged: that depends on its variables."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._documents = Documents(schema)

    def check(self, text: str) -> None:
        """See the port."""
        try:
            self._documents.check(text)
        except CannotRunError as refused:
            raise refused.blaming("text") from None


class Naming:
    """What the doors look documents up in, and what their use cases are handed, over one database."""

    def __init__(self, settings: Settings, database: Database, schema: GraphQLSchema) -> None:
        self.trusted = TrustedDocuments(database)
        self._shared = _shared(settings)
        self.lookup = Lookup(self.trusted, Persisted(self._shared), locked=settings.documents == "trusted")
        database.when_committed(access.DocumentsChanged, self.trusted.forget)
        database.hand_in(access.Validation(SchemaValidator(schema)))

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
