"""The threads in which carriers are asked: those of one purpose never wait for those of another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

from domain.shipping.ports import LiveAccount

THREADS = 8
"""Of each carrier, for test and for live accounts, and for questions and for orders: at most 64 with two carriers. They
are begun when they are needed first.
"""
BEGIN_SECONDS = 10.0
"""How long an order waits for a thread."""


class NotBegunError(TimeoutError):
    """No thread was free in time: the carrier was not asked."""


class CarrierThreads:
    """Pools by carrier, by its test or live environment, and by whether it is asked something or ordered to do it."""

    def __init__(self, threads: int, begin_seconds: float = BEGIN_SECONDS) -> None:
        self._count = threads
        self._begin_seconds = begin_seconds
        self._pools: dict[tuple[str, bool, bool], ThreadPoolExecutor] = {}

    async def ask(self, account: LiveAccount, work: Callable[[], Any]) -> Any:
        """The answer to a question. One that waits for a thread leaves when its caller gives up."""
        return await asyncio.wrap_future(self._pool(account, is_order=False).submit(work))

    async def order(self, account: LiveAccount, work: Callable[[], Any]) -> Any:
        """The answer to an order. Raises NotBegunError where it was not sent, and never will be."""
        begun = asyncio.Event()
        notify = partial(asyncio.get_running_loop().call_soon_threadsafe, begun.set)
        future: Future[Any] = self._pool(account, is_order=True).submit(_begin, notify, work)
        try:
            async with asyncio.timeout(self._begin_seconds):
                await begun.wait()
        except TimeoutError:
            if future.cancel():
                raise NotBegunError("no thread was free in time") from None
        except asyncio.CancelledError:
            future.cancel()
            raise
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Take no more work. Threads that wait end with their answers."""
        for each in self._pools.values():
            each.shutdown(wait=False, cancel_futures=True)

    def _pool(self, account: LiveAccount, *, is_order: bool) -> ThreadPoolExecutor:
        key = (account.carrier, account.is_test, is_order)
        if key not in self._pools:
            name = f"{account.carrier}-{'test' if account.is_test else 'live'}-{'order' if is_order else 'ask'}"
            self._pools[key] = ThreadPoolExecutor(self._count, thread_name_prefix=f"carrier-{name}")
        return self._pools[key]


def _begin(notify: Callable[[], Any], work: Callable[[], Any]) -> Any:
    notify()
    return work()
