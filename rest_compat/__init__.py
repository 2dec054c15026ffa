"""REST v2 as in the platform document, over the same domain as GraphQL.

An area is a file or package of ``Endpoint`` declarations (``catalog``); ``routing.py`` builds routes from them,
``openapi`` the OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Iterable

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from rest_compat.endpoint import Endpoint
from rest_compat.objects import ROOT
from rest_compat.routing import ENDPOINTS, GONE, RestDependencies, UnknownPath, endpoint_routes
from transport.resource import ErrorEndpoint, Resource

__all__ = ["ENDPOINTS", "Endpoint", "RestDependencies", "routes"]


def routes(services: RestDependencies, endpoints: Iterable[Endpoint] = ENDPOINTS) -> list[BaseRoute]:
    """The routes of ``/v2``, its OpenAPI document, and what is left of ``/v1``."""

    async def describe(request: Request) -> Response:
        from rest_compat import openapi  # noqa: PLC0415 - only this document needs it

        base = services.public_url or f"{request.url.scheme}://{request.url.netloc}"
        body = orjson.dumps(openapi.document(base))
        return Response(body, headers={"Vary": "Host"}, media_type="application/json")

    unknown = UnknownPath(services)
    return [
        Route(f"{ROOT}/openapi.json", Resource({"GET": describe})),
        *endpoint_routes(services, endpoints),
        *(Route(path, unknown) for path in (ROOT, f"{ROOT}/{{path:path}}")),
        *(Route(path, ErrorEndpoint(GONE)) for path in ("/v1", "/v1/{path:path}")),
    ]
