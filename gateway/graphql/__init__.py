"""The GraphQL doors: how operations come in and answers go out. What they do is the engine's."""

from gateway.graphql.http import GraphQLHttp
from gateway.graphql.live import Live
from gateway.graphql.lookup import Lookup
from gateway.graphql.operations import Operations
from gateway.graphql.persisted import Persisted
from gateway.graphql.sse import GraphQLStream
from gateway.graphql.trusted import TrustedDocuments
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
