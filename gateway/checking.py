"""Whether the documents that stores want to trust can run, by the same limits and rules as the doors."""

from __future__ import annotations

from graphql import GraphQLSchema

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
