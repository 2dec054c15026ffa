"""B10, C11: connections without a key take nobody's place, and none waits without an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from ipaddress import ip_network

import httpx
import pytest

from gateway.telemetry import Telemetry
from tests.cases.wires import RecordingServer, Wire, recording
from tests.gateway.conftest import Serving, serve, talking
from transport.protocols import CONNECTIONS, Connections, ConnectionTimeouts

__all__ = ["serve"]  # a fixture

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
HASTY = ConnectionTimeouts(head=0.3, body=0.3, idle=0.3)
Serve = Callable[..., AbstractAsyncContextManager[Serving]]


@asynccontextmanager
async def limited(
    *limits: int, timeouts: ConnectionTimeouts = HASTY, **options: object
) -> AsyncGenerator[RecordingServer]:
    """A server with a registry of this test's own."""
    async with recording() as server:
        registry = Connections(*limits, timeouts=timeouts, **options)  # type: ignore[arg-type]  # as given
        server.running.server.lifespan.state[CONNECTIONS] = registry
        yield server


def registry_of(running: Serving) -> Connections:
    found = running.server.lifespan.state[CONNECTIONS]
    assert isinstance(found, Connections)
    return found


@pytest.mark.parametrize("begun", [b"P", HEAD, b"\r\n", HEAD + b"X:"])
async def test_b10_a_head_must_be_complete_in_time(begun: bytes) -> None:
    """Taken out: `admit` waits for no head; the connection then stays."""
    async with limited() as server, server.wire() as wire:
        await wire.send(begun)
        assert await wire.statuses() == [408]
        assert server.app.seen == []


async def test_b10_a_silent_connection_is_closed() -> None:
    """Without an answer: a browser that has opened one ahead takes it for its next request's. Taken out: as above."""
    async with limited() as server, server.wire() as wire:
        assert await wire.read_all() == b""


async def test_b10_the_next_head_must_be_complete_too() -> None:
    """Taken out: the head that begins after an answer; and what has none within `idle` goes as well."""
    async with limited() as server, server.wire() as wire:
        await wire.send(HEAD + b"\r\nbody")
        await wire.reader.readuntil(b"ok")
        await wire.send(b"GET /")
        assert await wire.statuses() == [408]
    async with limited() as server, server.wire() as wire:
        await wire.send(HEAD + b"\r\nbody")
        assert await wire.statuses() == [200]


async def test_b10_a_body_must_keep_coming() -> None:
    """The application learns that the client is gone. Taken out: `await_body`."""
    async with limited() as server, server.wire() as wire:
        await wire.send(HEAD + b"\r\n", b"bo")
        assert await wire.statuses() == [408]
        assert [each.body for each in server.app.seen] == [None]


async def test_b10_a_slow_body_has_all_the_time_it_needs() -> None:
    """Every part begins the time anew. Taken out: that `await_body` writes down when."""
    async with limited(timeouts=ConnectionTimeouts(body=60)) as server, server.wire() as wire:
        registry = registry_of(server.running)
        await wire.send(HEAD + b"\r\n")
        first = next(iter(registry.bodies.values()))
        await wire.send(b"bo")
        assert next(iter(registry.bodies.values())) > first
        await wire.send(b"dy")
        await wire.reader.readuntil(b"ok")
        assert not registry.bodies
        assert len(registry.idle) == 1


async def test_c11_the_oldest_idle_one_makes_room() -> None:
    """Half of them silent, half with a part of a head, more than may be open: whoever comes is served.

    Taken out: `_make_room`; the client is then refused.
    """
    reasons: list[str] = []
    async with (
        limited(20, 1_000, timeouts=ConnectionTimeouts(), refused=reasons.append) as server,
        AsyncExitStack() as stack,
    ):
        wires = [await stack.enter_async_context(server.wire()) for _ in range(40)]
        for wire in wires[-10:]:
            await wire.send(b"GET / HT")
        async with httpx.AsyncClient() as client:
            assert (await client.get(server.running.url)).status_code == 200
        assert await wires[0].read_all() == b""
        assert len(registry_of(server.running)) <= 20
        assert reasons == ["full_oldest"] * 21


async def test_c11_what_is_being_answered_stays() -> None:
    """Taken out: that a request whose head has come counts as no idle connection."""
    async with limited(2, 1_000, timeouts=ConnectionTimeouts()) as server, AsyncExitStack() as stack:
        busy = [await stack.enter_async_context(server.wire()) for _ in range(2)]
        for wire in busy:
            await wire.send(HEAD + b"\r\n")
        reader, writer = await asyncio.open_connection("127.0.0.1", server.running.port)
        refused = await Wire(reader, writer).read_all()
        writer.close()
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 10\r\n" in refused
        assert b"Too many connections." in refused
        for wire in busy:
            await wire.send(b"body")
            await wire.reader.readuntil(b"ok")


async def test_c11_one_address_leaves_room_for_others() -> None:
    """Its own oldest goes, nobody else's; a proxy may open as many as it likes. Taken out: the limit of an address."""
    async with limited(100, 5, timeouts=ConnectionTimeouts()) as server, AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(server.wire()) for _ in range(6)]
        assert await wires[0].read_all() == b""
        other = await asyncio.open_connection("127.0.0.1", server.running.port, local_addr=("127.0.0.2", 0))
        await Wire(*other).send(HEAD + b"\r\nbody")
        await other[0].readuntil(b"ok")
        other[1].close()
        assert len(registry_of(server.running)) >= 5
    proxies = [ip_network("127.0.0.0/8")]
    async with limited(100, 5, timeouts=ConnectionTimeouts(), exempt=proxies) as server, AsyncExitStack() as stack:
        for _ in range(20):
            await (await stack.enter_async_context(server.wire())).send(b"G")
        assert len(registry_of(server.running)) == 20


async def test_c11_the_gateway_has_these_limits(serve: Serve) -> None:
    """They come from settings, WebSockets count, and metrics tell. Taken out: the hand-over of a WebSocket."""
    async with serve(connections=16, connections_per_address=3) as running:
        registry = registry_of(running)
        assert (registry.limit, registry.per_address, registry.timeouts) == (16, 3, ConnectionTimeouts())
        async with talking(running.socket_url), talking(running.socket_url), talking(running.socket_url):
            assert len(registry) == 3
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            assert await Wire(reader, writer).statuses() == [503]
            writer.close()
        async with asyncio.timeout(10):
            while len(registry):
                await asyncio.sleep(0.01)


def test_c11_a_metric_tells_of_refusals(caplog: pytest.LogCaptureFixture) -> None:
    """And one line, however many there are. Taken out: `_note`."""
    telemetry = Telemetry()
    registry = Connections(0, refused=telemetry.metrics.refused)
    for _ in range(50):
        assert registry.admit(_Nobody()) == "Too many connections."
    assert telemetry.registry.get_sample_value("gateway_connections_refused_total", {"reason": "full"}) == 50
    assert len([line for line in caplog.records if "connections refused or closed" in line.message]) == 1


class _Nobody:
    address = "192.0.2.1"

    def take_leave(self, reason: str) -> None:
        """It never comes to that."""

    def is_peer_late(self) -> bool:
        return True
