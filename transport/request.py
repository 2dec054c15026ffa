"""A request with indexed headers."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope


class IndexedRequest(Request):
    """Looked into for its headers a dozen times: Starlette's looks through all of them each time."""

    @cached_property
    def headers(self) -> Headers:
        """By their names."""
        return _IndexedHeaders(self.scope)


class _IndexedHeaders(Headers):
    def __init__(self, scope: Scope) -> None:
        super().__init__(raw=scope["headers"])
        self._values: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            self._values.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))

    def get(self, key: str, default: Any = None) -> Any:
        found = self._values.get(key.lower())
        return default if found is None else found[0]

    def getlist(self, key: str) -> list[str]:
        return self._values.get(key.lower(), [])
