"""Memory that is given back to the operating system after large operations."""

from __future__ import annotations

import ctypes
import ctypes.util
import gc
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

MIB = 2**20
TRIM_BYTES = 8 * MIB
"""After an operation that used more bytes than this, freed memory is returned to the system."""

MAX_ARENAS = 2
"""Maximum arenas of malloc. Measured: eight use 198 MB where two use 84 and one uses 27."""
_M_ARENA_MAX = -8


class MemoryTrimmer:
    """Returns freed memory to the system, in a thread, at most once per ``pause`` seconds.

    glibc keeps freed memory in its arenas; after large responses they stay at their peak (DECISIONS.md), and reference
    cycles stay until they are collected, which never happens without traffic. Requests come from finalizers, which run
    at any time, so they take no lock: they use a reentrant queue.
    """

    def __init__(self, pause: float = 1.0, calm: float = 10.0, trim: Callable[[int], Any] | None = None) -> None:
        """``calm``: seconds without a question after which it is done once more. ``trim``: instead of glibc's."""
        self._pause = pause
        self._calm = calm
        self._asked: SimpleQueue[None] = SimpleQueue()
        self._trim = trim or _glibc("malloc_trim")

    def start(self) -> None:
        """Start to process requests; until then they are only recorded."""
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
        """Errors leave reference cycles with their rows, which only the garbage collector frees."""
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
    """Limit malloc to ARENAS, before there are many threads: every arena keeps what its threads have freed."""
    mallopt = _glibc("mallopt")
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, MAX_ARENAS)


def keep_memory_small() -> None:
    """Set up a serving process, once, when all modules are loaded: bounded arenas, a thread that returns memory, and
    modules that are excluded from garbage collection, since they stay anyway.

    Errors leave reference cycles with all that their frames hold, so a full collection comes every 400,000 new objects;
    every four million was 500 MB under hostile traffic.
    """
    bound_arenas()
    _TRIMMER.start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 4)


_TRIMMER = MemoryTrimmer()
trim_soon = _TRIMMER.soon
"""Give memory back soon; returns at once."""
