"""``python -m benchmarks.start``: how long a gateway takes until it answers, and its memory while nobody asks."""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from dataclasses import dataclass

import uvloop

from benchmarks.clock import cpu_seconds, resident_bytes
from benchmarks.environment import BenchEnvironment, ground
from benchmarks.load import connected
from benchmarks.requests import Q3, graphql
from benchmarks.servers import GATEWAY, gateway_environment, serving
from benchmarks.shop import Size

STARTS = 3
IDLE_SECONDS = 1.0
"""How long it is left alone before its memory is looked at."""


@dataclass(frozen=True, slots=True)
class Started:
    """What was measured: medians of the starts."""

    wall: float
    """Seconds from the command to the first answer."""
    cpu: float
    """Seconds of CPU until then."""
    idle: int
    """Bytes."""


async def start(stand: BenchEnvironment, starts: int = STARTS) -> Started:
    """Start the gateway so many times, one after the other."""
    found = []
    asked = graphql(Q3, {"Authorization": f"Bearer {stand.key}"}, {"id": stand.product_id}).write(0)
    for _ in range(starts):
        begun = time.perf_counter()
        async with serving("gateway", GATEWAY, gateway_environment(stand)) as server:
            async with connected(server.port) as (connection,):
                await connection.ask(asked)
            wall, cpu = time.perf_counter() - begun, cpu_seconds(server.pid)
            await asyncio.sleep(IDLE_SECONDS)
            found.append(Started(wall, cpu, resident_bytes(server.pid)))
    return Started(
        statistics.median(each.wall for each in found),
        statistics.median(each.cpu for each in found),
        int(statistics.median(each.idle for each in found)),
    )


def section(started: Started) -> str:
    """As a part of the report."""
    return f"""
## Start

| `gateway serve` | measured | wanted |
| --- | --- | --- |
| CPU until the first answer | {started.cpu:.2f} s | 1.5 s |
| time until then | {started.wall:.2f} s | |
| memory while nobody asks | {started.idle / 2**20:.0f} MB | 120 MB |
"""


async def main() -> None:
    """Measure and print."""
    async with ground(Size(products=20, customers=20, orders=20)) as stand:
        sys.stdout.write(section(await start(stand)))


if __name__ == "__main__":
    uvloop.run(main())
