"""The sending side of one connection: one message after the other, and none after the close."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import Send

from gateway.graphql.websocket.messages import ClosingError


class GoneError(Exception):
    """The socket is closed, by whichever side."""


class Wire:
    """Sends to one client, which may be slow: each message waits until those before are taken."""

    __slots__ = ("_closed", "_send", "_turn")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._turn = asyncio.Lock()
        self._closed = False

    async def say(self, text: str) -> None:
        """Send a message. Raises GoneError."""
        async with self._turn:
            if self._closed:
                raise GoneError
            try:
                await self._send({"type": "websocket.send", "text": text})
            except OSError:
                raise GoneError from None

    async def close(self, closing: ClosingError) -> None:
        """Say goodbye, once; to a client that is gone already, not at all."""
        async with self._turn:
            if not self._closed:
                self._closed = True
                with suppress(OSError):
                    await self._send({"type": "websocket.close", "code": closing.code.value, "reason": closing.reason})
