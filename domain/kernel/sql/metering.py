"""Connections whose received bytes are counted on arrival, so that a result that is too large is never in memory as a
whole.

asyncpg returns all rows at once and has no public hook in between; the meter is installed between its transport and its
protocol (half private: the version is pinned). A packet costs 0.2 µs; a small result is one packet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

import asyncpg

from domain.kernel.budget import Budget

T = TypeVar("T")


class Meter(asyncio.Protocol):
    """Counts what comes for the statement that runs, and interrupts it when its budget is exceeded."""

    __slots__ = ("_below", "_budget", "_interrupted", "_task")

    def __init__(self, below: Any) -> None:
        self._below = below
        self._budget: Budget | None = None
        self._task: asyncio.Task[Any] | None = None
        self._interrupted = False

    async def run(self, budget: Budget, statement: Awaitable[T]) -> T:
        """The result of a statement of this connection. Above the budget it raises LimitExceeded or Unavailable; the
        server was then told to cancel, and the received bytes were discarded.
        """
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - statements run in tasks
        requests = task.cancelling()
        self._budget, self._task, self._interrupted = budget, task, False
        try:
            found = await statement
        except asyncio.CancelledError:
            if self._interrupted and task.uncancel() <= requests:
                budget.check()
            raise
        finally:
            self._budget = self._task = None
        budget.check()
        return found

    def data_received(self, data: bytes) -> None:
        """Pass on, and count."""
        self._below.data_received(data)
        budget, task = self._budget, self._task
        if budget is None or task is None or budget.take_rows(len(data)) or self._interrupted:
            return
        self._interrupted = True  # the statement is awaited now, so the cancellation reaches ``run``
        task.cancel()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Pass on."""
        self._below.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on."""
        self._below.connection_lost(exc)

    def eof_received(self) -> bool | None:
        """Pass on."""
        return self._below.eof_received()  # type: ignore[no-any-return]  # of asyncpg's Cython

    def pause_writing(self) -> None:
        """Pass on."""
        self._below.pause_writing()

    def resume_writing(self) -> None:
        """Pass on."""
        self._below.resume_writing()


class MeteredConnection(asyncpg.Connection):
    """A connection with a meter."""

    __slots__ = ("meter",)

    def __init__(self, protocol: Any, transport: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(protocol, transport, *arguments, **options)
        self.meter = Meter(protocol)
        transport.set_protocol(self.meter)
