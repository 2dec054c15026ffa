"""A connection pinned for several reads of one operation."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from domain.kernel.sql.executor import Executor
from resolvers.loaders import OpenExecutor


class _BrokenError(Exception):
    """A read on the connection has failed. The pool must know this when the connection is released."""


class PinnedConnection:
    """A connection that is acquired on first use, and released early if another read needs one at the same time. An
    operation that waits for a connection holds none; otherwise operations could deadlock. ``close`` it.
    """

    def __init__(self, open: OpenExecutor) -> None:
        self._open = open
        self._stack = AsyncExitStack()
        self._reader: Executor | None = None
        self.busy = False
        """In use; or broken, and never to be used again."""
        self.missed = False
        """Whether another read was requested while the connection was busy."""

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[Executor]:
        """The executor, for one read; it must not be busy. Raises as ``open`` does."""
        self.busy = True
        if self._reader is None:
            self._reader = await self._stack.enter_async_context(self._open())
        yield self._reader
        if self.missed:
            await self._stack.aclose()  # busy until that is done
            self.missed, self._reader = False, None
        self.busy = False

    async def close(self) -> None:
        """Give it back."""
        with suppress(_BrokenError):
            async with self._stack:
                if self.busy:
                    raise _BrokenError
