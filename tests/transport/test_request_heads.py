"""What a client may send before there is a request: it is read up to a limit, and not kept beyond it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from tests.gateway.conftest import Serving

PART = 16_384
HOST = b"Host: 127.0.0.1\r\n"
ENDLESS = {
    "a line without an end": (b"GET /", b"a" * PART, 414),
    "a name without an end": (b"GET / HTTP/1.1\r\n", b"a" * PART, 431),
    "a value without an end": (b"GET / HTTP/1.1\r\nX: ", b"a" * PART, 431),
    "headers without an end": (b"GET / HTTP/1.1\r\n", b"X: abcdefghijkl\r\n" * 1_024, 431),
    "empty headers without an end": (b"GET / HTTP/1.1\r\n", b"X:\r\n" * 4_096, 431),
}


async def status_of(gateway: Serving, begun: bytes, part: bytes, parts: int) -> tuple[int | None, int]:
    """What is answered to a request that goes on and on, and how many of its parts were taken."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    answer = asyncio.create_task(reader.readline())
    writer.write(begun)
    sent = 0
    with suppress(ConnectionError):
        while sent < parts and not answer.done():
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.002)
            sent += 1
        line = await asyncio.wait_for(answer, 5)
    writer.close()
    return (int(line.split()[1]) if line else None), sent


@pytest.mark.parametrize("name", ENDLESS)
async def test_a_head_without_an_end_is_refused(gateway: Serving, name: str) -> None:
    begun, part, expected = ENDLESS[name]
    status, sent = await status_of(gateway, begun, part, 600)
    assert status == expected
    assert sent * PART < 1_048_576


async def test_a_body_of_headers_is_cut_off(gateway: Serving, key: str) -> None:
    """What follows the last chunk, and what stands beside the size of a chunk, is part of no body."""
    head = f"POST /graphql HTTP/1.1\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
    begun = head.encode() + HOST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"
    for more in (b"0\r\nX: ", b"1;"):
        status, sent = await status_of(gateway, begun + more, b"a" * PART, 600)
        assert status in (None, 400)
        assert sent * PART < 1_048_576


async def test_a_large_head_that_ends_is_read(gateway: Serving) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    for _ in range(3):  # each is counted for itself
        writer.write(b"GET /healthz HTTP/1.1\r\n" + HOST)
        for _ in range(3):
            writer.write(b"X: " + b"a" * (PART - 10) + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.write(b"\r\n")
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).startswith(b"HTTP/1.1 200 ")
        await reader.readexactly(len(b'{"status":"ok"}'))
    writer.close()
