"""Dataloaders over the domain's declared reads: what sibling rows ask for one by one is read in one statement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from aiodataloader import DataLoader

from domain.kernel.reads.read import KnownRows, Read
from domain.kernel.sql.executor import Executor

if TYPE_CHECKING:
    from resolvers.context import Context


OpenExecutor = Callable[[], AbstractAsyncContextManager[Executor]]
"""Opens an executor for one statement."""

LARGEST_BATCH = 5_000
"""Keys in one statement; more are read by several."""


class BatchRead(Hashable, Protocol):
    """A read for many keys at once: a declared read, or the pages of a nested list."""

    async def for_keys(self, db: Executor, keys: Sequence[str]) -> list[Any]:
        """The values of the keys, in the order of ``keys``."""


class Loaders:
    """One dataloader for each batch, remembering what it read until something is written."""

    def __init__(self, reading: OpenExecutor) -> None:
        self._reading = reading
        self._by_read: dict[BatchRead, _ReadLoader] = {}
        self._known: dict[BatchRead, dict[str, Any]] = {}
        self._written: KnownRows | None = None
        self._running: set[asyncio.Task[Any]] = set()

    def load(self, read: BatchRead, key: str) -> asyncio.Future[Any]:
        """The value that ``read`` finds for ``key``: a row or None, a list of rows, a page."""
        loader = self._by_read.get(read)
        if loader is None:
            known = self._known.setdefault(read, {})
            loader = self._by_read[read] = _ReadLoader(read, self._reading, self._running, known)
        # Fields with the same key share one future: a sibling that graphql-core abandons must not cancel it for all.
        return asyncio.shield(loader.load(key))

    async def load_many(self, read: BatchRead, keys: Sequence[str]) -> Mapping[str, Any]:
        """The values that ``read`` finds for ``keys``, and those loaded before. Reads only the missing ones."""
        known = self._known.setdefault(read, {})
        if self._written is not None:
            known.update(self._known_of(read, keys, self._written))
        missing = [key for key in keys if key not in known] if known else keys
        for begin in range(0, len(missing), LARGEST_BATCH):
            batch = missing[begin : begin + LARGEST_BATCH]
            async with self._reading() as db:
                known.update(zip(batch, await read.for_keys(db, batch), strict=True))
        return known

    def clear(self) -> None:
        """Forget everything: what was read before a write is no longer so."""
        self._by_read.clear()
        self._known.clear()
        self._written = None

    def know(self, rows: KnownRows) -> None:
        """Answer reads from rows that were just written, until something else is."""
        self._written = rows

    @staticmethod
    def _known_of(read: BatchRead, keys: Sequence[str], rows: KnownRows) -> Mapping[str, Any]:
        if not isinstance(read, Read):
            return {}
        found = {key: read.known_rows(rows, key) for key in keys}
        return {key: value for key, value in found.items() if value is not None}

    async def close(self) -> None:
        """Forget everything, since errors refer to the context of their operation, and stop the batches still running:
        they are tasks of their own, which outlive a cancelled operation.
        """
        self.clear()
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class _ReadLoader(DataLoader[str, Any]):
    max_batch_size = LARGEST_BATCH

    def __init__(
        self, read: BatchRead, reading: OpenExecutor, running: set[asyncio.Task[Any]], known: dict[str, Any]
    ) -> None:
        """``known``: receives the loaded values, for ``load_many``."""
        super().__init__()
        self._read = read
        self._known = known
        self._reading = reading
        self._running = running

    async def batch_load_fn(self, keys: list[str]) -> list[Any]:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine always runs in a task
        self._running.add(task)
        try:
            async with self._reading() as db:
                found = await self._read.for_keys(db, keys)
            self._known.update(zip(keys, found, strict=True))
            return found
        finally:
            self._running.discard(task)


class LoadRequest(NamedTuple):
    """A value to load for one row. ``transform`` converts the result of ``batch`` for ``key`` to the value of the
    field.
    """

    batch: BatchRead
    key: str
    transform: Callable[[Any], Any] | None = None

    def load(self, context: Context) -> Awaitable[Any]:
        """The value. The loader's own future where it can be: a coroutine around it would cost more than the load."""
        found = context.load(self.batch, self.key)
        return found if self.transform is None else _then(found, self.transform)


def _then(found: asyncio.Future[Any], made: Callable[[Any], Any]) -> asyncio.Future[Any]:
    """Apply ``made`` to the result.

    A future, because Python warns that a coroutine was never awaited if graphql-core drops it before it has started.
    """
    finished = asyncio.get_running_loop().create_future()

    def finish(_: object) -> None:
        if finished.done():  # abandoned by graphql-core
            return
        try:
            finished.set_result(made(found.result()))
        except asyncio.CancelledError:
            finished.cancel()
        except Exception as error:
            finished.set_exception(error)

    found.add_done_callback(finish)
    return finished
