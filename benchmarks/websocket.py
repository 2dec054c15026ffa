"""WebSockets (RFC 6455, ``graphql-transport-ws``) for the load: what comes is counted and timed, hardly read."""

from __future__ import annotations

import asyncio
import base64
import struct
import time
from collections.abc import Callable
from typing import Any, cast

import orjson

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
PAYLOAD_16, PAYLOAD_64 = 126, 127
_HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: " + base64.b64encode(bytes(16)) + b"\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)

Heard = Callable[[float, bytes], None]
"""Told of every message: when it came (``perf_counter``) and what it says."""


class RefusedError(Exception):
    """The server did not let a socket in, or closed it."""


class Socket(asyncio.Protocol):
    """One subscriber: ready once it has been acknowledged and has asked."""

    def __init__(self, key: str, query: str, heard: Heard) -> None:
        self._init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {key}"}}
        self._subscribe = {"id": "1", "type": "subscribe", "payload": {"query": query}}
        self._heard = heard
        self._received = bytearray()
        self._is_open = False
        self._transport: asyncio.Transport | None = None
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Shake hands."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(_HANDSHAKE)

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed before it was ready, or while it listens: it then hears no more, which is noticed by the count."""
        if not self.ready.done():
            self.ready.set_exception(RefusedError(bytes(self._received).decode(errors="replace")))

    def data_received(self, data: bytes) -> None:
        """Part of the handshake's answer, or of messages."""
        now = time.perf_counter()
        self._received += data
        if not self._is_open:
            end = self._received.find(b"\r\n\r\n")
            if end < 0 or not self._received.startswith(b"HTTP/1.1 101"):
                return
            del self._received[: end + 4]
            self._is_open = True
            self._say(self._init)
        while (frame := _frame(self._received)) is not None:
            self._hear(*frame, now)

    def close(self) -> None:
        """Let go without a word."""
        if self._transport is not None:
            self._transport.abort()

    def _hear(self, opcode: int, payload: bytes, now: float) -> None:
        if opcode == PING:
            self._send(PONG, payload)
        elif opcode == TEXT and not self.ready.done():
            if b"connection_ack" in payload:
                self._say(self._subscribe)
                self.ready.set_result(None)
        elif opcode == TEXT:
            self._heard(now, payload)

    def _say(self, message: dict[str, Any]) -> None:
        self._send(TEXT, orjson.dumps(message))

    def _send(self, opcode: int, payload: bytes) -> None:
        """One frame, masked with zeros: allowed, and no work."""
        length = len(payload)
        extended = b"" if length < PAYLOAD_16 else struct.pack("!H", length)
        size = length if length < PAYLOAD_16 else PAYLOAD_16
        if self._transport is not None:
            self._transport.write(bytes((0x80 | opcode, 0x80 | size)) + extended + bytes(4) + payload)


def _frame(received: bytearray) -> tuple[int, bytes] | None:
    """The first whole frame, taken out; servers neither mask nor, here, fragment."""
    if len(received) < 2:
        return None
    begin, length = 2, received[1]
    if length == PAYLOAD_16:
        begin, length = 4, int.from_bytes(received[2:4])
    elif length == PAYLOAD_64:
        begin, length = 10, int.from_bytes(received[2:10])
    if len(received) < begin + length:
        return None
    opcode, payload = received[0] & 0x0F, bytes(received[begin : begin + length])
    del received[: begin + length]
    return opcode, payload
