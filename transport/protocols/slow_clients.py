"""Patience that ends: a peer that reads too slowly to be served is cut off."""

from __future__ import annotations

import asyncio
import socket
from asyncio import BaseTransport, Protocol, TimerHandle, Transport
from typing import TYPE_CHECKING, Any

STALL_SECONDS = 30.0
"""A peer that does not read BUFFERED bytes in this time (about 400 bytes a second) is cut off."""
CLOSE_GRACE_SECONDS = 5.0
"""The time it then has to read the closing message."""
BUFFERED = 16_384
"""Bytes buffered in this process for one peer, and as many in the kernel; beyond that, the writer waits. The default of
the loop is 64 KiB, that of the kernel megabytes: too much for ten thousand slow readers.
"""
LIVE = "live"
"""Where the application's lifespan leaves the connections that stay: see ``gateway.graphql.connections``."""

if TYPE_CHECKING:
    _Below = Protocol
else:
    _Below = object


class SlowClientCutoff(_Below):
    """Cuts off a peer that reads too slowly, so that it uses memory for a bounded time only."""

    stall_seconds = STALL_SECONDS
    farewell_seconds = CLOSE_GRACE_SECONDS
    transport: Transport
    loop: asyncio.AbstractEventLoop
    app_state: dict[str, Any]
    _stalled: TimerHandle | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Keep the buffers of this connection small."""
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=BUFFERED)
        wire = transport.get_extra_info("socket")
        if wire.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_NOTSENT_LOWAT"):
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, BUFFERED)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        self._be_patient()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The peer reads slower than is written: the timeout starts."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.stall_seconds, self._give_up)

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self._be_patient()
        super().resume_writing()

    def _be_patient(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _give_up(self) -> None:
        self.transport.abort()

    def _drain_application(self) -> None:
        """The server stops: let the application end what would not end by itself. May be called many times."""
        live = self.app_state.get(LIVE)
        if live is not None:
            live.drain()
