"""Idle connections for reads: acquiring one from asyncpg's pool and releasing it takes longer than a small read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple, cast

import asyncpg

from domain.kernel.database.connections import StoreConnection
from domain.kernel.database.options import POOL_WAIT
from domain.kernel.sql.executor import Executor, driver_errors_as_unavailable
from domain.kernel.sql.instrumentation import observe_pool_wait


class _PooledConnection(NamedTuple):
    """The proxy of the pool, and the connection behind it, which is used directly."""

    proxy: Any
    connection: StoreConnection


class ReadPool:
    """Hands out connections of ``pool`` and keeps healthy ones for the next caller.

    A connection that has failed, or that another caller waits for, is returned to the pool, which handles both.
    """

    def __init__(self, pool: asyncpg.Pool, name: str = "reads") -> None:
        """``name``: in metrics."""
        self.pool = pool
        self._name = name
        self._kept: list[_PooledConnection] = []
        self._waiting = 0

    @property
    def idle_count(self) -> int:
        """Idle connections, which the pool counts as in use."""
        return len(self._kept)

    @property
    def has_spare(self) -> bool:
        """Whether more than half of the connections are free, and no caller waits for one."""
        pool = self.pool
        free = len(self._kept) + pool.get_idle_size() + pool.get_max_size() - pool.get_size()
        return not self._waiting and 2 * free > pool.get_max_size()

    def reading(self, store: int, metadata_keys: str | None = None, scopes: Collection[str] = ()) -> BorrowedConnection:
        """A connection that carries the store. ``metadata_keys``: see ``StoreConnection.set_store``; ``scopes``: those
        of the caller.
        """
        return BorrowedConnection(self, store, metadata_keys, scopes)

    async def acquire(self) -> _PooledConnection:
        """A connection. Raises Unavailable."""
        with driver_errors_as_unavailable(), observe_pool_wait(self._name):
            while self._kept:
                taken = self._kept.pop()
                if not taken.connection.is_closed():  # one that has ended is the pool's again by itself
                    return taken
            self._waiting += 1
            try:
                proxy = cast(StoreConnection, await self.pool.acquire(timeout=POOL_WAIT))
            finally:
                self._waiting -= 1
            return _PooledConnection(proxy, proxy.unwrap())

    async def release(self, taken: _PooledConnection, *, sound: bool) -> None:
        """``sound``: nothing has failed on it."""
        if sound and not self._waiting:
            self._kept.append(taken)
        else:
            await self.pool.release(taken.proxy)

    async def close(self) -> None:
        """Return all idle connections to the pool."""
        while self._kept:
            await self.pool.release(self._kept.pop().proxy)


class BorrowedConnection:
    """A connection for as long as it is needed. Raises Unavailable."""

    __slots__ = ("_metadata_keys", "_pool", "_reader", "_scopes", "_store", "_taken")

    def __init__(
        self, pool: ReadPool, store: int, metadata_keys: str | None = None, scopes: Collection[str] = ()
    ) -> None:
        self._pool = pool
        self._store = store
        self._metadata_keys = metadata_keys
        self._scopes = scopes

    async def __aenter__(self) -> Executor:
        self._taken = await self._pool.acquire()
        connection = self._taken.connection
        try:
            with driver_errors_as_unavailable():
                await connection.set_store(self._store, self._metadata_keys)
        except BaseException:
            await self._end(sound=False)
            raise
        self._reader = Executor(connection, self._store, scopes=self._scopes)
        return self._reader

    async def __aexit__(self, kind: object, *_: object) -> None:
        self._reader.end()
        await self._end(sound=kind is None)

    async def _end(self, *, sound: bool) -> None:
        if not sound:  # cancellation too
            self._taken.connection.clear_store()
        await self._pool.release(self._taken, sound=sound)
