"""Graceful shutdown. SIGTERM → ``/readyz`` returns 503 and every response closes its connection → after a delay the
listener closes → requests in flight finish → pools close.

The delay is for load balancers: until they notice, they go on sending requests, which are still served. Clients with
open connections are told to close them (``Connection: close``) before the server does.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

import uvicorn

SO_ATTACH_FILTER = 26
"""Of Linux's ``asm-generic/socket.h``; ``socket`` does not have it."""
_DROP_SYN = (
    (0x30, 0, 0, 13),  # BPF_LD, a byte: the flags of the TCP header
    (0x45, 0, 1, 0x02),  # BPF_JSET: SYN
    (0x06, 0, 0, 0),  # BPF_RET: keep nothing
    (0x06, 0, 0, 0xFFFFFFFF),  # BPF_RET: keep all
)
HANDSHAKE_SECONDS = 0.2
"""How long the last step of a handshake may be on its way. A client that has seen the second believes itself connected:
where that step was dropped as well, it was reset, once in some runs on a busy machine."""
Stop = Callable[[int, FrameType | None], object]


class GracefulShutdown:
    """Whether this process is shutting down."""

    def __init__(self, delay: float = 0.0) -> None:
        """``delay``: seconds between SIGTERM and the end of listening."""
        self._delay = delay
        self._begun = asyncio.Event()

    @property
    def begun(self) -> bool:
        """Whether a load balancer should look elsewhere."""
        return self._begun.is_set()

    async def wait(self) -> None:
        """Until it begins: for what would never end by itself, such as open streams."""
        await self._begun.wait()

    def begin(self) -> None:
        """From now on. To be called in the event loop."""
        self._begun.set()

    @contextmanager
    def on_sigterm(self) -> Generator[None]:
        """Inside, the first SIGTERM begins the drain and stops the server ``delay`` later; a second one at once.

        The server's own handler must be there already; Ctrl-C stays the server's: a person need not wait.
        """
        stop = signal.getsignal(signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread() or not callable(stop):
            yield
            return
        loop = asyncio.get_running_loop()

        def leave(number: int, frame: FrameType | None) -> None:
            if self.begun:
                stop(number, frame)
            else:
                loop.call_soon_threadsafe(self._leave, loop, stop)

        signal.signal(signal.SIGTERM, leave)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, stop)

    def _leave(self, loop: asyncio.AbstractEventLoop, stop: Stop) -> None:
        self.begin()
        loop.call_later(self._delay, _stop_listening, loop, stop)


def _stop_listening(loop: asyncio.AbstractEventLoop, stop: Stop) -> None:
    """Let nobody join the queues; once those who are about to have come, serve all who wait, and stop."""
    server = getattr(stop, "__self__", None)
    # uvicorn sets its servers once the application has started.
    listening = [each for listener in getattr(server, "servers", ()) for each in listener.sockets]
    for each in listening:
        with socket.socket(fileno=os.dup(each.fileno())) as queue:
            _stop_queueing(queue)
    loop.call_later(HANDSHAKE_SECONDS if listening else 0, _stop_server, loop, stop)


def _stop_server(loop: asyncio.AbstractEventLoop, stop: Stop) -> None:
    server = getattr(stop, "__self__", None)
    if isinstance(server, uvicorn.Server):
        for connection in _last_connections(server):
            serving = loop.create_task(_serve(loop, server, connection))
            server.server_state.tasks.add(serving)  # referenced, and awaited
            serving.add_done_callback(server.server_state.tasks.discard)
    stop(signal.SIGTERM, None)


def _last_connections(server: uvicorn.Server) -> list[socket.socket]:
    """Every connection that waits to be accepted; the listener is closed at the same time.

    uvicorn only closes it, and clients in the queue would see a reset: three to six of sixteen busy clients did. Nobody
    joins the queue between its end and the closing.
    """
    found: list[socket.socket] = []
    for listening in getattr(server, "servers", ()):
        for each in listening.sockets:
            with socket.socket(fileno=os.dup(each.fileno())) as queue:
                queue.setblocking(False)
                found += iter(lambda queue=queue: _accepted(queue), None)  # type: ignore[misc]
        listening.close()
    return found


def _stop_queueing(listening: socket.socket) -> None:
    """Let the kernel drop every SYN that comes to a listening socket; who is in its queue, or on the way there, stays.

    A client that connects meanwhile repeats its SYN after a second, and is refused then. Linux only.
    """
    if sys.platform != "linux":
        return
    steps = b"".join(struct.pack("HBBI", *step) for step in _DROP_SYN)
    kept = ctypes.create_string_buffer(steps)
    program = struct.pack("HL", len(_DROP_SYN), ctypes.addressof(kept))  # a sock_fprog
    listening.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def _accepted(queue: socket.socket) -> socket.socket | None:
    try:
        return queue.accept()[0]
    except OSError:  # no client waits (any more)
        return None


async def _serve(loop: asyncio.AbstractEventLoop, server: uvicorn.Server, connection: socket.socket) -> None:
    def protocol() -> asyncio.Protocol:
        config = server.config
        make = config.http_protocol_class
        return make(config=config, server_state=server.server_state, app_state=server.lifespan.state)  # type: ignore[call-arg]

    connection.setblocking(False)
    await loop.connect_accepted_socket(protocol, connection, ssl=server.config.ssl)
