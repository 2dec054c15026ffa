"""Connections for reads, kept at hand: asyncpg's pool takes more to lend one and to take it back than a small read."""

from __future__ import annotations

from typing import Any, cast

import asyncpg

from domain.kernel.database.connections import StoreConnection
from domain.kernel.database.options import POOL_WAIT
from domain.kernel.sql import Reader, available
from domain.kernel.watching import waiting


class ReadPool:
    """Lends connections of ``pool``, and keeps what comes back in order for whoever is next.

    One that has failed, or that somebody waits for, goes back to the pool, which knows what to do.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self._kept: list[Any] = []
        self._waiting = 0

    @property
    def kept(self) -> int:
        """Connections at hand, which the pool counts as in use."""
        return len(self._kept)

    def reading(self, store: int) -> Lent:
        """A connection that carries the store."""
        return Lent(self, store)

    async def take(self) -> Any:
        """A connection. Raises Unavailable."""
        with available(), waiting("reads"):
            while self._kept:
                proxy = self._kept.pop()
                if _is_alive(proxy):
                    return proxy
            self._waiting += 1
            try:
                return await self.pool.acquire(timeout=POOL_WAIT)
            finally:
                self._waiting -= 1

    async def give_back(self, proxy: Any, *, sound: bool) -> None:
        """``sound``: nothing has failed on it."""
        if sound and not self._waiting:
            self._kept.append(proxy)
        else:
            await self.pool.release(proxy)

    async def let_go(self) -> None:
        """Give all that is kept back to the pool."""
        while self._kept:
            await self.pool.release(self._kept.pop())


class Lent:
    """A connection for as long as it is needed. Raises Unavailable."""

    __slots__ = ("_forget", "_pool", "_proxy", "_reader", "_store")

    def __init__(self, pool: ReadPool, store: int) -> None:
        self._pool = pool
        self._store = store

    async def __aenter__(self) -> Reader:
        proxy = self._proxy = await self._pool.take()
        connection = cast(StoreConnection, proxy)
        self._forget = connection.forget  # bound now: the proxy lets go if the server dies
        try:
            with available():
                await connection.carry(self._store)
        except BaseException:
            await self._end(sound=False)
            raise
        self._reader = Reader(connection, self._store)
        return self._reader

    async def __aexit__(self, kind: object, *_: object) -> None:
        self._reader.end()
        await self._end(sound=kind is None)

    async def _end(self, *, sound: bool) -> None:
        if not sound:  # cancellation too
            self._forget()
        await self._pool.give_back(self._proxy, sound=sound)


def _is_alive(proxy: Any) -> bool:
    """A connection that has ended is the pool's again by itself."""
    try:
        return not proxy.is_closed()
    except asyncpg.InterfaceError:
        return False
