"""Admission of requests: so many run at once in a process, and the others wait in a queue per account.

Past its capacity a process serves what it can and refuses the rest, before anything is done for it: a request that has
waited ``max_age`` seconds since it arrived, or that finds no room to wait. The queues are served in turns, so that an
account that floods the process delays itself.

An account may take a slot if it holds none, or fewer than ``SHARE`` times as many as are free afterwards (dynamic
thresholds: Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998). One account
gets at most three quarters of the slots, and the last free one is for an account that has none: requests that all wait
for a lock keep no other account out. The room to wait is shared in the same way.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from contextvars import Context
from time import perf_counter

from domain.kernel.errors import Overloaded

SHARE = 3
"""Slots that an account may hold for each one that it leaves free."""
MAX_WAITING = 4_000
"""Requests that may wait, 13 KB each: more than a process serves in a second. A client gets no second response on
a connection that waits, so waiting slows a flood down. With room for 1,000, 950 connections were refused 4,000 times a
second, and the process had time for an eighth of what it serves otherwise.
"""
RETRY_AFTER_SECONDS = 2
"""When a refused request may be repeated: after others like it have been served or refused."""
CHECKS_PER_AGE = 100
"""How often waiting requests are checked within ``max_age``."""
REFUSALS_PER_TURN = 32
"""Requests that are refused in one turn of the loop: each takes 0.2 ms."""


class RequestSlot:
    """The slot of one request, until it is released."""

    __slots__ = ("_account", "_is_released", "_leaves", "_queue", "outlives_start")

    def __init__(self, queue: RequestQueue, account: str) -> None:
        self._queue = queue
        self._account = account
        self._leaves = 0
        self._is_released = False
        self.outlives_start = False
        """Whether the request still works after its response has begun: a query whose result is sent as an event."""
        queue.count(account, 1)

    def leave(self) -> None:
        """See ``Slot``. Counts: of several parts of a request that wait, the last one to come back takes it again."""
        self._leaves += 1
        if self._leaves == 1 and not self._is_released:
            self._queue.vacate(self._account)

    def come_back(self) -> None:
        """See ``Slot``."""
        self._leaves -= 1
        if self._leaves == 0 and not self._is_released:
            self._queue.count(self._account, 1)

    def release(self) -> None:
        """Give it back for good. May be called repeatedly."""
        if not self._is_released:
            self._is_released = True
            if self._leaves == 0:
                self._queue.vacate(self._account)


class _WaitingRequest:
    """A request that waits; ``slot`` is None when it is refused."""

    __slots__ = ("deadline", "slot")

    def __init__(self, deadline: float, slot: asyncio.Future[RequestSlot | None]) -> None:
        self.deadline = deadline
        self.slot = slot

    def refuse(self) -> None:
        """Let it go on without a slot."""
        if not self.slot.done():
            self.slot.set_result(None)


class RequestQueue:
    """The slots of one process, and the requests that wait for one. Belongs to one event loop."""

    def __init__(
        self,
        slots: int,
        max_age: float,
        *,
        max_waiting: int = MAX_WAITING,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        """``max_age``: seconds after its arrival at which a request that has no slot is refused; ``clock``: seconds, on
        which arrivals are given.
        """
        self._slots = slots
        self._max_age = max_age
        self._max_waiting = max_waiting
        self._clock = clock
        self._running: dict[str, int] = {}
        self._queues: OrderedDict[str, deque[_WaitingRequest]] = OrderedDict()
        """By account, the next to be served first; none is empty."""
        self._is_serving = False
        self._check_timer: asyncio.Handle | None = None
        self.running_count = 0
        self.waiting_count = 0

    def acquire_now(self, account: str) -> RequestSlot | None:
        """A slot, if the account may have one at once; None otherwise."""
        if account in self._queues or not self._may_run(account):
            return None
        return RequestSlot(self, account)

    async def acquire(self, account: str, arrived: float) -> RequestSlot:
        """Wait for a slot. ``arrived``: when the request did. Raises Overloaded."""
        queue, deadline = self._queues.get(account), arrived + self._max_age
        waiting_count = 0 if queue is None else len(queue)
        if waiting_count >= SHARE * (self._max_waiting - self.waiting_count) or deadline <= self._clock():
            raise _refusal()
        waiting = _WaitingRequest(deadline, asyncio.get_running_loop().create_future())
        self._queues.setdefault(account, deque()).append(waiting)
        self.waiting_count += 1
        self._check_later()
        try:
            slot = await waiting.slot
        except asyncio.CancelledError:
            self._abandon(account, waiting)
            raise
        if slot is None:
            raise _refusal()
        return slot

    def refuse_expired(self) -> int:
        """Refuse requests that have waited for too long. Returns how many, at most REFUSALS_PER_TURN."""
        now, refused = self._clock(), 0
        for account, queue in list(self._queues.items()):
            while queue and queue[0].deadline <= now:
                if refused == REFUSALS_PER_TURN:
                    return refused
                self._next_of(account, queue).refuse()
                refused += 1
        return refused

    def count(self, account: str, change: int) -> None:
        """Count a slot that is taken (1) or given back (-1)."""
        self.running_count += change
        held = self._running.get(account, 0) + change
        if held:
            self._running[account] = held
        else:
            del self._running[account]

    def _may_run(self, account: str) -> bool:
        free, held = self._slots - self.running_count, self._running.get(account)
        return free > 0 if held is None else held < SHARE * (free - 1)

    def vacate(self, account: str) -> None:
        """Give a slot back. Those who wait are served in the next turn of the loop: a request that leaves its slot and
        has not waited is back by then."""
        self.count(account, -1)
        if self.waiting_count:
            self._serve_soon()

    def _serve_soon(self) -> None:
        if not self._is_serving:
            self._is_serving = True
            asyncio.get_running_loop().call_soon(self._serve)

    def _serve(self) -> None:
        """Give free slots to those who wait, in turns by account, until no account may have one."""
        self._is_serving = False
        now, passed_over, refused = self._clock(), 0, 0
        while passed_over < len(self._queues):
            if self.running_count >= self._slots:
                return
            account, queue = next(iter(self._queues.items()))
            self._queues.move_to_end(account)
            if not self._may_run(account):
                passed_over += 1  # of such accounts there are few: each of them holds a slot
                continue
            waiting = self._next_of(account, queue)
            if waiting.deadline <= now:
                waiting.refuse()
                refused += 1
                if refused == REFUSALS_PER_TURN:
                    self._serve_soon()
                    return
            elif not waiting.slot.done():  # it may be cancelled, and not know it yet
                waiting.slot.set_result(RequestSlot(self, account))
                passed_over = 0

    def _next_of(self, account: str, queue: deque[_WaitingRequest]) -> _WaitingRequest:
        """Take the oldest request of a queue out."""
        waiting = queue.popleft()
        self.waiting_count -= 1
        if not queue:
            del self._queues[account]
        return waiting

    def _abandon(self, account: str, waiting: _WaitingRequest) -> None:
        """A request was cancelled while it waited, or when it had just got its slot."""
        if not waiting.slot.cancelled():
            slot = waiting.slot.result()
            if slot is not None:
                slot.release()
            return
        queue = self._queues.get(account)
        if queue is not None and waiting in queue:
            queue.remove(waiting)
            self.waiting_count -= 1
            if not queue:
                del self._queues[account]

    def _check_later(self) -> None:
        if self._check_timer is None:
            loop = asyncio.get_running_loop()
            self._check_timer = loop.call_later(self._max_age / CHECKS_PER_AGE, self._check, context=Context())

    def _check(self) -> None:
        self._check_timer = None
        if self.refuse_expired() == REFUSALS_PER_TURN:
            self._check_timer = asyncio.get_running_loop().call_soon(self._check, context=Context())
        elif self.waiting_count:
            self._check_later()


def _refusal() -> Overloaded:
    message = "The gateway has more requests than it can serve in time. Nothing was done for this one; send it again."
    return Overloaded(message, RETRY_AFTER_SECONDS)
