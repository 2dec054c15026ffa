"""Routes found by the segments of a path: a request is compared with the few that it can be for, not with all.

The router of Starlette compares a request with one route after the other: of two hundred, that took a third of the time
of a small REST request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

RouteKey = tuple[str, ...]
"""The first two segments of a path (one, if there is no other), and the number of all."""


def indexed(routes: Sequence[BaseRoute]) -> list[BaseRoute]:
    """The same routes, those whose first two segments are fixed behind an index; the others follow in their order.

    So a fixed path comes before a path of any length (``/v2/{path:path}``), whichever stands first.
    """
    by_key: dict[RouteKey, list[BaseRoute]] = {}
    others: list[BaseRoute] = []
    for route in routes:
        key = _key_of(route)
        (others if key is None else by_key.setdefault(key, [])).append(route)
    return [RouteIndex(by_key), *others]


class RouteIndex(BaseRoute):
    """Many routes as one. Among those with the same key, the first that matches counts."""

    def __init__(self, by_key: Mapping[RouteKey, Sequence[BaseRoute]]) -> None:
        """``by_key``: by the keys of their paths."""
        self._by_key = by_key

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As the routes would, one after the other. The route itself is in the scope of a match."""
        if scope["type"] == "http":
            for route in self._by_key.get(_key(scope["path"]), ()):
                match, matched = route.matches(scope)
                if match is not Match.NONE:
                    return match, {**matched, "route": route}
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand over to the route that has matched."""
        await scope["route"].handle(scope, receive, send)


def _key_of(route: BaseRoute) -> RouteKey | None:
    """None where the key of the path of a request does not follow from that of the route."""
    if not isinstance(route, Route) or ":" in route.path or any("{" in part for part in _key(route.path)):
        return None
    return _key(route.path)


def _key(path: str) -> RouteKey:
    parts = path.split("/", 3)
    return (*parts[1:3], str(path.count("/")))
