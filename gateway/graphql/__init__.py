"""The GraphQL transports: receiving operations and sending responses. The engine executes them."""

from gateway.graphql.connections import ConnectionRegistry
from gateway.graphql.document_lookup import DocumentLookup
from gateway.graphql.http import GraphQLHttp
from gateway.graphql.operations import Operations
from gateway.graphql.persisted_queries import PersistedQueries
from gateway.graphql.sse import GraphQLStream
from gateway.graphql.trusted_documents import TrustedDocumentCache
from gateway.graphql.websocket import MAX_MESSAGE_BYTES, GraphQLWebSocket

__all__ = [
    "MAX_MESSAGE_BYTES",
    "ConnectionRegistry",
    "DocumentLookup",
    "GraphQLHttp",
    "GraphQLStream",
    "GraphQLWebSocket",
    "Operations",
    "PersistedQueries",
    "TrustedDocumentCache",
]
