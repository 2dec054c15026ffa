"""C7: the body of a request belongs to the request, whatever its head says; what cannot be framed is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from itertools import combinations_with_replacement

import pytest

from tests.cases.wires import RecordingServer, Seen, Wire, recording
from tests.conftest import Client
from tests.gateway.conftest import Serving, gateway

__all__ = ["gateway"]  # a fixture

SMUGGLED = b"DELETE /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
"""A body that is a request, if anybody takes it for one."""
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
NEXT = b"GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

LENGTH, CODING = b"Content-Length: %d" % len(SMUGGLED), b"Transfer-Encoding: chunked"
SOUND = (
    LENGTH,
    CODING,
    b"Connection: Upgrade",
    b"connection: keep-alive,  UPGRADE",
    b"Upgrade: h2c",
    b"Upgrade: TLS/1.0, websocket",
    b"Upgrade: websocket",
    b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
    b"TE: trailers",
    b"Trailer: Content-Length",
)
BROKEN = (
    b"Content-Length: +%d" % len(SMUGGLED),
    b"Content-Length: %d, %d" % (len(SMUGGLED), len(SMUGGLED)),
    b"Content-Length: 0x10",
    b"Content-Length:",
    b"Content-Length : %d" % len(SMUGGLED),
    b"Content-Length: 1\r\n 2",
    b"Content-Length: 1\n",
    b"Content-Length: 1\rX: 2",
    b"Content-Length: 99999999999999999999",
    b"Transfer-Encoding: gzip, chunked",
    b"Transfer-Encoding: chunked, gzip",
    b"Transfer-Encoding: chunked, chunked",
    b"Transfer-Encoding: identity",
    b"Transfer-Encoding: xchunked",
    b"Transfer-Encoding: \x0bchunked",
    b"Transfer-Encoding:",
    b"Transfer-Encoding : chunked",
    b"Transfer-Encoding:\r\n chunked",
    b"\x00Transfer-Encoding: chunked",
    b"Host: y",
)
UPGRADING = (b"Connection: Upgrade", b"Upgrade: h2c")


def head(lines: Sequence[bytes], start: bytes = b"POST / HTTP/1.1", host: bytes = b"Host: x") -> bytes:
    return b"\r\n".join([start, host, *lines, b"", b""])


def expected(lines: Sequence[bytes]) -> bytes | None:
    """The body as it must be sent for these headers; None when they are to be refused."""
    offers = b",".join(line.partition(b":")[2] for line in lines if line.startswith(b"Upgrade"))
    is_offered = any(b"upgrade" in line.lower() for line in lines if line.lower().startswith(b"connection"))
    if any(line in BROKEN for line in lines) or lines.count(LENGTH) + lines.count(CODING) > 1:
        return None
    if is_offered and offers.strip() == b"websocket":
        return None
    return SMUGGLED if LENGTH in lines else CHUNKED if CODING in lines else b""


def pairs() -> Iterator[tuple[bytes, ...]]:
    for one, other in combinations_with_replacement((*SOUND, *BROKEN), 2):
        for more in ((), UPGRADING):
            yield (*more, one, other) if one is not other else (*more, one, one)


@pytest.fixture(scope="module")
async def recorder() -> AsyncGenerator[RecordingServer]:
    """One for all tests here."""
    async with recording() as server:
        yield server


async def check(server: RecordingServer, lines: Sequence[bytes], cut: int | None = None) -> None:
    """Send a request with these headers, in two packets, and another one behind it."""
    body = expected(lines)
    begun = head(lines)
    whole = begun + (body if body is not None else SMUGGLED)
    cut = len(begun) if cut is None else cut
    async with server.wire() as wire:
        await wire.send(whole[:cut], whole[cut:] + NEXT)
        statuses = await wire.statuses()
    seen = [(each.target, each.body) for each in server.app.seen]
    context = (lines, cut)
    if body is None:
        assert (statuses, seen) == ([400], []), context
    else:
        assert statuses == [200, 200], context
        assert seen == [("/", SMUGGLED if body else b""), ("/next", b"")], context


async def test_c7_every_pair_of_framing_headers_is_read_in_one_way(recorder: RecordingServer) -> None:
    """Taken out: the replay of an offered upgrade (two requests, one smuggled), the check of the codings (`gzip,
    chunked` is read), the check of Host.
    """
    for lines in pairs():
        await check(recorder, lines)


@pytest.mark.parametrize(
    "lines",
    [
        (*UPGRADING, LENGTH),
        (*UPGRADING, CODING),
        (LENGTH, *UPGRADING),
        (b"Upgrade: h2c", LENGTH, b"Connection: HTTP2-Settings, Upgrade"),
        (b"Connection: Upgrade", b"Upgrade: websocket", LENGTH),
        (LENGTH, CODING),
        (b"Transfer-Encoding: gzip, chunked",),
        (CODING,),
        (LENGTH,),
    ],
)
async def test_c7_wherever_packets_end(recorder: RecordingServer, lines: tuple[bytes, ...]) -> None:
    """Taken out: as above."""
    body = expected(lines)
    for cut in range(1, len(head(lines)) + len(SMUGGLED if body is None else body)):
        await check(recorder, lines, cut)


CHUNKS = {
    "no hex": b"g\r\n",
    "a sign": b"+4\r\nbody\r\n0\r\n\r\n",
    "0x": b"0x4\r\nbody\r\n0\r\n\r\n",
    "a blank": b"4 \r\nbody\r\n0\r\n\r\n",
    "a bare LF": b"4\nbody\r\n0\r\n\r\n",
    "an LF in an extension": b"4;a\nb\r\nbody\r\n0\r\n\r\n",
    "too long": b"4\r\nbodyx\r\n0\r\n\r\n",
    "too short": b"5\r\nbody\r\n0\r\n\r\n",
    "no end": b"4\r\nbody0\r\n\r\n",
    "overflowing": b"fffffffffffffffff\r\nbody",
    "a length in the trailer": b"4\r\nbody\r\n0\r\nContent-Length: 3\r\n\r\n",
}


@pytest.mark.parametrize("name", CHUNKS)
async def test_c7_chunks_that_are_none_end_the_connection(recorder: RecordingServer, name: str) -> None:
    """The request is never complete, nothing behind it is read, and it is answered once.

    Taken out: that a refusal waits; then 400 is written although the application still answers.
    """
    whole = head([CODING]) + CHUNKS[name] + NEXT
    for cut in range(len(head([CODING])), len(whole) - len(NEXT)):
        async with recorder.wire() as wire:
            await wire.send(whole[:cut], whole[cut:])
            assert await wire.statuses() == [400]
        assert all(each.body is None for each in recorder.app.seen), (name, cut)


STARTS = {
    "HTTP/1.0, chunked": (head([CODING], b"POST / HTTP/1.0") + CHUNKED, [400]),
    "HTTP/1.0, a length": (head([LENGTH], b"POST / HTTP/1.0") + SMUGGLED, [200]),
    "HTTP/1.0, an upgrade": (head([*UPGRADING, LENGTH], b"POST / HTTP/1.0") + SMUGGLED, [200]),
    "HTTP/1.0 that would stay": (head([b"Connection: keep-alive", LENGTH], b"POST / HTTP/1.0") + SMUGGLED, [200]),
    "HTTP/1.0 without a host": (head([], b"GET / HTTP/1.0", b"X: x"), [200]),
    "HTTP/1.1 without a host": (head([], b"GET / HTTP/1.1", b"X: x"), [400]),
    "HTTP/0.9": (head([], b"GET / HTTP/0.9"), [400]),
    "HTTP/2.0": (head([], b"GET / HTTP/2.0"), [400]),
    "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]),
    "CONNECT": (head([LENGTH], b"CONNECT x:80 HTTP/1.1") + SMUGGLED, [400]),
    "a host that is none": (head([], b"GET / HTTP/1.1", b"Host: a b"), [400]),
    "a user before the host": (head([], b"GET / HTTP/1.1", b"Host: a@b"), [400]),
    "a target that is none": (head([], b"GET http:///x HTTP/1.1"), [400]),
    "a WebSocket elsewhere": (head([*UPGRADING[:1], b"Upgrade: websocket"], b"GET /v2/products HTTP/1.1"), [400]),
    "a WebSocket with a body": (
        head([*UPGRADING[:1], b"Upgrade: websocket", LENGTH], b"GET /graphql HTTP/1.1") + SMUGGLED,
        [400],
    ),
    "a WebSocket with chunks": (
        head([*UPGRADING[:1], b"Upgrade: websocket", CODING], b"GET /graphql HTTP/1.1") + CHUNKED,
        [400],
    ),
    "a WebSocket by POST": (head([*UPGRADING[:1], b"Upgrade: websocket"], b"POST /graphql HTTP/1.1"), [400]),
    "a WebSocket by HTTP/1.0": (head([*UPGRADING[:1], b"Upgrade: websocket"], b"GET /graphql HTTP/1.0"), [400]),
    "a WebSocket of 200 headers": (
        head([*UPGRADING[:1], b"Upgrade: websocket", *[b"X: y"] * 200], b"GET /graphql HTTP/1.1"),
        [400],
    ),
}


@pytest.mark.parametrize("name", STARTS)
async def test_c7_old_and_other_protocols(recorder: RecordingServer, name: str) -> None:
    """Nothing that follows is executed. Taken out: the check of the version, the replay for HTTP/1.0, the check of
    handshakes, the answer where the library of WebSockets says nothing.
    """
    whole, statuses = STARTS[name]
    async with recorder.wire() as wire:
        await wire.send(whole + SMUGGLED)
        assert await wire.statuses() == statuses
    assert len(recorder.app.seen) == statuses.count(200)
    assert "/smuggled" not in {each.target for each in recorder.app.seen}


async def test_c7_trailers_are_no_headers(recorder: RecordingServer) -> None:
    """Taken out: the list of headers that a trailer goes to; the application then sees it as a header."""
    async with recorder.wire() as wire:
        await wire.send(head([CODING]) + b"4\r\nbody\r\n", b"0\r\nAuthorization: Bearer x\r\n\r\n" + NEXT)
        assert await wire.statuses() == [200, 200]
    assert recorder.app.seen[0].body == b"body"
    assert b"authorization" not in dict(recorder.app.seen[0].headers)


async def test_c7_a_refusal_does_not_overtake_an_answer(recorder: RecordingServer) -> None:
    """Taken out: that a refusal waits; 400 then comes first, and a proxy takes it for the first request's answer."""
    async with recorder.wire() as wire:
        await wire.send(head([LENGTH]) + SMUGGLED + b"GET / HTTP/1.1\r\nbroken\r\n\r\n" + NEXT)
        assert await wire.statuses() == [200, 400]
    assert recorder.app.seen == [Seen("POST", "/", SMUGGLED, recorder.app.seen[0].headers)]


