"""What holds for every request before it reaches a door: its id, HTTPS, and an answer when all else fails."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.kernel.errors import Forbidden
from domain.kernel.ids import new_id
from rest_compat.errors import render

Networks = Sequence[IPv4Network | IPv6Network]
OPEN_PATHS = frozenset({"/healthz", "/readyz"})
"""Probes need no HTTPS."""
ANSWERS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
"""What begins an answer, the last being the refusal of a handshake."""


class Boundary:
    """ASGI middleware, outermost: nothing leaves without ``X-Request-Id``, nothing enters in the clear."""

    def __init__(self, app: ASGIApp, trusted_proxies: Networks) -> None:
        self._app = app
        self._trusted = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request, or the handshake of a WebSocket, with an id of its own."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request_id = new_id("req")
        scope.setdefault("state", {})["request_id"] = request_id
        answered = False

        async def send_with_id(message: Message) -> None:
            nonlocal answered
            if message["type"] in ANSWERS:
                answered = True
                message.setdefault("headers", [])
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            if not self._is_private(scope):
                raise Forbidden("HTTPS is required.")
            await self._app(scope, receive, send_with_id)
        except Exception as error:
            if answered:  # too late for another answer; the server closes the connection
                raise
            await render(error, request_id)(scope, receive, send_with_id)

    def _is_private(self, scope: Scope) -> bool:
        """Whether nobody on the way can have read the request."""
        if scope["scheme"] in ("https", "wss") or scope["path"] in OPEN_PATHS or scope.get("client") is None:
            return True
        peer = _address(scope["client"][0])
        if peer is None:
            return False
        if any(peer in network for network in self._trusted):
            return Headers(scope=scope).get("x-forwarded-proto", "").split(",")[-1].strip() == "https"
        return peer.is_loopback


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address
