"""A slow reader slows only itself, and holds a bounded piece of memory for a bounded time."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import httpx
import pytest

from domain import catalog
from domain.catalog.commands import UpdateProduct
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from tests.conftest import MakeProduct, Shop
from tests.gateway.conftest import Serving, talking
from transport.protocols import HttpProtocol, SocketProtocol

Serve = Callable[..., AbstractAsyncContextManager[Serving]]
EVENT_BYTES = 200_000
EVENTS = 40
DESCRIPTIONS = " ".join(f"d{number}: description" for number in range(EVENT_BYTES // 20_000))
LARGE = f"""subscription ($after: Cursor) {{ events(after: $after) {{
  cursor ... on ProductUpdated {{ product {{ {DESCRIPTIONS} }} }} }} }}"""
HANDSHAKE = b"""GET /graphql HTTP/1.1
Host: x
Connection: Upgrade
Upgrade: websocket
Sec-WebSocket-Version: 13
Sec-WebSocket-Key: MDAwMDAwMDAwMDAwMDAwMA==
Sec-WebSocket-Protocol: graphql-transport-ws

""".replace(b"\n", b"\r\n")


class HastySocket(SocketProtocol):
    """Gives up after half a second."""

    stall_seconds = 0.5
    farewell_seconds = 1.0


class Inquisitive(SocketProtocol):
    """Pings all the time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.ping_interval, self.ping_timeout = 0.1, 0.4


class HastyHttp(HttpProtocol):
    """The same."""

    stall_seconds = 0.5


HASTY = {"ws": HastySocket, "http": HastyHttp}


def narrow_socket(port: int) -> socket.socket:
    """A connected socket that takes in little at a time."""
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.connect(("127.0.0.1", port))
    wire.setblocking(False)
    return wire


@pytest.fixture
async def backlog(database: Database, shop: Shop, make_product: MakeProduct, log: EventLog) -> str:
    """A cursor with megabytes of events after it."""
    start = f"e1.{await log.head()}"
    product = await make_product(description="x" * 20_000)
    for number in range(EVENTS):
        async with database.transaction(shop.live) as work:
            await catalog.update_product(work, shop.live, UpdateProduct(id=product.id, name=f"Mug {number}"))
    return start


async def nobody_is_left(running: Serving) -> None:
    async with asyncio.timeout(10):
        while running.server.server_state.connections:
            await asyncio.sleep(0.05)


async def test_one_that_pauses_too_long_is_told_to_come_back(serve: Serve, key: str, backlog: str) -> None:
    async with (
        serve(HASTY) as running,
        talking(running.socket_url, sock=narrow_socket(running.port), max_queue=1) as talk,
    ):
        await talk.init(key)
        await talk.ask(LARGE, variables={"after": backlog})
        await asyncio.sleep(1.0)
        code, reason = await talk.ended()
        assert code == 1013
        assert "resume after the last event received" in reason


async def test_one_that_reads_nothing_at_all_is_cut_off(serve: Serve, key: str, backlog: str) -> None:
    async with (
        serve(HASTY) as running,
        talking(running.socket_url, sock=narrow_socket(running.port), max_queue=1) as talk,
    ):
        await talk.init(key)
        await talk.ask(LARGE, variables={"after": backlog})
        await nobody_is_left(running)
        assert await talk.ended() in {(None, ""), (1006, "")}


async def test_a_stream_that_is_not_read_is_cut_off(serve: Serve, key: str, backlog: str) -> None:
    async with serve(HASTY) as running:
        reader, writer = await asyncio.open_connection(sock=narrow_socket(running.port), limit=4096)
        body = httpx.Request("POST", running.url, json={"query": LARGE, "variables": {"after": backlog}}).content
        head = f"POST /graphql/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        await nobody_is_left(running)
        writer.transport.abort()


async def test_one_that_answers_no_ping_is_gone(serve: Serve, key: str) -> None:
    """Without a close frame: clients of graphql-ws give up on the 1011 that uvicorn would send, and a laptop that wakes
    up should connect again."""
    async with serve({"ws": Inquisitive}) as running, talking(running.socket_url) as talk:
        await talk.init(key)
        await asyncio.sleep(1)
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(HANDSHAKE)
        begun = time.monotonic()
        head, _, frames = (await reader.read()).partition(b"\r\n\r\n")
        assert 0.3 < time.monotonic() - begun < 2
        assert head.startswith(b"HTTP/1.1 101 ")
        assert (frames[:2], len(frames)) == (b"\x89\x04", 6)  # one ping, and no close
        writer.transport.abort()
        await talk.ask("{ __typename }")  # this one answers
        assert (await talk.hear())["type"] == "next"


async def test_one_that_pings_and_never_reads_fills_no_memory(serve: Serve) -> None:
    async with serve(HASTY) as running:
        _, writer = await asyncio.open_connection(sock=narrow_socket(running.port), limit=1024)
        writer.write(HANDSHAKE)
        await asyncio.sleep(0.2)
        (served,) = running.server.server_state.connections
        assert isinstance(served, SocketProtocol)
        pings, waiting = (bytes([0x89, 0x80 | 125]) + bytes(4) + b"x" * 125) * 200, [0]
        async with asyncio.timeout(10):
            while served in running.server.server_state.connections:
                writer.write(pings)
                await asyncio.sleep(0.001)
                waiting.append(served.transport.get_write_buffer_size())
        writer.transport.abort()
        assert 0 < max(waiting) < 200_000
