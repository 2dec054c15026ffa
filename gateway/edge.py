"""The edge middleware of every request: its id, HTTPS, and the last-resort error response."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.kernel.errors import Forbidden
from domain.kernel.ids import new_id
from domain.kernel.rate_limits import WindowUsage
from gateway.client_address import Networks, is_loopback, is_trusted
from gateway.shutdown import GracefulShutdown
from gateway.telemetry.recorder import Recorder, server_timing
from gateway.telemetry.request_record import RequestRecord, record_errors
from transport.errors import error_codes, render_error

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
"""Probes and metrics need no HTTPS."""
HANDSHAKES = frozenset({"websocket.accept", "websocket.http.response.start"})
"""The messages that respond to a handshake, accepted or refused."""


def _rate_limit_headers(window: WindowUsage) -> tuple[tuple[bytes, bytes], ...]:
    return (b"x-ratelimit-remaining", b"%d" % window.remaining), *_window_headers(window.limit, window.resets_at)


@lru_cache(maxsize=1_000)
def _window_headers(limit: int, resets_at: datetime) -> tuple[tuple[bytes, bytes], ...]:
    """Those that do not change within a window."""
    return (b"x-ratelimit-limit", b"%d" % limit), (b"x-ratelimit-reset", b"%d" % resets_at.timestamp())


class EdgeMiddleware:
    """ASGI middleware, outermost: nothing leaves without ``X-Request-Id``, nothing enters in the clear."""

    def __init__(self, app: ASGIApp, trusted_proxies: Networks, recorder: Recorder, draining: GracefulShutdown) -> None:
        self._app = app
        self._trusted = trusted_proxies
        self._recorder = recorder
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the request, or the handshake of a WebSocket, with an id of its own."""
        if scope["type"] == "websocket":
            await self._shake_hands(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        facts, token = self._recorder.begin(scope)
        scope.setdefault("state", {})["request_id"] = facts.request_id
        try:
            await self._answer(scope, receive, send, facts)
        finally:
            self._recorder.end(scope, facts, token)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, facts: RequestRecord) -> None:
        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                facts.status = message["status"]
                facts.begin_response()
                message["headers"] = [*message["headers"], *self._headers(facts)]
            await send(message)

        try:
            if not self._is_private(scope):
                raise Forbidden("HTTPS is required.")
            await self._app(scope, receive, send_with_id)
        except Exception as error:
            if facts.status is not None:  # too late for another response; the server closes the connection
                raise
            record_errors(error_codes(error))
            await render_error(error, facts.request_id)(scope, receive, send_with_id)
        # REST leaves its values in the state of the request, because it does not know the gateway.
        facts.errors = facts.errors or scope["state"].get("error_codes", ())
        facts.replayed = facts.replayed or scope["state"].get("replayed", False)

    async def _shake_hands(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Operations on a socket are counted and logged by its transport, each like a request of its own."""
        request_id, answered = new_id("req"), False
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_id(message: Message) -> None:
            nonlocal answered
            if message["type"] in HANDSHAKES:
                answered = True
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            if not self._is_private(scope):
                raise Forbidden("HTTPS is required.")
            await self._app(scope, receive, send_with_id)
        except Exception as error:
            if answered:
                raise
            await render_error(error, request_id)(scope, receive, send_with_id)

    def _headers(self, facts: RequestRecord) -> list[tuple[bytes, bytes]]:
        headers = [(b"x-request-id", facts.request_id.encode())]
        if facts.rate_limit is not None:
            headers += _rate_limit_headers(facts.rate_limit.tighter)
        timing = server_timing(facts)
        if timing is not None:
            headers.append((b"server-timing", timing))
        if self._draining.begun:
            headers.append((b"connection", b"close"))
        return headers

    def _is_private(self, scope: Scope) -> bool:
        """Whether the request cannot have been read on the way."""
        if scope["scheme"] in ("https", "wss") or scope["path"] in OPEN_PATHS or scope.get("client") is None:
            return True
        if is_trusted(scope, self._trusted):
            return Headers(scope=scope).get("x-forwarded-proto", "").split(",")[-1].strip() == "https"
        return is_loopback(scope["client"][0])
