"""The OpenAPI 3.1 document of the REST surface, generated from the endpoint declarations."""

from rest_compat.openapi.document import document, servers

__all__ = ["document", "servers"]
