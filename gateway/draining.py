"""The way out. SIGTERM → ``/readyz`` says 503 and every answer closes its connection → after a while the listener
closes → requests in flight finish → pools close.

The while is for load balancers: until they have noticed, they go on sending, and what they send is answered. Clients
that keep connections are told to let go of them (``Connection: close``) before anything is closed under them.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

_log = logging.getLogger(__name__)


class Draining:
    """Whether this process is on its way out."""

    def __init__(self, delay: float = 0.0) -> None:
        """``delay``: seconds between SIGTERM and the end of listening."""
        self._delay = delay
        self._begun = asyncio.Event()

    @property
    def begun(self) -> bool:
        """Whether a load balancer should look elsewhere."""
        return self._begun.is_set()

    async def wait(self) -> None:
        """Until it begins: for what would never end by itself, such as open streams."""
        await self._begun.wait()

    def begin(self) -> None:
        """From now on. To be called in the event loop."""
        self._begun.set()

    @contextmanager
    def on_sigterm(self) -> Generator[None]:
        """Inside, the first SIGTERM begins the drain and stops the server ``delay`` later; a second one at once.

        The server's own handler must be there already; Ctrl-C stays the server's: a person need not wait.
        """
        stop = signal.getsignal(signal.SIGTERM)
        if threading.current_thread() is not threading.main_thread() or not callable(stop):
            yield
            return
        loop = asyncio.get_running_loop()

        def leave(number: int, frame: FrameType | None) -> None:
            if self.begun:
                stop(number, frame)
                return
            loop.call_soon_threadsafe(self.begin)
            loop.call_soon_threadsafe(loop.call_later, self._delay, stop, number, None)

        signal.signal(signal.SIGTERM, leave)
        try:
            yield
        finally:
            signal.signal(signal.SIGTERM, stop)
