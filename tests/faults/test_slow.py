"""A thousand subscribers that hear nothing, ten that hardly read: memory stays bounded, the others notice nothing."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
from websockets.frames import Frame, Opcode

from domain import catalog
from domain.catalog.commands import UpdateProduct
from domain.kernel.database import Database
from domain.kernel.event_log import write_position
from tests.conftest import MakeKey, MakeProduct, Shop
from tests.faults.event_table import head_of, placed_events
from tests.faults.subscribers import following
from tests.gateway.conftest import Talk, talking
from tests.gateway.server_process import serving
from tests.transport.test_slow_readers import EVENTS, HANDSHAKE, LARGE, narrow_socket

IDLE, SLOW = 1_000, 10
SETTINGS = {"GATEWAY_LOG_LEVEL": "warning", "GATEWAY_CONNECTIONS_PER_ADDRESS": "5000"}
GROWTH = 30_000_000
"""Bytes. All that was not read, kept for each slow reader, would be 80 MB; a message each is 2."""
SECONDS = 240.0
"""A limit for what would never end, not for what is slow."""


async def test_slow_readers_hold_little_memory_and_nobody_else_up(
    database_url: str, database: Database, shop: Shop, make_key: MakeKey, make_product: MakeProduct
) -> None:
    """Fails when what a slow reader has not taken is kept for it, or when one reader waits for another."""
    key = await make_key(shop.live)
    product = await make_product(description="x" * 20_000)
    async with asyncio.timeout(SECONDS), serving(database_url, **SETTINGS) as server:
        begun = await head_of(database, shop.live.store)
        async with (
            idling(server.port, key) as idle,
            sipping(server.port, key),
            following([server.base], key, write_position(begun)) as others,
        ):
            before = resident(server.process.pid)
            for number in range(EVENTS):
                async with database.transaction(shop.live) as work:
                    await catalog.update_product(work, shop.live, UpdateProduct(id=product.id, name=f"Mug {number}"))
            for each in others.values():
                await each.until(lambda seen: len(seen) >= EVENTS)
            await idle[0].say({"type": "ping"})
            assert await idle[0].hear() == {"type": "pong"}
            grown = resident(server.process.pid) - before
            print(f"memory +{grown / 1e6:.1f} MB")
            assert grown < GROWTH
    written = [event for event in await placed_events(database, shop.live.store) if event.position > begun]
    assert len(written) == EVENTS
    for name, each in others.items():
        assert each.seen == written, name
        assert each.connections == 1, name


@asynccontextmanager
async def idling(port: int, key: str) -> AsyncGenerator[list[Talk]]:
    """IDLE sockets that are let in and ask for nothing."""
    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if few < 2 * IDLE:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 2 * IDLE), most))
    async with AsyncExitStack() as stack:

        async def one() -> Talk:
            talk = await stack.enter_async_context(talking(f"ws://127.0.0.1:{port}/graphql"))
            await talk.init(key)
            return talk

        found: list[Talk] = []
        while len(found) < IDLE:
            found += await asyncio.gather(*(one() for _ in range(50)))
        yield found
        for talk in found:
            talk.wire.transport.abort()


@asynccontextmanager
async def sipping(port: int, key: str) -> AsyncGenerator[None]:
    """SLOW subscribers, half of them over each transport, that read a byte a second."""
    wires = [await (slow_socket if number % 2 else slow_stream)(port, key) for number in range(SLOW)]
    tasks = [asyncio.create_task(sip(wire)) for wire in wires]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for wire in wires:
        wire.close()


async def slow_socket(port: int, key: str) -> socket.socket:
    """A subscriber over WebSocket that has read nothing since it was let in."""
    loop, wire = asyncio.get_running_loop(), narrow_socket(port)

    async def say(message: Any) -> None:
        await loop.sock_sendall(wire, Frame(Opcode.TEXT, orjson.dumps(message)).serialize(mask=True))

    await loop.sock_sendall(wire, HANDSHAKE)
    await read_until(wire, b"\r\n\r\n")
    await say({"type": "connection_init", "payload": {"apiKey": key}})
    await read_until(wire, b"connection_ack")
    await say({"id": "1", "type": "subscribe", "payload": {"query": LARGE}})
    return wire


async def slow_stream(port: int, key: str) -> socket.socket:
    """The same over server-sent events; it knows where it begins."""
    wire, body = narrow_socket(port), orjson.dumps({"query": LARGE})
    head = f"POST /graphql/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    await asyncio.get_running_loop().sock_sendall(wire, head.encode() + body)
    await read_until(wire, b"id: ")
    return wire


async def read_until(wire: socket.socket, words: bytes) -> None:
    got = b""
    while words not in got:
        piece = await asyncio.get_running_loop().sock_recv(wire, 1)
        assert piece, got
        got += piece


async def sip(wire: socket.socket) -> None:
    """Read a byte a second until cancelled, or cut off for reading so slowly."""
    with suppress(ConnectionError):
        while await asyncio.get_running_loop().sock_recv(wire, 1):
            await asyncio.sleep(1)


def resident(pid: int) -> int:
    """Bytes of memory that a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
