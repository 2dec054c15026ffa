"""The five ways to ask for an operation, spoken over real sockets, each answer in the same words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx
import orjson
from websockets.exceptions import ConnectionClosed

from gateway.graphql.requests import MAX_QUERY_STRING_BYTES
from tests.gateway.conftest import Serving, talking

JSON = {"Content-Type": "application/json"}
TOO_LONG = 60_000
"""Bytes of a request line that uvicorn reads no more."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back: ``how`` is a status, ``close 4400``, ``error`` (a message), or ``event`` (of a stream)."""

    how: str
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def errors(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.body.get("errors", [])
        return found

    @property
    def codes(self) -> set[str]:
        return {error["extensions"]["code"] for error in self.errors}


class Transport(ABC):
    """One way to ask, with one key."""

    refuses: str
    """How an operation that cannot run is refused."""
    malformed: str
    """How a request that is none is refused."""
    too_big: str
    """How one of twenty megabytes is refused."""

    def __init__(self, server: Serving, key: str) -> None:
        self.server = server
        self.headers = {"Authorization": f"Bearer {key}"}

    async def ask(self, query: str, **members: Any) -> Heard:
        """Ask for an operation; ``members`` are ``variables`` and ``operationName``."""
        return await self.send(orjson.dumps({"query": query, **members}))

    @abstractmethod
    async def send(self, request: bytes) -> Heard:
        """Send this in place of the JSON of a request."""

    async def http(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {**self.headers, **options.pop("headers", {})}
        async with httpx.AsyncClient(base_url=self.server.url, timeout=30) as client:
            return await client.request(method, path, headers=headers, **options)


class Post(Transport):
    refuses, malformed, too_big = "400", "400", "413"
    path, accept = "/graphql", "application/graphql-response+json"

    async def send(self, request: bytes) -> Heard:
        return heard(await self.http("POST", self.path, content=request, headers={"Accept": self.accept, **JSON}))


class Get(Transport):
    """Sends what is no request as ``variables``, the one place where a query string holds JSON."""

    refuses, malformed, too_big = "400", "400", "414"
    path, accept = "/graphql", "application/graphql-response+json"

    async def ask(self, query: str, **members: Any) -> Heard:
        return await self._get({"query": query, **members})

    async def send(self, request: bytes) -> Heard:
        return await self._get({"query": "{ __typename }", "variables": request[:TOO_LONG]})

    async def _get(self, parameters: Mapping[str, Any]) -> Heard:
        text = self._written(parameters)
        # Of what is too long to be read at all, as much as uvicorn lets through to be refused by us.
        return heard(await self.http("GET", f"{self.path}?{text[:TOO_LONG]}", headers={"Accept": self.accept}))

    @classmethod
    def fits(cls, query: str, **members: Any) -> bool:
        """Whether a query string may hold the operation."""
        return len(cls._written({"query": query, **members})) <= MAX_QUERY_STRING_BYTES

    @staticmethod
    def _written(parameters: Mapping[str, Any]) -> str:
        written = (
            (name, each if isinstance(each, str | bytes) else orjson.dumps(each)) for name, each in parameters.items()
        )
        return "&".join(f"{name}={quote(each)}" for name, each in written)


class PostStream(Post):
    refuses = "event"
    path, accept = "/graphql/stream", "text/event-stream"


class GetStream(Get):
    refuses = "event"
    path, accept = "/graphql/stream", "text/event-stream"


class Socket(Transport):
    refuses, malformed, too_big = "error", "close 4400", "close 1009"

    async def send(self, request: bytes) -> Heard:
        message = b'{"id":"1","type":"subscribe","payload":' + request + b"}"
        async with talking(self.server.socket_url, max_size=None) as talk:
            await talk.init(self.headers["Authorization"].removeprefix("Bearer "))
            try:
                await talk.wire.send(message, text=True)
                first = await talk.hear()
                if first["type"] == "next":
                    assert await talk.hear() == {"id": "1", "type": "complete"}
                # Whatever was asked, the socket serves on.
                await talk.ask("{ __typename }")
                assert (await talk.hear())["payload"] == {"data": {"__typename": "Query"}}
            except ConnectionClosed:
                code, reason = await talk.ended()
                return Heard(f"close {code}", {"errors": [{"message": reason}]})
        if first["type"] == "error":
            return Heard("error", {"errors": first["payload"]})
        return Heard("200", first["payload"])


TRANSPORTS: dict[str, type[Transport]] = {
    "POST": Post,
    "GET": Get,
    "POST stream": PostStream,
    "GET stream": GetStream,
    "WebSocket": Socket,
}


def heard(answer: httpx.Response) -> Heard:
    """An answer over HTTP; of a stream its only event, which must be followed by its end."""
    headers = dict(answer.headers)
    if not answer.headers["Content-Type"].startswith("text/event-stream"):
        return Heard(str(answer.status_code), orjson.loads(answer.content), headers)
    event, *rest = answer.text.split("\n\n")
    assert rest == ["event: complete\ndata:", ""], answer.text
    body = orjson.loads(event.removeprefix("event: next\ndata: "))
    return Heard("event" if "errors" in body else "200", body, headers)
