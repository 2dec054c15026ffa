"""How long the event loop was held: in processor time of its thread, so that a busy machine decides nothing."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

HELD_SECONDS = 0.1
"""What any request may hold the loop."""
SLOWER = float(os.environ.get("GATEWAY_TEST_SLOWER", "4"))
"""How much slower than the machine of the measurements this one may be: processor time grows too where caches and cores
are shared. The client of these tests runs on the same thread, and counts."""
TICK = 0.001


@dataclass(slots=True)
class Heartbeat:
    """What was found so far."""

    longest: float = 0.0
    """Seconds of processor time between two beats."""


@asynccontextmanager
async def beating() -> AsyncGenerator[Heartbeat]:
    """Beat as long as the block runs.

    What the run has loaded so far is kept from the collector: walking a gigabyte of it once took 444 ms, and is not the
    request's.
    """
    heart = Heartbeat()
    gc.freeze()

    async def beat() -> None:
        before = time.thread_time()
        while True:
            await asyncio.sleep(TICK)
            now = time.thread_time()
            heart.longest = max(heart.longest, now - before)
            before = now

    task = asyncio.create_task(beat())
    try:
        yield heart
        await asyncio.sleep(0)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def check(heart: Heartbeat) -> None:
    """The loop was held no longer than allowed."""
    assert heart.longest < HELD_SECONDS * SLOWER, f"the loop was held for {heart.longest * 1000:.0f} ms"
