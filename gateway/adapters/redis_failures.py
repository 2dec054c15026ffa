"""What failures of Redis hide."""

from __future__ import annotations

import asyncio


def raise_if_cancelled() -> None:
    """Raise CancelledError if this task was cancelled. Call it where a failure of Redis is handled.

    When a task is cancelled in a call, the client closes its connection; what that raises takes the place of the
    CancelledError, and a loop would go on for ever.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