async def test_c7_no_socket_is_opened_behind_an_open_request(recorder: RecordingServer) -> None:
    """Taken out: the check; the answer is then written into the WebSocket."""
    handshake = [b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13"]
    handshake += [b"Sec-WebSocket-Key: MDAwMDAwMDAwMDAwMDAwMA=="]
    async with recorder.wire() as wire:
        await wire.send(head([LENGTH]) + SMUGGLED + head(handshake, b"GET /graphql HTTP/1.1"))
        assert await wire.statuses() == [200, 400]
    assert [each.method for each in recorder.app.seen] == ["POST"]


async def test_c7_an_offer_of_another_protocol_is_ignored(gateway: Serving, rest: Client) -> None:
    """As Java's client and `curl --http2` send it, in two packets, to the gateway itself: one product is made.

    Taken out: the replay of an offered upgrade; the body is then executed as a request of its own.
    """
    inner = b'{"name": "Inner", "sku": "SMUGGLED-1", "price": 1}'
    send = b"POST /v2/products HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
    request = send % rest.key.encode() + b"Content-Length: %d\r\n" % len(inner)
    smuggled = request + b"\r\n" + inner
    body = b'{"name": "Outer", "sku": "OUTER-1", "price": 1}' + b" " * len(smuggled)
    outer = send % rest.key.encode() + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
    outer += b"HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\nContent-Length: "
    for number, content in enumerate((body, smuggled)):
        wire = await _wire_to(gateway)
        wire.writer.write(outer + b"%d\r\n\r\n" % len(content))
        await wire.writer.drain()
        while (await rest("GET", "/healthz")).status_code != 200:  # a turn of the server's loop
            pass
        wire.writer.write(content + NEXT)
        assert await wire.statuses() == [(201, 400)[number], 401]
        wire.writer.close()
    found = (await rest("GET", "/v2/products")).json()["data"]
    assert [each["sku"] for each in found] == ["OUTER-1"]


async def _wire_to(gateway: Serving) -> Wire:
    return Wire(*await asyncio.open_connection("127.0.0.1", gateway.port))
