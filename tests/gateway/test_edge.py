"""What holds for every request and every handshake: HTTPS."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.edge import EdgeMiddleware
from gateway.shutdown import GracefulShutdown
from gateway.telemetry import Telemetry

PROXY, STRANGER = "10.0.0.1", "203.0.113.5"


async def welcoming(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def boundary(app: ASGIApp, trusted_proxies: Any = ()) -> EdgeMiddleware:
    """An application behind the boundary."""
    return EdgeMiddleware(app, trusted_proxies, Telemetry().recorder, GracefulShutdown())


async def answer(kind: str, scheme: str, client: str, forwarded: str | None = None) -> Message:
    """The first word of the answer to a request from ``client``."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    headers: list[tuple[bytes, bytes]] = [] if forwarded is None else [(b"x-forwarded-proto", forwarded.encode())]
    scope = {
        "type": kind,
        "scheme": scheme,
        "client": (client, 1),
        "path": "/graphql",
        "headers": headers,
        "method": "GET",
    }
    await boundary(welcoming, [ip_network("10.0.0.0/8")])(scope, receive, send)
    return sent[0]


@pytest.mark.parametrize(
    ("scheme", "client", "forwarded", "enters"),
    [
        ("", STRANGER, None, False),
        ("", STRANGER, "https", False),
        ("s", STRANGER, None, True),
        ("", "127.0.0.1", None, True),
        ("", "::1", None, True),
        ("", PROXY, "https", True),
        ("", PROXY, "http", False),
        ("", PROXY, None, False),
    ],
)
async def test_nothing_enters_in_the_clear(scheme: str, client: str, forwarded: str | None, enters: bool) -> None:
    request = await answer("http", f"http{scheme}", client, forwarded)
    assert request["status"] == (200 if enters else 403)
    handshake = await answer("websocket", f"ws{scheme}", client, forwarded)
    assert handshake["type"] == ("websocket.accept" if enters else "websocket.http.response.start")
    assert enters or handshake["status"] == 403
    for message in (request, handshake):
        names = [name.lower() for name, _ in message["headers"]]
        assert names.count(b"x-request-id") == 1
