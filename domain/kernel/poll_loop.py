"""A loop that works when it is woken, and at intervals, since a wakeup may be lost with the process that owed it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from domain.kernel.errors import Unavailable


class PollLoop:
    """Repeats a step until it is cancelled; no failure ends it."""

    def __init__(
        self,
        step: Callable[[], Awaitable[object]],
        *,
        interval: Callable[[], float],
        retry_delay: float,
        log: logging.Logger,
        failure: str,
    ) -> None:
        """``interval``: seconds until the next step without a wakeup, read after each; ``retry_delay``: seconds to wait
        after a failure; ``failure``: what is logged of one that is not Unavailable, with its traceback.
        """
        self._step = step
        self._interval = interval
        self._retry_delay = retry_delay
        self._log = log
        self._failure = failure
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Take the next step now, or once more after the present one."""
        self._woken.set()

    async def run(self) -> None:
        """Repeat the step until cancelled."""
        while True:
            try:
                self._woken.clear()
                await self._step()
                async with asyncio.timeout(self._interval()):
                    await self._woken.wait()
            except TimeoutError:
                pass
            except Unavailable:
                await asyncio.sleep(self._retry_delay)
            except Exception:  # one failure must not end the loop
                self._log.exception(self._failure)
                await asyncio.sleep(self._retry_delay)
