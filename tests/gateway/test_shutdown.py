"""SIGTERM: load balancers are told, what is in flight finishes, and no request fails while the listener is open."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import uvicorn
import uvloop

from domain.kernel.database import Database
from gateway.edge import EdgeMiddleware
from gateway.shutdown import GracefulShutdown, _stop_queueing
from gateway.telemetry import Telemetry
from tests.conftest import MakeKey, Shop
from tests.gateway.conftest import serving as serving_here
from tests.gateway.server_process import Server, serving
from transport.protocols.http import IDLE_CLOSE_DELAY

CLIENTS = 16
HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


@dataclass(slots=True)
class Crowd:
    """Clients that keep their connections and let go of them when told, as proxies do."""

    server: Server
    key: str
    told: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        """Ask without pause until nobody listens any more."""
        reader: asyncio.StreamReader | None = None
        while True:
            try:
                if reader is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
            except ConnectionRefusedError:
                self.told["refused"] += 1
                return
            try:
                head = await self._ask(reader, writer)
            except (OSError, asyncio.IncompleteReadError) as error:
                self.told[f"failed: {error!r}"] += 1
                reader = None
                continue
            self.told[head[9:12].decode()] += 1
            if b"connection: close" in head.lower():
                writer.close()
                reader = None

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        request = f"GET /v2/products?limit=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\n\r\n"
        writer.write(request.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))
        return head


@pytest.mark.parametrize(("workers", "delay"), [(1, "0"), (1, "1"), (2, "1")])
async def test_no_request_fails_while_a_busy_server_stops(
    database_url: str, redis_url: str, shop: Shop, make_key: MakeKey, workers: int, delay: str
) -> None:
    key = await make_key(shop.live)
    settings = {"GATEWAY_DRAIN_DELAY": delay, "GATEWAY_REDIS_URL": redis_url}
    async with serving(database_url, "--workers", str(workers), **settings) as server:
        crowd = Crowd(server, key)
        async with asyncio.TaskGroup() as clients:
            for _ in range(CLIENTS):
                clients.create_task(crowd.run())
            await asyncio.sleep(2)
            before = crowd.told["200"]
            server.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(server.process.wait, 60) == 0
        assert len(server.lines(event="request", status=200)) == crowd.told["200"]  # the last ones are told too
    assert before > CLIENTS
    assert crowd.told.keys() == {"200", "refused"}
    assert crowd.told["refused"] == CLIENTS


async def test_load_balancers_are_told_first_and_a_request_in_flight_finishes(
    database_url: str, shop: Shop, make_key: MakeKey
) -> None:
    key = await make_key(shop.live)
    body = json.dumps({"name": "Mug", "sku": "SLOW", "price": 5}).encode()
    async with serving(database_url, GATEWAY_DRAIN_DELAY="1") as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        headers = f"Host: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json"
        head = f"POST /v2/products HTTP/1.1\r\n{headers}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body[:10])
        await writer.drain()
        async with httpx.AsyncClient(base_url=server.base) as client:
            kept = await client.get("/readyz")
            assert (kept.status_code, kept.headers.get("connection")) == (200, None)
            server.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.3)
            told = await client.get("/readyz")
            assert (told.status_code, told.headers["connection"]) == (503, "close")
            assert told.json() == {"status": "unavailable", "reason": "shutting down"}
            assert told.headers["retry-after"]
            assert (await client.get("/healthz")).status_code == 200
            await asyncio.sleep(1.5)
            with pytest.raises(httpx.ConnectError):
                await client.get("/healthz")
        assert server.process.poll() is None  # it waits for the one in flight
        writer.write(body[10:])
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 201")
        assert b"connection: close" in answer.lower()
        writer.close()
        assert await asyncio.to_thread(server.process.wait, 60) == 0


async def test_ctrl_c_and_a_second_sigterm_do_not_wait(database_url: str) -> None:
    for signals in ([signal.SIGINT], [signal.SIGTERM, signal.SIGTERM]):
        async with serving(database_url, GATEWAY_DRAIN_DELAY="60") as server:
            begun = time.monotonic()
            for each in signals:
                server.process.send_signal(each)
                await asyncio.sleep(0.5)
            assert await asyncio.to_thread(server.process.wait, 60) == 0
            assert time.monotonic() - begun < 10


async def test_an_empty_connection_and_a_silent_one_hold_nobody_up(database_url: str) -> None:
    async with serving(database_url) as server:
        silent = await asyncio.open_connection("127.0.0.1", server.port)
        async with httpx.AsyncClient(base_url=server.base) as idle:
            await idle.get("/healthz")
            begun = time.monotonic()
            assert await server.stop() == 0
            assert time.monotonic() - begun < 5
        silent[1].close()


async def _hello(scope: Any, receive: Any, send: Any) -> None:
    """An application, without a lifespan."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"hello"})


