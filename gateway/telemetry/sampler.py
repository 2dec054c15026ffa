"""Values that must be sampled: the lag of the event loop, the state of the pools, open connections."""

from __future__ import annotations

import asyncio
from collections.abc import Sized
from time import perf_counter

from domain.kernel.database import Database
from gateway.request_queue import RequestQueue
from gateway.telemetry import Telemetry

RUNTIME_SAMPLE_INTERVAL = 0.5
"""Seconds."""


async def sample_runtime(
    telemetry: Telemetry,
    database: Database,
    live: Sized,
    connections: Sized = (),
    requests: RequestQueue | None = None,
) -> None:
    """Look twice a second until cancelled. ``live``: the connections that stay; ``connections``: all of them;
    ``requests``: where there are any.
    """
    metrics = telemetry.metrics
    while True:
        metrics.sample(database)
        if requests is not None:
            metrics.running.set(requests.running_count)
            metrics.waiting.set(requests.waiting_count)
        metrics.live.set(len(live))
        metrics.open.set(len(connections))
        telemetry.recorder.flush()  # requests in flight, although none may end
        begun = perf_counter()
        await asyncio.sleep(RUNTIME_SAMPLE_INTERVAL)
        metrics.lag.observe(max(0.0, perf_counter() - begun - RUNTIME_SAMPLE_INTERVAL))
