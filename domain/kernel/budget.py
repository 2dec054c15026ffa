"""Budgets in bytes: for what one operation reads and returns, and for what all operations of a process use together.

The budget is a context variable, as the watcher is, because statements run far below the transports. Work without a
budget (imports, retention, the sequencer) is bounded by its own batches.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

from domain.kernel.errors import DomainError, LimitExceeded, Unavailable
from domain.kernel.memory_release import MIB, TRIM_BYTES, trim_soon

MAX_ROW_BYTES = 64 * MIB
"""Bytes of rows that one operation reads."""
MAX_RESPONSE_BYTES = 32 * MIB
"""Bytes of one response."""
MAX_SHARED_BYTES = 256 * MIB
"""Bytes that all large operations of a process may use together, for rows and responses."""
UNSHARED_BYTES = MIB
"""Bytes of an operation that do not count in SHARED_MAX: small ones are never refused because of large ones."""
WAIT_SECONDS = 2.0
"""How long an operation waits for others to release bytes before it is refused."""
ROW_BYTES = 1_024
"""Minimum bytes counted per row: its Python objects use as much, and its part of the response is built at once."""
DECODED_FACTOR = 4
"""Memory of decoded JSON, as a multiple of its text."""

ROWS, ANSWER = "bytes read", "bytes answered"
"""The names of the limits in error messages."""


class SharedBytes:
    """The bytes that all large operations of a process use; belongs to one event loop.

    Only the thread of the loop changes the count. ``release`` may be called from a finalizer, which the garbage
    collector runs in any thread at any time, so it appends to a queue and takes no lock; the count includes the queue
    whenever it is read.
    """

    def __init__(
        self,
        maximum: int = MAX_SHARED_BYTES,
        wait_seconds: float = WAIT_SECONDS,
        reclaim: Callable[[], None] = trim_soon,
    ) -> None:
        """``reclaim``: asks for what is garbage to be collected, where bytes are wanted and there are none: responses
        in reference cycles hold theirs until then.
        """
        self.maximum = maximum
        self.wait_seconds = wait_seconds
        self._reclaim = reclaim
        self._held = 0
        self._released: deque[int] = deque()
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def held(self) -> int:
        """The bytes in use."""
        while self._released:
            self._held -= self._released.popleft()
        return self._held

    def hold(self, size: int) -> None:
        """Count bytes. The caller releases them."""
        self._held += size

    @property
    def is_full(self) -> bool:
        """Whether no large operation may go on."""
        return self.held >= self.maximum

    async def wait(self) -> None:
        """Wait until there is room. Raises Unavailable after WAIT_SECONDS."""
        if self.is_full:
            self._reclaim()
        try:
            async with asyncio.timeout(self.wait_seconds):
                while self.is_full:
                    await self._wait_for_release()
        except TimeoutError:
            raise self.refusal() from None

    async def _wait_for_release(self) -> None:
        """Wait until bytes are released. Looks again once it is in the list: another thread may have released some
        between the look and that."""
        waiting = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            if self.is_full:
                await waiting
        finally:
            self._waiting.remove(waiting)

    def release(self, size: int) -> None:
        """Give bytes back, from any thread, and wake those who wait."""
        self._released.append(size)
        for each in self._waiting[:1]:
            each.get_loop().call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        """Let those who wait look again; in the loop's thread."""
        if not self.is_full:
            for each in self._waiting:
                if not each.done():
                    each.set_result(None)

    def refusal(self) -> Unavailable:
        """The error for an operation that would exceed the budget of the process."""
        self._reclaim()
        return Unavailable(
            f"Large operations in progress use {self.maximum // MIB} MiB of memory. Try again in a moment.", 1
        )


SHARED_BYTES = SharedBytes()
"""Of this process."""


class HeldBytes:
    """Bytes of a response that is being sent: counted until nothing refers to this any more."""

    __slots__ = ("_shared", "size")

    def __init__(self, shared: SharedBytes, size: int) -> None:
        self._shared = shared
        self.size = size

    def __del__(self) -> None:
        self._shared.release(self.size)
        if self.size > TRIM_BYTES:
            trim_soon()


