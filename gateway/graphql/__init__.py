"""The GraphQL doors: how operations come in and answers go out. What they do is the engine's."""

from gateway.graphql.http import GraphQLHttp

__all__ = ["GraphQLHttp"]
