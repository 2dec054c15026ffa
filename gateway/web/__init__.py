"""For browsers: the gateway's own pages, CORS, and compression."""

from gateway.web.compression import Compression
from gateway.web.cors import for_browsers
from gateway.web.demo_images import demo_image_routes
from gateway.web.graphiql import GraphiQL
from gateway.web.pages import event_routes
from gateway.web.sandbox_page import sandbox_routes

__all__ = ["Compression", "GraphiQL", "demo_image_routes", "event_routes", "for_browsers", "sandbox_routes"]