@pytest.mark.parametrize(
    "parts", [(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",), (b"GET / HTTP/1.1\r\n", b"Host: x\r\n\r\n")]
)
def test_a_request_on_an_idle_connection_is_answered_though_the_loop_was_held(parts: tuple[bytes, ...]) -> None:
    """Fails when an idle connection is closed by its timer alone: those of uvloop run before the poll."""

    async def run() -> bytes:
        async with serving_here(_hello) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            await asyncio.sleep(0.1)
            (connection,) = server.server.server_state.connections
            connection.shutdown()
            for part in parts:
                writer.write(part)
                time.sleep(2 * IDLE_CLOSE_DELAY)  # noqa: ASYNC251 - the loop is held, as by a busy machine
                await asyncio.sleep(0.05)
            answer = await reader.read()
            writer.close()
            return answer

    answer = uvloop.run(run())
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer.lower()


def test_nobody_joins_the_queue_of_a_listener_that_is_about_to_close() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as early:
        _stop_queueing(listener)
        with pytest.raises(TimeoutError):
            socket.create_connection(listener.getsockname(), timeout=0.2)
        accepted, _ = listener.accept()
        with accepted:
            early.sendall(b"hello")
            assert accepted.recv(5) == b"hello"


def test_what_is_no_syn_reaches_who_is_accepted_later() -> None:
    """The socket of a connection has the filter of its listener. Taken out: all but SYN let through."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)  # the handshake ends with the first data
        with socket.create_connection(listener.getsockname()) as early:
            _stop_queueing(listener)
            early.sendall(b"hello")
            listener.settimeout(5)
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.recv(5) == b"hello"


async def test_times_are_told_in_the_sandbox_only(
    http: httpx.AsyncClient, database: Database, shop: Shop, make_key: MakeKey
) -> None:
    live, test = await make_key(shop.live), await make_key(shop.test)
    for path in ("/v2/products", "/v2/products/prod_1"):
        sandbox = await http.get(path, headers={"Authorization": f"Bearer {test}"})
        total, spent = (float(part.partition("dur=")[2]) for part in sandbox.headers["server-timing"].split(", "))
        assert sandbox.headers["server-timing"].startswith("total;dur=")
        assert 0 < spent <= total
        for key in (live, "live_wrong"):
            assert "server-timing" not in (await http.get(path, headers={"Authorization": f"Bearer {key}"})).headers


async def test_answers_close_their_connections_once_it_begins() -> None:
    draining, sent = GracefulShutdown(), []

    async def application(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": ()})  # type: ignore[operator]

    async def send(message: dict[str, object]) -> None:
        sent.append(dict(message["headers"]))  # type: ignore[call-overload]

    boundary = EdgeMiddleware(application, (), Telemetry().recorder, draining)
    scope = {"type": "http", "method": "GET", "path": "/", "scheme": "https", "headers": []}
    await boundary(dict(scope), None, send)  # type: ignore[arg-type]
    draining.begin()
    await boundary(dict(scope), None, send)  # type: ignore[arg-type]
    await draining.wait()
    assert [headers.get(b"connection") for headers in sent] == [None, b"close"]
    assert all(headers[b"x-request-id"].startswith(b"req_") for headers in sent)


async def test_a_server_that_is_still_starting_is_stopped() -> None:
    """Between the start of the application and that of the listener there is nothing to drain.

    Taken out: ``servers`` where uvicorn has not set it yet.
    """
    server = uvicorn.Server(uvicorn.Config(_no_application))
    assert not hasattr(server, "servers")
    before = signal.signal(signal.SIGTERM, server.handle_exit)
    try:
        with GracefulShutdown().on_sigterm():
            os.kill(os.getpid(), signal.SIGTERM)
            async with asyncio.timeout(5):
                while not server.should_exit:
                    await asyncio.sleep(0.01)
    finally:
        signal.signal(signal.SIGTERM, before)


async def _no_application(scope: object, receive: object, send: object) -> None:
    """Never called."""
