"""The index of routes finds what the router finds by comparing a request with one route after the other."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Receive, Scope, Send

from rest_compat import ENDPOINTS
from transport.route_index import indexed


class Answer:
    """An endpoint that the router takes for an application."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await Response("")(scope, receive, send)


async def function(_: Any) -> Response:
    """An endpoint that the router serves for GET only."""
    return Response("")


PATHS = sorted({f"/v2{each.path}" for each in ENDPOINTS})
ROUTES: list[BaseRoute] = [
    Route("/graphql", Answer()),
    *(Route(path, Answer()) for path in PATHS if "{" not in path),
    *(Route(path, Answer()) for path in PATHS if "{" in path),
    Route("/read-only", function),
    Route("/v2", Answer()),
    Route("/v2/{path:path}", Answer()),
    Mount("/assets", Answer()),
    Route("/{file}", Answer()),
    Route("/one/{two}/three", Answer()),
]
INDEXED = indexed(ROUTES)
REQUESTS = [
    *(path.replace("{", "x").replace("}", "") for path in PATHS),
    *(f"{path.replace('{', 'x').replace('}', '')}/" for path in PATHS),
    *(f"{path.replace('{', 'x').replace('}', '')}/more" for path in PATHS),
    *("", "/", "//", "/v2", "/v2/", "/v2//", "/v2/products//views", "/v3/products", "/graphql", "/graphql/", "/file"),
    *("/assets", "/assets/a/b", "/one/2/three", "/one/2/four", "/read-only", "no/slash", "/v2/products/a%2Fb"),
]


def found(routes: list[BaseRoute], asked: Scope) -> tuple[Any, ...]:
    """How well, where and with which parameters of the path the router would go on, and for a whole match the route."""
    partial: tuple[Any, ...] = (Match.NONE, None, None)
    for route in routes:
        match, matched = route.matches(asked)
        if match is Match.FULL:
            return match, matched["endpoint"], matched.get("path_params")
        if match is Match.PARTIAL and partial[0] is Match.NONE:
            partial = match, matched["endpoint"], matched.get("path_params")
    return partial


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_goes_where_it_went_without_an_index(method: str, kind: str) -> None:
    """Taken out: the number of segments in the key; the routes that are not fixed."""
    for path in REQUESTS:
        asked = {"type": kind, "method": method, "path": path, "root_path": "", "headers": []}
        assert found(INDEXED, asked) == found(ROUTES, asked), path


def test_a_request_is_compared_with_few_routes() -> None:
    """Fails when the key says too little."""
    index = INDEXED[0]
    sizes = [len(routes) for routes in index._by_key.values()]  # type: ignore[attr-defined]
    assert max(sizes) <= 12
    assert len(INDEXED) == 5
