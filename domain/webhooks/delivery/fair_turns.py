"""Turns at making payloads: stores take them one after another, so that none waits for all that another has to make."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from time import perf_counter

MAX_CONCURRENT_PAYLOADS = 8
"""Payloads that a process makes at a time: they wait for the database in between."""
MAX_CONCURRENT_PER_STORE = 2
"""Of one store."""
BRIEF = 0.01
"""Seconds. After whatever took longer the process rests, for its requests' sake."""
SHARE = 0.25
"""Of the time may go to payloads that take longer."""


class FairTurns:
    """At most ``MAX_CONCURRENT_PAYLOADS`` at a time and ``MAX_CONCURRENT_PER_STORE`` of a store, the stores in turn."""

    def __init__(
        self, has_room: Callable[[int], bool] = lambda _: True, clock: Callable[[], float] = perf_counter
    ) -> None:
        """``has_room``: whether a store may have more made at all, asked again at each ``look``; ``clock``: seconds,
        from whenever on."""
        self._has_room = has_room
        self._clock = clock
        self._waiting: OrderedDict[int, deque[asyncio.Future[None]]] = OrderedDict()
        self._busy: dict[int, int] = {}
        self._rests_until = 0.0
        self._alarm: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def turn(self, store: int) -> AsyncGenerator[None]:
        """Wait for the store's turn, and hold it."""
        mine = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(store, deque()).append(mine)
        self.look()
        try:
            await mine
        except asyncio.CancelledError:
            self._leave(store, mine)
            raise
        try:
            yield
        finally:
            self._end(store)

    def took(self, seconds: float) -> None:
        """So long the event loop was busy with a payload: whoever is next waits in proportion."""
        if seconds > BRIEF:
            rest = seconds * (1 / SHARE - 1)
            self._rests_until = max(self._rests_until, self._clock()) + rest

    def look(self) -> None:
        """Let those begin who may."""
        while sum(self._busy.values()) < MAX_CONCURRENT_PAYLOADS:
            store = next(filter(self._may_begin, self._waiting), None)
            if store is None or self._is_resting():
                return
            queue = self._waiting.pop(store)
            queue.popleft().set_result(None)
            self._busy[store] = self._busy.get(store, 0) + 1
            if queue:
                self._waiting[store] = queue  # behind all others

    def _may_begin(self, store: int) -> bool:
        return self._busy.get(store, 0) < MAX_CONCURRENT_PER_STORE and self._has_room(store)

    def _is_resting(self) -> bool:
        left = self._rests_until - self._clock()
        if left > 0 and self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(left, self._wake)
        return left > 0

    def _wake(self) -> None:
        self._alarm = None
        self.look()

    def _leave(self, store: int, mine: asyncio.Future[None]) -> None:
        if mine.done() and not mine.cancelled():  # admitted in the very moment of the cancellation
            self._end(store)
            return
        queue = self._waiting.get(store)
        if queue is not None and mine in queue:
            queue.remove(mine)
            if not queue:
                del self._waiting[store]

    def _end(self, store: int) -> None:
        self._busy[store] -= 1
        if not self._busy[store]:
            del self._busy[store]
        self.look()
