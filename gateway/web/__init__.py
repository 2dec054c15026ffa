"""What browsers need beside the API itself: the GraphiQL page, leave for other origins, smaller answers."""

from gateway.web.compression import Compression
from gateway.web.cors import for_browsers
from gateway.web.graphiql import GraphiQL, asset_routes

__all__ = ["Compression", "GraphiQL", "asset_routes", "for_browsers"]