class Budget:
    """The bytes of one operation; ``close`` it. Connections opened during the operation refer to the budget for ever
    (their transports keep the context), so garbage collection does not release it.
    """

    __slots__ = ("answer", "answer_max", "broken", "closed", "rows", "rows_max", "shared", "shared_held")

    def __init__(
        self, rows_max: int = MAX_ROW_BYTES, answer_max: int = MAX_RESPONSE_BYTES, shared: SharedBytes | None = None
    ) -> None:
        self.rows_max = rows_max
        self.answer_max = answer_max
        self.shared = shared or SHARED_BYTES
        self.rows = 0
        """Bytes read so far."""
        self.answer = 0
        """Bytes of the response."""
        self.shared_held = 0
        self.closed = False
        """From then on nothing is held, for nobody would release it: rows of a cancelled statement still arrive."""
        self.broken: DomainError | None = None
        """Why the operation cannot go on: every later use raises the same."""

    def take_rows(self, size: int) -> bool:
        """Count bytes that were read. Returns False above the limit; ``broken`` is then the reason."""
        self.rows += size
        if self.rows > self.rows_max:
            return self._break(LimitExceeded(ROWS, self.rows_max, None))
        return self.rows <= UNSHARED_BYTES or self._hold()

    def take_answer(self, size: int) -> None:
        """Count the bytes of the response. Raises LimitExceeded, Unavailable."""
        self.check()
        self.answer += size
        if self.answer > self.answer_max:
            self._break(LimitExceeded(ANSWER, self.answer_max, self.answer))
        elif self.answer > UNSHARED_BYTES:
            self._hold()
        self.check()

    def require(self, size: int) -> None:
        """Refuse a response of this size before it is written. Raises LimitExceeded."""
        if size > self.answer_max:
            self._break(LimitExceeded(ANSWER, self.answer_max, size))
            self.check()

    def check(self) -> None:
        """Raises LimitExceeded or Unavailable when the budget is exceeded."""
        if self.broken is not None:
            raise self.broken

    async def admit(self) -> None:
        """Before a statement. Raises LimitExceeded, Unavailable."""
        self.check()
        if self.rows > UNSHARED_BYTES and self.shared.is_full:
            await self.shared.wait()

    def close(self) -> HeldBytes | None:
        """Release the bytes read, and leave those of a large response to its sender."""
        self.closed = True
        held, self.shared_held = self.shared_held, 0
        kept = min(held, max(self.answer - UNSHARED_BYTES, 0)) if self.broken is None else 0
        if held > kept:
            self.shared.release(held - kept)
        if self.rows > TRIM_BYTES:
            trim_soon()
        return HeldBytes(self.shared, kept) if kept else None

    def _hold(self) -> bool:
        if self.closed:
            return True
        more = max(self.rows - UNSHARED_BYTES, 0) + max(self.answer - UNSHARED_BYTES, 0) - self.shared_held
        if more > 0:
            if self.shared.held + more > self.shared.maximum:
                return self._break(self.shared.refusal())
            self.shared_held += more
            self.shared.hold(more)
        return True

    def _break(self, error: DomainError) -> bool:
        if self.broken is None:
            self.broken = error
        return False


budget: ContextVar[Budget | None] = ContextVar("budget", default=None)
"""Of the current operation, and of the tasks that it starts."""


@contextmanager
def within(given: Budget) -> Generator[Budget]:
    """Let ``given`` count what is read and returned inside. The caller closes it."""
    token = budget.set(given)
    try:
        yield given
    finally:
        budget.reset(token)


def check_budget() -> None:
    """Raises LimitExceeded or Unavailable when the current budget is exceeded."""
    current = budget.get()
    if current is not None:
        current.check()


def count_decoded(text: str) -> None:
    """Count JSON that is about to be decoded. Raises LimitExceeded, Unavailable."""
    current = budget.get()
    if current is not None and not current.take_rows(DECODED_FACTOR * len(text)):
        current.check()
