"""Fair scheduling of building payloads: stores take turns, so that none waits for all payloads of another."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from time import perf_counter

MAX_CONCURRENT_PAYLOADS = 8
"""Payloads that a process builds at a time: they wait for the database in between."""
MAX_CONCURRENT_PER_STORE = 2
"""Payloads of one store that are built at a time."""
LONG_BUILD_SECONDS = 0.01
"""After a payload that took longer, the process pauses, so that requests are served."""
MAX_LONG_BUILD_SHARE = 0.25
"""The share of time for payloads that take longer."""


class FairTurns:
    """Admits ``MAX_CONCURRENT_PAYLOADS`` at a time and ``MAX_CONCURRENT_PER_STORE`` per store, round robin."""

    def __init__(
        self, has_room: Callable[[int], bool] = lambda _: True, clock: Callable[[], float] = perf_counter
    ) -> None:
        """``has_room``: whether a store may build more payloads, checked at each ``look``; ``clock``: a monotonic clock
        in seconds."""
        self._has_room = has_room
        self._clock = clock
        self._waiting: OrderedDict[int, deque[asyncio.Future[None]]] = OrderedDict()
        self._busy: dict[int, int] = {}
        self._paused_until = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def turn(self, store: int) -> AsyncGenerator[None]:
        """Wait for a turn of the store, and occupy it."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(store, deque()).append(turn)
        self.look()
        try:
            await turn
        except asyncio.CancelledError:
            self._leave(store, turn)
            raise
        try:
            yield
        finally:
            self._end(store)

    def took(self, seconds: float) -> None:
        """Record for how long a payload has occupied the event loop; the next one waits in proportion."""
        if seconds > LONG_BUILD_SECONDS:
            pause = seconds * (1 / MAX_LONG_BUILD_SHARE - 1)
            self._paused_until = max(self._paused_until, self._clock()) + pause

    def look(self) -> None:
        """Admit waiting payloads as far as allowed."""
        while sum(self._busy.values()) < MAX_CONCURRENT_PAYLOADS:
            store = next(filter(self._may_begin, self._waiting), None)
            if store is None or self._is_paused():
                return
            queue = self._waiting.pop(store)
            queue.popleft().set_result(None)
            self._busy[store] = self._busy.get(store, 0) + 1
            if queue:
                self._waiting[store] = queue  # behind all others

    def _may_begin(self, store: int) -> bool:
        return self._busy.get(store, 0) < MAX_CONCURRENT_PER_STORE and self._has_room(store)

    def _is_paused(self) -> bool:
        left = self._paused_until - self._clock()
        if left > 0 and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(left, self._wake)
        return left > 0

    def _wake(self) -> None:
        self._timer = None
        self.look()

    def _leave(self, store: int, turn: asyncio.Future[None]) -> None:
        if turn.done() and not turn.cancelled():  # admitted while being cancelled
            self._end(store)
            return
        queue = self._waiting.get(store)
        if queue is not None and turn in queue:
            queue.remove(turn)
            if not queue:
                del self._waiting[store]

    def _end(self, store: int) -> None:
        self._busy[store] -= 1
        if not self._busy[store]:
            del self._busy[store]
        self.look()
