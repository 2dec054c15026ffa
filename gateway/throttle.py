"""The one place where callers are throttled: after it is known who they are, before anything is read for them.

Every transport passes it: REST requests, GraphQL requests, event streams, and each operation on a WebSocket. It counts
what comes; the limits of plans are not applied yet.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum

from starlette.requests import HTTPConnection

from domain.kernel.principal import Principal

Identify = Callable[[HTTPConnection], Awaitable[Principal]]


class Transport(StrEnum):
    """The ways in, as they are counted."""

    REST = "rest"
    GRAPHQL = "graphql"
    STREAM = "stream"
    WEBSOCKET = "websocket"


class Throttle:
    """Admits the requests of one process."""

    def __init__(self, identify: Identify, admitted: Callable[[str, str], None]) -> None:
        """``admitted``: counts a request, by its transport and the plan of its account."""
        self._identify = identify
        self._admitted = admitted

    def identify_on(self, transport: Transport) -> Identify:
        """Build the identification of one transport's requests. It raises Unauthenticated, Forbidden, Unavailable, and
        as ``admit``."""

        async def identify(connection: HTTPConnection) -> Principal:
            principal = await self._identify(connection)
            await self.admit(principal, transport)
            return principal

        return identify

    async def admit(self, principal: Principal, transport: Transport) -> None:
        """Let a request in. Raises RateLimited once there are limits."""
        self._admitted(transport, principal.store.plan)
