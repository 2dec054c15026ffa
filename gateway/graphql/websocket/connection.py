"""One WebSocket connection: it is accepted, its operations run side by side, and it ends with a close code.

Its operations run in ``operations.py``.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.types import Receive, Send

from domain.kernel.errors import DomainError, RateLimited, Unavailable
from domain.kernel.principal import Principal
from gateway.graphql.connections import ConnectionRegistry
from gateway.graphql.operations import Operations
from gateway.graphql.websocket.messages import (
    ACK,
    CloseCode,
    ClosingError,
    Complete,
    ConnectionInit,
    Message,
    Ping,
    Subscribe,
    pong,
    read,
)
from gateway.graphql.websocket.operations import RunningOperations, SocketThrottle
from gateway.graphql.websocket.protocol import ProtocolState
from gateway.graphql.websocket.sender import MessageSender, SocketClosedError
from gateway.telemetry.recorder import Recorder
from resolvers.wire_format import client_message
from transport.sse import CloseReason

INIT_TIMEOUT = 5.0
"""The timeout of the authentication of a client."""

Identify = Callable[[Mapping[str, Any]], Awaitable[Principal]]
"""Who presents these parameters of ``connection_init``. Raises Unauthenticated, Forbidden, Unavailable."""

log = logging.getLogger("gateway.graphql")


class SocketConnection:
    """Serves an accepted socket."""

    __slots__ = (
        "__weakref__", "_conversation", "_ending", "_identify", "_live", "_receive", "_under_way", "_wire", "principal",
    )  # fmt: skip
    principal: Principal

    def __init__(
        self,
        receive: Receive,
        send: Send,
        *,
        operations: Operations,
        live: ConnectionRegistry,
        recorder: Recorder,
        identify: Identify,
        throttle: SocketThrottle,
    ) -> None:
        self._receive = receive
        self._wire = MessageSender(send)
        self._live = live
        self._identify = identify
        self._conversation = ProtocolState()
        self._under_way = RunningOperations(operations, recorder, self._conversation, self._wire, throttle)
        self._ending: asyncio.Task[None] | None = None

    async def run(self, init_seconds: float = INIT_TIMEOUT) -> None:
        """Serve until it is closed."""
        try:
            await self._let_in(init_seconds)
            try:
                while True:
                    await self._answer(await self._hear())
            finally:
                self._live.remove(self)
        except SocketClosedError:
            pass
        except ClosingError as closing:
            await self._close(closing)
        except Exception:
            log.exception("unexpected error in a WebSocket connection")
            await self._close(ClosingError(CloseCode.INTERNAL_ERROR, "Internal server error"))
        finally:
            if self._ending is not None:
                self._ending.cancel()
            await self._under_way.stop()

    def end(self, why: CloseReason) -> None:
        """See ``live.Connection``."""
        self._under_way.is_closed = True
        if self._ending is None:
            self._ending = asyncio.create_task(self._leave(why))

    async def _let_in(self, init_seconds: float) -> None:
        """Wait for ``connection_init``, and see who it is. Raises ClosingError: 4408, 4403, 1013."""
        try:
            async with asyncio.timeout(init_seconds):
                while not isinstance(message := await self._hear(), ConnectionInit):
                    await self._answer(message)
        except TimeoutError:
            raise ClosingError(CloseCode.INITIALISATION_TIMEOUT, "Connection initialisation timeout") from None
        try:
            self.principal = await self._identify(message.params)
            self._live.admit(self.principal)
        except (Unavailable, RateLimited) as later:
            raise ClosingError(CloseCode.TRY_AGAIN_LATER, client_message(later.message)) from None
        except DomainError as refused:
            raise ClosingError(CloseCode.FORBIDDEN, f"Forbidden: {client_message(refused.message)}") from None
        self._live.add(self)
        self._conversation.acknowledge()
        await self._wire.say(ACK)

    async def _hear(self) -> Message:
        """The next message. Raises ClosingError when it breaks a rule."""
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise SocketClosedError
        message = read(event.get("text"))
        self._conversation.hear(message)
        return message

    async def _answer(self, message: Message) -> None:
        match message:
            case Ping():
                await self._wire.say(pong(message))
            case Subscribe():
                await self._under_way.begin(message, self.principal)
            case Complete():
                self._under_way.complete(message.id)

    async def _close(self, closing: ClosingError) -> None:
        await self._under_way.stop()
        await self._wire.close(closing)

    async def _leave(self, why: CloseReason) -> None:
        """Close from the server: at once, or after queries and mutations end and subscriptions have a cursor."""
        if why is CloseReason.REVOKED:
            await self._close(ClosingError(CloseCode.FORBIDDEN, "Forbidden: the API key was revoked or has expired"))
            return
        place = await self._under_way.wind_down()
        reason = f"cursor:{place}" if place is not None else "Server restart: reconnect"
        await self._close(ClosingError(CloseCode.SERVICE_RESTART, reason))
