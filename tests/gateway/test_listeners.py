"""Connections are accepted while a process is busy: a health check does not wait behind a flood of them."""

from __future__ import annotations

import asyncio
import socket

import uvloop

from gateway.server import LISTENER_COUNT, bind_listener, listeners_of

CONNECTIONS = 64


def test_several_connections_are_accepted_in_one_turn_of_the_loop() -> None:
    """Taken out to see it fail: ``dup`` in ``listeners_of``."""

    async def accept() -> int:
        loop, turns, accepted = asyncio.get_running_loop(), 0, 0
        everybody = asyncio.Event()

        class Counting(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                nonlocal accepted
                accepted += 1
                if accepted == CONNECTIONS:
                    everybody.set()

        def turn() -> None:
            nonlocal turns
            turns += 0 < accepted < CONNECTIONS
            loop.call_soon(turn)

        with bind_listener("127.0.0.1", 0) as listener:
            listener.listen(CONNECTIONS)
            clients = [socket.create_connection(listener.getsockname()) for _ in range(CONNECTIONS)]
            servers = [await loop.create_server(Counting, sock=each) for each in listeners_of(listener)]
            turn()
            await everybody.wait()
            for each in servers:
                each.close()
        for client in clients:
            client.close()
        return turns

    assert uvloop.run(accept()) <= 2 * CONNECTIONS / LISTENER_COUNT
