"""``python -m benchmarks.sockets``: what a subscriber costs, and how fast an event reaches all of them.

One worker; ``BENCH_SOCKETS`` says how many subscribers (1,000), all with the same document and key.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import resource
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvloop

from benchmarks.clock import cpu_seconds, percentile, resident_bytes
from benchmarks.corpus.contest import order_request
from benchmarks.environment import BenchEnvironment, ground
from benchmarks.load import WrongAnswerError, connected
from benchmarks.servers import GATEWAY, Server, gateway_environment, serving
from benchmarks.shop import Size
from benchmarks.websocket import Socket

SOCKETS = int(os.environ.get("BENCH_SOCKETS", "1000"))
EVENTS = 10
"""Told one after the other, each when all have heard the one before."""
BURST = 20
"""Told at once."""
OPENING = 50
"""So many handshakes at a time."""
TIMEOUT_SECONDS = 60.0
"""Seconds until an event that has not reached everybody is a failure."""
SETTLED = 1.0
"""Seconds after the last handshake: subscribing is not acknowledged."""
FOLLOW = "subscription { events(types: [ORDER_CREATED]) { id type cursor createdAt } }"


@dataclass(frozen=True, slots=True)
class Fanned:
    """What was measured."""

    sockets: int
    bytes_each: float
    delays: list[float]
    """Seconds from asking for an order to hearing of it, of each event and socket."""
    deliveries_a_second: float
    cpu_each: float
    """Seconds of the server's CPU a delivery, in the burst; placing the orders included."""


class Audience:
    """The subscribers, and when they have heard of what they wait for."""

    def __init__(self) -> None:
        self.sockets: list[Socket] = []
        self._heard: list[float] = []
        self._expected = 0
        self._complete: asyncio.Future[list[float]] = asyncio.get_running_loop().create_future()

    def expect(self, events: int) -> None:
        """So many events come; what was heard before does not count."""
        self._heard = []
        self._expected = events * len(self.sockets)
        self._complete = asyncio.get_running_loop().create_future()

    def hear(self, now: float, message: bytes) -> None:
        """One of them has heard something."""
        if self._complete.done():
            return
        self._heard.append(now)
        if b'"type":"next"' not in message:
            self._complete.set_exception(WrongAnswerError(message[:500].decode()))
        elif len(self._heard) == self._expected:
            self._complete.set_result(self._heard)

    async def wait(self) -> list[float]:
        """When each socket heard of each event. Raises TimeoutError, WrongAnswerError."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await self._complete


@asynccontextmanager
async def _audience(server: Server, key: str, count: int) -> AsyncGenerator[Audience]:
    audience = Audience()
    loop = asyncio.get_running_loop()
    try:
        while len(audience.sockets) < count:
            batch = [
                await loop.create_connection(lambda: Socket(key, FOLLOW, audience.hear), "127.0.0.1", server.port)
                for _ in range(min(OPENING, count - len(audience.sockets)))
            ]
            audience.sockets += [socket for _, socket in batch]
            await asyncio.gather(*(socket.ready for _, socket in batch))
        await asyncio.sleep(SETTLED)
        yield audience
    finally:
        for socket in audience.sockets:
            socket.close()


async def fan_out(stand: BenchEnvironment, count: int = SOCKETS, events: int = EVENTS, burst: int = BURST) -> Fanned:
    """Open so many sockets on a gateway of their own and tell them of orders. Raises RefusedError, TimeoutError."""
    _allow_files(count + 500)
    place = order_request(stand, {"Authorization": f"Bearer {stand.key}"}).write
    orders = map(place, itertools.count(-1, -1))
    async with serving("gateway", GATEWAY, gateway_environment(stand)) as server:
        async with _audience(server, stand.key, 1) as first:  # whatever the first subscriber costs, none after it does
            await _told(server, first, orders, 1)
        before = resident_bytes(server.pid)
        async with _audience(server, stand.key, count) as audience:
            held = resident_bytes(server.pid) - before
            delays = [delay for _ in range(events) for delay in await _told(server, audience, orders, 1)]
            worked = cpu_seconds(server.pid)
            lasted = max(await _told(server, audience, orders, burst))
            worked = cpu_seconds(server.pid) - worked
    return Fanned(count, held / count, delays, count * burst / lasted, worked / (count * burst))


async def _told(server: Server, audience: Audience, orders: Iterator[bytes], events: int) -> list[float]:
    """Place so many orders; how long after the first was asked for, in seconds, each socket heard of each of them."""
    audience.expect(events)
    async with connected(server.port) as (writer,):
        begun = time.perf_counter()
        for order in itertools.islice(orders, events):
            await writer.ask(order)
        return [heard - begun for heard in await audience.wait()]


def section(fanned: Fanned) -> str:
    """The part of the report."""
    p50, p99 = percentile(fanned.delays, 50), percentile(fanned.delays, 99)
    return f"""
## Subscriptions

One worker, {fanned.sockets:,} WebSockets with the same document and key. Delays are from asking for an order to \
hearing of it, so they include placing it; deliveries are those of {BURST} orders placed one after the other.

| sockets | memory each | p50 ms | p99 ms | deliveries/s | CPU µs a delivery |
| --- | --- | --- | --- | --- | --- |
| {fanned.sockets:,} | {fanned.bytes_each / 1024:.1f} KB | {p50:.0f} | {p99:.0f} | {fanned.deliveries_a_second:,.0f} | \
{fanned.cpu_each * 1e6:.0f} |

The targets are at 10,000 sockets: under 25 KB each, p99 under 500 ms, 20,000 deliveries a second.
"""


def _allow_files(wanted: int) -> None:
    """As many open files as the system lets this process and its servers have. Raises ValueError beyond that."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))


async def main() -> None:
    """Measure and print."""
    async with ground(Size(1_000, 1_000, 1_000)) as stand:
        sys.stdout.write(section(await fan_out(stand)))


if __name__ == "__main__":
    uvloop.run(main())
