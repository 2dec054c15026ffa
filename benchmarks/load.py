"""The load: HTTP/1.1 over connections that stay open, with as little work for each request as Python allows."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

Write = Callable[[int], bytes]
"""The bytes of the n-th request."""


class WrongAnswerError(Exception):
    """A contestant refused a request."""


@dataclass(slots=True)
class Answer:
    """Status and body."""

    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._answer: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Open."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Closed, which no contestant may do while it is asked."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError("closed amid a request"))

    def data_received(self, data: bytes) -> None:
        """Part of an answer."""
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        try:
            if len(self._received) < end + 4 + _length(self._received[:end]):
                return
        except WrongAnswerError as error:
            self._answer.set_exception(error)
        else:
            self._answer.set_result(Answer(int(self._received[9:12]), bytes(self._received[end + 4 :])))
        self._received.clear()

    async def ask(self, request: bytes) -> Answer:
        """Send a request and wait for the whole of its answer. Raises OSError."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("not open")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Let go."""
        if self._transport is not None:
            self._transport.close()


def _length(head: bytearray) -> int:
    """How long the body is. Raises WrongAnswerError for an answer that does not say."""
    _, named, tail = head.lower().partition(b"content-length:")
    if not named:
        raise WrongAnswerError(f"an answer without Content-Length: {head.decode('latin-1')}")
    return int(tail.partition(b"\r\n")[0])


@asynccontextmanager
async def connected(port: int, connections: int = 1) -> AsyncGenerator[list[Connection]]:
    """So many connections to the server at this port. Raises OSError."""
    loop = asyncio.get_running_loop()
    opened: list[Connection] = []
    try:
        for _ in range(connections):
            opened.append((await loop.create_connection(Connection, "127.0.0.1", port))[1])
        yield opened
    finally:
        for connection in opened:
            connection.close()


RESPONSE_TIMEOUT_SECONDS = 30.0
"""Seconds beyond its time after which a server that only refuses is given up."""


async def keep_asking(
    connections: Sequence[Connection],
    write: Write,
    numbers: itertools.count[int],
    seconds: float,
    proof: bytes = b"",
    *,
    response_timeout: float = RESPONSE_TIMEOUT_SECONDS,
) -> list[float]:
    """Ask over all of the connections for so long, until there is an answer at least; the latencies, in seconds.

    Raises WrongAnswerError for an answer of failure, without the bytes ``proof``, or if a server is overloaded for
    ``response_timeout`` more seconds.
    """
    latencies: list[float] = []
    until = time.perf_counter() + seconds

    async def ask_again(connection: Connection) -> None:
        begun = time.perf_counter()
        while begun < until or (not latencies and begun < until + response_timeout):
            answer = await connection.ask(write(next(numbers)))
            if answer.status == 503:  # overloaded for a moment: asked again, and its work for nothing counts
                begun = time.perf_counter()
                continue
            if answer.status not in (200, 201) or proof not in answer.body:
                raise WrongAnswerError(answer.body[:500].decode())
            ended = time.perf_counter()
            latencies.append(ended - begun)
            begun = ended

    await asyncio.gather(*map(ask_again, connections))
    if not latencies:
        raise WrongAnswerError("not one answer in time")
    return latencies
