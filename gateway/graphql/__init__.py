"""The GraphQL doors: how operations come in and answers go out. What they do is the engine's."""

from gateway.graphql.connections import Live
from gateway.graphql.document_lookup import Lookup
from gateway.graphql.http import GraphQLHttp
from gateway.graphql.operations import Operations
from gateway.graphql.persisted_queries import Persisted
from gateway.graphql.sse import GraphQLStream
from gateway.graphql.trusted_documents import TrustedDocuments
from gateway.graphql.websocket import MESSAGE_MAX, GraphQLSockets

__all__ = [
    "MESSAGE_MAX",
    "GraphQLHttp",
    "GraphQLSockets",
    "GraphQLStream",
    "Live",
    "Lookup",
    "Operations",
    "Persisted",
    "TrustedDocuments",
]
