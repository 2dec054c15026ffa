"""Requests of one operation to an application in this process: ASGI calls, without a socket or a server."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import ASGIApp, Message

from benchmarks.environment import BenchEnvironment
from benchmarks.requests import Q3

REQUESTS = 50
"""In one turn."""


def asker(application: ASGIApp, stand: BenchEnvironment) -> Callable[[], Awaitable[None]]:
    """A function that asks Q3 once."""
    body = json.dumps({"query": Q3, "variables": {"id": stand.product_id}}).encode()
    headers = [(b"authorization", f"Bearer {stand.key}".encode()), (b"content-type", b"application/json")]
    headers.append((b"content-length", str(len(body)).encode()))
    fixed = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message.get("status", 200) != 200:
            sys.exit(f"Q3 answers {message}")

    async def ask() -> None:
        scope: dict[str, Any] = {**fixed, "headers": headers, "client": ("127.0.0.1", 1), "state": {}}
        await asyncio.create_task(application(scope, receive, send))  # type: ignore[arg-type]  # a coroutine it is

    return ask


async def turn(ask: Callable[[], Awaitable[None]]) -> float:
    """CPU of one request, in microseconds."""
    begun = time.process_time()
    for _ in range(REQUESTS):
        await ask()
    return (time.process_time() - begun) / REQUESTS * 1e6
