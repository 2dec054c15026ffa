"""A client of the application in the process of the tests, without what httpx does for each request.

Most tests send hundreds of small requests; building httpx's request, its URL and its cookies takes as long as the
application takes to answer.
"""

from __future__ import annotations

import asyncio
import json as json_format
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import httpx
from starlette.types import ASGIApp, Message

PLAIN = re.compile(r"/([\w./~=&,:+-]|%[0-9A-Fa-f]{2})*(\?([\w./~=&,:+-]|%[0-9A-Fa-f]{2})*)?", re.ASCII)
"""Targets in which nothing is still to be encoded."""
TAKEN = frozenset({"headers", "json", "content"})
"""Options that are understood here. Requests with others are httpx's."""
_ERROR = b"Internal Server Error"


class InProcessClient(httpx.AsyncClient):
    """httpx's client, with a shorter way for plain requests. Responses are httpx's."""

    def __init__(self, application: ASGIApp) -> None:
        """An exception of the application is answered as 500, as a server would."""
        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        super().__init__(transport=transport, base_url="http://127.0.0.1")
        self._application = application

    async def request(self, method: str, url: Any, **options: Any) -> httpx.Response:
        """As httpx's; statements that the application has run have been heard of then."""
        if not self.cookies and _is_plain(url, options):
            response = await self._answer(method, url, **options)
        else:
            response = await super().request(method, url, **options)
        await asyncio.sleep(0)  # asyncpg tells of its statements a turn of the loop later
        return response

    async def _answer(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: str | bytes | None = None,
    ) -> httpx.Response:
        given = {name.lower(): value for name, value in (headers or {}).items()}
        named = {"host": "127.0.0.1", **dict(self.headers), **given}
        body = b""
        if json is not None:
            body = json_format.dumps(json, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
            named.setdefault("content-type", "application/json")
        elif content is not None:
            body = content.encode() if isinstance(content, str) else content
        if body or method in {"POST", "PUT", "PATCH"}:
            named.setdefault("content-length", str(len(body)))
        exchange = _Exchange(body)
        try:
            await self._application(_scope(method, target, named), exchange.receive, exchange.send)
        except Exception:  # as a server answers it
            if exchange.start is None:
                return _response(500, [], _ERROR, method, target)
        finally:
            exchange.ended.set()
        assert exchange.start is not None
        response = _response(exchange.start["status"], exchange.start["headers"], exchange.sent, method, target)
        if "set-cookie" in response.headers:
            self.cookies.extract_cookies(response)
        return response


def _is_plain(url: Any, options: Mapping[str, Any]) -> bool:
    """Whether nothing of it is still to be encoded, put together or resolved."""
    named, content = options.get("headers") or {}, options.get("content")
    return (
        options.keys() <= TAKEN
        and isinstance(url, str)
        and PLAIN.fullmatch(url) is not None
        and "/." not in url
        and isinstance(named, dict)
        and all(isinstance(value, str) and value.isascii() for value in named.values())
        and (content is None or isinstance(content, str | bytes))
    )


def _scope(method: str, target: str, headers: Mapping[str, str]) -> dict[str, Any]:
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method.upper(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "server": ("127.0.0.1", None),
        "client": ("127.0.0.1", 123),
        "root_path": "",
    }


def _response(status: int, headers: Any, body: bytes, method: str, target: str) -> httpx.Response:
    return _Response(status, headers=headers, content=body, extensions={"asked": (method, target)})


class _Response(httpx.Response):
    """A response whose request is made where somebody asks for it."""

    @property
    def request(self) -> httpx.Request:
        """What was sent, without its headers and body."""
        method, target = self.extensions["asked"]
        return httpx.Request(method, f"http://127.0.0.1{target}")

    @request.setter
    def request(self, value: httpx.Request) -> None:
        raise AttributeError("it is known what was asked")


class _Exchange:
    """Both sides of one request."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._parts: list[bytes] = []
        self.start: Message | None = None
        self.ended = asyncio.Event()

    @property
    def sent(self) -> bytes:
        """The body of the response."""
        return b"".join(self._parts)

    async def receive(self) -> Message:
        """The body at once; then the client waits, and leaves at the end."""
        if self._body is None:
            await self.ended.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Message) -> None:
        """Keep a message of the application."""
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                self.ended.set()
