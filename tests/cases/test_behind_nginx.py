"""C7 behind a reverse proxy: what nginx hands on is taken as nginx meant it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator

import pytest

from tests.cases.wires import Recorder, RecordingServer, Wire, recording
from tests.gateway.conftest import talking
from tests.nginx_server import STREAMING, UPGRADING, nginx_before

SMUGGLED = b"DELETE /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
LENGTH, CODING = b"Content-Length: %d\r\n" % len(SMUGGLED), b"Transfer-Encoding: chunked\r\n"
UPGRADE = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
SOCKET = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
REQUESTS = {
    "plain": (LENGTH, SMUGGLED),
    "chunked": (CODING, CHUNKED),
    "upgrade, plain": (UPGRADE + LENGTH, SMUGGLED),
    "upgrade, chunked": (UPGRADE + CODING, CHUNKED),
    "socket, plain": (SOCKET + LENGTH, SMUGGLED),
    "socket, chunked": (SOCKET + CODING, CHUNKED),
    "two lengths": (LENGTH + b"Content-Length: 1\r\n", SMUGGLED),
    "length and coding": (LENGTH + CODING, CHUNKED),
    "coding and length": (CODING + LENGTH, SMUGGLED),
    "unknown coding": (b"Transfer-Encoding: gzip, chunked\r\n", CHUNKED),
    "two codings": (CODING + CODING, CHUNKED),
    "folded": (b"Transfer-Encoding:\r\n chunked\r\n", CHUNKED),
}


@pytest.fixture(scope="module")
async def recorder() -> AsyncGenerator[RecordingServer]:
    """One for all tests here."""
    async with recording() as server:
        yield server


@pytest.mark.parametrize("directives", ["", UPGRADING, STREAMING, UPGRADING + STREAMING])
async def test_c7_behind_nginx_no_body_is_a_request(recorder: RecordingServer, directives: str) -> None:
    """Every request is refused by one of the two, or seen once with the body that it has; what follows it is intact.

    Taken out: the replay of an offered upgrade; with `proxy_set_header Connection "upgrade"` and without buffering
    the body of "upgrade, plain" was seen as `DELETE /smuggled`.
    """
    with nginx_before(recorder.running.port, directives) as port:
        for name, (lines, body) in REQUESTS.items():
            recorder.app.seen.clear()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"POST /first HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)  # most often a packet of its own; it is right either way
            writer.write(body + b"GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answers = await Wire(reader, writer).read_all()
            writer.close()
            statuses = [int(each) for each in re.findall(rb"HTTP/1\.1 (\d{3})", answers)]
            _check(name, statuses, recorder.app)


def _check(name: str, statuses: list[int], app: Recorder) -> None:
    seen = [(each.method, each.target, each.body) for each in app.seen]
    first, following = ("POST", "/first", SMUGGLED), ("GET", "/next", b"")
    if statuses[0] == 200:
        assert (seen, statuses) == ([first, following], [200, 200]), name
    else:
        assert statuses[0] in (400, 501), name
        assert seen in ([], [following]), name


async def test_c7_behind_nginx_a_socket_is_still_opened(recorder: RecordingServer) -> None:
    """Taken out: that a WebSocket on its path is one."""
    with nginx_before(recorder.running.port, UPGRADING) as port:
        recorder.app.seen.clear()
        async with talking(f"ws://127.0.0.1:{port}/graphql", subprotocols=None):
            pass
    assert [each.method for each in recorder.app.seen] == ["WS"]
