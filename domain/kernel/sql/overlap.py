"""Work of Python while PostgreSQL works: on one connection they take turns otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def in_flight(statement: Coroutine[Any, Any, object]) -> AsyncGenerator[None]:
    """Run a statement during the block, which prepares what comes next and must not use the same connection.

    Raises what the statement raises. A block that raises cancels it, and ends when it has ended.
    """
    running = asyncio.create_task(statement)
    try:
        await asyncio.sleep(0)  # the statement is sent before the block computes
        yield
    except BaseException:
        running.cancel()
        await asyncio.wait([running])
        if not running.cancelled():
            running.exception()  # what the block raises comes first
        raise
    await running
