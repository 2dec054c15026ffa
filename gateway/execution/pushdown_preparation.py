"""Preparing pushdown beside the requests: building the statement of a page with all below it takes 10 to 40 ms."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from gateway.execution.engine import Operation
from gateway.execution.plan_cache import CachedPlan, make_pushdown

log = logging.getLogger("gateway.graphql")


class PushdownPreparer:
    """Prepares one plan at a time in a thread. Meanwhile the operation runs level by level."""

    def __init__(self, on_repeated: Callable[[str], None] = lambda _: None) -> None:
        """``on_repeated``: receives the document of an operation that was repeated."""
        self._on_repeated = on_repeated
        self._turn = asyncio.Semaphore(1)
        self._running: set[asyncio.Task[None]] = set()

    def start(self, operation: Operation, ready: CachedPlan) -> None:
        """Prepare the plan of an operation that was repeated."""
        self._on_repeated(operation.text)
        task = asyncio.get_running_loop().create_task(self.prepare(ready))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def prepare(self, ready: CachedPlan) -> None:
        """Prepare a plan; without pushdown where that fails."""
        async with self._turn:
            try:
                written = await asyncio.to_thread(make_pushdown, ready.plan)
            except Exception:
                log.exception("preparing pushdown failed")
                written = None
            ready.adopt(written)

    async def finish(self) -> None:
        """Wait for what was started."""
        await asyncio.gather(*self._running)
