"""The end of tasks that run until they are cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

LOST_AFTER_SECONDS = 20.0
"""When a task that was cancelled is cancelled again: after the attempts of webhooks in flight, which are waited for."""


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks until all have ended; what they raise is not raised.

    A cancellation can get lost: a library that cleans up may raise something else in its place, which the loop of the
    task handles like any failure. Such a process would never stop.
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=LOST_AFTER_SECONDS)
