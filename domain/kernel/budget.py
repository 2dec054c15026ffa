"""Budgets in bytes: what one operation may read and answer, and what all operations of a process may hold together.

The budget stands in a context variable, as watchers do, because statements run far below the transports. Work without
one (imports, retention, the sequencer) is bounded by its own batches.
"""

from __future__ import annotations

import asyncio
import ctypes
import ctypes.util
import gc
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from queue import Empty, SimpleQueue
from typing import Any

from domain.kernel.errors import DomainError, LimitExceeded, Unavailable

MIB = 2**20
MAX_ROW_BYTES = 64 * MIB
"""Bytes of rows that one operation reads."""
MAX_RESPONSE_BYTES = 32 * MIB
"""Bytes of one response."""
MAX_SHARED_BYTES = 256 * MIB
"""Bytes that the large operations of a process hold together, rows and responses."""
UNSHARED_BYTES = MIB
"""Bytes of an operation that do not count in SHARED_MAX: small ones are never refused because of large ones."""
WAIT_SECONDS = 2.0
"""How long an operation waits for others to release bytes before it is refused."""
ROW_BYTES = 1_024
"""What a row counts at least: as Python objects it takes as much, and its part of the response is built at once."""
DECODED_FACTOR = 4
"""JSON that is decoded takes so many times its text."""
TRIM_BYTES = 8 * MIB
"""An operation that has held more has its memory given back to the system afterwards."""

MAX_ARENAS = 2
"""Of malloc, at most: measured, eight hold 198 MB where two hold 84 and one holds 27."""
_M_ARENA_MAX = -8

ROWS, ANSWER = "bytes read", "bytes answered"
"""The names of the limits, as refusals tell them."""


class SharedBytes:
    """The bytes that all large operations of a process hold; belongs to one event loop.

    Only its loop's thread changes the count. ``release`` may be called from a finalizer, which the garbage collector
    runs in any thread and in the middle of anything, so it appends to a queue and takes no lock; the count takes in
    what is queued whenever it is read.
    """

    def __init__(self, maximum: int = MAX_SHARED_BYTES, wait_seconds: float = WAIT_SECONDS) -> None:
        self.maximum = maximum
        self.wait_seconds = wait_seconds
        self._held = 0
        self._released: deque[int] = deque()
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def held(self) -> int:
        """The bytes that are held now."""
        while self._released:
            self._held -= self._released.popleft()
        return self._held

    def hold(self, size: int) -> None:
        """Count bytes; whoever holds them releases them."""
        self._held += size

    @property
    def is_full(self) -> bool:
        """Whether no large operation may go on."""
        return self.held >= self.maximum

    async def wait(self) -> None:
        """Wait until there is room. Raises Unavailable after WAIT_SECONDS."""
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
        """What an operation is told that would hold more than there is room for."""
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
    """The bytes of one operation; ``close`` it. Connections that were opened meanwhile refer to it for ever (their
    transports keep the context), so it is not released by being forgotten.
    """

    __slots__ = ("answer", "answer_max", "broken", "rows", "rows_max", "shared", "shared_held")

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
        self.broken: DomainError | None = None
        """Why the operation cannot go on: every later use raises the same."""

    def take_rows(self, size: int) -> bool:
        """Count bytes that were read; False when they are too many, ``broken`` says why."""
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
        """Release what was read, and leave the bytes of a large response to whoever sends it."""
        held, self.shared_held = self.shared_held, 0
        kept = min(held, max(self.answer - UNSHARED_BYTES, 0)) if self.broken is None else 0
        if held > kept:
            self.shared.release(held - kept)
        if self.rows > TRIM_BYTES:
            trim_soon()
        return HeldBytes(self.shared, kept) if kept else None

    def _hold(self) -> bool:
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
    """Let ``given`` count what is read and answered inside. It is not closed: its holder does that."""
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


class MemoryTrimmer:
    """Gives freed memory back to the system, in a thread, at most once in ``pause`` seconds.

    glibc keeps what is freed in its arenas; after large responses they stay at their highest (DECISIONS.md), and what
    refers to itself stays until it is collected, which without traffic is never. It is asked by finalizers, which run
    in the middle of anything, so asking takes no lock: a queue that is reentrant does.
    """

    def __init__(self, pause: float = 1.0, calm: float = 10.0, trim: Callable[[int], Any] | None = None) -> None:
        """``calm``: seconds without a question after which it is done once more. ``trim``: instead of glibc's."""
        self._pause = pause
        self._calm = calm
        self._asked: SimpleQueue[None] = SimpleQueue()
        self._trim = trim or _glibc("malloc_trim")

    def start(self) -> None:
        """Begin to do what is asked; until then it is only noted."""
        if self._trim is not None:
            threading.Thread(target=self._run, name="malloc-trim", daemon=True).start()

    def soon(self) -> None:
        """Trim once what is being freed now is free."""
        if self._asked.empty():
            self._asked.put(None)

    def _run(self) -> None:
        while True:
            self._asked.get()
            self._give_back()
            while self._is_asked_within(self._calm):
                self._give_back()
            self._give_back()  # what slow readers held is free later than what was asked for

    def _is_asked_within(self, seconds: float) -> bool:
        try:
            self._asked.get(timeout=seconds)
        except Empty:
            return False
        return True

    def _give_back(self) -> None:
        """What refusals leave behind refers to itself, rows and all: it is freed by the collector only."""
        time.sleep(self._pause)
        gc.collect()
        assert self._trim is not None  # noqa: S101 - start has looked
        self._trim(0)


def _glibc(name: str) -> Callable[..., Any] | None:
    """A function of glibc; None where another libc is beneath."""
    try:
        found: Callable[..., Any] = getattr(ctypes.CDLL(ctypes.util.find_library("c")), name)
    except (AttributeError, OSError, TypeError):
        return None
    return found


def bound_arenas() -> None:
    """Let all threads share ARENAS, before there are many: arenas of their own keep what threads have freed."""
    mallopt = _glibc("mallopt")
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, MAX_ARENAS)


def keep_memory_small() -> None:
    """What a serving process does once: bounded arenas, and a thread that gives memory back."""
    bound_arenas()
    _TRIMMER.start()


_TRIMMER = MemoryTrimmer()
trim_soon = _TRIMMER.soon
"""Give memory back soon; returns at once."""
