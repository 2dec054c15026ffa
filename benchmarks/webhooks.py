"""``python -m benchmarks.webhooks``: webhook deliveries a second, from one gateway process to a receiver in this one.

Signed, with their log written; receiver, gateway and database share the machine. Counted from the first that arrives,
so that the time until the sequencer looks is left out.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from dataclasses import dataclass, field

import httpx
import uvloop

from benchmarks.clock import cpu_seconds
from benchmarks.environment import BenchEnvironment, ground
from benchmarks.servers import GATEWAY, Server, gateway_environment, serving
from benchmarks.shop import Size
from domain import access, catalog
from domain.catalog.commands import CreateProduct
from domain.kernel.database import Database, DatabaseOptions
from domain.kernel.money import Money
from domain.signal_handlers import SIGNAL_HANDLERS

ENDPOINTS = 4
EVENTS = 1_000
BATCH = 250
TURNS = 3
TIMEOUT_SECONDS = 60.0
"""Seconds until deliveries that have not all come are a failure."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was measured: medians of the turns."""

    deliveries: int
    a_second: float
    cpu_each: float
    """Seconds of the gateway's CPU a delivery; writing and placing the events included."""


@dataclass(slots=True)
class Receiver:
    """Answers everything with 200 and remembers when it came."""

    times: list[float] = field(default_factory=list)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, for as long as it is kept."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length))
                self.times.append(time.perf_counter())
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def until(self, count: int) -> None:
        """Returns when so many have come. Raises TimeoutError."""
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while len(self.times) < count:  # noqa: ASYNC110 - another process sends them
                await asyncio.sleep(0.01)


async def deliver(stand: BenchEnvironment, events: int = EVENTS, turns: int = TURNS) -> Delivered:
    """Products are created, and each told to several endpoints. Raises TimeoutError."""
    receiver = Receiver()
    listener = await asyncio.start_server(receiver.handle, "127.0.0.1", 0)
    environment = {**gateway_environment(stand), "GATEWAY_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8"}
    database = Database(DatabaseOptions(stand.database_url, reactions=SIGNAL_HANDLERS))
    await database.open()
    try:
        async with listener, serving("gateway", GATEWAY, environment) as server:
            await _listen(stand, server, listener.sockets[0].getsockname()[1])
            measured = [await _turn(stand, server, database, receiver, events, turn) for turn in range(turns)]
    finally:
        await database.close()
    rates, costs = zip(*measured, strict=True)
    return Delivered(events * ENDPOINTS * turns, statistics.median(rates), statistics.median(costs))


async def _listen(stand: BenchEnvironment, server: Server, port: int) -> None:
    headers = {"Authorization": f"Bearer {stand.key}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", headers=headers) as client:
        for number in range(ENDPOINTS):
            given = {"url": f"http://127.0.0.1:{port}/{number}", "events": ["product.created"]}
            (await client.post("/v2/webhooks", json=given)).raise_for_status()


async def _turn(  # noqa: PLR0917 - what a turn is made of
    stand: BenchEnvironment, server: Server, database: Database, receiver: Receiver, events: int, turn: int
) -> tuple[float, float]:
    """Deliveries a second, and seconds of CPU each."""
    receiver.times.clear()
    worked = cpu_seconds(server.pid)
    caller = access.system_principal(stand.store)
    for start in range(0, events, BATCH):
        skus = (f"W-{turn}-{number}" for number in range(start, min(start + BATCH, events)))
        async with database.transaction(caller) as work:
            commands = [CreateProduct(name="Lamp", sku=sku, price=Money(500, caller.store.currency)) for sku in skus]
            await catalog.create_products(work, caller, commands)
    await receiver.until(events * ENDPOINTS)
    count = len(receiver.times)
    return count / (receiver.times[-1] - receiver.times[0]), (cpu_seconds(server.pid) - worked) / count


def section(delivered: Delivered) -> str:
    """What the report says of it."""
    return f"""
## Webhooks

One process with everything on sends to a receiver in the load's own: {delivered.deliveries:,} deliveries to {ENDPOINTS}
endpoints, {delivered.a_second:,.0f} a second, {delivered.cpu_each * 1e6:,.0f} µs of CPU each. Wanted: 1,500.
"""


async def main() -> None:
    """Measure and print."""
    async with ground(Size(products=50, customers=50, orders=50)) as stand:
        sys.stdout.write(section(await deliver(stand)))


if __name__ == "__main__":
    uvloop.run(main())
