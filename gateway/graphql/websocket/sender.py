"""The sending side of one connection: one message after the other, and none after the close."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import Send

from gateway.graphql.websocket.messages import ClosingError, Writer

MAX_QUEUED_BYTES = 32 * 2**20
"""Bytes of responses that wait for one client; a further one is refused."""
QUEUE_LOW = 2**20
"""Bytes beyond which no further operation is begun."""


class SocketClosedError(Exception):
    """The socket is closed, by whichever side."""


class MessageSender:
    """Sends to one client, which may be slow: each message waits until the previous ones are sent."""

    __slots__ = ("_closed", "_room", "_send", "_turn", "queued")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._turn = asyncio.Lock()
        self._closed = False
        self._room: list[asyncio.Future[None]] = []
        self.queued = 0
        """Bytes of responses that wait to be sent."""

    async def room(self) -> None:
        """Wait until most responses are sent: nothing more is executed for the client before."""
        while self.queued > QUEUE_LOW:
            waiting = asyncio.get_running_loop().create_future()
            self._room.append(waiting)
            await waiting

    def has_room_for(self, body: bytes) -> bool:
        """Whether a response may wait in line."""
        return self.queued == 0 or self.queued + len(body) <= MAX_QUEUED_BYTES

    async def answer(self, writer: Writer, body: bytes) -> None:
        """Send a response, which becomes a message only in its turn. Raises GoneError."""
        self.queued += len(body)
        try:
            async with self._turn:
                await self._put(writer.next(body))
        finally:
            self.queued -= len(body)
            if self._room and self.queued <= QUEUE_LOW:
                waiting, self._room = self._room, []
                for each in waiting:
                    if not each.done():
                        each.set_result(None)

    async def say(self, text: str) -> None:
        """Send a message. Raises GoneError."""
        async with self._turn:
            await self._put(text)

    async def _put(self, text: str) -> None:
        if self._closed:
            raise SocketClosedError
        try:
            await self._send({"type": "websocket.send", "text": text})
        except OSError:
            raise SocketClosedError from None

    async def close(self, closing: ClosingError) -> None:
        """Say goodbye, once; to a client that is gone already, not at all."""
        async with self._turn:
            if not self._closed:
                self._closed = True
                with suppress(OSError):
                    await self._send({"type": "websocket.close", "code": closing.code.value, "reason": closing.reason})
