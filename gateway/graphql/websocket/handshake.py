"""The handshake: the allowed origins, the sub-protocol, and the API key.

A key is sent in ``connection_init`` (``{"Authorization": "Bearer …"}`` in any case, or ``{"apiKey": "…"}``, or
``{"token": "…"}``), since a browser cannot send headers; otherwise in the ``Authorization`` header of the handshake.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from domain.kernel.errors import Forbidden, Unauthenticated
from domain.kernel.principal import Principal
from gateway.authentication import Authenticator, bearer_token
from gateway.graphql.connections import ConnectionRegistry
from gateway.graphql.operations import Operations
from gateway.graphql.websocket.connection import INIT_TIMEOUT, SocketConnection
from gateway.graphql.websocket.messages import SUBPROTOCOL, CloseCode
from gateway.graphql.websocket.operations import SocketThrottle
from gateway.telemetry.recorder import Recorder
from gateway.web.cors import OriginLookup

DEFAULT_PORTS = {"http": 80, "https": 443}


class GraphQLWebSocket:
    """An ASGI application for WebSockets of the one path. Raises Forbidden (403) for pages of strangers."""

    def __init__(
        self,
        identify: Authenticator,
        operations: Operations,
        *,
        live: ConnectionRegistry,
        recorder: Recorder,
        throttle: SocketThrottle,
        origins: Collection[str],
        others: OriginLookup,
        init_seconds: float = INIT_TIMEOUT,
    ) -> None:
        """``origins``: whose pages may connect besides our own; ``*`` lets all. ``others``: more origins."""
        self._identify = identify
        self._operations = operations
        self._live = live
        self._recorder = recorder
        self._throttle = throttle
        self._origins = frozenset(origins)
        self._others = others
        self._init_seconds = init_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket until it closes."""
        headers = Headers(scope=scope)
        await self._require_welcome(headers)
        authorization = headers.get("authorization")  # once the socket is accepted, they are gone
        origin = self._identify.origin_of(scope)
        await receive()  # websocket.connect
        if SUBPROTOCOL not in scope["subprotocols"]:
            await _refuse_subprotocol(send)
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})

        async def identify(params: Mapping[str, Any]) -> Principal:
            return await self._identify.by_token(_token(params, authorization), origin)

        connection = SocketConnection(
            receive,
            send,
            operations=self._operations,
            live=self._live,
            recorder=self._recorder,
            identify=identify,
            throttle=self._throttle,
        )
        await connection.run(self._init_seconds)

    async def _require_welcome(self, headers: Headers) -> None:
        """Raises Forbidden unless it is no page that connects, or one of ours, or one that the settings or a store has
        listed. A browser lets any page open a socket to any host, and sends only the origin of the page (RFC 6455,
        10.2).
        """
        origin = headers.get("origin")
        if origin is not None and not await self._is_listed(origin, headers.get("host", "")):
            message = "This origin is not allowed to connect. List it in a publishable key, or in GATEWAY_CORS_ORIGINS."
            raise Forbidden(message)

    async def _is_listed(self, origin: str, host: str) -> bool:
        if "*" in self._origins or origin.lower() in self._origins:
            return True
        page = _authority(origin.lower())
        own = _authority(f"{origin.partition(':')[0]}://{host}".lower())
        return (page is not None and page == own) or await self._others.includes(origin)


async def _refuse_subprotocol(send: Send) -> None:
    """Accept and close, as the reference server does: a browser does not learn why a handshake was refused."""
    await send({"type": "websocket.accept"})
    reason = f"Subprotocol not acceptable: only {SUBPROTOCOL} is supported"
    await send({"type": "websocket.close", "code": CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE.value, "reason": reason})


def _authority(origin: str) -> tuple[str | None, int | None] | None:
    """Host and port; None for what is no origin of a page (``null``). The scheme may differ behind a proxy."""
    try:
        parts = urlsplit(origin)
        if parts.scheme not in DEFAULT_PORTS or not parts.hostname:
            return None
        return parts.hostname, parts.port or DEFAULT_PORTS[parts.scheme]
    except ValueError:
        return None


def _token(params: Mapping[str, Any], authorization: str | None) -> str:
    """The key that a client presents. Raises Unauthenticated when it presents none."""
    given = {name.lower(): value for name, value in params.items()}
    if given.get("authorization") is not None:
        authorization = given["authorization"]
    else:
        for name in ("apikey", "token"):
            if isinstance(given.get(name), str):
                return str(given[name])
    if not isinstance(authorization, str):
        raise Unauthenticated('Send your API key in connection_init: {"Authorization": "Bearer <key>"}.')
    return bearer_token(authorization)
